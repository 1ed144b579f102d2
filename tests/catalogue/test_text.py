"""Text at the edge: whatever is typed or pasted becomes one plain form, or is refused at once."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.text import LONG, BadText, clean_long_text, clean_text

# What is typed -> what becomes of it in a name; None is a refusal.
NASTY_NAMES = {
    "an ordinary name": ("Бунятов Артём", "Бунятов Артём"),
    "blanks around and between": ("  Бунятов \t\n Артём  ", "Бунятов Артём"),
    "a letter and its mark apart": ("Артe\u0308м", "Артëм"),
    "a lone high surrogate": ("Иван\ud800", None),
    "a lone low surrogate": ("\udfffИван", None),
    "a surrogate that an undecodable byte left": ("Иван\udcff", None),
    "a NUL": ("Иван\x00", None),
    "other controls": ("Ив\x07ан\x1b[31m\x7f\x9b", "Иван[31m"),
    "an override from right to left": ("Иван\u202eворотеП", "ИванворотеП"),
    "isolates and marks of direction": ("\u2066Иван\u2069\u200f\u061c", "Иван"),
    "a name of invisible letters": ("\u200b\u2060\ufeff\u00ad\u3164", ""),
    "a zero-width joiner inside": ("Ив\u200d\u200cан", "Иван"),
    "letters for machines (tags)": ("Иван\U000e0041\U000e007f", "Иван"),
    "selectors of variants": ("Иван\ufe0f\U000e0100", "Иван"),
    "a letter under a hundred marks": ("И" + "\u0301" * 100, None),
    "ten thousand letters": ("Ы" * 10_000, None),
    "a formula is text": ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    "markup is text": ("<script>&amp;", "<script>&amp;"),
}


@pytest.mark.parametrize(("typed", "kept"), NASTY_NAMES.values(), ids=NASTY_NAMES.keys())
def test_a_nasty_name_is_cleaned_or_refused(typed: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(BadText):
            clean_text(typed)
    else:
        assert clean_text(typed) == kept


def test_lines_of_a_statement_stay_and_its_order_cannot_be_turned_round() -> None:
    typed = "Первая строка\r\n\tвторая\u202e\u2028третья\x0b\x85конец\u200d  \n"
    assert clean_long_text(typed) == "Первая строка\n\tвторая\nтретья\nконец\u200d"


def test_a_statement_is_bounded() -> None:
    assert len(clean_long_text("\r\n".join("Ы" * (LONG // 2)))) == LONG - 1
    with pytest.raises(BadText) as caught:
        clean_long_text("Ы" * (LONG + 1))
    assert caught.value.code == "too-long"


def test_marks_that_would_hold_the_processor_are_refused_at_once() -> None:
    began = time.perf_counter()
    with pytest.raises(BadText):
        clean_long_text("а" + "\u0301\u0316" * (LONG // 2 - 1))
    assert time.perf_counter() - began < 0.2


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(typed: str) -> None:
    for clean in (clean_text, clean_long_text):
        try:
            once = clean(typed)
        except BadText:
            continue
        assert clean(once) == once
