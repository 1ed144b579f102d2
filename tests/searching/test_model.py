"""Search against a plain model, after any sequence of cases made, edited, granted, revoked, erased and sorted in."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import delete

from api.access import granted, holding, shelves
from api.access.caller import Caller
from api.catalogue.compartments import Compartment
from api.columns.hits import NONE
from api.columns.kinds import KINDS, NAMES
from api.models.tables import Grant
from api.policy.actions import Action
from api.sealed import tidying
from api.sealed.segments import Ring
from api.services import finding
from api.services.cases import append_to
from api.services.erasing import erase_case, remove_entry
from api.services.searching import search
from tests import postgres
from tests.cases.bench_world import World, make_bench
from tests.searching.desk import REASON, case, ids

C = Compartment
TORTURE = bool(os.environ.get("LASTHEARD_TORTURE"))
PEOPLE = ["Полозов Мерген", "Кедрин Остап", "Байгужин Назар", "Стожаров Лукьян"]
STORIES = ["этап", "окопы", "хлеб", "контракт"]
PERSON, STORY, NUMBER = st.sampled_from(PEOPLE), st.sampled_from(STORIES), st.integers(0, 9)
OPENS = st.frozensets(st.sampled_from([C.IDENTITY, C.NARRATIVE]))
Url = Callable[[str], str]


class Desk(RuleBasedStateMachine):
    """The desk's cases, each with its names and the words of its story; a lawyer with grants; a worker with a seat."""

    url: Url

    @initialize()
    def found(self) -> None:
        self.folder = TemporaryDirectory()
        self.world: World = make_bench(type(self).url(self.folder.name), Path(self.folder.name))
        self.cases: dict[str, dict[Compartment, list[str]]] = {}
        self.granted: dict[str, tuple[Caller, frozenset[Compartment]]] = {}
        self.seated = True

    @rule(name=st.none() | PERSON, story=st.none() | STORY)
    def make(self, name: str | None, story: str | None) -> None:
        made = case(self.world, name or "", story or "")
        self.cases[made] = {C.IDENTITY: [name] if name else [], C.NARRATIVE: [story] if story else []}

    @rule(number=NUMBER, name=PERSON)
    def name_another(self, number: int, name: str) -> None:
        for case_id in self.some(number):
            self.append(case_id, C.IDENTITY, "person", {"name": name})
            self.cases[case_id][C.IDENTITY].append(name)

    @rule(number=NUMBER, story=STORY)
    def tell_more(self, number: int, story: str) -> None:
        for case_id in self.some(number):
            self.append(case_id, C.NARRATIVE, "statement", {"text": f"Потом {story}."})
            self.cases[case_id][C.NARRATIVE].append(story)

    @rule(number=NUMBER)
    def take_a_name_away(self, number: int) -> None:
        for case_id in self.some(number):
            access = self.world.enter("intake", case_id, Action.CASE_WRITE, {C.IDENTITY})
            if persons := access.open(C.IDENTITY).note.get("person", []):
                remove_entry(access, "person", persons[0]["id"], access.version)
                self.cases[case_id][C.IDENTITY].pop(0)

    @rule(number=NUMBER)
    def erase(self, number: int) -> None:
        for case_id in self.some(number):
            erase_case(self.world.enter("intake", case_id, Action.CASE_ERASE))
            del self.cases[case_id]

    @rule(number=NUMBER, opens=OPENS)
    def grant(self, number: int, opens: frozenset[Compartment]) -> None:
        for case_id in self.some(number):
            self.granted[case_id] = (self.world.grantee("lawyer", case_id, opens), opens)

    @rule(number=NUMBER)
    def revoke(self, number: int) -> None:
        for case_id in list(self.granted)[number % max(1, len(self.granted)) :][:1]:
            caller, _ = self.granted[case_id]
            with self.world.store.writing() as db:
                db.execute(delete(Grant).where(Grant.id == caller.keyring.cases[case_id][0].grant_id))
            self.granted[case_id] = (caller, frozenset())

    @rule()
    def unseat(self) -> None:
        if self.seated:
            self.worker = self.world.caller("worker")
            self.world.unseat("worker", "north")
            self.seated = False

    @rule(kind=st.sampled_from(sorted(KINDS)))
    def sort_in(self, kind: str) -> None:
        keys = {(name, 1): key for name, key in self.world.keys["north"].items()}
        tidying.tidy(self.world.store, Ring(self.world.desks["north"], keys), kind)

    @rule(line=PERSON | STORY)
    def ask(self, line: str) -> None:
        name = C.IDENTITY if line in PEOPLE else C.NARRATIVE
        there = {case_id for case_id, told in self.cases.items() if line in told[name]}
        assert self.finds(self.world.caller("intake"), line) == there
        assert self.finds(self.world.caller("stranger"), line) == set()
        assert self.finds(self.world.caller("worker"), line) == (there if self.seated else set())
        for case_id, (caller, opens) in self.granted.items():
            assert self.finds(caller, line) == ({case_id} & there if name in opens else set())

    def finds(self, caller: Caller, line: str) -> set[str]:
        page = search(self.world.store, caller, line, REASON)
        assert not any(one.line.refused for one in page.lines)
        assert (page.found, page.missing) == (len(page.lines), 0)
        return set(ids(page))

    def some(self, number: int) -> Iterator[str]:
        yield from list(self.cases)[number % max(1, len(self.cases)) :][:1]

    def append(self, case_id: str, name: Compartment, entity: str, entry: dict[str, Any]) -> None:
        append_to(self.world.enter("intake", case_id, Action.CASE_WRITE, {name}), name, entity, entry)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            for line in (*PEOPLE, *STORIES):
                self.ask(line)
            self.world.store.close()
            self.folder.cleanup()


