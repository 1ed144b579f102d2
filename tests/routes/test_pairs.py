"""Whatever the pages do, the API does: each page has its operations, behind the same right."""

import csv
from collections.abc import Mapping
from pathlib import Path

from api.guards import CallerGuard, CaseGuard
from tests.routes.operations import Operation, operations, page_routes

ROWS = list(csv.DictReader((Path(__file__).parent / "pairs.csv").read_text("utf-8").splitlines()))
PAIRS: Mapping[str, list[str]] = {row["page"]: [one for one in row["operations"].split("; ") if one] for row in ROWS}
SAY = "give the page a row in tests/routes/pairs.csv: the operations of the API that do the same, or why there is none"
# A page that shows the form of a right asks for the right; the data for it are everybody's.
FORMS = {
    "GET /me/device",
    "GET /cases/{case_id}/grants",
    "GET /steps/recovery",
    "GET /cases/{case_id}/add/{entity}",
    "GET /cases/{case_id}/end",
    "GET /cases/{case_id}/together",
    "GET /cases/{case_id}/subject",
    "GET /today",
}


def unpaired(pages: tuple[Operation, ...], known: Mapping[str, list[str]]) -> set[str]:
    return {str(one) for one in pages} ^ known.keys()


def right_of(one: Operation) -> str:
    return str(one.guard.action) if isinstance(one.guard, CallerGuard | CaseGuard) else "anyone"


def otherwise(pages: tuple[Operation, ...]) -> list[str]:
    """Name the pages that ask for another right than the first of their operations."""
    rights = {str(one): right_of(one) for one in operations()}
    asked = [(str(one), right_of(one)) for one in pages if PAIRS.get(str(one)) and str(one) not in FORMS]
    return [name for name, right in asked if right not in {rights[each] for each in PAIRS[name]}]


def test_every_page_has_its_operations_or_a_reason() -> None:
    assert unpaired(page_routes(), PAIRS) == set(), SAY
    assert [row["page"] for row in ROWS if not row["operations"] and not row["why"]] == []


def test_every_operation_that_is_named_exists() -> None:
    there = {str(one) for one in operations()}
    assert {one for named in PAIRS.values() for one in named} <= there


def test_a_page_asks_for_the_same_right_as_its_operation() -> None:
    assert otherwise(page_routes()) == []


def test_a_page_without_an_operation_is_caught() -> None:
    assert unpaired(page_routes(), {name: said for name, said in PAIRS.items() if name != "GET /cases"}) == {
        "GET /cases"
    }


def test_a_page_whose_right_was_loosened_is_caught() -> None:
    strict = next(one for one in page_routes() if str(one) == "GET /log")
    anybody = next(one for one in page_routes() if str(one) == "GET /me")
    assert otherwise((Operation("GET", "/log", anybody.guard, strict.route),)) == ["GET /log"]
