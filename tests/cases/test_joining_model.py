"""Candidates, pairs and lists equal a plain model, whatever was inserted, named, joined, parted, told apart, granted,
revoked, erased and sorted before."""

import os
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from api.access.caller import Caller
from api.access.shelves import rings
from api.catalogue.compartments import Compartment
from api.columns import facets
from api.columns.kinds import KINDS, NAMES
from api.errors import OutOfOrder
from api.ids import new_id, short_code
from api.names import POSSIBLY_SAME, similarity
from api.policy.actions import Action
from api.sealed import forgetting, tidying
from api.services import candidates, joining, reviewing
from api.services.cases import append_to
from api.services.listing import list_cases
from tests.cases.bench_world import NORTH, World, make_bench

C = Compartment
PEOPLE = ("Бунятов Артём", "Bunyatov Artem", "Иванов Пётр", "Petr Ivanov", "Зайцев Олег")
RUNS = 60 if os.environ.get("LASTHEARD_TORTURE") else 5
ALIKE = {(a, b) for a in PEOPLE for b in PEOPLE if similarity(a, b) >= POSSIBLY_SAME}


@dataclass
class Known:
    """What the model knows of a case: its names, the case that stays for it, and those of somebody else."""

    names: list[str]
    stays: str = ""
    apart: set[str] = field(default_factory=set)


