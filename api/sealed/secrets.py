"""The two secrets that lie outside the database: the deployment secret and the erasure secret E.

Promises that a copy of the database alone opens nothing, and that an E which was replaced is overwritten on the
disk. Must never be written into the database or a log.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.crypto import Key
from api.crypto.people import key_of, token_of
from api.errors import SecretMissing


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """Where the secrets lie: a folder of mode 0700, apart from the data."""

    folder: Path

    @property
    def deployment(self) -> Path:
        """The file of the deployment secret."""
        return self.folder / "deployment.secret"

    @property
    def erasure(self) -> Path:
        """The file of the erasure secret."""
        return self.folder / "erasure.secret"

    def make(self) -> None:
        """Make a deployment secret and the first E; refuses to replace either."""
        self.put(Key.fresh(), 1, Key.fresh())

    def put(self, deployment: Key, epoch: int, erasure: Key) -> None:
        """Write both secrets into files that do not exist yet."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(self.deployment, token_of(deployment).encode())
        _write_new(self.erasure, _encoded(epoch, erasure))
        _sync(self.folder)

    def deployment_key(self) -> Key:
        """Return the deployment secret; raises SecretMissing."""
        key = key_of(_read(self.deployment).decode("ascii", "replace").strip())
        if key is None:
            raise SecretMissing
        return key

    def erasure_key(self, epoch: int) -> Key:
        """Return E of this epoch from the file or the one beside it: after a crash the database decides."""
        for path in (self.erasure, self._next):
            with contextlib.suppress(SecretMissing):
                found, key = _decoded(_read(path))
                if found == epoch:
                    return key
        raise SecretMissing

    @contextlib.contextmanager
    def turning(self) -> Iterator[None]:
        """Let one process at a time replace E: a second would overwrite the one that is about to be needed."""
        with os.fdopen(os.open(self.folder / "erasure.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def prepare(self, epoch: int, key: Key) -> None:
        """Write E of the coming epoch beside the present one, durably, before the database commits to it."""
        _write(self._next, _encoded(epoch, key))
        _sync(self.folder)

    def settle(self, epoch: int) -> None:
        """Overwrite the old E in place with that of `epoch`: from here on nobody has the old one."""
        _write(self.erasure, _encoded(epoch, self.erasure_key(epoch)))
        self._discard_next()

    def settle_pending(self, epoch: int) -> None:
        """Settle what a crash or a full disk left half done: the only file of the present E is not written over."""
        if self._next.exists():
            self.settle(epoch)

    def _discard_next(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            _write(self._next, bytes(self._next.stat().st_size))
            self._next.unlink()

    @property
    def _next(self) -> Path:
        return self.erasure.with_suffix(".next")


def _encoded(epoch: int, key: Key) -> bytes:
    return json.dumps({"epoch": f"{epoch:012d}", "secret": token_of(key)}).encode()


def _decoded(raw: bytes) -> tuple[int, Key]:
    try:
        value: Mapping[str, str] = json.loads(raw)
        key = key_of(value["secret"])
        epoch = int(value["epoch"])
    except (ValueError, KeyError, TypeError):
        raise SecretMissing from None
    if key is None:
        raise SecretMissing
    return epoch, key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise SecretMissing from None


def _sync(folder: Path) -> None:
    """Make a new name durable, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, content: bytes) -> None:
    """Write over the same blocks (no truncation, no rename), so that the old bytes are gone from the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
