"""Every list comes in pages of `lines` with a cursor, and a line that goes in between hides no other."""

import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.purposes import Purpose
from api.guards import Public
from api.routes.paging import SIZE, page_of
from api.services import taking_out
from api.services.taking_out import Disclosure
from tests.routes.calling import Office
from tests.routes.operations import Operation, found, operations


def walked(rows: set[int], gone: set[int]) -> list[int]:
    """Return what somebody sees who turns every page, while rows go after the first."""
    seen, after, left = [], "", rows
    while True:
        page = page_of(left, after, lambda one: f"{one:06}")
        assert len(page.lines) <= SIZE
        seen += page.lines
        if not page.next:
            return seen
        after, left = page.next, rows - gone


@given(st.sets(st.integers(0, 400), max_size=300), st.sets(st.integers(0, 400)))
def test_turning_pages_shows_each_line_that_stays_once(rows: set[int], gone: set[int]) -> None:
    seen = walked(rows, gone)
    assert seen == sorted(set(seen))
    assert rows - gone <= set(seen) <= rows


def unpaged(asked: tuple[Operation, ...]) -> list[str]:
    """Name the operations that answer with a list and no cursor."""
    lists = []
    for one in asked:
        said = str(one.route.response_field.field_info.annotation) if one.route.response_field else ""
        lists += [str(one)] if said.startswith(("list[", "tuple[", "collections.abc.Sequence")) else []
    return lists


def test_no_operation_answers_with_a_list_that_has_no_end() -> None:
    assert unpaged(operations()) == [], "answer with `Page[...]` by `page_of`, and take `after`"


def test_a_bare_list_is_caught() -> None:
    router = APIRouter()

    @router.get("/planted", dependencies=[Public("planted")])
    def bare() -> list[str]:
        """Answer with all there is."""
        return []

    assert unpaged(tuple(found(router))) == ["GET /planted"]


def test_what_has_left_a_case_is_listed_in_the_order_of_its_numbers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.make_case()
    left = [
        Disclosure(f"AB-CDEF/{number}", "a court", Purpose.KEEP, "dossier", (), "0" * 64, "m", "2026-01-01")
        for number in range(1, SIZE + 12)
    ]
    monkeypatch.setattr(taking_out, "register", lambda access: tuple(left))
    first = office.call("carl", "GET", f"/cases/{case}/disclosures").json()
    then = office.call("carl", "GET", f"/cases/{case}/disclosures?after={first['next']}").json()
    assert [one["number"] for one in (*first["lines"], *then["lines"])] == [one.number for one in left]
    assert (len(first["lines"]), then["next"]) == (SIZE, "")
