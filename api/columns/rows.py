"""Rows of a segment: a case, the version of the section that the row is of, and what of that section is kept.

Promises the same rows back, and arrays that are views of the block. Must never look into what a row keeps.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.errors import Tampered
from api.ids import ALPHABET, LENGTH

Array = NDArray[Any]
# A segment's rows; a kind may have fewer, never more.
SEGMENT = 4096
ALIGNED = 8
ID_BYTES = 17
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_TO_DIGITS, _TO_LETTERS = str.maketrans(ALPHABET, _DIGITS), str.maketrans(_DIGITS, ALPHABET)


class Row(NamedTuple):
    """A case's part of a segment: its id, the version of the section it was made from, and the bytes of a kind."""

    case_id: str
    version: int
    content: bytes


def ids_block(case_ids: Iterable[str]) -> Array:
    """Return identifiers as rows of 17 bytes."""
    packed = b"".join(int(one.translate(_TO_DIGITS), 32).to_bytes(ID_BYTES, "big") for one in case_ids)
    return np.frombuffer(packed, np.uint8).reshape(-1, ID_BYTES)


def id_of(block: Array, at: int) -> str:
    """Return the identifier in one row of an `ids_block`."""
    number = int.from_bytes(block[at].tobytes(), "big")
    digits = (_DIGITS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return "".join(digits).translate(_TO_LETTERS)


def join(arrays: Sequence[Array]) -> bytes:
    """Return arrays of one dimension as one block: how many, the size of each, then each at a multiple of 8."""
    sizes = np.array([len(arrays), *(one.nbytes for one in arrays)], np.uint32)
    return b"".join(_padded(one.tobytes()) for one in (sizes, *arrays))


def split(block: bytes, types: Sequence[type[np.generic]]) -> list[Array]:
    """Return views of the arrays in a block; raises Tampered when it is not such a block."""
    found = np.frombuffer(block[: 4 * (len(types) + 1)], np.uint32)
    if not len(found) or found[0] != len(types) or len(found) != len(types) + 1:
        raise Tampered
    sizes = [int(size) for size in found[1:]]
    starts = list(accumulate(map(_room, sizes), initial=_room(4 * len(found))))
    if starts[-1] != len(block) or any(size % np.dtype(one).itemsize for size, one in zip(sizes, types, strict=True)):
        raise Tampered
    return [
        np.frombuffer(block, one, size // np.dtype(one).itemsize, start)
        for one, size, start in zip(types, sizes, starts, strict=False)
    ]


def _room(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


def _padded(content: bytes) -> bytes:
    return content.ljust(_room(len(content)), b"\0")
