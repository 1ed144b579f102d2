"""Leaving: what somebody held and opened, to each reader as far as that reader may know."""

from pathlib import Path

import pytest

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import Forbidden, NotFound
from api.ids import short_code
from api.policy.actions import Action
from api.services import leavers, members
from api.services.leavers import Sat
from tests.pages.browsing import Group
from tests.pages.browsing import group as served
from tests.trust.workflow import Filled, fill

C = Compartment


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Filled:
    made = fill(database_url, tmp_path)
    enter_case(made.world.store, made.world.caller("leo"), made.case, Action.CASE_READ, {C.IDENTITY}, "verify-fact")
    enter_case(made.world.store, made.world.caller("leo"), made.case, Action.CASE_READ, {C.NARRATIVE})
    return made


def test_an_auditor_reads_what_was_opened_how_often_and_what_was_given(filled: Filled) -> None:
    world = filled.world
    said = leavers.opened(world.store, world.caller("otto"), world.ids["leo"])
    (reading,) = [one for one in said.done if one.verb == "case:read"]
    assert (reading.times, {"identity", "narrative"} <= reading.compartments) == (2, True)
    assert [one.verb for one in said.given] == ["case:grant"]
    later = leavers.opened(world.store, world.caller("otto"), world.ids["leo"], before=1)
    assert (later.done, later.given, later.next) == ((), (), 0)


def test_nobody_but_an_auditor_reads_what_was_opened(filled: Filled) -> None:
    for login in ("ada", "carl", "ines", "leo", "tina"):
        with pytest.raises(Forbidden):
            leavers.opened(filled.world.store, filled.world.caller(login), filled.world.ids["leo"])


def test_who_sits_at_a_desk_sees_seats_there_and_grants_of_its_cases(filled: Filled) -> None:
    world = filled.world
    assert leavers.held(world.store, world.caller("carl"), world.ids["ann"]).sat == (Sat("North", True),)
    members.suspend(world.store, world.caller("ada"), world.ids["ann"])
    after = leavers.held(world.store, world.caller("carl"), world.ids["ann"])
    assert (after.grants, after.sessions, after.sat) == (0, 0, (Sat("North", False),))
    (granted,) = leavers.shared(world.store, world.caller("carl"), world.ids["leo"])
    assert (granted.case, C.LEGAL in granted.compartments) == (filled.case, True)
    assert leavers.shared(world.store, world.caller("cora"), world.ids["leo"]) == ()


def test_an_administrator_counts_and_sees_no_desk_and_no_case(filled: Filled) -> None:
    world = filled.world
    seen = leavers.held(world.store, world.caller("ada"), world.ids["carl"])
    assert (seen.grants > 0, seen.sessions, seen.sat) == (True, 1, ())
    with pytest.raises(Forbidden):
        leavers.shared(world.store, world.caller("ada"), world.ids["leo"])
    for unknown in ("0" * 26, "x"):
        with pytest.raises(NotFound):
            leavers.held(world.store, world.caller("ada"), unknown)


def test_the_list_is_shown_at_the_suspension_and_on_a_page_of_its_own(sqlite_url: str, tmp_path: Path) -> None:
    staff: Group = served(sqlite_url, tmp_path)
    ann, ada = staff.world.ids["ann"], staff.member("ada")
    ada.get("/members")
    shown = ada.send(f"/members/{ann}/suspend", {"number": short_code(ann)})
    assert (ada.path, "What they opened stands in the log" in shown.text) == (f"/members/{ann}/held", True)
    assert "seat at a desk given" in staff.member("otto").get(f"/members/{ann}/held").text
    carl = staff.member("carl")
    assert "sat at this desk" in carl.get(f"/members/{ann}/held").text
    assert "No case of yours is granted to them." in carl.send(f"/members/{ann}/held").text
    assert staff.member("ada").client.get(f"/members/{'0' * 26}/held").status_code == 404


def test_how_much_a_member_holds_is_no_business_of_lawyers_analysts_and_trustees(
    sqlite_url: str, tmp_path: Path
) -> None:
    staff: Group = served(sqlite_url, tmp_path)
    held = f"/members/{staff.world.ids['carl']}/held"
    for login, status in (("ada", 200), ("otto", 200), ("ines", 200), ("leo", 403), ("ann", 403), ("tina", 403)):
        one = staff.member(login)
        assert one.client.get(held).status_code == status, login
        assert ("/held" in one.client.get("/members").text) == (status == 200), login
