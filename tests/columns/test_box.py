"""One line is read as what people mean by it; what asks for nothing is refused with a sentence."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.check import PROBLEM_LABELS
from api.catalogue.compartments import LANGUAGES
from api.catalogue.facilities import Facility
from api.columns.box import LONGEST, Box, read, said_digits
from api.errors import Invalid
from api.ids import ALPHABET, LENGTH, short_code

READ = {
    "Иванов Сергей": Box(words="Иванов Сергей"),
    "K7-M4QX": Box(code="k7m4qx"),
    "k7m4qx": Box(code="k7m4qx"),
    "К7-М4АХ": Box(code="k7m4ax"),
    "86-T8JW": Box(code="86t8jw"),
    "Сергей t8-kp29 ИК-29": Box(code="t8kp29", place=Facility("IK", "29"), words="Сергей"),
    "Sergey": Box(words="Sergey"),
    "Сергей ИК-29": Box(place=Facility("IK", "29"), words="Сергей"),
    "колония № 29 хлеб": Box(place=Facility("IK", "29"), words="хлеб"),
    "29-я колония Иванов": Box(place=Facility("IK", "29"), words="Иванов"),
    "колония хлеб": Box(words="колония хлеб"),
    "ik29": Box(place=Facility("IK", "29")),
    "+7 (912) 345-67-89": Box(digits="79123456789"),
    "8 912 345 67 89 Иванов": Box(digits="89123456789", words="Иванов"),
    "этап 2023-05-17": Box(words="этап 2023-05-17"),
    "письмо 17.05.2023": Box(words="письмо 17.05.2023"),
    "Сергей 😀": Box(words="Сергей 😀"),
    "Ceргей Иvanов": Box(words="Ceргей Иvanов"),
}


@pytest.mark.parametrize("line", READ)
def test_a_line_is_read_as_people_mean_it(line: str) -> None:
    assert read(line) == READ[line]


@pytest.mark.parametrize("line", ["", " ", "a", "я !", "😀", "\u202e", "..."])
def test_a_line_that_asks_for_nothing_is_refused(line: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(line)
    assert refused.value.problems == {"line": "nothing-to-find"}


def test_a_long_line_is_refused_before_it_is_read() -> None:
    assert read("я" * LONGEST).words
    with pytest.raises(Invalid) as refused:
        read("я" * 10_000)
    assert refused.value.problems == {"line": "too-long"}


def test_each_refusal_has_a_sentence_in_three_languages() -> None:
    assert all(PROBLEM_LABELS[code][language] for code in ("too-long", "nothing-to-find") for language in LANGUAGES)


@given(st.text(max_size=LONGEST) | st.text("0123456789-+() ИКikм.ая", max_size=LONGEST))
def test_any_line_is_read_or_refused(line: str) -> None:
    with suppress(Invalid):
        found = read(line)
        assert found != Box()
        assert read(line) == found


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_the_code_of_any_case_is_read_as_such(case_id: str) -> None:
    assert read(short_code(case_id)) == Box(code=case_id[:6])


def test_numbers_are_said_in_many_ways() -> None:
    assert list(said_digits("WhatsApp +7 912 345-67-89, дома (8182) 12-34-56; Signal 8(921)1112233")) == [
        "79123456789",
        "8182123456",
        "89211112233",
    ]
