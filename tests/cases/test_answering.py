"""Whoever a case is about is answered: all that is held on them, through the exit, and nobody else's."""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import TELLER, Compartment
from api.catalogue.fields import FIELDS
from api.catalogue.purposes import Decision, Purpose
from api.errors import ConsentMissing, Forbidden, Invalid, NotFound, ReasonMissing
from api.policy.actions import Action
from api.reports import subject
from api.reports.profiles import SUBJECT, load
from api.sealed import shreds
from api.services.answering import Form, answer
from api.services.consents import Given, decide_consent, stop
from api.services.saving import Body
from api.services.taking_out import register
from tests.cases.bench_world import SECTIONS, World, make_bench

C = Compartment
HIM, HER, OTHER = "7" * 26, "8" * 26, "9" * 26
DATE = {"edtf": "2023-05-17", "basis": "exact"}
HELD: Mapping[Compartment, Body] = {
    **SECTIONS,
    C.FACTS: {
        "case": [{"id": "0" * 26, "title": "A neutral title", "last_heard": DATE, "counting": "no"}],
        "person": [{"id": HIM, "role": "victim"}, {"id": HER, "role": "relative"}, {"id": OTHER, "role": "witness"}],
        "custody": [{"id": "5" * 26, "facility": {"type": "x", "kind": "IK", "number": "29", "region": "RU-ARK"}}],
        "act": [
            {"id": "6" * 26, "type": "X03-0301-01b", "victim": HIM, "when": DATE},
            {"id": "a" * 26, "type": "X52-5201-08", "victim": OTHER},
        ],
        "information": [{"id": "b" * 26, "directness": "told-by-other", "supports": ["a" * 26, "6" * 26]}],
    },
    C.IDENTITY: {
        "person": [
            {"id": HIM, "name": "Planned Artem"},
            {"id": HER, "name": "Planted Mother"},
            {"id": OTHER, "name": "Planted Other"},
        ]
    },
    C.SOURCE: {"reporter": [{"id": "2" * 26, "name": "Planted Source", "relation": "21/010103000000"}]},
    C.CONTACT: {"reporter": [{"id": "2" * 26, "address": "@planted.source"}]},
    C.NARRATIVE: {
        "statement": [{"id": "3" * 26, "text": "Planted words of his mother"}],
        "summary": [{"id": "c" * 26, "text": "A prisoner was taken to the front."}],
    },
    C.EVIDENCE: {
        "document": [
            {"id": "d" * 26, "title": "Planted title", "received_from": "Planted giver", "received_on": "2026-11-20"}
        ]
    },
}
OPENS = set(C) - TELLER


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def case(world: World, keep: Decision = Decision.YES) -> str:
    case_id = world.case(HELD)
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    decide_consent(access, Given(Purpose.KEEP, keep, "2026-01-10", "21/010103000000", "", "ru"))
    return case_id


def entered(world: World, case_id: str, name: str = "worker") -> CaseAccess:
    return world.enter(name, case_id, Action.CASE_GIVE_SUBJECT, OPENS)


def held(world: World, case_id: str, person: str = HIM) -> dict[str, Any]:
    made = answer(entered(world, case_id), person, "himself, by passport", "en", Form.JSON)
    told: dict[str, Any] = json.loads(made.content)
    return told


def test_he_receives_all_that_is_held_on_him_and_the_register_knows_it(world: World) -> None:
    case_id = case(world)
    made = answer(entered(world, case_id), HIM, "himself, by passport", "en", Form.PDF)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
    for words in (
        "Planned Artem",
        "17 May 2023",
        "Recruitment into regular forces",
        "Arkhangelsk",
        "taken to the front",
    ):
        assert words in " ".join(text.split())
    assert "Planted" not in text
    (line,) = register(world.enter("worker", case_id, Action.CASE_READ))
    assert (line.profile, line.purpose, line.recipient) == ("subject", "keep", "himself, by passport")
    assert line.sha256 == made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert not [one for one in line.fields if one.startswith(("source", "contact"))]


def test_a_machine_receives_the_same_with_codes_and_words(world: World) -> None:
    case_id = case(world)
    rows = {row["field"]: row for row in held(world, case_id)["held"]}
    assert rows["identity.person.name"]["value"] == "Planned Artem"
    assert rows["facts.act.type"]["said"] == "Recruitment into regular forces"
    assert rows["facts.case.last_heard"]["value"] == DATE
    assert "Planted" not in json.dumps(held(world, case_id))


def test_what_was_given_out_before_is_part_of_the_answer(world: World) -> None:
    case_id = case(world)
    held(world, case_id)
    rows = [row for row in held(world, case_id)["held"] if row["field"] == "control.disclosure.recipient"]
    assert [row["value"] for row in rows] == ["himself, by passport"]


def test_another_person_of_the_case_receives_their_own_part_alone(world: World) -> None:
    case_id = case(world)
    told = json.dumps(held(world, case_id, HER))
    assert "Planted Mother" in told
    for words in ("Planned Artem", "Planted Other", "Arkhangelsk", "taken to the front", "last_heard"):
        assert words not in told


