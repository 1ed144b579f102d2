"""Lists and counts equal a plain model, whatever was inserted, edited, granted, revoked, erased and sorted before."""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.access.shelves import rings
from api.catalogue.check import check
from api.catalogue.compartments import Compartment
from api.clock import today
from api.columns import facets
from api.columns.frame import marks_of
from api.columns.kinds import FACTS, KINDS
from api.ids import new_id
from api.policy.actions import Action
from api.sealed import forgetting, tidying
from api.services import counting
from api.services.cases import save_entry
from api.services.counting import count_cases
from api.services.erasing import erase_case, remove_entry
from api.services.listing import list_cases
from api.services.saving import Change, parcels, save, with_entry
from tests.cases.bench_world import World, make_bench
from tests.segments.meanwhile import meanwhile

C = Compartment
STATUSES = ("25/010300000000", "25/010100000000", "unknown")
ACTS = ("X03-0301-01a", "X03-0301-01b")
DAYS = ("2026-01-01", "2026-01-02", "2026-02-01")
RUNS = 60 if os.environ.get("LASTHEARD_TORTURE") else 6


@dataclass
class Known:
    """What the model knows of a case."""

    day: str
    status: str
    counting: str
    acts: dict[str, str] = field(default_factory=dict)


def write(world: World, case_id: str, entity: str, **values: str) -> CaseAccess:
    """Write an entry as the form does, and return the case as it is then."""
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    save_entry(access, entity, None, check(entity, values, "en", today()), access.version)
    return world.enter("worker", case_id, Action.CASE_READ)


class Desk(RuleBasedStateMachine):
    """One desk under one plain model; the world is shared by all runs, and each leaves it without cases."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Known] = {}
        self.granted: dict[str, Caller] = {}

    @rule(day=some.sampled_from(DAYS), status=some.sampled_from(STATUSES), may=some.sampled_from(("yes", "no")))
    def insert(self, day: str, status: str, may: str) -> None:
        entry = new_id()
        facts = {"case": [{"id": entry, "title": "t", "status": status, "counting": may}]}
        case_id = self.world.case({C.FACTS: facts, C.CONTROL: {"case": [{"id": entry, "received_on": day}]}})
        self.known[case_id] = Known(day, status, may)

    @precondition(lambda self: self.known)
    @rule(data=some.data(), status=some.sampled_from(STATUSES))
    def edit(self, data: some.DataObject, status: str) -> None:
        case_id = self.chosen(data)
        write(self.world, case_id, "case", title="t", status=status)
        self.known[case_id].status = status

    @precondition(lambda self: self.known)
    @rule(data=some.data(), kind=some.sampled_from(ACTS))
    def add_act(self, data: some.DataObject, kind: str) -> None:
        case_id = self.chosen(data)
        acts = write(self.world, case_id, "act", type=kind).open(C.FACTS).note["act"]
        entry = next(one["id"] for one in acts if one["id"] not in self.known[case_id].acts)
        self.known[case_id].acts[entry] = kind

    @precondition(lambda self: self.known)
    @rule(data=some.data())
    def add_task(self, data: some.DataObject) -> None:
        write(self.world, self.chosen(data), "task", what="call", due="2030-01-02")

    @precondition(lambda self: any(one.acts for one in self.known.values()))
    @rule(data=some.data())
    def remove_act(self, data: some.DataObject) -> None:
        pairs = [(case_id, entry) for case_id, one in sorted(self.known.items()) for entry in one.acts]
        case_id, entry = data.draw(some.sampled_from(pairs))
        access = self.world.enter("worker", case_id, Action.CASE_WRITE)
        remove_entry(access, "act", entry, access.version)
        del self.known[case_id].acts[entry]

    @precondition(lambda self: self.known)
    @rule(data=some.data())
    def erase(self, data: some.DataObject) -> None:
        self.erase_one(self.chosen(data))

    @precondition(lambda self: self.known)
    @rule(data=some.data())
    def grant(self, data: some.DataObject) -> None:
        case_id = self.chosen(data)
        self.granted[case_id] = self.world.grantee("lawyer", case_id, {C.FACTS})

    @precondition(lambda self: self.granted.keys() & self.known.keys())
    @rule(data=some.data())
    def note_by_a_grant(self, data: some.DataObject) -> None:
        case_id = data.draw(some.sampled_from(sorted(self.granted.keys() & self.known.keys())))
        access = enter_case(self.world.store, self.granted[case_id], case_id, Action.CASE_TAKE_OUT, [C.CONTROL])
        body = with_entry(access.open(C.CONTROL).note, "task", {"id": new_id(), "what": "taken out"})
        save(access, Change("case:taken-out", parcels(access, {C.CONTROL: body})))

    @precondition(lambda self: self.granted)
    @rule(data=some.data())
    def revoke(self, data: some.DataObject) -> None:
        case_id = data.draw(some.sampled_from(sorted(self.granted)))
        self.world.end_grant(self.granted.pop(case_id), case_id)

    @rule(kind=some.sampled_from(sorted(KINDS)))
    def sort_in(self, kind: str) -> None:
        for ring in rings(self.world.store, self.world.caller("worker")):
            tidying.tidy(self.world.store, ring, kind)

    @precondition(lambda self: self.known)
    @rule(data=some.data(), kind=some.sampled_from(sorted(KINDS)))
    def sort_in_while_one_is_erased(self, data: some.DataObject, kind: str) -> None:
        case_id, (ring,) = self.chosen(data), rings(self.world.store, self.world.caller("worker"))
        with meanwhile(lambda: self.erase_one(case_id)):
            tidying.tidy(self.world.store, ring, kind)

    def erase_one(self, case_id: str) -> None:
        erase_case(self.world.enter("worker", case_id, Action.CASE_ERASE))
        del self.known[case_id]

    @invariant()
    def the_list_is_the_models(self) -> None:
        page = list_cases(self.world.store, self.world.caller("worker"))
        assert (page.total, page.missing, page.next) == (len(self.known), 0, "")
        assert {one.id: (one.received_on, one.status, one.refused) for one in page.lines} == {
            case_id: (one.day, one.status, False) for case_id, one in self.known.items()
        }
        assert [one.received_on for one in page.lines] == sorted((o.day for o in self.known.values()), reverse=True)

    @invariant()
    def a_narrowed_list_is_the_models(self) -> None:
        asked = {"status": STATUSES[0], "act": ACTS[0]}
        page = list_cases(self.world.store, self.world.caller("intake"), asked=asked)
        assert {one.id for one in page.lines} == {
            case_id for case_id, one in self.known.items() if one.status == STATUSES[0] and ACTS[0] in one.acts.values()
        }

    @invariant()
    def the_counts_are_the_models(self) -> None:
        found = count_cases(self.world.store, self.world.caller("analyst"), "case.status")
        counted = [one for one in self.known.values() if one.counting == "yes"]
        assert dict(found.counts) == dict(Counter(one.status for one in counted))
        assert (found.cases, found.not_counted, found.missing) == (
            len(counted),
            len(self.known) - len(counted),
            0,
        )

    @invariant()
    def a_lawyer_sees_what_is_granted_and_there(self) -> None:
        for case_id, lawyer in self.granted.items():
            seen = [one.id for one in list_cases(self.world.store, lawyer).lines]
            assert seen == ([case_id] if case_id in self.known else [])

    def chosen(self, data: some.DataObject) -> str:
        return data.draw(some.sampled_from(sorted(self.known)))

    def teardown(self) -> None:
        for case_id in self.known:
            erase_case(self.world.enter("worker", case_id, Action.CASE_ERASE))


def machine(world: World) -> Any:
    return type("OfThisWorld", (Desk,), {"world": world})


def test_lists_and_counts_equal_a_plain_model(database_url: str, tmp_path: Path) -> None:
    bounds = settings(max_examples=RUNS, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine(make_bench(database_url, tmp_path)), settings=bounds)


def forget_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An erased case stays in its segment."""
    monkeypatch.setattr(forgetting, "_forget", lambda *_: None)


