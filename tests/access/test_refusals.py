"""Grants to who is not active, sessions without their shreds, cases that do not fit: nothing of it opens."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import granted, grants, sessions, visible, whole
from api.access.doors import REFUSED, enter_case
from api.access.grants import CASE, Terms
from api.access.reasons import Why
from api.catalogue.compartments import Compartment
from api.crypto import Sealed
from api.errors import Erased, Forbidden, Invalid, OutOfOrder, SessionEnded
from api.models.tables import Member, Section, ShredRow, SignedIn
from api.policy.actions import Action
from api.sealed import shreds
from api.services import cases, granting, listing, logbook, members
from tests.trust.busy import SECTIONS
from tests.world import World, found_world, make_world

C = Compartment
TERMS = Terms(CASE, "verify-fact", "2999-01-01")


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_world(database_url, tmp_path)


@pytest.fixture
def case(world: World) -> str:
    return new_case(world)


def new_case(world: World) -> str:
    return cases.create_case(world.store, world.caller("ines"), world.desks["North"], SECTIONS)


def grant_to_leo(world: World, case: str) -> str:
    access = enter_case(world.store, world.caller("carl"), case, Action.CASE_GRANT, {C.FACTS}, "verify-fact")
    return granting.grant_case(access, world.ids["leo"], world.words("leo"), {C.FACTS}, 3, "verify-fact")


def test_nothing_is_given_to_a_member_who_is_not_active(world: World) -> None:
    carl = world.caller("carl")
    members.suspend(world.store, world.caller("ada"), world.ids["leo"])
    with world.store.writing() as db, pytest.raises(OutOfOrder):
        grants.give(db, world.store, carl, db.get_one(Member, world.ids["leo"]), TERMS, {})


def test_nothing_is_sealed_to_a_recovery_that_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    world = found_world(sqlite_url, tmp_path)
    with world.store.reading() as db, pytest.raises(OutOfOrder):
        grants.give_recovery(db, world.store, world.caller("ada"), TERMS, {})


@pytest.mark.parametrize("of", [SignedIn, Member])
def test_a_session_ends_with_its_own_shred_and_with_its_members(world: World, of: type[Any]) -> None:
    """Whatever rows somebody puts back: what was destroyed stays destroyed."""
    carl = world.caller("carl")
    key = carl.session_id if of is SignedIn else carl.member_id
    with shreds.erasing(world.store) as db:
        shreds.destroy(db, [db.get_one(of, key).shred_id])
    with pytest.raises(SessionEnded):
        world.caller("carl")


def test_a_grant_that_ends_while_it_is_picked_up_is_not_kept(
    world: World, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = grant_to_leo(world, case)
    real, carl, leo = sessions._picked_up, world.caller("carl"), world.ids["leo"]

    def meanwhile(db: Session, store: Any, found: Any, head: Any, opened: Any) -> Any:
        new = real(db, store, found, head, opened)
        if found.member.id == leo:
            assert given in new
            granting.revoke_case_grant(enter_case(world.store, carl, case, Action.CASE_REVOKE), given)
        return new

    with monkeypatch.context() as patch:
        patch.setattr(sessions, "_picked_up", meanwhile)
        world.caller("leo")
    assert case not in world.caller("leo").keyring.cases


def flip(world: World, table: type[Any], column: str, **of: str) -> None:
    """Turn one bit of a sealed value round, past the program."""
    with world.store.writing() as db:
        row = db.scalars(select(table).filter_by(**of)).first()
        blob = bytearray(getattr(row, column).blob)
        blob[-1] ^= 1
        setattr(row, column, Sealed(bytes(blob)))
    world.store.opened = None


def titles(world: World, login: str) -> dict[str, bool]:
    """Return which cases are listed, and whether each was refused."""
    return {one.id: one.refused for one in listing.list_cases(world.store, world.caller(login)).lines}


def test_an_edited_shred_refuses_its_own_case_and_no_other(world: World, case: str) -> None:
    other = new_case(world)
    assert titles(world, "carl") == {case: False, other: False}
    with world.store.reading() as db:
        shred = db.scalars(
            select(Section.shred_id).where(Section.case_id == case, Section.compartment == "facts")
        ).one()
    flip(world, ShredRow, "sealed", id=shred)
    assert titles(world, "carl") == {case: True, other: False}


def test_a_case_that_is_erased_again_and_again_while_it_is_read_is_not_shown(
    world: World, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shreds, "opened", lambda *_: None)
    with pytest.raises(Erased), world.store.reading() as db:
        whole.verify_one(db, world.store, db.get_one(whole.Case, case), {})


def test_a_granted_case_of_which_a_part_does_not_fit_gives_no_row(world: World, case: str) -> None:
    grant_to_leo(world, case)
    leo = world.caller("leo")
    with world.store.snapshot() as db:
        assert granted.granted_piece(db, world.store, leo, "facts", C.FACTS) is not None
    flip(world, Section, "body", case_id=case, compartment="facts")
    with world.store.snapshot() as db:
        assert granted.granted_piece(db, world.store, leo, "facts", C.FACTS) is None


def test_a_role_that_nobody_thought_of_sees_nothing_and_says_so() -> None:
    unheard: Any = "guest"
    with pytest.raises(AssertionError):
        visible._visible(unheard, [], [])


def test_a_refusal_stands_in_the_log_with_what_was_wanted(world: World, case: str) -> None:
    grant_to_leo(world, case)
    with pytest.raises(Forbidden):
        enter_case(world.store, world.caller("leo"), case, Action.CASE_WRITE)
    entry = logbook.newest(world.store, world.caller("otto"), most=1)[0]
    assert (entry["verb"], entry["about"]) == (REFUSED, Action.CASE_WRITE)


@pytest.mark.parametrize("words", ["two\nlines", "\u202eturned", "x" * 2000])
def test_a_reason_that_is_no_plain_line_is_named_as_such(words: str) -> None:
    with pytest.raises(Invalid) as caught:
        Why.checked(Action.CASE_READ, "verify-fact", words)
    assert caught.value.problems == {"words": "not-a-line"}
