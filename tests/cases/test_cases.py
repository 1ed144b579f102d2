"""A case is made, read, written over the version that was shown, and listed."""

from datetime import date
from pathlib import Path

import pytest

from api.access.doors import enter_case
from api.catalogue.check import Checked, check
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import Forbidden, NotFound, Stale
from api.ids import new_id, short_code
from api.models.tables import Section
from api.policy.actions import Action
from api.services.cases import append_to, create_case, read_case, save_entry
from api.services.erasing import remove_entry
from api.services.listing import list_cases
from tests.cases.bench_world import SECTIONS, World, case_row, make_bench

C = Compartment


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def checked(entity: str, **fields: str) -> Checked:
    return check(entity, fields, "en", date(2026, 11, 23))


def test_a_new_case_says_its_desk_owner_and_day_under_one_identifier(world: World) -> None:
    case_id = world.case()
    view = read_case(world.enter("worker", case_id, Action.CASE_READ))
    head = view.sections[C.CONTROL]["case"][0]
    assert head["id"] == view.sections[C.FACTS]["case"][0]["id"]
    assert (head["desk"], head["owner"]) == (world.desks["north"], world.members["intake"][0])
    assert (view.code, view.version, view.desk) == (short_code(case_id), 1, "north")


@pytest.mark.parametrize("name", ["worker", "stranger", "analyst", "admin", "auditor", "lawyer", "trustee"])
def test_only_the_intake_makes_a_case(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        create_case(world.store, world.caller(name), world.desks["north"], SECTIONS)


@pytest.mark.parametrize("desk", ["south", "absent", "malformed"])
def test_a_case_is_made_only_at_a_desk_that_the_maker_sits_at(world: World, desk: str) -> None:
    desk_id = world.desks.get(desk, new_id() if desk == "absent" else "x")
    with pytest.raises(NotFound):
        create_case(world.store, world.caller("intake"), desk_id, SECTIONS)


def test_a_case_is_not_made_with_a_compartment_that_the_maker_cannot_open(world: World) -> None:
    with pytest.raises(Forbidden):
        create_case(world.store, world.caller("intake"), world.desks["north"], {**SECTIONS, C.LEGAL: {}})


def test_file_keys_travel_in_the_evidence(world: World) -> None:
    key, file_id = Key.fresh(), new_id()
    document = {"id": new_id(), "title": "t", "size": 1, "file": {"id": file_id, "key": file_id}}
    sections = {**SECTIONS, C.EVIDENCE: {"document": [document]}}
    case_id = create_case(world.store, world.caller("intake"), world.desks["north"], sections, {file_id: key})
    access = world.enter("worker", case_id, Action.CASE_READ)
    assert access.open(C.EVIDENCE).keys == {file_id: key}
    assert access.manifest.files == (file_id,)


def test_an_entry_is_saved_in_each_compartment_that_it_has_fields_in(world: World) -> None:
    case_id = world.case()
    access = world.enter("worker", case_id, Action.CASE_WRITE, {C.FACTS, C.IDENTITY, C.NARRATIVE})
    person = checked("person", role="victim", name="Артём", birth="1992")
    assert save_entry(access, "person", None, person, 1) == 2
    access = world.enter("worker", case_id, Action.CASE_READ, {C.FACTS, C.IDENTITY, C.NARRATIVE})
    (facts,), names = access.open(C.FACTS).note["person"], access.open(C.IDENTITY).note["person"]
    assert facts["id"] == names[1]["id"]
    assert (facts["role"], names[1]["name"]) == ("victim", "Артём")
    assert "name" not in facts
    (told,) = access.open(C.NARRATIVE).note["told"]
    assert (told["entry"], told["field"], told["words"]) == (facts["id"], "birth", "1992")


def test_saving_again_replaces_the_fields_and_the_words_told(world: World) -> None:
    case_id, opens = world.case(), {C.FACTS, C.NARRATIVE, C.IDENTITY}
    access = world.enter("worker", case_id, Action.CASE_WRITE, opens)
    save_entry(access, "case", "0" * 26, checked("case", title="One", last_heard="2023-05"), 1)
    access = world.enter("worker", case_id, Action.CASE_WRITE, opens)
    assert access.open(C.FACTS).note["case"][0]["title"] == "One"
    save_entry(access, "case", "0" * 26, checked("case", title="Two"), 2)
    access = world.enter("worker", case_id, Action.CASE_READ, opens)
    (facts,), (head,) = access.open(C.FACTS).note["case"], access.open(C.CONTROL).note["case"]
    assert facts == {"id": "0" * 26, "title": "Two", "counting": "no"}
    assert head["owner"] == world.members["intake"][0]
    assert not access.open(C.NARRATIVE).note.get("told")


def test_a_field_of_a_closed_compartment_is_refused_and_a_closed_entry_stays(world: World) -> None:
    case_id = world.case()
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    with pytest.raises(Forbidden):
        save_entry(access, "person", "1" * 26, checked("person", role="victim", name="Typed"), 1)
    with pytest.raises(Forbidden):
        save_entry(access, "reporter", None, checked("reporter", name="Typed"), 1)
    with pytest.raises(NotFound):
        save_entry(access, "person", "1" * 26, checked("person", role="victim"), 1)
    save_entry(access, "person", None, checked("person", role="victim"), 1)
    opened = world.enter("worker", case_id, Action.CASE_READ, {C.IDENTITY})
    assert opened.open(C.IDENTITY).note == SECTIONS[C.IDENTITY]


@pytest.mark.parametrize("entity", ["consent", "access", "disclosure", "document"])
def test_registers_are_not_written_as_entries(world: World, entity: str) -> None:
    access = world.enter("worker", world.case(), Action.CASE_WRITE)
    with pytest.raises(Forbidden):
        save_entry(access, entity, None, Checked(entity, {C.CONTROL: {"by": "x"}}, {}), 1)


def test_a_version_that_was_not_the_one_shown_is_stale_and_writes_nothing(world: World) -> None:
    case_id = world.case()
    first = world.enter("worker", case_id, Action.CASE_WRITE)
    second = world.enter("intake", case_id, Action.CASE_WRITE)
    assert append_to(first, C.CONTROL, "task", {"what": "call"}) == 2
    for version in (1, 2, None):
        with pytest.raises(Stale):
            append_to(second, C.CONTROL, "task", {"what": "lost"}, version)
    with world.store.reading() as db:
        assert case_row(db, case_id).version == 2
    (task,) = world.enter("worker", case_id, Action.CASE_READ).open(C.CONTROL).note["task"]
    assert task["what"] == "call"


def test_a_seat_taken_away_between_door_and_write_writes_nothing(world: World) -> None:
    case_id = world.case()
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    world.unseat("worker", "north")
    with pytest.raises(NotFound):
        append_to(access, C.CONTROL, "task", {"what": "call"})


def test_a_session_that_does_not_sign_writes_nothing(world: World) -> None:
    case_id = world.case()
    caller = world.caller("worker", signing=Key.fresh())
    access = enter_case(world.store, caller, case_id, Action.CASE_WRITE)
    with pytest.raises(Forbidden):
        append_to(access, C.CONTROL, "task", {"what": "call"})


def test_a_lawyer_writes_nothing(world: World) -> None:
    case_id = world.case()
    access = enter_case(world.store, world.grantee("lawyer", case_id, {C.FACTS}), case_id, Action.CASE_READ)
    with pytest.raises(Forbidden):
        append_to(access, C.FACTS, "act", {"type": "x"})


def test_only_the_sections_concerned_are_written(world: World) -> None:
    case_id = world.case()
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.LEGAL, "intervention", {"type": "x"})
    with world.store.reading() as db:
        versions = {name: db.get(Section, (case_id, name.value)) for name in (C.LEGAL, C.FACTS, C.SOURCE)}
    assert {name: row.version for name, row in versions.items() if row} == {C.LEGAL: 2, C.FACTS: 1, C.SOURCE: 1}


