"""What a search found: cases by the first 64 bits of their identifier, each with a figure and the reasons why.

Promises one line a case. Must never hold what was asked, nor anything that a case says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntFlag, auto

import numpy as np
from numpy.typing import NDArray

Marks = NDArray[np.uint64]


class Why(IntFlag):
    """Why a case is there; of a name also which field it is in, and that it is probably the same."""

    CODE = auto()
    NUMBER = auto()
    PLACE = auto()
    NAME = auto()
    NAME_LATIN = auto()
    OTHER_NAMES = auto()
    PROBABLY = auto()
    WORDS = auto()


@dataclass(frozen=True, slots=True)
class Hits:
    """n cases, sorted by their marks: how well each fits, from 0 to 1, and why, as bits of `Why`."""

    marks: Marks = field(repr=False)
    scores: NDArray[np.float32] = field(repr=False)
    why: NDArray[np.uint8] = field(repr=False)

    def __len__(self) -> int:
        """Return how many cases there are."""
        return len(self.marks)

    def best(self, skip: int, count: int) -> NDArray[np.intp]:
        """Return the places of the best, after the first `skip`; equals stand in the order of their marks."""
        return np.argsort(-self.scores, kind="stable")[skip : skip + count]


NONE = Hits(np.zeros(0, np.uint64), np.zeros(0, np.float32), np.zeros(0, np.uint8))


def hits(marks: Marks, why: Why | NDArray[np.uint8], scores: NDArray[np.float32] | float = 1.0) -> Hits:
    """Return what was found, each case once: its best figure, and all the reasons of the rows that have it."""
    known, first = np.unique(marks, return_inverse=True)
    best, reasons = np.zeros(len(known), np.float32), np.zeros(len(known), np.uint8)
    np.maximum.at(best, first, np.broadcast_to(np.float32(scores), marks.shape))
    np.bitwise_or.at(reasons, first, np.broadcast_to(np.uint8(why), marks.shape))
    return Hits(known, best, reasons)


def either(found: Sequence[Hits]) -> Hits:
    """Return the cases that are in any of these."""
    return hits(
        np.concatenate([NONE.marks, *(one.marks for one in found)]),
        np.concatenate([NONE.why, *(one.why for one in found)]),
        np.concatenate([NONE.scores, *(one.scores for one in found)]),
    )


def both(found: Sequence[Hits]) -> Hits:
    """Return the cases that are in each of these: the figure of the worst, the reasons of all."""
    all_of = found[0] if found else NONE
    for more in found[1:]:
        marks, mine, other = np.intersect1d(all_of.marks, more.marks, assume_unique=True, return_indices=True)
        scores = np.minimum(all_of.scores[mine], more.scores[other])
        all_of = Hits(marks, scores, all_of.why[mine] | more.why[other])
    return all_of
