"""Every use passes the gate: the stop list first, then the newest decision, which starts at no."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.errors import Forbidden, Invalid, Tampered
from api.models.tables import ShredRoot
from api.policy.actions import Action
from api.sealed import shreds
from api.services.consents import Given, allows, decide_consent, effective, effective_of, stop, stopped
from tests.cases.bench_world import World, make_bench

C = Compartment
YES, NO = Decision.YES, Decision.NO


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def decided(world: World, case_id: str, purpose: Purpose, value: Decision, on: str = "2026-01-10") -> None:
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    decide_consent(access, Given(purpose, value, on, "21/010103000000", "at the mailbox", "ru"), access.version)


def allowed(world: World, case_id: str, purpose: Purpose) -> bool:
    return allows(world.store, world.enter("worker", case_id, Action.CASE_READ), purpose)


def stop_at_the_mailbox(world: World, case_id: str, purpose: Purpose) -> None:
    with shreds.erasing(world.store) as db:
        stop(db, world.store, case_id, [purpose])


def test_only_keeping_starts_at_yes(world: World) -> None:
    case_id = world.case()
    assert [purpose for purpose in Purpose if allowed(world, case_id, purpose)] == [Purpose.KEEP]


def test_a_decision_holds_for_its_own_purpose_alone(world: World) -> None:
    case_id = world.case()
    decided(world, case_id, Purpose.UN_CONFIDENTIAL, YES)
    assert allowed(world, case_id, Purpose.UN_CONFIDENTIAL)
    assert not allowed(world, case_id, Purpose.UN_NAMED)


def test_a_decision_says_when_by_whom_how_and_who_wrote_it_down(world: World) -> None:
    case_id = world.case()
    decided(world, case_id, Purpose.LAWYER, YES)
    (entry,) = world.enter("worker", case_id, Action.CASE_READ).open(C.CONSENT).note["consent"]
    assert entry["taken_by"] == world.members["worker"][0]
    assert (entry["on"], entry["given_by"], entry["language"]) == ("2026-01-10", "21/010103000000", "ru")


@pytest.mark.parametrize("on", [(today() + timedelta(1)).isoformat(), "2026-02-30", "", "yesterday"])
def test_a_decision_has_a_day_that_was(world: World, on: str) -> None:
    with pytest.raises(Invalid):
        decided(world, world.case(), Purpose.LAWYER, YES, on)


def test_counting_follows_the_decision_in_the_facts(world: World) -> None:
    case_id = world.case()
    for value in (YES, NO, Decision.ASK_AGAIN):
        decided(world, case_id, Purpose.COUNT, value)
        (head,) = world.enter("worker", case_id, Action.CASE_READ).open(C.FACTS).note["case"]
        assert (head["counting"], head["title"]) == (value, "A neutral title")


def test_a_stop_wins_at_once_over_a_yes(world: World) -> None:
    case_id = world.case()
    decided(world, case_id, Purpose.UN_CONFIDENTIAL, YES)
    access = world.enter("worker", case_id, Action.CASE_READ)
    stop_at_the_mailbox(world, case_id, Purpose.UN_CONFIDENTIAL)
    assert effective(access)[Purpose.UN_CONFIDENTIAL] is YES
    assert not allows(world.store, access, Purpose.UN_CONFIDENTIAL)


def test_filing_a_later_yes_lifts_the_stop_of_its_purpose_alone(world: World) -> None:
    case_id = world.case()
    for purpose in (Purpose.COUNT, Purpose.LAWYER):
        stop_at_the_mailbox(world, case_id, purpose)
    decided(world, case_id, Purpose.LAWYER, NO, "2026-01-10")
    assert Purpose.LAWYER in stopped(world.store, case_id)
    decided(world, case_id, Purpose.LAWYER, YES, "2026-01-09")
    assert Purpose.LAWYER in stopped(world.store, case_id)
    decided(world, case_id, Purpose.LAWYER, YES, "2026-01-11")
    assert stopped(world.store, case_id) == {Purpose.COUNT}
    assert allowed(world, case_id, Purpose.LAWYER)


def test_an_older_stop_list_put_back_fails(world: World) -> None:
    case_id = world.case()
    decided(world, case_id, Purpose.COUNT, YES)
    with world.store.reading() as db:
        empty = db.scalars(select(ShredRoot.note)).one()
    stop_at_the_mailbox(world, case_id, Purpose.COUNT)
    access = world.enter("worker", case_id, Action.CASE_READ)
    with world.store.writing() as db:
        db.execute(update(ShredRoot).values(note=empty))
    assert not allows(world.store, access, Purpose.COUNT)
    world.store.opened = world.store.earlier = None
    with pytest.raises(Tampered):
        allows(world.store, access, Purpose.COUNT)


def test_a_stop_that_would_not_move_the_root_is_an_error(world: World) -> None:
    """Written outside of `erasing` it could be undone with an older list."""
    case_id = world.case()
    with world.store.writing() as db, pytest.raises(RuntimeError):
        stop(db, world.store, case_id, [Purpose.COUNT])


def test_a_lawyer_decides_nothing(world: World) -> None:
    case_id = world.case()
    access = enter_case(world.store, world.grantee("lawyer", case_id, {C.FACTS}), case_id, Action.CASE_READ)
    with pytest.raises(Forbidden):
        decide_consent(access, Given(Purpose.LAWYER, YES, "2026-01-10", "unknown", "", "en"))


DECISIONS = st.tuples(st.sampled_from(Purpose), st.sampled_from(Decision), st.dates())


@settings(max_examples=200)
@given(st.lists(DECISIONS, max_size=12))
def test_of_all_decisions_the_newest_holds_and_of_one_day_the_last_filed(
    filed: list[tuple[Purpose, Decision, object]],
) -> None:
    entries = [{"purpose": purpose, "value": value, "on": str(on)} for purpose, value, on in filed]
    now = effective_of({"consent": entries})
    for purpose in Purpose:
        mine = [(str(on), number, value) for number, (for_, value, on) in enumerate(filed) if for_ is purpose]
        expected = max(mine)[2] if mine else (YES if purpose is Purpose.KEEP else NO)
        assert now[purpose] is expected
