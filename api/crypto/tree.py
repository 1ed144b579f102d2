"""The Merkle tree of RFC 6962 over ciphertext, and the note form of its checkpoints (C2SP tlog-checkpoint).

Promises that anyone who holds the leaves can recompute the root, and that two sizes of one log are consistent.
Must never need a key to verify.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from api.crypto.context import Context
from api.crypto.keys import Signer, VerifyKey
from api.errors import Tampered

NOTE = Context("checkpoint")


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962, 2.1: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, 2.1: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the perfect subtrees of a log of `size` leaves, largest first: all that appending needs."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier after `leaf`, a leaf hash of 32 bytes."""
        peaks, size = [*self.peaks, leaf], self.size
        while size & 1:
            right = peaks.pop()
            peaks[-1] = node_hash(peaks[-1], right)
            size >>= 1
        return Frontier(self.size + 1, tuple(peaks))

    @classmethod
    def unpacked(cls, size: int, peaks: bytes) -> "Frontier":
        """Return the frontier whose peaks, of 32 bytes each, stand one after the other."""
        return cls(size, tuple(peaks[start : start + 32] for start in range(0, len(peaks), 32)))

    @property
    def packed(self) -> bytes:
        """The peaks, one after the other."""
        return b"".join(self.peaks)

    @property
    def root(self) -> bytes:
        """The tree head; for an empty log SHA-256 of nothing."""
        if not self.peaks:
            return hashlib.sha256().digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    """Return the frontier of these leaf hashes, in order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    return frontier


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement that the log `origin` had `size` leaves and this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The body that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, signer: Signer) -> str:
        """Return the note: body, empty line, signature line."""
        signature = base64.b64encode(signer.sign(NOTE, self.text.encode())).decode()
        return f"{self.text}\n— {self.origin} {signature}\n"


def read_checkpoint(note: str, key: VerifyKey) -> Checkpoint:
    """Return the checkpoint of a note; raises Tampered when it is not one or `key` did not sign it."""
    try:
        origin, size, root, _blank, line, _ = note.split("\n")
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root))
        signature = base64.b64decode(line.rsplit(" ", 1)[1])
    except (ValueError, IndexError):
        raise Tampered from None
    key.verify(NOTE, checkpoint.text.encode(), signature)
    return checkpoint
