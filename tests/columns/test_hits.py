"""What was found in several ways is one line a case, best first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from api.columns.hits import NONE, Hits, Why, both, either, hits

MARKS = st.integers(0, 6)
FOUND = st.lists(st.tuples(MARKS, st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from(list(Why))), max_size=9)
Plain = dict[int, tuple[float, int]]


def made(rows: list[tuple[int, float, Why]]) -> Hits:
    marks, scores, why = zip(*rows, strict=True) if rows else ((), (), ())
    return hits(np.array(marks, np.uint64), np.array(why, np.uint8), np.array(scores, np.float32))


def plain(found: Hits) -> Plain:
    return {
        mark: (score, why) for mark, score, why in zip(*map(list, (found.marks, found.scores, found.why)), strict=True)
    }


def merged(rows: list[tuple[int, float, Why]]) -> Plain:
    found = Plain()
    for mark, score, why in rows:
        known = found.get(mark, (0.0, 0))
        found[mark] = (max(known[0], score), known[1] | why)
    return found


@given(FOUND, FOUND)
def test_a_case_found_in_any_way_is_there_once_with_all_reasons(
    one: list[tuple[int, float, Why]], two: list[tuple[int, float, Why]]
) -> None:
    assert plain(made(one)) == merged(one)
    assert plain(either([made(one), made(two)])) == merged(one + two)
    assert plain(either([])) == plain(both([])) == plain(NONE) == {}


@given(FOUND, FOUND)
def test_a_case_must_be_found_in_every_way_that_was_asked(
    one: list[tuple[int, float, Why]], two: list[tuple[int, float, Why]]
) -> None:
    a, b = merged(one), merged(two)
    wanted = {mark: (min(a[mark][0], b[mark][0]), a[mark][1] | b[mark][1]) for mark in a.keys() & b.keys()}
    assert plain(both([made(one), made(two)])) == wanted


@given(FOUND, st.integers(0, 4), st.integers(0, 4))
def test_the_best_come_first_and_pages_do_not_overlap(
    rows: list[tuple[int, float, Why]], skip: int, count: int
) -> None:
    found = made(rows)
    order = sorted(merged(rows).items(), key=lambda one: (-one[1][0], one[0]))
    assert found.marks[found.best(skip, count)].tolist() == [mark for mark, _ in order[skip : skip + count]]
    assert len(found) == len(order)
