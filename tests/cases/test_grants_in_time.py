"""Grants, revocations, ends and rotation of seats as a state machine against a plain model of who may open what."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from api.access import holding, visible
from api.access.caller import Caller, CaseKeys
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import NotFound
from api.models.tables import Grant
from api.policy.actions import Action
from api.policy.roles import ALWAYS_WITH_A_CASE, DESK_HOLDS, Role
from api.sealed import shreds
from tests.cases.bench_world import World, make_bench

C = Compartment
PAST, FUTURE = "2020-01-01", "2099-01-01"
GRANTABLE = st.frozensets(st.sampled_from(Compartment), min_size=1)


class Doors(RuleBasedStateMachine):
    """A lawyer gains and loses grants of two cases, a case worker a seat; an open session keeps all it was given."""

    @initialize()
    def found(self) -> None:
        self.folder = TemporaryDirectory()
        self.world: World = make_bench(f"sqlite:///{self.folder.name}/case.db", Path(self.folder.name))
        self.cases = [self.world.case(), self.world.case()]
        self.given: dict[str, list[CaseKeys]] = {case_id: [] for case_id in self.cases}
        self.dead: set[str] = set()
        self.seated = True

    @rule(number=st.integers(0, 1), opens=GRANTABLE, ends=st.sampled_from([PAST, FUTURE, date.today().isoformat()]))
    def grant(self, number: int, opens: frozenset[Compartment], ends: str) -> None:
        case_id = self.cases[number]
        caller = self.world.grantee("lawyer", case_id, opens, ends)
        self.given[case_id] += caller.keyring.cases[case_id]

    @rule(data=st.data())
    @precondition(lambda self: any(self.given.values()))
    def revoke(self, data: st.DataObject) -> None:
        grant_id = data.draw(st.sampled_from([one.grant_id for held in self.given.values() for one in held]))
        with shreds.erasing(self.world.store) as db:
            row = db.get(Grant, grant_id)
            shreds.destroy(db, [row.shred_id] if row else [])
        self.dead.add(grant_id)

    @rule()
    @precondition(lambda self: self.seated)
    def unseat(self) -> None:
        self.world.unseat("worker", "north")
        self.seated = False

    @invariant()
    def everyone_opens_what_the_model_says(self) -> None:
        if not hasattr(self, "cases"):
            return
        for case_id in self.cases:
            assert self.opened(self.lawyer(), case_id) == self.expected(case_id)
            desk = DESK_HOLDS[Role.CASE_WORKER] if self.seated else frozenset()
            assert self.opened(self.world.caller("worker"), case_id) == desk

    def lawyer(self) -> Caller:
        return self.world.caller("lawyer", {case_id: tuple(held) for case_id, held in self.given.items()})

    def expected(self, case_id: str) -> frozenset[Compartment]:
        now = date.today().isoformat()
        live = [one for one in self.given[case_id] if one.ends >= now and one.grant_id not in self.dead]
        return frozenset(name for one in live for name in (*one.keys, *ALWAYS_WITH_A_CASE))

    def opened(self, caller: Caller, case_id: str) -> frozenset[Compartment]:
        try:
            access = enter_case(self.world.store, caller, case_id, Action.CASE_READ, set(C), "verify-fact")
        except NotFound:
            return frozenset()
        return frozenset(access.keys)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.world.store.close()
            self.folder.cleanup()


PACE = settings(max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
Doors.TestCase.settings = PACE
TestDoors: type[TestCase] = Doors.TestCase


def forget_the_end(caller: Caller, case_id: str) -> tuple[CaseKeys, ...]:
    return caller.keyring.cases.get(case_id, ())


def forget_the_shred(db: object, grant_ids: set[str]) -> frozenset[str]:
    return frozenset(grant_ids)


@pytest.mark.parametrize("fault", ["end", "shred", "table"])
def test_the_machine_finds_a_planted_fault(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    match fault:
        case "end":
            monkeypatch.setattr(holding, "unended", forget_the_end)
            monkeypatch.setattr(visible, "unended", forget_the_end)
        case "shred":
            monkeypatch.setattr(holding, "still_standing", forget_the_shred)
        case _:
            monkeypatch.setattr(holding, "CASE_GRANTABLE", {Role.LAWYER: frozenset({C.FACTS})})
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Doors, settings=settings(PACE, max_examples=40, phases=[Phase.generate]))
