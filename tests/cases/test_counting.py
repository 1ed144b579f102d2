"""Only cases that may be counted are counted, and nothing but coded facts is opened for it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.errors import Forbidden, Invalid, NotFound
from api.ids import new_id
from api.models.tables import Leaf
from api.policy.actions import Action
from api.sealed import shreds
from api.services.consents import Given, decide_consent, stop
from api.services.counting import count_cases
from tests.cases.bench_world import SECTIONS, World, make_bench

C = Compartment


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def coded(world: World, counting: str, **facts: list[dict[str, Any]]) -> str:
    head = {"id": new_id(), "title": "t", "status": "X25-0103a", "counting": counting}
    acts: Mapping[str, list[dict[str, Any]]] = {"case": [head], **facts}
    return world.case({**SECTIONS, C.FACTS: acts})


def act(kind: str) -> dict[str, Any]:
    return {"id": new_id(), "type": kind}


def test_only_cases_whose_consent_covers_counting_are_counted(world: World) -> None:
    for counting in ("yes", "yes", "no", "ask-again"):
        coded(world, counting)
    counted = count_cases(world.store, world.caller("analyst"), "case.status")
    assert (counted.counts, counted.cases, counted.not_counted) == ({"X25-0103a": 2}, 2, 2)
    assert not counted.for_publication


def test_a_case_counts_once_for_each_of_its_values(world: World) -> None:
    coded(world, "yes", act=[act("X03-0301-01a"), act("X03-0301-01a"), act("X03-0301-01b")])
    coded(world, "yes", act=[act("X03-0301-01a")])
    coded(world, "yes")
    counted = count_cases(world.store, world.caller("analyst"), "act.type")
    assert counted.counts == {"": 1, "X03-0301-01a": 2, "X03-0301-01b": 1}


def test_facilities_count_by_region_and_dates_by_quarter(world: World) -> None:
    spell = {"id": new_id(), "facility": {"kind": "IK", "number": "29", "region": "RU-ARK"}}
    coded(world, "yes", custody=[{**spell, "start": {"edtf": "2023-05-01/2023-05-10", "basis": "X48-04"}}])
    analyst = world.caller("analyst")
    assert count_cases(world.store, analyst, "custody.facility").counts == {"RU-ARK": 1}
    assert count_cases(world.store, analyst, "custody.start").counts == {"2023-Q2": 1}
    worker = world.caller("worker")
    assert count_cases(world.store, worker, "custody.start:month").counts == {"2023-05": 1}
    assert count_cases(world.store, worker, "custody.facility:facility").counts == {"IK-29 RU-ARK": 1}


@pytest.mark.parametrize("name", ["custody.start:month", "custody.facility:facility"])
def test_an_analyst_counts_no_finer_than_region_and_quarter(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        count_cases(world.store, world.caller("analyst"), name)


def test_two_fields_of_one_act_are_counted_as_they_stand_together(world: World) -> None:
    coded(world, "yes", act=[{**act("X03-0301-01a"), "outcome": "36/010000000000"}, act("X03-0301-01b")])
    found = count_cases(world.store, world.caller("analyst"), "act.type", "act.outcome")
    assert {one.values: one.cases for one in found.cells} == {
        ("X03-0301-01a", "36/010000000000"): 1,
        ("X03-0301-01b", ""): 1,
    }


def test_a_count_is_narrowed_by_facets(world: World) -> None:
    coded(world, "yes", act=[act("X03-0301-01a")])
    coded(world, "yes", act=[act("X03-0301-01b")])
    narrowed = count_cases(world.store, world.caller("analyst"), "case.status", asked={"act": "X03-0301-01b"})
    assert (narrowed.counts, narrowed.cases) == ({"X25-0103a": 1}, 1)


FINE = {"facility": "IK-29", "since": "2023-05-17", "until": "2023-05-17"}


@pytest.mark.parametrize("name", FINE)
def test_an_analyst_narrows_a_count_no_finer_than_a_region(world: World, name: str) -> None:
    """Counts of one day and one place, one after the other, would say of each man what is coded of him."""
    spell = {"id": new_id(), "facility": {"kind": "IK", "number": "29", "region": "RU-ARK"}}
    heard = {"edtf": "2023-05-17", "basis": "X48-04"}
    head = {"id": new_id(), "title": "t", "status": "X25-0103a", "counting": "yes", "last_heard": heard}
    world.case({**SECTIONS, C.FACTS: {"case": [head], "custody": [spell]}})
    narrowed = {name: FINE[name]}
    assert count_cases(world.store, world.caller("worker"), "case.status", asked=narrowed).cases == 1
    assert count_cases(world.store, world.caller("analyst"), "case.status", asked={"region": "RU-ARK"}).cases == 1
    with pytest.raises(Forbidden):
        count_cases(world.store, world.caller("analyst"), "case.status", asked=narrowed)


def test_the_log_says_by_what_a_count_was_narrowed_and_not_to_what(world: World) -> None:
    asked = {"region": "RU-ARK", "act": "X03-0301-01b"}
    count_cases(world.store, world.caller("analyst"), "case.status", asked=asked)
    with world.store.reading() as db:
        entry = db.scalars(select(Leaf.public).order_by(Leaf.index.desc())).first()
    assert entry is not None
    assert json.loads(entry)["about"] == "case.status,act,region"
    assert not [value for value in asked.values() if value in entry]


@pytest.mark.parametrize("name", ["owner", "deadline", "stage", "planted"])
def test_nobody_counts_by_the_work_on_cases_or_by_what_is_no_facet(world: World, name: str) -> None:
    with pytest.raises(Invalid):
        count_cases(world.store, world.caller("worker"), "case.status", asked={name: "x"})


def test_a_stop_takes_a_case_out_of_the_count_at_once(world: World) -> None:
    case_id = coded(world, "yes")
    with shreds.erasing(world.store) as db:
        stop(db, world.store, case_id, [Purpose.COUNT])
    counted = count_cases(world.store, world.caller("analyst"), "case.status")
    assert (counted.cases, counted.not_counted) == (0, 1)


def test_a_filed_yes_brings_a_case_into_the_count(world: World) -> None:
    case_id = coded(world, "no")
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    decide_consent(access, Given(Purpose.COUNT, Decision.YES, "2026-01-10", "21/010103000000", "by letter", "ru"))
    assert count_cases(world.store, world.caller("analyst"), "case.status").cases == 1


def test_another_desks_cases_are_neither_counted_nor_numbered(world: World) -> None:
    coded(world, "yes")
    counted = count_cases(world.store, world.caller("stranger"), "case.status")
    assert (counted.cases, counted.not_counted) == (0, 0)


def test_an_unseated_analyst_counts_nothing(world: World) -> None:
    coded(world, "yes")
    analyst = world.caller("analyst")
    world.unseat("analyst", "north")
    assert count_cases(world.store, analyst, "case.status").cases == 0


@pytest.mark.parametrize("name", ["lawyer", "admin", "auditor", "trustee"])
def test_roles_that_do_not_count_are_refused(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        count_cases(world.store, world.caller(name), "case.status")


@pytest.mark.parametrize("dimension", ["person.name", "statement.text", "case.title", "case.owner", "act", "x.y", ""])
def test_only_coded_facts_are_dimensions(world: World, dimension: str) -> None:
    with pytest.raises(Invalid):
        count_cases(world.store, world.caller("analyst"), dimension)


def test_an_analyst_opens_no_case(world: World) -> None:
    with pytest.raises(NotFound):
        world.enter("analyst", coded(world, "yes"), Action.CASE_READ)
