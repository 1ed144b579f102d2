"""The door decides, records, then hands out keys, and shows nothing of a case that does not fit."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread, current_thread
from typing import Any, cast

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

import api
from api import audit
from api.access import doors
from api.access.doors import enter_case, held_compartments
from api.access.visible import visible_cases
from api.access.whole import Whole
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Parcel
from api.errors import Forbidden, Invalid, NotFound, ReasonMissing, Unavailable
from api.ids import new_id
from api.models.tables import Grant, Leaf
from api.policy.actions import RENEW_KEYS, RULES, Action, Standing
from api.policy.roles import DESK_HOLDS, Role
from api.sealed import cases, shreds
from api.services.cases import append_to, read_case
from tests.cases.bench_world import World, make_bench

C = Compartment


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def test_a_case_worker_reads_all_of_the_desk_but_the_source(world: World) -> None:
    case_id = world.case()
    view = read_case(world.enter("worker", case_id, Action.CASE_READ, {C.IDENTITY, C.FACTS}))
    assert view.shut == (C.SOURCE, C.CONTACT)
    assert view.sections[C.IDENTITY]["person"][0]["name"] == "Planted Name"


def test_without_a_reason_identity_stays_closed(world: World) -> None:
    view = read_case(world.enter("worker", world.case(), Action.CASE_READ))
    assert view.closed == (C.IDENTITY,)
    assert C.IDENTITY not in view.sections


@pytest.mark.parametrize("compartment", [C.IDENTITY, C.SOURCE])
def test_identity_and_source_ask_for_a_reason(world: World, compartment: Compartment) -> None:
    case_id = world.case()
    for reason in ("", "because"):
        with pytest.raises(ReasonMissing):
            enter_case(world.store, world.caller("intake"), case_id, Action.CASE_READ, {compartment}, reason)


def test_nobody_chooses_the_reason_of_a_rotation_and_a_rotation_has_no_other(world: World) -> None:
    """An opening out of curiosity must not stand in the panel as keys that were renewed."""
    case_id, store, opens = world.case(), world.store, {C.IDENTITY}
    action, rotate = Action.CASE_OPEN_COMPARTMENT, Action.DESK_ROTATE
    enter_case(store, world.caller("worker"), case_id, action, opens, "verify-fact")
    enter_case(store, world.caller("worker"), case_id, rotate, opens, RENEW_KEYS)
    for wrong, reason in ((action, RENEW_KEYS), (rotate, "verify-fact")):
        with pytest.raises(ReasonMissing):
            enter_case(store, world.caller("worker"), case_id, wrong, opens, reason)


@pytest.mark.parametrize("words", ["two\nlines", "x" * 301, "turned\u202eround", "\ud800"])
def test_the_words_of_a_reason_are_one_plain_line(world: World, words: str) -> None:
    with pytest.raises(Invalid):
        enter_case(world.store, world.caller("intake"), world.case(), Action.CASE_READ, (), "verify-fact", words)


def test_another_desks_case_and_an_absent_one_answer_alike(world: World) -> None:
    stranger = world.caller("stranger")
    for case_id in (world.case(), new_id(), "not an id", ""):
        with pytest.raises(NotFound) as refused:
            enter_case(world.store, stranger, case_id, Action.CASE_READ)
        assert refused.value.args == ()
        assert held_compartments(stranger, case_id, world.store) == frozenset()


@pytest.mark.parametrize("name", ["admin", "analyst", "auditor", "trustee", "lawyer", "stranger"])
def test_who_does_not_work_at_the_desk_does_not_find_the_case(world: World, name: str) -> None:
    with pytest.raises(NotFound):
        world.enter(name, world.case(), Action.CASE_READ)


CASE_ACTIONS = [action for action, rule in RULES.items() if {Standing.DESK, Standing.GRANTEE} & rule.keys()]


@pytest.mark.parametrize("action", [action for action in CASE_ACTIONS if not action.startswith("desk:")])
@pytest.mark.parametrize("name", ["intake", "worker", "lawyer"])
def test_role_and_standing_decide_every_action(world: World, action: Action, name: str) -> None:
    case_id = world.case()
    caller = world.grantee("lawyer", case_id, {C.FACTS}) if name == "lawyer" else world.caller(name)
    standing = Standing.GRANTEE if name == "lawyer" else Standing.DESK
    if caller.role in RULES[action].get(standing, ()):
        assert enter_case(world.store, caller, case_id, action).standing is standing
    else:
        with pytest.raises(Forbidden):
            enter_case(world.store, caller, case_id, action)


def test_a_lawyer_opens_what_was_granted_and_no_more(world: World) -> None:
    case_id = world.case()
    lawyer = world.grantee("lawyer", case_id, {C.FACTS, C.IDENTITY})
    access = enter_case(world.store, lawyer, case_id, Action.CASE_READ, set(Compartment), "prepare-submission")
    assert set(access.keys) == {C.CONTROL, C.CONSENT, C.FACTS, C.IDENTITY}
    with pytest.raises(Forbidden):
        access.open(C.SOURCE)


def test_a_key_that_the_role_may_not_hold_is_not_used(world: World) -> None:
    case_id = world.case()
    worker = world.grantee("stranger", case_id, {C.SOURCE, C.NARRATIVE})
    access = enter_case(world.store, worker, case_id, Action.CASE_READ)
    assert C.NARRATIVE in access.shut


def test_a_grant_whose_last_day_has_passed_opens_nothing(world: World) -> None:
    case_id = world.case()
    with pytest.raises(NotFound):
        enter_case(world.store, world.grantee("lawyer", case_id, {C.FACTS}, "2020-01-01"), case_id, Action.CASE_READ)


def test_a_grant_without_its_shred_opens_nothing_in_an_open_session(world: World) -> None:
    case_id = world.case()
    lawyer = world.grantee("lawyer", case_id, {C.FACTS})
    assert enter_case(world.store, lawyer, case_id, Action.CASE_READ)
    with shreds.erasing(world.store) as db:
        shreds.destroy(db, db.scalars(select(Grant.shred_id).where(Grant.member_id == lawyer.member_id)).all())
    with pytest.raises(NotFound):
        enter_case(world.store, lawyer, case_id, Action.CASE_READ)


def test_a_seat_that_was_taken_away_opens_nothing_in_an_open_session(world: World) -> None:
    case_id, worker = world.case(), world.caller("worker")
    with world.store.writing() as db:
        db.execute(delete(Grant).where(Grant.member_id == worker.member_id))
    with pytest.raises(NotFound):
        enter_case(world.store, worker, case_id, Action.CASE_READ)


def leaves(world: World) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Leaf)) or 0


def test_an_opening_and_a_refusal_are_each_in_the_log(world: World) -> None:
    case_id = world.case()
    before = leaves(world)
    world.enter("worker", case_id, Action.CASE_READ)
    assert leaves(world) == before + 1
    with pytest.raises(Forbidden):
        world.enter("worker", case_id, Action.CASE_TAKE_OUT)
    assert leaves(world) == before + 2


def test_a_failing_audit_write_refuses_the_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = world.case()

    def full(*_: object, **__: object) -> int:
        raise Unavailable

    monkeypatch.setattr(audit, "append", full)
    with pytest.raises(Unavailable):
        world.enter("worker", case_id, Action.CASE_READ)


def test_the_entry_is_durable_before_a_section_is_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, seen = world.case(), list[int]()
    before, opening = leaves(world), cases.open_section

    def watched(*parts: Any) -> Parcel:
        seen.append(leaves(world))
        return opening(*parts)

    monkeypatch.setattr(cases, "open_section", watched)
    access = world.enter("worker", case_id, Action.CASE_READ)
    assert seen == []
    access.open(C.FACTS)
    assert seen == [before + 1]


def test_an_opening_that_cannot_be_recorded_hands_out_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(doors, "log_opening", full)
    with pytest.raises(Unavailable):
        world.enter("worker", world.case(), Action.CASE_READ)


def test_only_the_door_makes_an_access(world: World) -> None:
    access = world.enter("worker", world.case(), Action.CASE_READ)
    with pytest.raises(TypeError):
        replace(access, door=object())
    made = re.compile(r"\bCaseAccess\(")
    folder = Path(api.__file__).parent
    makers = {path.name for path in folder.rglob("*.py") if made.search(path.read_text("utf-8"))}
    assert makers == {"doors.py"}


def test_every_seat_holds_what_the_table_says(world: World) -> None:
    case_id = world.case()
    for name, role in (("intake", Role.INTAKE), ("worker", Role.CASE_WORKER)):
        assert held_compartments(world.caller(name), case_id, world.store) == DESK_HOLDS[role]


def test_an_access_says_no_key_when_it_is_printed(world: World) -> None:
    printed = repr(world.enter("worker", world.case(), Action.CASE_READ))
    assert "Key" not in printed
    assert "Planted" not in printed


def test_an_unknown_kind_of_caller_is_an_error_and_not_an_empty_list(world: World) -> None:
    stranger = replace(world.caller("worker"), role=cast(Role, "king"))
    with pytest.raises(KeyError):
        visible_cases(stranger)


def overtaken(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object], seconds: float = 0.3
) -> Callable[[], None]:
    """Let somebody else make a change while the door looks; return how to wait until it is done."""
    done: list[BaseException | None] = []

    def other() -> None:
        try:
            change()
            done.append(None)
        except Exception as error:
            done.append(error)

    thread, looking = Thread(target=other), doors.verify_one

    def looked(*parts: Any) -> Whole:
        if not thread.ident:
            thread.start()
            thread.join(seconds)
            # The other waits: nothing ends while a turn in the log lasts.
            assert thread.is_alive()
        return looking(*parts)

    def wait() -> None:
        thread.join(20)
        assert done == [None]

    monkeypatch.setattr(doors, "verify_one", looked)
    return wait


def test_a_writer_waits_until_an_opening_is_in_the_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = world.case()
    writing = world.enter("worker", case_id, Action.CASE_WRITE)
    wait = overtaken(world, monkeypatch, lambda: append_to(writing, C.FACTS, "act", {"body": "another's"}))
    before = leaves(world)
    assert world.enter("worker", case_id, Action.CASE_READ).version == 1
    wait()
    monkeypatch.undo()
    assert world.enter("worker", case_id, Action.CASE_READ).version == 2
    assert leaves(world) == before + 3


def test_a_revocation_waits_until_an_opening_is_in_the_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever revoked sees every opening that the grant gave: none is recorded after the revocation."""
    case_id = world.case()
    lawyer = world.grantee("lawyer", case_id, {C.FACTS})

    def revoke() -> None:
        with shreds.erasing(world.store) as db:
            audit.append(db, world.store, Entry("grant:revoked"))
            shreds.destroy(db, db.scalars(select(Grant.shred_id).where(Grant.member_id == lawyer.member_id)).all())

    wait = overtaken(world, monkeypatch, revoke)
    assert enter_case(world.store, lawyer, case_id, Action.CASE_READ).version == 1
    wait()
    with pytest.raises(NotFound):
        enter_case(world.store, lawyer, case_id, Action.CASE_READ)


def test_without_its_turn_in_the_log_an_opening_is_overtaken(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the door looks before its turn, and a version that a writer ended meanwhile would be handed out."""
    world = make_bench(postgres_url, tmp_path)
    case_id = world.case()
    writing = world.enter("worker", case_id, Action.CASE_WRITE)
    overtaken(world, monkeypatch, lambda: append_to(writing, C.FACTS, "act", {"body": "another's"}), 10)
    turn, own = audit.take_turn, current_thread()

    def late(db: Session) -> None:
        if current_thread() is not own or "late" in db.info:
            turn(db)
        db.info["late"] = True

    monkeypatch.setattr(audit, "take_turn", late)
    with pytest.raises(AssertionError):
        world.enter("worker", case_id, Action.CASE_READ)
