"""The draft coding: what can be read is offered, what cannot is left blank, and nothing is decided."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.check import check
from api.catalogue.compartments import LANGUAGES, Compartment, Language
from api.clock import today
from api.services.drafting import RECRUITERS, draft_coding
from tests.receiving.family import ABOUT

TEXT = st.text(max_size=60)
REPORTS = st.fixed_dictionaries(
    {},
    optional={
        "about_name": TEXT,
        "about_birth": TEXT,
        "last_heard": TEXT,
        "held_where": TEXT,
        "who_came": st.lists(st.sampled_from([*RECRUITERS, "other", "?"]), max_size=4),
    },
)


def drafted(about: dict[str, Any], entity: str) -> list[dict[str, Any]]:
    return [values for name, values in draft_coding(about, "ru") if name == entity]


def test_a_full_report_is_drafted_as_it_would_be_typed() -> None:
    assert drafted(ABOUT, "case")[0]["last_heard"] == "17 мая 2023"
    assert drafted(ABOUT, "person") == [{"role": "victim", "name": "Бунятов Артём"}]
    assert drafted(ABOUT, "custody") == [{"facility": "ИК-29, Архангельская область"}]
    assert [one["type"] for one in drafted(ABOUT, "act")] == ["X03-0301-01a", "X03-0301-01b"]


def test_a_draft_of_a_full_report_passes_the_catalogue_as_it_stands() -> None:
    for entity, values in draft_coding(ABOUT, "ru"):
        assert check(entity, values, "ru", today()).by_compartment


@pytest.mark.parametrize("words", ["когда цвела черёмуха", "", "32 мая"])
def test_a_date_that_cannot_be_read_is_left_to_a_person(words: str) -> None:
    assert "last_heard" not in drafted({"about_name": "А", "last_heard": words}, "case")[0]
    assert "birth" not in drafted({"about_name": "А", "about_birth": words}, "person")[0]


def test_a_place_that_is_no_facility_and_a_visitor_nobody_knows_are_left_to_a_person() -> None:
    about = {"about_name": "А", "held_where": "где-то под Нижним", "who_came": ["other"]}
    assert drafted(about, "custody") == drafted(about, "act") == []


@pytest.mark.parametrize(
    ("told", "words", "kind"),
    [("uk", "ВК-7, Вологодська область", "IK"), ("uk", "ВК-7", "IK"), ("ru", "ВК-7", "VK"), ("en", "VK-7", "VK")],
)
def test_whoever_checks_it_a_place_means_what_it_meant_to_the_family(told: Language, words: str, kind: str) -> None:
    (custody,) = [one for name, one in draft_coding({"held_where": words}, told) if name == "custody"]
    for reader in LANGUAGES:
        checked = check("custody", custody, reader, today())
        assert checked.by_compartment[Compartment.FACTS]["facility"]["kind"] == kind


@given(REPORTS)
def test_whatever_was_filled_in_a_draft_comes_of_it(about: dict[str, Any]) -> None:
    assert [name for name, _ in draft_coding(about, "uk")][:2] == ["case", "person"]
