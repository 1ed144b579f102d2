"""Which rows of many may be of one person: names that have two words of one sound in common, the likeliest first.

Promises time that grows with the names and not with their square: two words that more names share than `LARGEST` pair
nobody, and so many names are compared, no more. Must never outlive the request: it holds names in the clear.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.columns.blocks import starts
from api.columns.names import Names
from api.names import POSSIBLY_SAME, Query, Vocabulary
from api.names.keys import LETTER_BITS

# So many names may share two words; so many pairs of names are compared.
LARGEST, MOST_COMPARED = 20, 1500
# A number of a name below two sounds, in 62 bits.
NAME_BITS, SOUND = 24, np.uint64(19)
Numbers = NDArray[np.uint64]
# A row by its segment and its place there.
Row = tuple[int, int]


class Pair(NamedTuple):
    """Two rows, and how alike their likest names are."""

    one: Row
    other: Row
    score: float


class Paired(NamedTuple):
    """The pairs, the likeliest first; `uncompared` pairs of names share as much, but were too many."""

    pairs: list[Pair]
    uncompared: int


def pair(segments: Sequence[Names], largest: int = LARGEST, most: int = MOST_COMPARED) -> Paired:
    """Return the pairs of rows in which a name is possibly the same."""
    first = np.cumsum([0, *(len(one.fields) for one in segments)])
    coded = [_coded(one, int(start)) for one, start in zip(segments, first, strict=False)]
    book, best = _Book(segments, first), dict[tuple[Row, Row], float]()
    same, names = book.same(largest), _likely(np.unique(np.concatenate([_none(), *coded])), _counts(segments), largest)
    for one, other in (*same[:most], *names[:most].tolist()):
        if (score := book.score(one, other)) >= POSSIBLY_SAME:
            for rows in book.rows(one, other):
                best[rows] = max(score, best.get(rows, 0.0))
    found = [Pair(*rows, score) for rows, score in best.items()]
    return Paired(
        sorted(found, key=lambda one: (-one.score, one.one, one.other)), max(0, len(names) - most) + len(same[most:])
    )


def _coded(columns: Names, first: int) -> Numbers:
    """Return for each name each two sounds of two of its words, above the name's number."""
    per_word = np.bincount(columns.key_words, minlength=len(columns.letters))
    slot, key = _ragged(per_word[columns.words], starts(np.cumsum(per_word))[columns.words])
    sounds = (columns.keys[key] >> np.uint32(LETTER_BITS)).astype(np.uint64)
    distinct = np.unique(slot.astype(np.uint64) << SOUND | sounds)
    slot, sounds = (distinct >> SOUND).astype(np.intp), distinct & np.uint64((1 << int(SOUND)) - 1)
    name = np.repeat(np.arange(len(columns.word_ends)), np.diff(columns.word_ends, prepend=np.uint32(0)))[slot]
    per_name = np.bincount(name, minlength=len(columns.word_ends))
    left, right = _ragged(per_name[name], starts(np.cumsum(per_name))[name])
    apart = slot[left] < slot[right]
    a, b = sounds[left[apart]], sounds[right[apart]]
    both = np.minimum(a, b) << SOUND | np.maximum(a, b)
    return both << np.uint64(NAME_BITS) | (name[left[apart]] + first).astype(np.uint64)


def _ragged(sizes: NDArray[np.intp], first: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for pieces of these sizes, each beginning at `first`, the number of the piece and the place of each."""
    ended = np.cumsum(sizes, dtype=np.intp)
    which = np.repeat(np.arange(len(sizes)), sizes)
    return which, np.arange(len(which)) - (ended - sizes)[which] + first[which]


def _counts(segments: Sequence[Names]) -> NDArray[np.intp]:
    return np.concatenate([np.zeros(0, np.intp), *(one.counts.astype(np.intp) for one in segments)])


def _likely(coded: Numbers, counts: NDArray[np.intp], largest: int) -> NDArray[np.intp]:
    """Return pairs of names by how many of the pairs of their words they share, most first."""
    names, words = (coded & np.uint64((1 << NAME_BITS) - 1)).astype(np.intp), coded >> np.uint64(NAME_BITS)
    begins = np.flatnonzero(np.concatenate((np.ones(min(1, len(words)), np.bool_), words[1:] != words[:-1])))
    sizes = np.diff(np.append(begins, len(words)))
    met = [_met(names, begins[sizes == size], size) for size in range(2, largest + 1)]
    both, shared = np.unique(np.concatenate([_none(), *met]), return_counts=True)
    pairs = np.stack((both >> np.uint64(NAME_BITS), both & np.uint64((1 << NAME_BITS) - 1)), 1).astype(np.intp)
    least = np.minimum(counts[pairs[:, 0]], counts[pairs[:, 1]])
    return pairs[np.argsort(-shared / np.maximum(1, least * (least - 1) // 2), kind="stable")]


def _met(names: NDArray[np.intp], begins: NDArray[np.intp], size: int) -> Numbers:
    """Return each two names of the blocks of one size, the smaller number above the other."""
    blocks = names[begins[:, None] + np.arange(size)].astype(np.uint64)
    a, b = np.triu_indices(size, 1)
    both: Numbers = (blocks[:, a] << np.uint64(NAME_BITS) | blocks[:, b]).ravel()
    return both


class _Book:
    """The names by their numbers over all segments, each prepared once."""

    def __init__(self, segments: Sequence[Names], first: NDArray[np.intp]) -> None:
        self._segments, self._first, self._vocabulary = segments, first, Vocabulary()
        self._queries = dict[str, Query]()

    def same(self, largest: int) -> list[tuple[int, int]]:
        """Return each name that stands in more than one row of a segment, twice."""
        found = list[tuple[int, int]]()
        for columns, first in zip(self._segments, self._first.tolist(), strict=False):
            sizes = np.diff(columns.owner_ends, prepend=np.uint32(0))
            many = (sizes > 1) & (sizes <= largest) & (columns.counts > 1)
            found += ((first + at, first + at) for at in np.flatnonzero(many).tolist())
        return found

    def score(self, one: int, other: int) -> float:
        """Return how alike two names are."""
        if one == other:
            return 1.0
        said = self._said(one)
        if said not in self._queries:
            self._queries[said] = Query(self._vocabulary.prepare(said))
        return self._queries[said].score(self._vocabulary.prepare(self._said(other)))

    def rows(self, one: int, other: int) -> Iterator[tuple[Row, Row]]:
        """Yield the different rows in which two names stand, each two once."""
        if one == other:
            yield from combinations(self._rows(one), 2)
        else:
            found = product(self._rows(one)[:LARGEST], self._rows(other)[:LARGEST])
            yield from ((min(rows), max(rows)) for rows in found if rows[0] != rows[1])

    def _said(self, name: int) -> str:
        segment, at = self._at(name)
        return self._segments[segment].name(at)

    def _rows(self, name: int) -> list[Row]:
        segment, at = self._at(name)
        return [(segment, row) for row in self._segments[segment].rows_of(at).tolist()]

    def _at(self, name: int) -> tuple[int, int]:
        segment = int(np.searchsorted(self._first, name, "right")) - 1
        return segment, name - int(self._first[segment])


def _none() -> Numbers:
    return np.zeros(0, np.uint64)