def test_that_his_mother_was_answered_is_not_in_his_answer(world: World) -> None:
    case_id = case(world)
    answer(entered(world, case_id), HER, "herself, by voice", "en", Form.JSON)
    held(world, case_id)
    rows = [row for row in held(world, case_id)["held"] if row["field"] == "control.disclosure.recipient"]
    assert [row["value"] for row in rows] == ["himself, by passport"]


def test_of_two_victims_neither_receives_what_is_not_said_to_be_theirs() -> None:
    given = {"id": "9" * 26, "profile": "subject", "recipient": "the other", "fields": ["facts.case.last_heard"]}
    facts: dict[str, Any] = {
        "person": [{"id": HIM, "role": "victim"}, {"id": HER, "role": "victim"}],
        "act": [{"id": "1" * 26, "type": "x"}, {"id": "2" * 26, "type": "y", "victim": HIM}],
        "custody": [{"id": "3" * 26, "legal_status": "z"}],
    }
    both = subject.about({"facts": facts, "control": {"disclosure": [given]}}, HIM)
    assert [one["id"] for one in both["facts"]["act"]] == ["2" * 26]
    assert (both["facts"].keys() & {"custody"}, both["control"]) == (set(), {})
    alone = subject.about({"facts": {**facts, "person": facts["person"][:1]}, "control": {"disclosure": [given]}}, HIM)
    assert [len(alone["facts"][name]) for name in ("act", "custody")] == [2, 1]
    assert alone["control"]["disclosure"] == [given]


def test_nobody_is_answered_who_is_not_in_the_case(world: World) -> None:
    for person in ("", "1" * 26, "../x"):
        with pytest.raises(NotFound):
            answer(entered(world, case(world)), person, "somebody", "en", Form.JSON)


def test_an_answer_has_a_recipient(world: World) -> None:
    with pytest.raises(Invalid):
        answer(entered(world, case(world)), HIM, " ", "en", Form.JSON)


def test_where_keeping_was_withdrawn_nothing_is_given_out(world: World) -> None:
    withdrawn, stopped = case(world, Decision.NO), case(world)
    access = entered(world, stopped)
    with shreds.erasing(world.store) as db:
        stop(db, world.store, stopped, [Purpose.KEEP])
    for one in (entered(world, withdrawn), access):
        with pytest.raises(ConsentMissing):
            answer(one, HIM, "himself", "en", Form.JSON)
    assert register(world.enter("worker", stopped, Action.CASE_READ)) == ()


def test_the_identity_is_opened_with_a_reason_first(world: World) -> None:
    access = world.enter("worker", case(world), Action.CASE_GIVE_SUBJECT)
    with pytest.raises(ReasonMissing):
        answer(access, HIM, "himself", "en", Form.JSON)


def test_a_case_worker_or_a_lawyer_answers_and_the_intake_does_not(world: World) -> None:
    case_id = case(world)
    lawyer = world.grantee("lawyer", case_id, {C.FACTS, C.IDENTITY})
    opens = {C.FACTS, C.IDENTITY}
    answered = enter_case(world.store, lawyer, case_id, Action.CASE_GIVE_SUBJECT, opens, "answer-request")
    assert b"Planned Artem" in answer(answered, HIM, "his advocate", "en", Form.JSON).content
    with pytest.raises(Forbidden):
        entered(world, case_id, "intake")
    with pytest.raises(NotFound):
        entered(world, case_id, "stranger")


def test_no_field_of_the_teller_is_anybody_s_own() -> None:
    assert [one for one in FIELDS if one.own and one.compartment in TELLER] == []
    told = {"statement.text", "told.words", "document.received_from", "document.title", "consent.given_by"}
    assert not told & {f"{one.entity}.{one.name}" for one in FIELDS if one.own}


def test_the_profile_gives_each_field_that_is_their_own() -> None:
    listed = {(path.entity, path.name) for path in load(SUBJECT).fields}
    links = {("act", "victim"), ("handling", "document")}
    assert {(one.entity, one.name) for one in FIELDS if one.own} - listed == links


IDS = st.sampled_from([HIM, HER, OTHER])


@given(st.lists(st.tuples(IDS, st.sampled_from(["victim", "relative"])), unique_by=lambda one: one[0]), st.data())
def test_no_one_s_entry_holds_another_person(people: list[tuple[str, str]], data: st.DataObject) -> None:
    acts = [{"id": str(number) * 26, "type": "x", "victim": data.draw(IDS)} for number in range(3)]
    facts = {"person": [{"id": one, "role": role} for one, role in people], "act": acts}
    names = {"person": [{"id": one, "name": one} for one, _ in people]}
    for person, _ in people:
        left = subject.about({"facts": facts, "identity": names}, person)
        others = {HIM, HER, OTHER} - {person}
        assert not [one for one in others if one in json.dumps(left)]
