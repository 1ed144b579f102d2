"""How alike two names are: their words in any order, the weakest counting most.

Promises a figure in 0..1, the same both ways, the same for the same names. Must never join two records: it ranks, a
person decides.
"""

from collections.abc import Iterator, Sequence

from api.names.compare import likeness
from api.names.names import Name, Parts, prepare
from api.names.parts import FATHER, INITIAL, Part

PROBABLY_SAME, POSSIBLY_SAME = 0.85, 0.7

# How much of the score is the weakest word; the mean is the rest.
WEAKEST = 0.75
# What a word without a counterpart costs: a father's name is often left out, another word less often.
NO_FATHER, NO_WORD, ONE_WORD, INFLECTED = 0.99, 0.94, 0.82, 0.98

Pair = tuple[float, Part, Part]


def similarity(a: str, b: str) -> float:
    """Return how alike two written names are, from 0 to 1: `PROBABLY_SAME`, `POSSIBLY_SAME`, or two people."""
    return score(prepare(a), prepare(b))


def score(a: Name, b: Name) -> float:
    """Return how alike two prepared names are, from 0 to 1."""
    best = _score(a.parts, b.parts)
    for parts in a.inflected:
        best = max(best, INFLECTED * _score(parts, b.parts))
    for parts in b.inflected:
        best = max(best, INFLECTED * _score(a.parts, parts))
    return best


def _score(a: Parts, b: Parts) -> float:
    if not a or not b:
        return 0.0
    few, many = sorted((a, b), key=lambda parts: (len(parts), [one.word for one in parts]))
    pairs = list(_aligned(few, many))
    found = [pair[0] for pair in pairs]
    whole = WEAKEST * min(found) + (1 - WEAKEST) * sum(found) / len(found)
    return whole * _missing(few, many, pairs)


def _aligned(few: Parts, many: Parts) -> Iterator[Pair]:
    """Pair the words greedily, the best first; each word of the shorter name has one counterpart."""
    pairs = sorted(
        ((-likeness(x, y), i, j) for i, x in enumerate(few) for j, y in enumerate(many)),
    )
    left, right = set(range(len(few))), set(range(len(many)))
    for cost, i, j in pairs:
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            yield -cost, few[i], many[j]


def _missing(few: Parts, many: Parts, pairs: Sequence[Pair]) -> float:
    """Return the factor for words of the longer name that have no counterpart."""
    if len(few) == len(many):
        return 1.0
    paired = {id(pair[2]) for pair in pairs}
    lone = [one for one in many if id(one) not in paired]
    cost = 1.0
    for one in lone:
        cost *= NO_FATHER if one.role in (FATHER, INITIAL) else NO_WORD
    return cost * (ONE_WORD if len(few) == 1 else 1.0)
