"""A receipt copied by hand on a bad day still opens the mailbox; anything else opens nothing, quietly."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.words.lists import LANGUAGES, Language, fold, places, word_list
from api.words.receipt import MARK, new_receipt, read_receipt

entropies = st.binary(min_size=16, max_size=16)
languages = st.sampled_from(LANGUAGES)

SPELLINGS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "as shown": " ".join,
    "in capitals": lambda words: " ".join(words).upper(),
    "a line each": "\n".join,
    "with commas": ", ".join,
    "numbered": lambda words: "\n".join(f"{place}. {word}" for place, word in enumerate(words, 1)),
    "numbered closely": lambda words: " ".join(f"{place}){word}" for place, word in enumerate(words, 1)),
    "with many blanks": lambda words: "  \t " + " \u00a0 ".join(words) + "\r\n ",
    "without apostrophes": lambda words: " ".join(words).replace("'", ""),
    "with a typographic apostrophe": lambda words: " ".join(words).replace("'", "’"),
    "with ё for е": lambda words: " ".join(words).replace("е", "ё"),
    "with и for і and ї": lambda words: " ".join(words).translate(str.maketrans("ії", "ии")),
    "with г for ґ and е for є": lambda words: " ".join(words).translate(str.maketrans("ґє", "ге")),
    "decomposed": lambda words: unicodedata.normalize("NFD", " ".join(words)),
}


def material(language: Language, entropy: bytes) -> bytes:
    packed = MARK[language]
    for word in new_receipt(language, entropy):
        packed = packed * 2048 + word_list(language).index(word)
    return packed.to_bytes(16)


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(language=languages, entropy=entropies)
def test_a_receipt_is_read_under_every_forgiven_spelling(spelling: str, language: Language, entropy: bytes) -> None:
    typed = SPELLINGS[spelling](new_receipt(language, entropy))
    assert read_receipt(typed) == material(language, entropy)


@given(entropy=entropies)
def test_four_letters_of_each_english_word_are_enough(entropy: bytes) -> None:
    typed = " ".join(word[:4] for word in new_receipt("en", entropy))
    assert read_receipt(typed) == material("en", entropy)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_after_the_fourth_letter_is_forgiven(language: Language) -> None:
    entropy = bytes(range(60, 76))
    typed = " ".join(word.replace("'", "")[:4] + "ъж" * (len(word) > 5) for word in new_receipt(language, entropy))
    assert read_receipt(typed) == material(language, entropy)


def test_all_one_bits_are_the_last_word_and_the_seven_spare_bits_change_nothing() -> None:
    assert set(new_receipt("uk", b"\xff" * 16)) == {word_list("uk")[-1]}
    assert new_receipt("uk", b"\x01" + b"\xff" * 15) == new_receipt("uk", b"\xff" * 16)


def test_a_receipt_that_two_languages_could_read_is_never_given_out() -> None:
    both = word_list("ru")[0]
    assert places("uk").get(fold(both)[:4]) is not None
    assert read_receipt(f"{both} " * 11) is None
    assert set(new_receipt("ru", bytes(16))) != {both}


def test_the_same_places_in_two_languages_are_two_mailboxes() -> None:
    entropy = b"\xff" * 16
    assert len({read_receipt(" ".join(new_receipt(language, entropy))) for language in LANGUAGES}) == 3


@given(st.text(max_size=2000))
@example("abandon " * 12)
@example("abandon " * 10)
@example("abandon " * 10 + "abdication")
@example("\ud800" * 11)
@example("")
def test_what_is_no_receipt_is_refused_without_an_error(text: str) -> None:
    assert read_receipt(text) is None


def test_words_of_two_languages_mixed_are_refused() -> None:
    mixed = [*new_receipt("en", bytes(range(16)))[:10], word_list("ru")[5]]
    assert read_receipt(" ".join(mixed)) is None


def test_words_beyond_the_longest_text_do_not_make_it_whole() -> None:
    typed = " ".join(new_receipt("en", bytes(range(16))))
    assert read_receipt(typed + " " * 1000 + "more") is None


def test_too_little_entropy_makes_no_receipt() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        new_receipt("ru", bytes(15))
