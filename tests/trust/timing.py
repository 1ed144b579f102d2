"""Can two answers be told apart by how long they take? The chance that a guesser is right, measured.

Promises a figure between 0 and 1: one half says nothing, 0 and 1 say all. Must never compare runs of two moments.
"""

import random
import time
from collections.abc import Callable, Sequence

import numpy as np


def chance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the area under the curve: how often a wait of `one` is longer than one of `other`, ties by halves."""
    below = np.searchsorted(np.sort(other), one, "left").mean() / len(other)
    above = np.searchsorted(np.sort(other), one, "right").mean() / len(other)
    return float(below + above) / 2


def waits(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Return the seconds of both, in pairs whose order is thrown: what else the machine does falls on both alike."""
    dice, taken = random.Random(times), (list[float](), list[float]())
    for _ in range(times):
        for which in dice.sample((0, 1), 2):
            began = time.perf_counter()
            (one, other)[which]()
            taken[which].append(time.perf_counter() - began)
    return taken


def told_apart(one: Callable[[], object], other: Callable[[], object], times: int) -> float:
    """Return the chance, after some of each that do not count."""
    waits(one, other, 3)
    return chance(*waits(one, other, times))
