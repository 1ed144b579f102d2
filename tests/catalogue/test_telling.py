"""What a family tells, read for the page and the API alike."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.telling import CHOICES, FIELDS, LONGEST, RECRUITERS, read_told

LEAST = {"about_name": "Артём Выдуманный", "story": "Его увезли."}
ANYTHING = st.text() | st.lists(st.text())


def test_the_words_and_a_name_are_enough() -> None:
    assert read_told(LEAST) == (LEAST, {})


@pytest.mark.parametrize("name", ["about_name", "story"])
@pytest.mark.parametrize("text", ["", "  \n "])
def test_without_one_of_them_it_is_asked_for(name: str, text: str) -> None:
    assert read_told({**LEAST, name: text})[1] == {name: "missing"}


def test_a_field_that_nobody_asked_for_is_refused() -> None:
    told, problems = read_told({**LEAST, "diagnosis": "x"})
    assert problems == {"diagnosis": "unknown-field"}
    assert "diagnosis" not in told


def test_a_choice_is_one_of_those_offered() -> None:
    assert read_told({**LEAST, "relation": "21/010101000000"})[0]["relation"] == "21/010101000000"
    assert read_told({**LEAST, "relation": "king"})[1] == {"relation": "unknown-choice"}
    assert "relation" not in read_told({**LEAST, "relation": "unknown"})[0]
    assert read_told({**LEAST, "who_came": ["pmc", "somebody"]})[0]["who_came"] == ["pmc"]


def test_a_text_is_bounded() -> None:
    assert read_told({**LEAST, "held_where": "x" * (LONGEST + 1)})[1] == {"held_where": "too-long"}


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=9), ANYTHING))
def test_whatever_comes_is_told_cleanly_or_named_as_a_problem(raw: dict[str, Any]) -> None:
    told, problems = read_told(raw)
    assert told.keys() <= FIELDS
    assert not told.keys() & problems.keys()
    assert all(told[name] in allowed for name, allowed in CHOICES.items() if name in told)
    assert set(told.get("who_came", ())) <= RECRUITERS
