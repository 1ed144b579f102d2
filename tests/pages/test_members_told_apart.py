"""Members of one initial and one role are told apart, and nobody is shut out in another's place."""

from pathlib import Path

import pytest

from api.ids import short_code
from tests.pages.browsing import Group, group


@pytest.fixture
def staff(database_url: str, tmp_path: Path) -> Group:
    made = group(database_url, tmp_path)
    made.world.enrol("ivan", "intake")
    return made


def number(staff: Group, login: str) -> str:
    return short_code(staff.world.ids[login])


def test_two_of_one_initial_and_role_have_another_number_in_every_list(staff: Group) -> None:
    first, second = number(staff, "ines"), number(staff, "ivan")
    assert first != second
    listed = staff.member("ada").get("/members")
    rows = [given["data-number"] for given in listed.all("span") if "data-number" in given]
    assert {first, second} <= set(rows)
    assert len(set(rows)) == len(rows)
    chosen = staff.member("carl").get("/desks").text
    assert f"I. · {first} · intake officer" in chosen
    assert f"I. · {second} · intake officer" in chosen


def test_the_log_tells_two_of_one_initial_and_role_apart(staff: Group) -> None:
    staff.member("ivan").get("/today")
    assert f"I. · {number(staff, 'ivan')} · intake officer" in staff.member("otto").get("/log").text


def test_a_member_reads_their_own_number_and_words_in_their_account(staff: Group) -> None:
    page = staff.member("ivan").get("/me")
    assert number(staff, "ivan") in page.text
    assert number(staff, "ines") not in page.text
    assert any("data-own-words" in given for given in page.all("p"))
    assert staff.world.words("ivan") in page.text


def test_who_types_the_number_of_another_shuts_nobody_out(staff: Group) -> None:
    ines, ivan, ada = staff.world.ids["ines"], staff.world.ids["ivan"], staff.member("ada")
    for typed in ("", number(staff, "ines")):
        ada.get("/members")
        shown = ada.send(f"/members/{ivan}/suspend", {"number": typed})
        assert (ada.status, "Nobody was shut out." in shown.text) == (422, True)
    ada.get("/members")
    ada.send(f"/members/{ivan}/suspend", {"number": number(staff, "ivan").lower()})
    assert ada.path == f"/members/{ivan}/held"
    suspendable = [form.action for form in ada.get("/members").forms if form.action.endswith("/suspend")]
    assert f"/members/{ines}/suspend" in suspendable
    assert f"/members/{ivan}/suspend" not in suspendable


def test_the_page_of_ones_account_promises_no_more_and_no_less_than_the_trustees_can_do(staff: Group) -> None:
    said = staff.member("ivan").get("/me").text
    assert "only the trustees together let you in again" in said
    assert "nobody can let you in" not in said
