"""How alike two names are: their words in any order, the weakest counting most.

Promises a figure in 0..1, the same both ways, the same for the same names. Must never join two records: it ranks, a
person decides.
"""

from collections.abc import Callable, Collection, Sequence

from api.names.compare import likeness
from api.names.names import Name, Parts, prepare
from api.names.parts import FATHER, INITIAL, Part

PROBABLY_SAME, POSSIBLY_SAME = 0.85, 0.7

# How much of the score is the weakest word; the mean is the rest.
WEAKEST = 0.75
# What a word without a counterpart costs: a father's name is often left out, another word less often,
# and where one is, more may be.
NO_FATHER, NO_WORD, NO_MORE, ONE_WORD, OTHERWISE = 0.99, 0.95, 0.98, 0.82, 0.98

# A word less like any other than this decides by itself.
HOPELESS = 0.5

Likeness = Callable[[Part, Part], float]


def similarity(a: str, b: str) -> float:
    """Return how alike two written names are, from 0 to 1: `PROBABLY_SAME`, `POSSIBLY_SAME`, or two people."""
    return score(prepare(a), prepare(b))


def score(a: Name, b: Name) -> float:
    """Return how alike two prepared names are, from 0 to 1."""
    return _best(a, b, likeness)


class Query:
    """One name compared with many: remembers how alike its words are to those it met, for as long as it lives.

    The words of the others must be shared objects, as one `Vocabulary` gives them.
    """

    def __init__(self, name: Name) -> None:
        self._name = name
        self._met: dict[tuple[int, int], float] = {}
        self._kept: list[Part] = []

    def score(self, other: Name) -> float:
        """Return the same as `score` of the two names."""
        return _best(self._name, other, self._likeness)

    def _likeness(self, a: Part, b: Part) -> float:
        key = id(a), id(b)
        found = self._met.get(key)
        if found is None:
            found = self._met[key] = likeness(a, b)
            self._kept += (a, b)  # an id is only good while what it names lives
        return found


def _best(a: Name, b: Name, like: Likeness) -> float:
    found = [_score(a.parts, b.parts, like)]
    found += [OTHERWISE * _score(parts, b.parts, like) for parts in a.others]
    found += [OTHERWISE * _score(a.parts, parts, like) for parts in b.others]
    return max(found)


def _score(a: Parts, b: Parts, like: Likeness) -> float:
    if not a or not b:
        return 0.0
    few, many = (a, b) if _first(a, b) else (b, a)
    rows = list[list[float]]()
    for x in few:
        rows.append([like(x, y) for y in many])
        if max(rows[-1]) < HOPELESS:
            return WEAKEST * max(rows[-1])
    pairs = _aligned(rows)
    found = [rows[i][j] for i, j in pairs]
    whole = WEAKEST * min(found) + (1 - WEAKEST) * sum(found) / len(found)
    return whole * _missing(few, many, {j for _, j in pairs})


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
