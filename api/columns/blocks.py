"""Blocks: arrays of small numbers in one piece of bytes.

Promises views of the bytes, without a copy, and that what is no such block is refused.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.errors import Tampered

Array = NDArray[Any]
Blob = bytes | memoryview
ALIGNED = 8
_TYPES = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}


def join(*arrays: Array) -> bytes:
    """Return arrays of unsigned numbers as one block: how many; width and size of each; each at a multiple of 8."""
    head = np.array([[len(arrays), 0], *([one.itemsize, one.nbytes] for one in arrays)], np.uint32)
    return b"".join(_padded(one.tobytes()) for one in (head, *arrays))


def split(block: Blob, count: int) -> list[Array]:
    """Return views of the `count` arrays in a block; raises Tampered when it is not such a block."""
    head = np.frombuffer(block[: ALIGNED * (count + 1)], np.uint32)
    if len(head) != 2 * count + 2 or head[0] != count or not set(head[2::2].tolist()) <= _TYPES.keys():
        raise Tampered
    widths, sizes = head[2::2].tolist(), head[3::2].tolist()
    starts = list(accumulate(map(_room, sizes), initial=head.nbytes))
    if starts[-1] != len(block) or any(size % width for width, size in zip(widths, sizes, strict=True)):
        raise Tampered
    return [
        np.frombuffer(block, _TYPES[width], size // width, start)
        for width, size, start in zip(widths, sizes, starts, strict=False)
    ]


def narrow(numbers: Sequence[int] | Array) -> Array:
    """Return numbers in two bytes each, or in four where one does not fit."""
    wide = np.asarray(numbers, np.uint32)
    return wide.astype(np.uint16) if not len(wide) or wide.max() < 1 << 16 else wide


def ends(sizes: Sequence[int] | Array) -> Array:
    """Return where each piece ends when pieces of these sizes stand one after the other."""
    return np.cumsum(np.asarray(sizes, np.uint32), dtype=np.uint32)


def starts(ended: Array) -> NDArray[np.intp]:
    """Return where each piece begins, by where each ends."""
    return np.concatenate((np.zeros(min(1, len(ended)), np.intp), ended[:-1].astype(np.intp)))


def _room(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


def _padded(content: bytes) -> bytes:
    return content.ljust(_room(len(content)), b"\0")
