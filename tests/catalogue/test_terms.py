"""The term lists: whole in three languages, unambiguous, and with the meanings the right way round."""

import re
from collections import Counter

import pytest

from api.catalogue.compartments import LANGUAGES, Labels, Language
from api.catalogue.fields import FIELDS
from api.catalogue.purposes import Purpose
from api.catalogue.terms import SPECIALS, TERM_LISTS, Term, TermList, known, label, parent

HURIDOCS = re.compile(r"\d{1,2}/\d{12}")
EVERY_TERM = [(name, term) for name, one in TERM_LISTS.items() for term in one.terms]


def repeated_labels(one: TermList, language: Language) -> list[str]:
    """Return the labels that two terms of a list share."""
    counted = Counter(term.labels[language].casefold() for term in one.terms)
    return [said for said, times in counted.items() if times > 1]


def meanings_that_differ(terms: list[Term]) -> set[str]:
    """Return the codes that mean one thing here and another there."""
    first: dict[str, Term] = {}
    return {term.code for term in terms if first.setdefault(term.code, term).labels != term.labels}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_has_a_label_in_every_language(language: Language) -> None:
    assert [term.code for _, term in EVERY_TERM if not term.labels[language].strip()] == []


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_a_russian_or_ukrainian_label_is_no_english_one(language: Language) -> None:
    latin = [term.code for _, term in EVERY_TERM if re.fullmatch(r"[A-Za-z ,.]+", term.labels[language])]
    assert latin == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_terms_of_a_list_share_a_label(language: Language) -> None:
    assert [said for one in TERM_LISTS.values() for said in repeated_labels(one, language)] == []


def test_a_shared_label_is_caught() -> None:
    twice: Labels = {"en": "Likely", "ru": "Вероятно", "uk": "Ймовірно"}
    assert repeated_labels(TermList("41", (Term("a", twice), Term("b", twice))), "ru") == ["вероятно"]


def test_a_code_means_the_same_in_every_list() -> None:
    assert meanings_that_differ([term for _, term in EVERY_TERM]) == set()


def test_a_code_with_two_meanings_is_caught() -> None:
    one = Term("x", {"en": "a", "ru": "а", "uk": "а"})
    assert meanings_that_differ([one, Term("x", {"en": "b", "ru": "б", "uk": "б"})]) == {"x"}


def test_every_list_can_say_unknown_and_not_decided_but_for_consent() -> None:
    without = {name for name in TERM_LISTS if not all(known(name, special.code) for special in SPECIALS)}
    assert without == {"purpose", "decision"}


def test_a_code_of_the_standard_is_a_list_and_twelve_digits() -> None:
    numbered = [(name, term.code) for name, term in EVERY_TERM if name.isdecimal() and term.code[0].isdigit()]
    assert [code for name, code in numbered if not HURIDOCS.fullmatch(code) or not code.startswith(f"{name}/")] == []


def test_the_standard_s_own_unknown_is_not_offered_beside_ours() -> None:
    assert [term.code for _, term in EVERY_TERM if term.code.endswith("/990000000000")] == []


def test_a_local_term_has_a_broader_term() -> None:
    local = [term for _, term in EVERY_TERM if term.code.startswith("X")]
    assert len(local) == 17
    assert all(HURIDOCS.fullmatch(term.parent) or term.parent == "48" or parent(term.parent) for term in local)


def test_likely_and_unlikely_of_list_41_are_not_inverted() -> None:
    likely, unlikely = "41/040000000000", "41/020000000000"
    assert [label(likely, language) for language in LANGUAGES] == ["Likely", "Вероятно", "Ймовірно"]
    assert [label(unlikely, language) for language in LANGUAGES] == ["Unlikely", "Маловероятно", "Малоймовірно"]


@pytest.mark.parametrize(
    ("code", "russian"),
    [
        ("48/010000000000", "Приблизительно"),
        ("30/010200000000", "Место скрывают"),
        ("30/010102020000", "Связь с адвокатом запрещена"),
        ("3/011200000000", "Свобода от бесчеловечного обращения и наказания"),
        ("4/010103010000", "Гибель в бою"),
        ("4/300102010000", "Принудительный труд"),
        ("36/030000000000", "Предложили подписать, отказался"),
    ],
)
def test_labels_that_the_published_translation_shifted_stand_right(code: str, russian: str) -> None:
    assert label(code, "ru") == russian


def test_the_uses_that_a_family_decides_on_are_the_seven() -> None:
    assert [term.code for term in TERM_LISTS["purpose"].terms] == [str(one) for one in Purpose]


def test_a_term_of_another_list_is_not_known() -> None:
    assert known("25", "X25-0103a")
    assert not known("41", "X25-0103a")


def test_every_list_that_a_field_names_is_there() -> None:
    assert {one.term_list for one in FIELDS if one.term_list} <= TERM_LISTS.keys()
