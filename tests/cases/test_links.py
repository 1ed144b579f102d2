"""Entries that name each other: nothing that is not there, nothing left hanging, no account in another's place."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue import links
from api.catalogue.check import FieldProblems, check
from api.catalogue.compartments import Compartment
from api.catalogue.fields import FORM_ENTITIES, link_fields
from api.errors import Forbidden
from api.ids import new_id
from api.policy.actions import Action
from api.services import cases, filing
from api.services.cases import save_entry
from api.services.erasing import remove_entry
from tests.cases.bench_world import World, make_bench

C = Compartment
APPROACH = "X03-0301-01a"
OPENS = frozenset({C.CONTROL, C.FACTS, C.NARRATIVE})


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def write(world: World, case_id: str, entity: str, by: str = "worker", **fields: str | list[str]) -> str:
    """Write a new entry, opening what it needs, and return its identifier."""
    checked = check(entity, fields, "en", date(2026, 11, 23))
    opens = {*OPENS, *checked.by_compartment, *links.targets_of(entity)}
    access = world.enter(by, case_id, Action.CASE_WRITE, opens)
    save_entry(access, entity, None, checked, access.version)
    return newest(world, case_id, entity, by, next(iter(checked.by_compartment)))


def newest(world: World, case_id: str, entity: str, by: str, compartment: Compartment) -> str:
    access = world.enter(by, case_id, Action.CASE_READ, {*OPENS, compartment})
    return str(access.open(compartment).note[entity][-1]["id"])


def seen(world: World, case_id: str, compartment: Compartment, by: str = "worker") -> Mapping[str, Any]:
    return world.enter(by, case_id, Action.CASE_READ, {*OPENS, compartment}).open(compartment).note


def problems(world: World, case_id: str, entity: str, by: str = "worker", **fields: str | list[str]) -> dict[str, str]:
    with pytest.raises(FieldProblems) as refused:
        write(world, case_id, entity, by, **fields)
    return refused.value.problems


def test_an_account_names_the_acts_that_it_is_about(world: World) -> None:
    case_id = world.case()
    acts = [write(world, case_id, "act", type=APPROACH) for _ in range(2)]
    write(world, case_id, "information", directness="told-by-victim", supports=acts)
    (account,) = seen(world, case_id, C.FACTS)["information"]
    assert account["supports"] == acts


@pytest.mark.parametrize("wrong", ["absent", "another-kind", "another-case"])
def test_a_link_to_what_is_not_in_the_case_is_refused(world: World, wrong: str) -> None:
    case_id = world.case()
    person = write(world, case_id, "person", role="victim")
    elsewhere = write(world, world.case(), "act", type=APPROACH)
    named = {"absent": new_id(), "another-kind": person, "another-case": elsewhere}[wrong]
    assert problems(world, case_id, "involvement", act=named) == {"act": "unknown-link"}
    assert "involvement" not in seen(world, case_id, C.FACTS)


def test_an_event_does_not_follow_itself(world: World) -> None:
    case_id = world.case()
    first = write(world, case_id, "event", title="The transfer")
    second = write(world, case_id, "event", title="The front", linked=[first], link_type="22/220000000000")
    access = world.enter("worker", case_id, Action.CASE_WRITE, OPENS)
    itself = check("event", {"title": "The front", "linked": [second]}, "en", date(2026, 11, 23))
    with pytest.raises(FieldProblems):
        save_entry(access, "event", second, itself, access.version)


def test_a_link_at_the_acceptance_of_a_report_names_what_is_coded_with_it() -> None:
    checked = check("act", {"type": APPROACH, "victim": new_id()}, "en", date(2026, 11, 23))
    with pytest.raises(FieldProblems):
        filing.with_checked({C.FACTS: {}}, "act", checked)


def test_who_is_related_to_whom_is_in_the_source_alone(world: World) -> None:
    case_id = world.case()
    mother, son = (write(world, case_id, "person", "intake", role=role) for role in ("relative", "victim"))
    write(world, case_id, "relationship", "intake", from_person=mother, to_person=son, type="21/010103000000")
    assert seen(world, case_id, C.SOURCE, "intake")["relationship"][0]["to_person"] == son
    assert "relationship" not in seen(world, case_id, C.FACTS)
    with pytest.raises(Forbidden):
        write(world, case_id, "relationship", from_person=mother, to_person=son, type="21/010103000000")


def test_an_account_says_in_the_source_alone_who_gave_it(world: World) -> None:
    case_id = world.case()
    told = {"directness": "told-by-victim", "source": "2" * 26, "connection": "19/020101000000"}
    write(world, case_id, "information", "intake", **told)
    (facts,) = seen(world, case_id, C.FACTS)["information"]
    (source,) = seen(world, case_id, C.SOURCE, "intake")["information"]
    assert facts.keys() == {"id", "directness"}
    assert (source["id"], source["source"]) == (facts["id"], "2" * 26)
    assert problems(world, case_id, "information", "intake", directness="saw", source=new_id()) == {
        "source": "unknown-link"
    }


def test_two_accounts_that_differ_stand_side_by_side(world: World) -> None:
    case_id = world.case()
    event = write(world, case_id, "event", title="The signing")
    dates = {"told-by-victim": "14 April 2023", "document": "2 May 2023"}
    for directness, when in dates.items():
        act = write(world, case_id, "act", type=APPROACH, when=when, event=event, verification="41/030000000000")
        write(world, case_id, "information", directness=directness, supports=[act])
    facts = seen(world, case_id, C.FACTS)
    accounts = {one["supports"][0]: one["directness"] for one in facts["information"]}
    whens = {accounts[act["id"]]: act["when"]["edtf"] for act in facts["act"]}
    assert whens == {"told-by-victim": "2023-04-14", "document": "2023-05-02"}
    assert {act["event"] for act in facts["act"]} == {event}


def test_what_is_removed_is_named_no_more_and_takes_along_what_says_nothing_without_it(world: World) -> None:
    case_id = world.case()
    event = write(world, case_id, "event", title="The signing")
    kept, gone = (write(world, case_id, "act", type=APPROACH, event=event) for _ in range(2))
    write(world, case_id, "involvement", act=gone, body="body/defence-ministry")
    write(world, case_id, "information", directness="saw", supports=[kept, gone])
    access = world.enter("worker", case_id, Action.CASE_WRITE, OPENS)
    remove_entry(access, "act", gone, access.version)
    access = world.enter("worker", case_id, Action.CASE_WRITE, OPENS)
    remove_entry(access, "event", event, access.version)
    facts = seen(world, case_id, C.FACTS)
    assert "involvement" not in facts
    assert facts["information"][0]["supports"] == [kept]
    assert facts["act"] == [{"id": kept, "type": APPROACH}]


def test_a_step_of_the_chain_of_custody_is_signed_and_stays(world: World) -> None:
    case_id = world.case()
    access = world.enter("worker", case_id, Action.CASE_WRITE, {*OPENS, C.EVIDENCE})
    cases.append_to(access, C.EVIDENCE, "document", {"id": "6" * 26, "title": "A letter"})
    taken = {"document": "6" * 26, "action": "handling/copied", "on": "2026-11-20"}
    step = write(world, case_id, "handling", **taken)
    (entry,) = seen(world, case_id, C.EVIDENCE)["handling"]
    assert entry["by"] == world.members["worker"][0]
    access = world.enter("worker", case_id, Action.CASE_WRITE, {*OPENS, C.EVIDENCE})
    other = check("handling", {**taken, "on": "2026-11-21"}, "en", date(2026, 11, 23))
    with pytest.raises(Forbidden):
        save_entry(access, "handling", step, other, access.version)
    with pytest.raises(Forbidden):
        remove_entry(access, "handling", step, access.version)
    remove_entry(access, "document", "6" * 26, access.version)
    assert "handling" not in seen(world, case_id, C.EVIDENCE)


IDS = st.sampled_from([letter * 26 for letter in "0123"])
LINKED = [entity for entity in FORM_ENTITIES if link_fields(entity)]


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Draw a section whose entries name each other."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entity in draw(st.lists(st.sampled_from(LINKED), max_size=8)):
        drawn = {one.name: draw(st.lists(IDS) if one.repeated else IDS) for one in link_fields(entity)}
        found.setdefault(entity, []).append({"id": draw(IDS), **drawn})
    return found


@given(bodies(), st.sets(IDS))
def test_nothing_names_what_is_gone(body: dict[str, list[dict[str, Any]]], gone: set[str]) -> None:
    left = links.without(body, gone)
    for entity, entries in left.items():
        for entry in entries:
            for one in link_fields(entity):
                value = entry.get(one.name, ())
                assert not gone & set(value if isinstance(value, list) else [value] if value else [])
                assert entry.get(one.name) or not one.required
    assert links.without(left, gone) == left
    assert links.without(body, set()) == {entity: entries for entity, entries in body.items() if entries}
