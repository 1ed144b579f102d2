"""Streams: a file sealed chunk by chunk, as Cobblestone-256 (C2SP chunked-encryption, version 1).

Promises bounded memory and that a dropped, moved, repeated or missing chunk is refused: chunks are numbered, the last
is marked by being short, and the head commits to the key. Must never write a chunk in the clear.
"""

from collections.abc import Callable, Iterator

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from api.crypto.context import Context
from api.crypto.keys import Key
from api.errors import Tampered

PIECE = 64 * 1024


class StreamSealer:
    """Seals what is fed to it: `header` first, then what `feed` returns, at last what `finish` returns."""

    def __init__(self, key: Key, context: Context) -> None:
        self._encryptor = Cobblestone256Encryptor(key._raw, bytes(context))
        self.header = self._encryptor.update(b"")

    def feed(self, data: bytes) -> bytes:
        """Return the chunks that are full."""
        return self._encryptor.update(data)

    def finish(self) -> bytes:
        """Return the last chunk, shorter than the others: a stream cut short has none."""
        return self._encryptor.finalize()


def open_stream(key: Key, context: Context, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the content piece by piece; raises Tampered before a wrong chunk is given out.

    `read(n)` returns up to n bytes and nothing only at the end, as a file does. Who needs all or nothing gathers the
    pieces first: a missing end shows at the end.
    """
    decryptor = Cobblestone256Decryptor(key._raw, bytes(context))
    try:
        while piece := read(PIECE):
            yield decryptor.update(piece)
        yield decryptor.finalize()
    except (InvalidTag, ValueError):
        raise Tampered from None
