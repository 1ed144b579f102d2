"""The frame around columns: which cases stand in a segment, and at which version of their section each was taken.

Promises that rows stand in the order of their random identifiers, which tells nothing, and are found by halving.
Must never hold anything of a case but its identifier and a version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from api.ids import ALPHABET, LENGTH

Bytes = NDArray[np.uint8]
Marks = NDArray[np.uint64]
BITS = 5 * LENGTH
WIDTH = (BITS + 7) // 8
_LETTERS = np.frombuffer(ALPHABET.encode(), np.uint8)
_VALUES = np.zeros(256, np.uint8)
_VALUES[_LETTERS] = np.arange(len(ALPHABET), dtype=np.uint8)
_WEIGHTS = np.array([16, 8, 4, 2, 1], np.uint8)


@dataclass(frozen=True, slots=True)
class Row:
    """One case's row of one part: 0 and empty where the case has no such section."""

    case_id: str
    version: int = 0
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """An opened frame of n rows: identifiers in seventeen bytes each, versions, and the packed columns.

    Only the first part of a kind carries the identifiers; the frames of the others have none.
    """

    ids: Bytes = field(repr=False)
    versions: NDArray[np.uint32] = field(repr=False)
    columns: memoryview = field(repr=False)


def frame(rows: Sequence[Row], columns: bytes, ids: Sequence[str] = ()) -> bytes:
    """Return the bytes of a frame: how many rows, how many identifiers, versions, identifiers, columns."""
    counts = np.array([len(rows), len(ids)], "<u4").tobytes()
    versions = np.array([row.version for row in rows], "<u4").tobytes()
    whole = counts + versions + packed_ids(ids).tobytes()
    return whole.ljust(_even(len(whole)), b"\0") + columns


def opened(blob: bytes) -> Frame:
    """Return the frame of bytes that were authenticated; views, no copies."""
    rows, ids = np.frombuffer(blob, "<u4", 2)
    after = 8 + 4 * int(rows)
    packed = np.frombuffer(blob, np.uint8, WIDTH * int(ids), after).reshape(-1, WIDTH)
    columns = memoryview(blob)[_even(after + packed.size) :]
    return Frame(packed, np.frombuffer(blob, "<u4", int(rows), 8), columns)


def packed_ids(ids: Sequence[str]) -> Bytes:
    """Return identifiers as rows of seventeen bytes, in the order of their letters."""
    letters = np.frombuffer("".join(ids).encode(), np.uint8).reshape(-1, LENGTH)
    bits = np.unpackbits(_VALUES[letters][:, :, None], axis=2)[:, :, 3:]
    return np.packbits(bits.reshape(-1, BITS), axis=1)


def read_ids(packed: Bytes) -> list[str]:
    """Return the identifiers of `packed_ids`."""
    bits = np.unpackbits(packed, axis=1)[:, :BITS].reshape(-1, LENGTH, 5)
    text = _LETTERS[(bits * _WEIGHTS).sum(axis=2)].tobytes().decode()
    return [text[start : start + LENGTH] for start in range(0, len(text), LENGTH)]


def marks(packed: Bytes) -> Marks:
    """Return the first 64 bits of each identifier as a number: enough to find it, in the same order."""
    return np.ascontiguousarray(packed[:, :8]).view(">u8").ravel().astype(np.uint64)


def marks_of(ids: Sequence[str]) -> Marks:
    """Return the marks of identifiers."""
    return marks(packed_ids(ids))


def places(among: Marks, wanted: Marks) -> NDArray[np.intp]:
    """Return where in the sorted `among` those of `wanted` stand that are there."""
    found = np.searchsorted(among, wanted)
    found = found[found < len(among)]
    return found[np.isin(among[found], wanted)]


def _even(length: int) -> int:
    """Columns begin at a multiple of eight, where the processor likes its numbers."""
    return (length + 7) & ~7
