"""How alike two names are: their words in any order, the weakest counting most.

Promises a figure in 0..1, the same both ways, the same for the same names. Must never join two records: it ranks, a
person decides.
"""

from collections.abc import Collection, Sequence

from api.names.compare import likeness
from api.names.names import Name, Parts, prepare
from api.names.parts import FATHER, INITIAL, Part

PROBABLY_SAME, POSSIBLY_SAME = 0.85, 0.7

# How much of the score is the weakest word; the mean is the rest.
WEAKEST = 0.75
# What a word without a counterpart costs: a father's name is often left out, another word less often,
# and where one is, more may be.
NO_FATHER, NO_WORD, NO_MORE, ONE_WORD, OTHERWISE = 0.99, 0.97, 0.98, 0.82, 0.98

# A word less like any other than this decides by itself: the whole is below POSSIBLY_SAME.
HOPELESS = 0.5


def similarity(a: str, b: str) -> float:
    """Return how alike two written names are, from 0 to 1: `PROBABLY_SAME`, `POSSIBLY_SAME`, or two people."""
    return score(prepare(a), prepare(b))


def score(a: Name, b: Name) -> float:
    """Return how alike two prepared names are, from 0 to 1."""
    found = [_score(a.parts, b.parts)]
    found += [OTHERWISE * _score(parts, b.parts) for parts in a.others]
    found += [OTHERWISE * _score(a.parts, parts) for parts in b.others]
    return max(found)


class Query:
    """One name to be compared with many; remembers how alike its words are to those it met, as long as it lives.

    The names must be of one `Vocabulary`, which lives as long: the same word is then the same object.
    """

    def __init__(self, name: Name) -> None:
        self._name = name
        self._met: dict[int, dict[int, float]] = {id(one): {} for parts in (name.parts, *name.others) for one in parts}

    def score(self, other: Name) -> float:
        """Return what `score` returns, or 0.0 for a name that has no chance to be possibly the same."""
        found = self._quick(self._name.parts, other.parts)
        for parts in self._name.others:
            found = max(found, OTHERWISE * self._quick(parts, other.parts))
        for parts in other.others:
            found = max(found, OTHERWISE * self._quick(self._name.parts, parts))
        return found

    def _quick(self, asked: Parts, parts: Parts) -> float:
        """Give up at a word of the shorter name that is like none of the other."""
        rows = list[list[float]]()
        for one in asked:
            rows.append(self._row(one, parts))
            if len(asked) <= len(parts) and max(rows[-1]) < HOPELESS:
                return 0.0
        if len(asked) > len(parts) and any(max(column) < HOPELESS for column in zip(*rows, strict=True)):
            return 0.0
        return _whole(asked, parts, rows) if rows and parts else 0.0

    def _row(self, one: Part, parts: Parts) -> list[float]:
        met, row = self._met[id(one)], list[float]()
        for other in parts:
            found = met.get(id(other))
            if found is None:
                found = met[id(other)] = likeness(one, other)
            row.append(found)
        return row


def _score(a: Parts, b: Parts) -> float:
    return _whole(a, b, [[likeness(x, y) for y in b] for x in a]) if a and b else 0.0


def _whole(a: Parts, b: Parts, rows: Sequence[Sequence[float]]) -> float:
    """Combine how alike the words are; the longer name's columns, and of equals the first name's rows."""
    if not _first(a, b):
        return _whole(b, a, list(zip(*rows, strict=True)))
    pairs = _aligned(rows)
    found = [rows[i][j] for i, j in pairs]
    whole = WEAKEST * min(found) + (1 - WEAKEST) * sum(found) / len(found)
    return whole * _missing(a, b, {j for _, j in pairs})


def _first(a: Parts, b: Parts) -> bool:
    """Say which comes first, so that both ways to ask give the same question."""
    if len(a) != len(b):
        return len(a) < len(b)
    return next((x < y for x, y in zip(map(_key, a), map(_key, b), strict=True) if x != y), True)


def _key(one: Part) -> tuple[str, str]:
    return one.word, one.role


def _aligned(rows: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pair the words greedily, the best first; each word of the shorter name has one counterpart."""
    best = sorted((-value, i, j) for i, row in enumerate(rows) for j, value in enumerate(row))
    pairs = dict[int, int]()
    for _, i, j in best:
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return list(pairs.items())


def _missing(few: Parts, many: Parts, paired: Collection[int]) -> float:
    """Return the factor for words of the longer name that have no counterpart."""
    lone = [one for at, one in enumerate(many) if at not in paired]
    others = sum(one.role not in (FATHER, INITIAL) for one in lone)
    cost = NO_FATHER ** (len(lone) - others) * (NO_WORD * NO_MORE ** (others - 1) if others else 1.0)
    return cost * (ONE_WORD if len(few) == 1 < len(many) else 1.0)