def test_a_removed_entry_is_gone_from_its_sections(world: World) -> None:
    case_id = world.case()
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    assert remove_entry(access, "statement", "3" * 26, 1) == 2
    assert world.enter("worker", case_id, Action.CASE_READ).open(C.NARRATIVE).note == {}


def test_registers_and_absent_entries_are_not_removed(world: World) -> None:
    access = world.enter("worker", world.case(), Action.CASE_WRITE)
    with pytest.raises(Forbidden):
        remove_entry(access, "case", "0" * 26, 1)
    with pytest.raises(NotFound):
        remove_entry(access, "statement", new_id(), 1)
    with pytest.raises(Stale):
        remove_entry(access, "statement", "3" * 26, 7)


def test_the_list_shows_titles_to_who_holds_the_facts(world: World) -> None:
    case_id = world.case()
    (line,) = list_cases(world.store, world.caller("worker")).lines
    assert (line.id, line.title, line.status) == (case_id, "A neutral title", "X25-0103a")
    (bare,) = list_cases(world.store, world.grantee("lawyer", case_id, {C.NARRATIVE})).lines
    assert (bare.code, bare.title, bare.status) == (short_code(case_id), "", "")


def test_the_list_is_paged_and_shows_each_visible_case_once(world: World) -> None:
    made, seen, cursor = {world.case() for _ in range(7)}, list[str](), ""
    while True:
        page = list_cases(world.store, world.caller("intake"), cursor, size=3)
        seen += [line.id for line in page.lines]
        cursor = page.next
        if not cursor:
            break
    assert len(seen) == 7
    assert set(seen) == made
    assert list_cases(world.store, world.caller("stranger")).lines == ()


@pytest.mark.parametrize("name", ["analyst", "admin", "auditor", "trustee"])
def test_who_enters_no_case_has_no_list(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        list_cases(world.store, world.caller(name))


def test_a_case_that_does_not_fit_is_listed_by_its_code_alone(world: World) -> None:
    case_id, other = world.case(), world.case()
    with world.store.writing() as db:
        one, two = (db.get(Section, (name, "facts")) for name in (case_id, other))
        assert one is not None
        assert two is not None
        one.body = two.body
    lines = {line.id: line for line in list_cases(world.store, world.caller("worker")).lines}
    assert (lines[case_id].refused, lines[case_id].title) == (True, "")
    assert (lines[other].refused, lines[other].title) == (False, "A neutral title")


def test_an_entry_without_dates_needs_no_narrative(world: World) -> None:
    case_id = world.case()
    access = world.enter("worker", case_id, Action.CASE_WRITE, {C.FACTS})
    assert save_entry(access, "case", "0" * 26, checked("case", title="One"), 1) == 2
    access = world.enter("worker", case_id, Action.CASE_WRITE, {C.FACTS})
    with pytest.raises(Forbidden):
        save_entry(access, "case", "0" * 26, checked("case", title="One", last_heard="2023-05"), 2)
