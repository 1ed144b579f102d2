"""Readiness: six elements, counted one by one; more facts never make a case less ready."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.dates import ApproxDate
from api.reports.profiles import load
from api.reports.readiness import readiness, urgent_until
from api.reports.sections import Sections, Submitter
from tests.reports.example import EVERYTHING, GRANTED, GROUP, VICTIM, WITHOUT_STEPS

WGEID = load("wgeid")
NOBODY = Submitter("", "")
# The fields on which each element stands in the worked example.
NEEDED = {
    "name": (("identity", "person", "name"), ("identity", "person", "name_latin")),
    "date": (("facts", "case", "last_heard"),),
    "place": (("facts", "custody", "facility"),),
    "forces": (("facts", "act", "body"), ("facts", "act", "perpetrator_type")),
    "steps": (("legal", "intervention", "type"),),
}


def met(sections: Sections) -> set[str]:
    return {element.key for element in readiness(WGEID, sections, GROUP).met_elements}


def without(sections: Sections, *paths: tuple[str, str, str]) -> Sections:
    dropped = set(paths)
    return {
        compartment: {
            entity: [
                {name: value for name, value in entry.items() if (compartment, entity, name) not in dropped}
                for entry in entries
            ]
            for entity, entries in body.items()
        }
        for compartment, body in sections.items()
    }


def with_value(compartment: str, entity: str, name: str, value: object) -> Sections:
    bare = without(GRANTED, *(path for paths in NEEDED.values() for path in paths))
    return {**bare, compartment: {**bare[compartment], entity: [{"id": VICTIM, name: value}]}}


def test_the_worked_example_meets_six_of_six() -> None:
    found = readiness(WGEID, GRANTED, GROUP)
    assert (found.met, found.of, found.missing, found.complete) == (6, 6, (), True)
    assert found.sentence("en") == "WGEID: 6 of 6"


def test_without_an_intervention_the_screen_says_five_of_six_and_which_is_missing() -> None:
    found = readiness(WGEID, WITHOUT_STEPS, GROUP)
    assert found.sentence("en") == "WGEID: 5 of 6, steps taken are missing"
    assert found.sentence("ru") == "WGEID: 5 из 6, нет предпринятых шагов"
    assert found.sentence("uk") == "WGEID: 5 з 6, немає зроблених кроків"
    assert not found.complete


@pytest.mark.parametrize("key", NEEDED)
def test_removing_the_field_that_an_element_stands_on_lowers_readiness_by_that_element(key: str) -> None:
    assert met(GRANTED) - met(without(GRANTED, *NEEDED[key])) == {key}


def test_a_group_that_does_not_say_who_it_is_submits_nothing() -> None:
    assert [element.key for element in readiness(WGEID, GRANTED, NOBODY).missing] == ["submitter"]
    assert readiness(WGEID, GRANTED, Submitter("Group", " ")).met == 5


@pytest.mark.parametrize("edtf", ["2023-05-17", "2023-05", "2023-05-01/2023-05-10", "2023-04-25/2023-05-05"])
def test_a_date_known_to_a_month_is_enough(edtf: str) -> None:
    basis = "exact" if edtf == "2023-05-17" else "48/010000000000"
    assert "date" in met(with_value("facts", "case", "last_heard", {"edtf": edtf, "basis": basis}))


@pytest.mark.parametrize(
    "value",
    [
        {"edtf": "2023", "basis": "48/030000000000"},
        {"edtf": "2023-03-01/2023-05-31", "basis": "48/010000000000"},
        {"edtf": "../2023-05-31", "basis": "X48-05"},
        {"edtf": "2023-05-17/..", "basis": "X48-05"},
        "unknown",
        None,
    ],
)
def test_a_year_a_season_or_an_open_date_is_not_enough(value: object) -> None:
    assert "date" not in met(with_value("facts", "case", "last_heard", value))


@pytest.mark.parametrize("value", ["unknown", "not-decided", "", "  "])
def test_unknown_and_not_decided_answer_nothing(value: str) -> None:
    for compartment, entity, name in (("legal", "intervention", "type"), ("facts", "act", "body")):
        assert not met(with_value(compartment, entity, name, value)) & {"steps", "forces"}


def test_a_facility_of_which_nothing_is_known_is_no_place() -> None:
    nothing = {"type": "17/030600000000", "kind": "unknown", "number": "", "region": ""}
    assert "place" not in met(with_value("facts", "custody", "facility", nothing))
    assert "place" in met(with_value("facts", "custody", "facility", {**nothing, "region": "RU-ARK"}))


def test_that_no_step_was_possible_is_an_answer() -> None:
    assert "steps" in met(with_value("legal", "intervention", "type", "step/none-possible"))


def test_the_name_of_a_relative_is_not_the_name_of_the_person() -> None:
    mother = [person for person in GRANTED["identity"]["person"] if person["id"] != VICTIM]
    assert "name" not in met({**GRANTED, "identity": {"person": mother}})


def test_what_was_not_opened_does_not_count() -> None:
    shut = {name: body for name, body in GRANTED.items() if name != "identity"}
    assert "name" not in met(shut)


ENTRIES = [
    (compartment, entity, entry)
    for compartment, body in EVERYTHING.items()
    for entity, entries in body.items()
    for entry in entries
]


def gathered(chosen: list[tuple[str, str, Mapping[str, object]]]) -> Sections:
    sections: dict[str, dict[str, list[Mapping[str, object]]]] = {name: {} for name in EVERYTHING}
    for compartment, entity, entry in chosen:
        sections[compartment].setdefault(entity, []).append(entry)
    return sections


@given(st.lists(st.sampled_from(ENTRIES), max_size=12), st.sampled_from(ENTRIES))
def test_adding_an_entry_never_lowers_readiness(chosen: list[object], added: object) -> None:
    assert met(gathered(chosen)) <= met(gathered([*chosen, added]))


def approx(edtf: str, basis: str) -> ApproxDate:
    return ApproxDate.from_json({"edtf": edtf, "basis": basis})


def test_the_urgent_procedure_ends_three_months_after_the_latest_day() -> None:
    assert urgent_until(approx("2023-05-17", "exact")) == date(2023, 8, 17)
    assert urgent_until(approx("2023-05-01/2023-05-10", "48/010000000000")) == date(2023, 8, 10)
    assert urgent_until(approx("2023-11-30", "exact")) == date(2024, 2, 29)
    assert urgent_until(approx("2022-12-31", "exact")) == date(2023, 3, 31)
    assert urgent_until(approx("2023-05-17/..", "X48-05")) is None


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_the_urgent_window_is_between_89_and_92_days(day: date) -> None:
    until = urgent_until(ApproxDate(day, day, "exact"))
    assert until is not None
    assert 89 <= (until - day).days <= 92