def sqlite(folder: str) -> str:
    return f"sqlite:///{folder}/case.db"


def run(url: Url, runs: int, steps: int) -> None:
    pace = settings(
        max_examples=runs, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(type("DeskOf", (Desk,), {"url": staticmethod(url)}), settings=pace)


def test_search_finds_what_a_plain_model_finds() -> None:
    run(sqlite, *((300, 40) if TORTURE else (12, 20)))


def test_search_finds_it_on_postgresql_too(cluster: postgres.Cluster) -> None:
    run(lambda _: cluster.url(f"m{uuid.uuid4().hex}"), *((60, 40) if TORTURE else (3, 25)))


def grants_are_not_asked_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(granted, "live_grants", lambda db, caller, rows: everything(caller))
    patch.setattr(holding, "still_standing", lambda db, grants: frozenset(grants))


def everything(caller: Caller) -> frozenset[str]:
    return frozenset(one.grant_id for held in caller.keyring.cases.values() for one in held)


def seats_are_not_asked_again(patch: pytest.MonkeyPatch) -> None:
    for module in (shelves, holding):
        patch.setattr(module, "still_standing", lambda db, grants: frozenset(grants))


def granted_cases_are_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(finding, "granted_piece", lambda *_: None)


def words_are_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(finding, "_by_words", lambda *_: NONE)


def nothing_is_written_into_the_tail(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shelves.tails, "put", lambda *_: None)


FAULTS = (
    grants_are_not_asked_again,
    seats_are_not_asked_again,
    granted_cases_are_left_out,
    words_are_left_out,
    nothing_is_written_into_the_tail,
)


def a_short_story() -> None:
    """Do a little of everything, in the order in which each fault shows."""
    desk = type("DeskOf", (Desk,), {"url": staticmethod(sqlite)})()
    desk.found()
    try:
        desk.make(PEOPLE[0], STORIES[0])
        desk.make(PEOPLE[1], None)
        desk.sort_in(NAMES)
        desk.grant(0, frozenset({C.IDENTITY}))
        desk.grant(1, frozenset({C.IDENTITY}))
        desk.name_another(0, PEOPLE[2])
        desk.revoke(1)
        desk.unseat()
    finally:
        desk.teardown()


def test_the_short_story_itself_is_no_fault() -> None:
    a_short_story()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        a_short_story()
