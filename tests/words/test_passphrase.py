"""A passphrase is what stands between a seized server and the cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.words.lists import LANGUAGES, Language
from api.words.passphrase import new_passphrase, six_words, strong_enough


@given(st.binary(min_size=10, max_size=10), st.sampled_from(LANGUAGES))
def test_a_passphrase_is_seven_words(entropy: bytes, language: Language) -> None:
    assert len(new_passphrase(entropy, language).split(" ")) == 7


def test_one_bit_more_is_another_passphrase() -> None:
    made = {new_passphrase((1 << bit).to_bytes(10)) for bit in range(77)}
    assert len(made) == 77


def test_too_little_entropy_makes_no_passphrase() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        new_passphrase(bytes(9))


@pytest.mark.parametrize(
    "own", ["зелёный трамвай везёт семь кошек через старый мост", new_passphrase(bytes(range(70, 80)))]
)
def test_a_long_phrase_of_different_words_is_accepted(own: str) -> None:
    assert strong_enough(own)


@pytest.mark.parametrize(
    "own",
    [
        "",
        "Correct-Horse-7!",
        "password password password password password password",
        "aaaa bbbb cccc dddd eeee ffff gggg",
        "qwer qwert qwerty qwertyu qwertyui qwertyuio",
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "1234567890 1234567890 1234567890",
        "an ox is by my ax",
    ],
)
def test_a_short_or_repeating_phrase_is_refused(own: str) -> None:
    assert not strong_enough(own)


@given(st.text(max_size=300))
def test_judging_a_phrase_never_fails(own: str) -> None:
    assert strong_enough(own) in (True, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fingerprint_is_six_words_and_its_first_66_bits_decide(language: Language) -> None:
    fingerprint = bytes(range(32))
    assert len(six_words(fingerprint, language)) == 6
    assert six_words(fingerprint, language) == six_words(fingerprint[:9] + bytes(23), language)
    assert six_words(fingerprint, language) != six_words(bytes([1]) + fingerprint[1:], language)


def test_a_short_fingerprint_is_refused() -> None:
    with pytest.raises(ValueError, match="9 bytes"):
        six_words(bytes(8), "en")
