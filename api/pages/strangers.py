"""Files from people without an account: only beside a receipt, and only so many forms with files at once.

Promises that what nobody will keep is not written to the disk. Must never cost a family the words they typed.
"""

import threading
from collections.abc import Callable, Mapping, Sequence

# Forms with unfinished files in this process: at most eight times what one form may hold lies on the disk.
UPLOADS = threading.BoundedSemaphore(8)
MayFile = Callable[[Mapping[str, Sequence[str]]], bool]


class Upload:
    """One form's place among them: asked for at its first file, given back at its end."""

    def __init__(self, may_file: MayFile | None) -> None:
        self._may_file, self._held = may_file, False
        self._answer: bool | None = None if may_file else True

    def allows(self, texts: Mapping[str, Sequence[str]]) -> bool:
        """Say whether this form's files are taken, by the texts that came before the first of them."""
        if self._answer is None and self._may_file is not None:
            self._held = self._may_file(texts) and UPLOADS.acquire(blocking=False)
            self._answer = self._held
        return bool(self._answer)

    def leave(self) -> None:
        """Give the place back."""
        if self._held:
            self._held = False
            UPLOADS.release()