class Joining(RuleBasedStateMachine):
    """One desk under one plain model; the world is shared by all runs, and each leaves it without cases."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Known] = {}
        self.granted: dict[str, Caller] = {}

    @rule(name=some.sampled_from(PEOPLE))
    def insert(self, name: str) -> None:
        self.made(name)

    def made(self, name: str) -> str:
        entry = {"id": new_id()}
        person = {"person": [{"id": new_id(), "name": name}]}
        case_id = self.world.case({C.CONTROL: {"case": [entry]}, C.FACTS: {"case": [entry]}, C.IDENTITY: person})
        self.known[case_id] = Known([name])
        return case_id

    @precondition(lambda self: self.known)
    @rule(data=some.data(), name=some.sampled_from(PEOPLE))
    def name_again(self, data: some.DataObject, name: str) -> None:
        case_id = self.chosen(data)
        access = self.world.enter("worker", case_id, Action.CASE_WRITE, {C.IDENTITY})
        append_to(access, C.IDENTITY, "person", {"id": new_id(), "name": name})
        self.known[case_id].names.append(name)

    @precondition(lambda self: len(self.known) > 1)
    @rule(data=some.data())
    def join(self, data: some.DataObject) -> None:
        self.joined(self.chosen(data), self.chosen(data))

    def joined(self, kept: str, other: str) -> None:
        taken = self.known[kept].stays or self.known[other].stays or self.with_(other)
        if kept == other or taken:
            with pytest.raises(OutOfOrder):
                joining.join(*self.entered(kept, other))
        else:
            joining.join(*self.entered(kept, other))
            self.known[other].stays = kept

    @precondition(lambda self: any(one.stays for one in self.known.values()))
    @rule(data=some.data())
    def part(self, data: some.DataObject) -> None:
        other = data.draw(some.sampled_from(sorted(one for one, known in self.known.items() if known.stays)))
        joining.part(*self.entered(self.known[other].stays, other))
        self.known[other].stays = ""

    @precondition(lambda self: len(self.known) > 1)
    @rule(data=some.data())
    def set_apart(self, data: some.DataObject) -> None:
        self.told_apart(self.chosen(data), self.chosen(data))

    def told_apart(self, one: str, other: str) -> None:
        if one == other or one == self.known[other].stays or other == self.known[one].stays:
            with pytest.raises(OutOfOrder):
                joining.set_apart(*self.entered(one, other))
        else:
            joining.set_apart(*self.entered(one, other))
            self.known[one].apart.add(other)
            self.known[other].apart.add(one)

    @precondition(lambda self: self.known)
    @rule(data=some.data())
    def erase(self, data: some.DataObject) -> None:
        self.erased(self.chosen(data))

    def erased(self, case_id: str) -> None:
        access = self.world.enter("worker", case_id, Action.CASE_ERASE)
        if self.known[case_id].stays:
            with pytest.raises(OutOfOrder):
                joining.erase_whole(access)
        else:
            joining.erase_whole(access)
            for gone in (*self.with_(case_id), case_id):
                del self.known[gone]

    @precondition(lambda self: self.known)
    @rule(data=some.data())
    def grant(self, data: some.DataObject) -> None:
        case_id = self.chosen(data)
        self.granted[case_id] = self.world.grantee("lawyer", case_id, {C.FACTS})

    @precondition(lambda self: self.granted)
    @rule(data=some.data())
    def revoke(self, data: some.DataObject) -> None:
        case_id = data.draw(some.sampled_from(sorted(self.granted)))
        self.world.end_grant(self.granted.pop(case_id), case_id)

    @rule(kind=some.sampled_from(sorted(KINDS)))
    def sort_in(self, kind: str) -> None:
        for ring in rings(self.world.store, self.world.caller("worker")):
            tidying.tidy(self.world.store, ring, kind)

    @invariant()
    def the_list_has_each_person_once(self) -> None:
        page = list_cases(self.world.store, self.world.caller("worker"))
        assert {one.id: set(one.joined) for one in page.lines} == {
            case_id: {short_code(other) for other in self.with_(case_id)}
            for case_id, one in self.known.items()
            if not one.stays
        }

    @invariant()
    def each_case_is_told_who_has_such_a_name(self) -> None:
        for case_id in self.known:
            access = self.world.enter("worker", case_id, Action.CASE_JOIN)
            found = [one.case for one in candidates.of_case(access).lines]
            assert (len(found), set(found)) == (len(set(found)), self.candidates_of(case_id))

    @invariant()
    def the_review_has_each_pair_that_is_open(self) -> None:
        page = reviewing.review(self.world.store, self.world.caller("intake"), self.world.desks[NORTH])
        assert {frozenset((one.one, one.other)) for one in page.lines} == self.open_pairs()

    @invariant()
    def a_lawyer_sees_what_is_granted_and_there(self) -> None:
        for case_id, lawyer in self.granted.items():
            seen = [one.id for one in list_cases(self.world.store, lawyer).lines]
            assert seen == ([case_id] if case_id in self.known else [])

    def candidates_of(self, case_id: str) -> set[str]:
        me = self.known[case_id]
        decided = {case_id, me.stays, *self.with_(case_id), *me.apart}
        targets = {other: self.stays(other) for other in self.known if self.alike(case_id, other)}
        return {stays for other, stays in targets.items() if not {other, stays} & decided}

    def open_pairs(self) -> set[frozenset[str]]:
        found = set()
        for one, other in combinations(self.known, 2):
            here, there = {one, self.stays(one)}, {other, self.stays(other)}
            decided = here & there or here & self.known[other].apart or there & self.known[one].apart
            if self.alike(one, other) and not decided:
                found.add(frozenset((self.stays(one), self.stays(other))))
        return found

    def alike(self, one: str, other: str) -> bool:
        pairs = ((a, b) for a in self.known[one].names for b in self.known[other].names)
        return any(pair in ALIKE for pair in pairs)

    def stays(self, case_id: str) -> str:
        return self.known[case_id].stays or case_id

    def with_(self, case_id: str) -> list[str]:
        return [other for other, one in self.known.items() if one.stays == case_id]

    def chosen(self, data: some.DataObject) -> str:
        return data.draw(some.sampled_from(sorted(self.known)))

    def entered(self, *ids: str) -> list[joining.CaseAccess]:
        return [self.world.enter("worker", one, Action.CASE_JOIN) for one in ids]

    def teardown(self) -> None:
        for case_id in [one for one, known in self.known.items() if not known.stays]:
            joining.erase_whole(self.world.enter("worker", case_id, Action.CASE_ERASE))


def machine(world: World) -> Any:
    return type("OfThisWorld", (Joining,), {"world": world})


def test_candidates_pairs_and_lists_equal_a_plain_model(database_url: str, tmp_path: Path) -> None:
    bounds = settings(max_examples=RUNS, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine(make_bench(database_url, tmp_path)), settings=bounds)


def list_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that was joined to another is listed beside it."""
    monkeypatch.setattr(facets, "standing", lambda case: np.ones(case.facts.rows, np.bool_))


def follow_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate that was joined to another is offered itself."""
    monkeypatch.setattr(candidates, "joined_to", lambda control: "")


def forget_what_was_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """The review offers again who was found to be somebody else."""
    monkeypatch.setattr(reviewing, "_apart", lambda notes: set())


def forget_the_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Erasing the one that stays leaves the joined one behind."""
    monkeypatch.setattr(joining, "others", lambda access, action: iter(()))


def forget_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An erased case stays in its segment."""
    monkeypatch.setattr(forgetting, "_forget", lambda *_: None)


FAULTS = (list_both, follow_no_link, forget_what_was_decided, forget_the_joined, forget_nothing)


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
    """Insert four, sort them in, join two, tell two apart, erase the joined ones, and look after each step."""
    kept, other, third, fourth = (desk.made(name) for name in (PEOPLE[0], PEOPLE[1], PEOPLE[0], PEOPLE[1]))
    desk.sort_in(NAMES)
    look(desk)
    desk.joined(kept, other)
    look(desk)
    desk.told_apart(third, fourth)
    look(desk)
    desk.erased(kept)
    look(desk)


def look(desk: Any) -> None:
    desk.the_list_has_each_person_once()
    desk.each_case_is_told_who_has_such_a_name()
    desk.the_review_has_each_pair_that_is_open()
