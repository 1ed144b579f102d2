"""Receipts of years to come are read with these lists: 2,048 words each, told apart by four letters."""

from hashlib import sha256

import pytest

from api.words import lists
from api.words.lists import LANGUAGES, PREFIX, SIZE, Language, fold, places, word_list, words_in

UKRAINIAN_ALPHABET = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"

# Frozen: a changed, moved or re-sorted word would open somebody else's mailbox, or none.
FROZEN: dict[Language, str] = {
    "en": "187db04a869dd9bc7be80d21a86497d692c0db6abd3aa8cb6be5d618ff757fae",
    "ru": "2439333f64847a2c60c7d0cdcdcad20ca3cb546ac108f0fe8b0b8bcaa0947443",
    "uk": "a0e6448e1421d0ddc1993bccec0d31750f26c97d3f0a6ddf09152a7682e4837d",
}


def fault_in(words: tuple[str, ...]) -> str | None:
    """Name what is wrong with a list, or None."""
    if len(words) != SIZE or len(set(words)) != SIZE:
        return "not 2,048 different words"
    if len({fold(word)[:PREFIX] for word in words}) != SIZE:
        return "two words share their first four letters"
    if not all(word.replace("'", "").isalpha() for word in words):
        return "a word has something other than letters"
    return None


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_list_has_2048_words_told_apart_by_four_folded_letters(language: Language) -> None:
    assert fault_in(word_list(language)) is None
    assert sorted(places(language).values()) == list(range(SIZE))


def test_a_list_with_two_words_alike_in_four_letters_is_caught() -> None:
    planted = (*word_list("uk")[:-1], "абажурний")
    assert fault_in(planted) == "two words share their first four letters"
    assert fault_in(word_list("uk")[:-1]) == "not 2,048 different words"
    assert fault_in((*word_list("uk")[:-1], "ящ\ufffdрка")) == "a word has something other than letters"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_has_ever_moved(language: Language) -> None:
    assert sha256("\n".join(word_list(language)).encode()).hexdigest() == FROZEN[language]


def test_ukrainian_words_have_four_to_eight_letters_and_stand_in_alphabetical_order() -> None:
    bare = [word.replace("'", "") for word in word_list("uk")]
    assert all(4 <= len(word) <= 8 for word in bare)
    assert all(set(word) <= set(UKRAINIAN_ALPHABET) for word in bare)
    assert bare == sorted(bare, key=lambda word: [UKRAINIAN_ALPHABET.index(letter) for letter in word])


def test_the_ukrainian_list_frightens_nobody() -> None:
    stems = (
        "тюрм",
        "арешт",
        "допит",
        "війн",
        "смерт",
        "вбив",
        "труп",
        "кров",
        "збро",
        "бомб",
        "солдат",
        "мін",
        "куля",
    )
    harmless = {"мінерал", "мінливий"}
    assert not {word for word in word_list("uk") if word.startswith(stems)} - harmless


def test_numbers_commas_marks_and_broken_lines_only_part_words() -> None:
    assert words_in("1. М’ята,\n2) ЇЖАК;  3 - п`ять\u00ad4\tщо-небудь") == [
        "мята",
        "ижак",
        "пять",
        "що",
        "небудь",
    ]


def test_a_decomposed_word_and_a_latin_i_read_the_same() -> None:
    assert fold("ёлкой") == fold("е\u0308лкои\u0306") == fold("ЁЛКОЙ") == "елкой"
    assert fold("кiно") == fold("кіно")
    assert fold("iнше") == fold("інше")
    assert fold("ice") == "ice"


def test_apostrophes_are_dropped_before_marks_are_parted() -> None:
    assert {fold(f"м{mark}яч") for mark in lists.APOSTROPHES} == {"мяч"}
