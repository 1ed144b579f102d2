"""Recovery as a state machine: opened, taken up, brought to, waited for, cancelled, finished, in any order."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api import clock
from api.crypto import Key
from api.errors import NotFound, NotYet, OutOfOrder, Refused, SignInFailed
from api.services import ceremonies, members, recovering, shares
from api.services.signing_in import Device
from tests.cases.test_grants_in_time import MEMORY
from tests.world import World, make_world, one_time_code

NEW = Key.fresh()
TRUSTEES = ("tina", "tom", "toni")
RUNS, STEPS = (300, 40) if os.environ.get("LASTHEARD_TORTURE") else (20, 20)


class Recovery(RuleBasedStateMachine):
    """The model: whether one is open, since when, taken up, by whom brought; the product answers exactly like it."""

    @initialize(begun=st.booleans())
    def found(self, begun: bool) -> None:
        self.folder = TemporaryDirectory(dir=MEMORY)
        self.world: World = make_world(f"sqlite:///{self.folder.name}/case.db", Path(self.folder.name))
        self.world.sign_in("carl")
        self.hours, self.kept = 0.0, ceremonies.now
        ceremonies.now = lambda: clock.now() + timedelta(hours=self.hours)
        self.id, self.code, self.words, self.secret = "", "", "", ""
        self.taken, self.brought, self.gone, self.back = False, set[str](), set[str](), False
        self.opened = 0.0
        if begun:
            self.open("ada")
            self.take_up(right=True)

    @property
    def is_open(self) -> bool:
        return bool(self.id) and self.hours - self.opened <= 30 * 24

    @rule(by=st.sampled_from(["ada", "tom"]))
    def open(self, by: str) -> None:
        if self.back:
            # A second recovery would need a second code of the same half minute.
            return
        may = not self.is_open and by not in self.gone and len(set(TRUSTEES) - self.gone) >= 2
        try:
            made = recovering.open_for(self.world.store, self.world.caller(by), self.world.ids["carl"])
        except Refused:
            assert not may
            return
        assert may
        self.id, self.code, self.taken, self.brought, self.opened = made.ceremony, made.code, False, set(), self.hours

    @rule(right=st.booleans())
    def take_up(self, right: bool) -> None:
        offer = members.offer("en")
        device = Device(offer.totp, one_time_code(offer.secret))
        may = self.is_open and not self.taken and right
        try:
            words = recovering.claim(self.world.store, self.code if right else "no code", "carl", NEW, device)
        except (NotFound, OutOfOrder):
            assert not may
            return
        assert may
        self.taken, self.words, self.secret = True, " ".join(words), offer.secret

    @rule(who=st.sampled_from(TRUSTEES))
    def bring(self, who: str) -> None:
        may = self.is_open and self.taken and who not in self.gone
        try:
            shares.bring(self.world.store, self.world.caller(who), self.id or "0" * 26, self.words)
        except Refused:
            assert not may
            return
        assert may
        self.brought.add(who)

    @rule()
    def enough_bring(self) -> None:
        for who in TRUSTEES[::2]:
            self.bring(who)

    @rule(who=st.sampled_from(["carl", "tom", "otto", "ada", "leo"]))
    def cancel(self, who: str) -> None:
        may = (
            self.is_open
            and who in ("carl", "tom", "otto")
            and who not in self.gone
            and not (who == "carl" and self.back)
        )
        try:
            ceremonies.cancel(self.world.store, self.world.caller(who), self.id or "0" * 26)
        except Refused:
            assert not may
            return
        assert may
        self.id = ""

    @rule()
    def a_trustee_is_suspended(self) -> None:
        if not self.gone:
            members.suspend(self.world.store, self.world.caller("ada"), self.world.ids["toni"])
            self.gone.add("toni")

    # Hundredths, so that no moment is the last one exactly: the clock runs on between model and product.
    @rule(hours=st.sampled_from([1.01, 71.01, 73.01, -2.01]))
    def wait(self, hours: float) -> None:
        self.hours += hours

    @rule()
    def finish(self) -> None:
        enough = len(self.brought - self.gone) >= 2
        may = self.is_open and self.taken and enough and self.hours - self.opened >= 72
        code = one_time_code(self.secret, 1) if self.secret else "000000"
        try:
            recovering.finish(self.world.store, NEW, "carl", code)
        except SignInFailed:
            assert not (self.is_open and self.taken)
            return
        except NotYet:
            assert self.is_open
            assert self.taken
            assert not may
            return
        assert may
        self.id, self.back = "", True

    @invariant()
    def everyone_is_told_of_what_is_open(self) -> None:
        if hasattr(self, "back"):
            told = ceremonies.announced(self.world.store, self.world.caller("leo"))
            assert [one.id for one in told] == ([self.id] if self.is_open else [])
            assert [one.brought for one in told] == ([len(self.brought - self.gone)] if self.is_open else [])

    def teardown(self) -> None:
        if hasattr(self, "kept"):
            ceremonies.now = self.kept
            self.world.store.close()
            self.folder.cleanup()


PACE = settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck))
Recovery.TestCase.settings = PACE
TestRecovery: type[TestCase] = Recovery.TestCase


def nobody_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ceremonies, "require_time", lambda terms: None)


def everyone_may_cancel(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ceremonies, "_may_cancel", lambda caller, terms: True)


def the_suspended_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ceremonies.trustees, "active", lambda db, store: ceremonies.trustees.present(db, store).ids)


def play() -> None:
    """Bring two shares, try too early, let a stranger cancel and a trustee go, and look after each step."""
    machine = Recovery()
    machine.found(begun=True)
    try:
        for step in (
            machine.enough_bring,
            machine.finish,
            lambda: machine.cancel("leo"),
            machine.a_trustee_is_suspended,
        ):
            step()
            machine.everyone_is_told_of_what_is_open()
    finally:
        machine.teardown()


@pytest.mark.parametrize("fault", [nobody_waits, everyone_may_cancel, the_suspended_count])
def test_the_machine_finds_a_planted_fault(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    # The group that all tests of this process copy is founded before the fault is planted.
    make_world(sqlite_url, tmp_path).store.close()
    with monkeypatch.context() as patched:
        fault(patched)
        with pytest.raises(AssertionError):
            play()
    play()
