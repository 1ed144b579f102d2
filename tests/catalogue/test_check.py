"""From a form to clean values: the published case codes as it should, and whatever else is typed does no harm."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.catalogue.check import (
    FORM,
    PROBLEM_LABELS,
    Checked,
    FieldProblems,
    check,
    problem_label,
)
from api.catalogue.compartments import LANGUAGES, Compartment, Language
from api.catalogue.fields import ENTITIES, FORM_ENTITIES, entity_fields, form_fields
from api.catalogue.terms import terms_of
from api.errors import Invalid
from tests.catalogue.worked_example import BETWEEN, CODED, COMPARTMENTS, RAW, TODAY

C = Compartment
NUMBERED = list(range(len(CODED)))

NASTY_COUNTS = [
    "NaN", "Infinity", "-1", "1e3", "1_0", "٢", "２", "0x10", "1.5", "9" * 5_000, "99999", "два",
]  # fmt: skip
NASTY_DAYS = [
    "2023-02-30", "30.02.2023", "2023-W20-3", "20230517", "0001-01-01", "9999-12-31", "٢٠٢٣-٠٥-١٧", "2023-5-17",
    "2023-05-17T00:00", "NaN",
]  # fmt: skip


def problems_of(entity: str, raw: Mapping[str, Any], language: Language = "ru") -> dict[str, str]:
    """Return what `check` finds wrong."""
    with pytest.raises(FieldProblems) as caught:
        check(entity, raw, language, TODAY)
    return caught.value.problems


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("number", NUMBERED)
def test_the_published_case_is_coded_as_it_should_be(language: Language, number: int) -> None:
    entity, raw = RAW[language][number]
    checked = check(entity, raw, language, TODAY)
    assert checked.by_compartment.keys() == COMPARTMENTS[number]
    facts = checked.by_compartment.get(C.FACTS, {})
    assert {name: value for name, value in facts.items() if name != "title"} == CODED[number]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_person_s_name_and_birth_are_in_identity_alone(language: Language) -> None:
    checked = check(*RAW[language][1], language, TODAY)
    assert checked.by_compartment[C.IDENTITY] == {
        "name": RAW[language][1][1]["name"],
        "name_latin": "Artyom Bunyatov",
        "birth": {"edtf": "1991-01-01/1992-12-31", "basis": BETWEEN},
    }


def test_the_words_of_a_date_are_kept_apart_from_the_date() -> None:
    deployment = check(*RAW["ru"][5], "ru", TODAY)
    assert deployment.told == {"when": "к началу мая 2023"}
    assert "начал" not in json.dumps(deployment.by_compartment, ensure_ascii=False)


def test_the_mother_is_in_the_source_and_how_to_reach_her_apart() -> None:
    checked = check(*RAW["ru"][7], "ru", TODAY)
    assert checked.by_compartment[C.SOURCE]["relation"] == "21/010103000000"
    assert set(checked.by_compartment) == {C.SOURCE, C.CONTACT}
    assert "relation" not in checked.by_compartment[C.CONTACT]


@pytest.mark.parametrize("typed", NASTY_COUNTS)
def test_a_count_that_is_no_small_whole_number_is_refused(typed: str) -> None:
    problem = problems_of("act", {"type": "X03-0301-01a", "count": typed})["count"]
    assert problem in {"not-a-number", "too-long"}


@pytest.mark.parametrize("typed", NASTY_DAYS)
def test_a_day_that_is_none_is_refused(typed: str) -> None:
    assert problems_of("task", {"what": "Позвонить", "due": typed}) == {"due": "unreadable-day"}


@pytest.mark.parametrize("typed", ["2023-05-17", "17.05.2023", "17.5.2023"])
def test_a_day_is_read_day_first(typed: str) -> None:
    checked = check("task", {"what": "Позвонить", "due": typed}, "ru", TODAY)
    assert checked.by_compartment[C.CONTROL]["due"] == "2023-05-17"


def test_a_field_that_nobody_declared_is_refused_without_its_name() -> None:
    assert problems_of("task", {"what": "Позвонить", "Артём": "1"}) == {FORM: "unknown-field"}


@pytest.mark.parametrize("name", ["desk", "owner", "received_on", "counting", "id"])
def test_a_form_cannot_write_what_the_program_writes(name: str) -> None:
    assert problems_of("case", {"title": "Дело", name: "1"}) == {FORM: "unknown-field"}


def test_an_entity_that_nobody_declared_is_refused() -> None:
    assert problems_of("passport", {"number": "1"}) == {FORM: "unknown-field"}


def test_an_empty_field_was_not_asked_about() -> None:
    checked = check("custody", {"facility": "", "contact": " ", "legal_status": "unknown"}, "ru", TODAY)
    assert checked.by_compartment == {C.FACTS: {"legal_status": "unknown"}}


def test_a_form_with_nothing_in_it_is_refused() -> None:
    assert problems_of("custody", {"facility": " ", "start": ""}) == {FORM: "required"}


def test_what_an_entry_is_about_is_asked_for() -> None:
    assert problems_of("act", {"when": "17 мая 2023"}) == {"type": "required"}
    assert problems_of("consent", {"purpose": "count"}) == {"value": "required", "on": "required"}


@pytest.mark.parametrize("value", ["unknown", "not-decided", "maybe", "YES"])
def test_a_consent_is_never_undecided(value: str) -> None:
    raw = {"purpose": "count", "value": value, "on": "2026-11-23"}
    assert problems_of("consent", raw) == {"value": "unknown-term"}


def test_a_term_of_another_list_is_refused() -> None:
    assert problems_of("case", {"status": "41/030000000000"}) == {"status": "unknown-term"}


def test_a_link_is_an_identifier_and_nothing_else() -> None:
    assert problems_of("act", {"type": "not-decided", "victim": "../../etc"}) == {"victim": "unknown-term"}


def test_a_repeated_value_is_kept_once_and_in_order() -> None:
    typed = ["theme/death", "", "theme/extortion", "theme/death"]
    checked = check("case", {"themes": typed}, "ru", TODAY)
    assert checked.by_compartment[C.FACTS]["themes"] == ["theme/death", "theme/extortion"]


def test_two_values_where_one_is_possible_are_refused() -> None:
    assert problems_of("case", {"status": ["X25-0103a", "unknown"]}) == {"status": "only-one"}


def test_too_many_values_are_refused() -> None:
    assert problems_of("case", {"themes": ["theme/death"] * 51}) == {"themes": "too-many"}


@pytest.mark.parametrize("raw", [3, None, {"a": "b"}, [1], [["а"]], float("nan")])
def test_what_is_no_text_is_refused(raw: object) -> None:
    assert problems_of("case", {"title": raw})["title"] == "not-text"


def test_dates_and_places_that_cannot_be_read_are_named_together() -> None:
    raw = {"facility": "у реки", "start": "31.02.2023", "end": "когда-то"}
    assert problems_of("custody", raw) == {
        "facility": "unreadable-facility",
        "start": "unreadable-date",
        "end": "unreadable-date",
    }


def test_a_refusal_never_repeats_what_was_typed() -> None:
    raw = {"role": "Бунятов", "name": "Бунятов\x00", "birth": "17 Бунятова", "Бунятов": "Бунятов"}
    with pytest.raises(FieldProblems) as caught:
        check("person", raw, "ru", TODAY)
    refused = caught.value
    assert "Бунятов" not in f"{refused!s} {refused!r} {refused.args} {refused.problems}"
    assert refused.__cause__ is None
    assert refused.__context__ is None
    assert isinstance(refused, Invalid)


def test_a_checked_entry_does_not_show_its_content() -> None:
    assert "Бунятов" not in repr(check(*RAW["ru"][1], "ru", TODAY))


def test_every_problem_is_said_in_three_languages() -> None:
    assert all(problem_label(code, language).strip() for code in PROBLEM_LABELS for language in LANGUAGES)


ANY_TEXT = st.text(st.characters(), max_size=60)
TOLD = st.sampled_from(["17 мая 2023", "spring 2022", "ИК-29", "2", "unknown", "yes", "2023-05-17", "\ud800", "\u202e"])
VALUES = st.one_of(ANY_TEXT, TOLD, st.lists(st.one_of(ANY_TEXT, TOLD), max_size=4))


@st.composite
def forms(draw: st.DrawFn) -> tuple[str, dict[str, str | list[str]]]:
    """Draw an entity and a form in which some fields may be right and some are nobody's."""
    entity = draw(st.sampled_from((*ENTITIES, "nothing")))
    known = {one.name: term_or_text(one.term_list) for one in form_fields(entity)}
    raw = draw(st.fixed_dictionaries({}, optional=known))
    return entity, {**raw, **draw(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=1))}