def bury_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older row of a case is shown beside the newer."""
    monkeypatch.setattr("api.sealed.shelves._bury", lambda *_: None)


def count_without_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a case may be counted is not asked."""
    monkeypatch.setattr(counting, "_countable", lambda part, rows, stopped: rows)


def forget_the_facets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is narrowed by nothing."""
    monkeypatch.setattr(facets, "tests", lambda asked: [])


def lose_what_went_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is erased while others are sorted in takes along who stood beside it."""
    monkeypatch.setattr(tidying, "_still_lost", lambda *_: marks_of(()))


FAULTS = (forget_nothing, bury_nothing, count_without_leave, forget_the_facets, lose_what_went_meanwhile)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_model_finds_a_planted_fault(
    fault: Any, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        fault(patched)
        with pytest.raises(AssertionError):
            play(machine(make_bench(sqlite_url, tmp_path))())


def test_the_same_steps_without_a_fault_pass(sqlite_url: str, tmp_path: Path) -> None:
    play(machine(make_bench(sqlite_url, tmp_path))())


def play(desk: Any) -> None:
    """Insert two, sort them in, edit one and erase the other while a third is sorted in, and look after each step."""
    desk.insert(DAYS[0], STATUSES[0], "yes")
    desk.insert(DAYS[1], STATUSES[0], "no")
    desk.sort_in(FACTS)
    kept, gone = desk.known
    write(desk.world, kept, "case", title="t", status=STATUSES[1])
    desk.known[kept].status = STATUSES[1]
    look(desk)
    desk.sort_in(FACTS)
    desk.insert(DAYS[2], STATUSES[2], "yes")
    (ring,) = rings(desk.world.store, desk.world.caller("worker"))
    with meanwhile(lambda: desk.erase_one(gone)):
        tidying.tidy(desk.world.store, ring, FACTS)
    look(desk)


def look(desk: Any) -> None:
    desk.the_list_is_the_models()
    desk.a_narrowed_list_is_the_models()
    desk.the_counts_are_the_models()
