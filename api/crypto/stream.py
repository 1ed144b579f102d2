"""Streams: a file sealed chunk by chunk, after C2SP chunked-encryption and Rogaway's STREAM.

Promises bounded memory, random access, and that a dropped, moved, repeated or missing chunk is refused: each
chunk's nonce is its number and whether it is the last. Must never write a chunk in the clear.
"""

import secrets
from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.crypto.context import Context
from api.crypto.keys import Key, derive
from api.errors import Tampered

CHUNK = 64 * 1024
TAG = 16
HEADER = 64


class StreamSealer:
    """Seals what is fed to it; `feed` returns whole sealed chunks, `finish` the last one."""

    def __init__(self, key: Key, context: Context) -> None:
        salt = secrets.token_bytes(32)
        once, commitment = _once(key, salt, context)
        self.header = salt + commitment
        self._cipher, self._waiting, self._number = AESGCM(once), bytearray(), 0

    def feed(self, data: bytes) -> bytes:
        """Return the chunks that are full and known not to be the last."""
        self._waiting += data
        sealed = bytearray()
        while len(self._waiting) > CHUNK:
            sealed += self._next(0)
        return bytes(sealed)

    def finish(self) -> bytes:
        """Return the last chunk, marked as such: a stream cut short has none."""
        return self._next(1)

    def _next(self, last: int) -> bytes:
        chunk, self._waiting = bytes(self._waiting[:CHUNK]), self._waiting[CHUNK:]
        sealed = self._cipher.encrypt(_nonce(self._number, last), chunk, None)
        self._number += 1
        return sealed


def open_stream(key: Key, context: Context, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the content chunk by chunk; raises Tampered before a wrong chunk is given out.

    `read(n)` returns up to n bytes and fewer only at the end, as a buffered file does.
    """
    header = read(HEADER)
    once, commitment = _once(key, header[:32], context)
    if not constant_time.bytes_eq(header[32:], commitment):
        raise Tampered
    cipher, number, chunk = AESGCM(once), 0, read(CHUNK + TAG)
    while True:
        after = read(CHUNK + TAG)
        yield _opened(cipher, _nonce(number, 0 if after else 1), chunk)
        if not after:
            return
        chunk, number = after, number + 1


def _opened(cipher: AESGCM, nonce: bytes, chunk: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, chunk, None)
    except (InvalidTag, ValueError):
        raise Tampered from None


def _nonce(number: int, last: int) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _once(key: Key, salt: bytes, context: Context) -> tuple[bytes, bytes]:
    material = derive(key._raw, salt, b"stream" + bytes(context), 64)
    return material[:32], material[32:]