def term_or_text(list_name: str | None) -> st.SearchStrategy[str | list[str]]:
    """Return values of which many are right for a field of this list."""
    codes = [term.code for term in terms_of(list_name)] if list_name else ["17 мая 2023", "2"]
    return st.one_of(st.sampled_from(codes), VALUES)


@settings(max_examples=300, deadline=None)
@given(forms(), st.sampled_from(LANGUAGES), st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_whatever_is_typed_is_clean_or_refused(
    form: tuple[str, dict[str, str | list[str]]], language: Language, today: date
) -> None:
    entity, raw = form
    outcome = checked_or_refused(entity, raw, language, today)
    if isinstance(outcome, Checked):
        assert_it_lies_where_it_belongs(outcome)
    else:
        assert set(outcome) <= {FORM, *(one.name for one in entity_fields(entity))}
        assert set(outcome.values()) <= set(PROBLEM_LABELS)


def checked_or_refused(
    entity: str, raw: Mapping[str, Any], language: Language, today: date
) -> Checked | dict[str, str]:
    """Return what was checked, or what is wrong; anything else that is raised is a fault."""
    try:
        return check(entity, raw, language, today)
    except FieldProblems as refused:
        return refused.problems


def assert_it_lies_where_it_belongs(checked: Checked) -> None:
    """Assert that all can be written as UTF-8 JSON and stands in its own compartment."""
    json.dumps([checked.by_compartment, checked.told], ensure_ascii=False, allow_nan=False).encode("utf-8")
    place = {one.name: one.compartment for one in entity_fields(checked.entity)}
    assert all(place[name] is where for where, part in checked.by_compartment.items() for name in part)


def test_every_form_can_be_filled_in() -> None:
    assert {entity for entity, _ in RAW["ru"]} <= set(FORM_ENTITIES)


def test_a_place_is_kept_in_the_words_told_where_they_are_not_what_it_is_called() -> None:
    told = check("custody", {"facility": "ВК-7, Вологодська область"}, "ru", TODAY)
    assert told.by_compartment[Compartment.FACTS]["facility"]["number"] == "7"
    assert told.told == {"facility": "ВК-7, Вологодська область"}
    for reader in LANGUAGES:
        assert check("custody", {"facility": "ИК-7, Вологодская область"}, reader, TODAY).told == {}
