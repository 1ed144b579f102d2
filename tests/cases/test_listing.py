"""The newest first, by day and then by mark, page after page, however many cases came in on one day."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.catalogue.compartments import Compartment
from api.columns.frame import Row, read_ids
from api.columns.kinds import FACTS
from api.ids import new_id
from api.sealed.segments import Piece, frames, piece
from api.services import listing

C = Compartment
DESKS = some.lists(some.lists(some.integers(1, 3), max_size=12), max_size=4)


def shelf(days: list[int]) -> Piece:
    """Return the piece of cases that were received on these days."""
    rows = [(new_id(), json.dumps([day, 0, 0, "", ""]).encode()) for day in days]
    found = [{C.FACTS: Row(case_id), C.CONTROL: Row(case_id, 1, work)} for case_id, work in rows]
    return piece(FACTS, "", frames(FACTS, found, listing.PARTS))


def pages(pieces: list[Piece], masks: list[np.ndarray], size: int) -> Iterator[str]:
    """Yield the cases of all pages, each page begun after the last line of the one before."""
    named, after = [("desk", one) for one in pieces], None
    while found := listing._newest(named, masks, after, size):
        yield from (listing._hit(one).case_id for one in found)
        after = (found[-1].day, found[-1].mark)


@given(DESKS, some.integers(1, 5))
def test_all_pages_together_are_the_sorted_list(desks: list[list[int]], size: int) -> None:
    pieces = [shelf(days) for days in desks]
    masks = [np.array([day != 2 for day in days], np.bool_) for days in desks]
    plain = [
        (-int(day), case_id)
        for one, mask in zip(pieces, masks, strict=True)
        for day, case_id, there in zip(one.columns[C.CONTROL].days["received"], read_ids(one.ids), mask, strict=True)
        if there
    ]
    assert list(pages(pieces, masks, size)) == [case_id for _, case_id in sorted(plain)]


def test_of_a_table_that_came_in_on_one_day_only_a_page_of_lines_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [shelf([7] * 400) for _ in range(3)]
    made, place = list[int](), listing._Place
    monkeypatch.setattr(listing, "_Place", lambda *given: made.append(1) or place(*given))
    first = [np.ones(400, np.bool_)] * 3
    assert len(listing._newest([("desk", one) for one in pieces], first, None, 51)) == 51
    assert len(made) <= 3 * 51
