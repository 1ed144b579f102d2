"""The words of many narratives: for each stem the cases in which it stands, and nothing of their order.

Promises the cases in which all the words that are asked for stand, in any of their forms. Must never be kept unsealed:
a word that can be guessed can be looked up. Two stems share a number once in four thousand million.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from api.columns.blocks import Array, Blob, ends, join, narrow, split, starts
from api.columns.stems import stems

# The fields of a narrative that people wrote, by entity.
FIELDS: Mapping[str, tuple[str, ...]] = {"statement": ("text", "translation"), "summary": ("text",), "told": ("words",)}
# A stem of at least as many cases has them as steps of a byte; 255 is a step after which no case stands.
COMMON, STEP = 16, 255
Body = Mapping[str, Sequence[Mapping[str, Any]]]
Numbers = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Words:
    """Opened columns: rare stems with rows of two bytes, common ones with steps; `..._sizes` say how many each has."""

    rows: int
    rare: Array = field(repr=False)
    rare_sizes: Array = field(repr=False)
    rare_rows: Array = field(repr=False)
    common: Array = field(repr=False)
    common_sizes: Array = field(repr=False)
    common_steps: Array = field(repr=False)

    def rows_of(self, number: int) -> NDArray[np.intp]:
        """Return the rows in which a stem stands, in their order."""
        if piece := _piece(self.rare, self.rare_sizes, number):
            return self.rare_rows[piece].astype(np.intp)
        if piece := _piece(self.common, self.common_sizes, number):
            return _rows(self.common_steps[piece])
        return np.zeros(0, np.intp)


def row(body: Body) -> bytes:
    """Return what is kept of a `narrative` section: the numbers of its stems in their order; nothing where none is."""
    texts = (
        str(entry.get(name, "")) for entity, names in FIELDS.items() for entry in body.get(entity, ()) for name in names
    )
    return np.array(sorted({number(one) for text in texts for one in stems(text)}), np.uint32).tobytes()


def number(stem: str) -> int:
    """Return the number of a stem, 32 bits."""
    return crc32(stem.encode("utf-8", "replace"))


def pack(bodies: Sequence[bytes]) -> bytes:
    """Return the columns of rows."""
    numbers = np.frombuffer(b"".join(bodies), np.uint32)
    rows = np.repeat(np.arange(len(bodies), dtype=np.uint32), [len(body) // 4 for body in bodies])
    order = np.argsort(numbers, kind="stable")
    stems, counts = np.unique(numbers, return_counts=True)
    many = counts >= COMMON
    is_common = np.repeat(many, counts)
    steps, sizes = _steps(rows[order][is_common], counts[many])
    return join(
        np.array([len(bodies)], np.uint32),
        stems[~many],
        counts[~many].astype(np.uint8),
        narrow(rows[order][~is_common]),
        stems[many],
        narrow(sizes),
        steps,
    )


def unpack(block: Blob) -> Words:
    """Return the columns in a block; raises Tampered when it is none."""
    count, *arrays = split(block, 7)
    return Words(int(count[0]), *arrays)


def bodies(columns: Words) -> list[bytes]:
    """Return the rows that were packed."""
    common = [columns.rows_of(one) for one in columns.common.tolist()]
    rows = np.concatenate([columns.rare_rows.astype(np.intp), *common])
    each = np.concatenate([columns.rare_sizes.astype(np.intp), np.array([len(one) for one in common], np.intp)])
    numbers = np.repeat(np.concatenate([columns.rare, columns.common]), each)
    order = np.lexsort((numbers, rows))
    pieces = np.split(numbers[order], np.cumsum(np.bincount(rows, minlength=columns.rows))[:-1])
    return [one.tobytes() for one in pieces][: columns.rows]


def find(segments: Sequence[Words], asked: Sequence[str]) -> list[NDArray[np.intp]]:
    """Return for each segment the rows in which every one of these stems stands; none where nothing is asked."""
    numbers = [number(one) for one in asked]
    return [_all(one, numbers) for one in segments]


def _all(columns: Words, numbers: Sequence[int]) -> NDArray[np.intp]:
    """Begin with the rarest word, and stop where none is left."""
    found = sorted((columns.rows_of(one) for one in numbers), key=len)
    rows = found[0] if found else np.zeros(0, np.intp)
    for more in found[1:]:
        rows = rows[np.isin(rows, more, assume_unique=True)]
    return rows


def _piece(stems: Array, sizes: Array, wanted: int) -> slice | None:
    at = int(np.searchsorted(stems, np.uint32(wanted)))
    if at == len(stems) or stems[at] != wanted:
        return None
    first = int(sizes[:at].sum(dtype=np.intp))
    return slice(first, first + int(sizes[at]))


def _rows(steps: Array) -> NDArray[np.intp]:
    rows: NDArray[np.intp] = np.cumsum(steps, dtype=np.intp)[steps != STEP] - 1
    return rows


def _steps(rows: Numbers, counts: Array) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Return rows as steps from one to the next within each stem, and how many bytes each stem has."""
    first = starts(ends(counts))
    step = np.diff(rows.astype(np.intp) + 1, prepend=0)
    step[first] = rows[first] + 1
    long = step // STEP
    place = np.cumsum(long + 1) - 1
    steps = np.full(len(rows) + int(long.sum()), STEP, np.uint8)
    steps[place] = step % STEP
    return steps, np.add.reduceat(long + 1, first) if len(first) else long
