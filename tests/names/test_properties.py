"""What holds for every two texts, names or not."""

import time
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from api.names import POSSIBLY_SAME, Query, Vocabulary, pack, prepare, score, similarity, unpack
from api.names.normalise import LONGEST_WORD, MOST_WORDS, written
from benchmarks.names.pairs import Dice, full, man

ANY = st.one_of(st.text(), st.text("АаБбёйыьяюцщхкоуевинсІїўґқұ AaByYjJoOfFuhHkKsSczxi'-.\u0301()əğ"))
PEOPLE = st.builds(lambda seed, language: full(man(Dice(seed)), language), st.integers(0, 10**6), st.integers(0, 2))
NAMES = st.one_of(PEOPLE, ANY)
LOOKALIKE = str.maketrans("АВСЕНКМОРТХаеорсух", "ABCEHKMOPTXaeopcyx")


@settings(max_examples=400)
@given(a=NAMES, b=NAMES)
def test_it_is_mutual_and_within_bounds(a: str, b: str) -> None:
    found = similarity(a, b)
    assert 0.0 <= found <= 1.0
    assert found == similarity(b, a) == similarity(a, b)


@settings(max_examples=300)
@given(name=NAMES)
def test_a_name_is_itself_and_a_text_without_letters_is_nobody(name: str) -> None:
    assert similarity(name, name) == (1.0 if written(name) else 0.0)


@given(name=PEOPLE, other=NAMES)
def test_capitals_do_not_matter(name: str, other: str) -> None:
    assert similarity(name, name.upper()) == similarity(name, name.lower()) == 1.0
    assert similarity(name, other) == similarity(name.upper(), other)


@given(name=PEOPLE, other=PEOPLE, data=st.data())
def test_the_order_of_words_does_not_matter(name: str, other: str, data: st.DataObject) -> None:
    turned = " ".join(data.draw(st.permutations(name.split())))
    assert similarity(turned, other) == similarity(name, other)
    assert similarity(turned, name) == 1.0


@given(name=PEOPLE, data=st.data())
def test_marks_of_stress_do_not_matter(name: str, data: st.DataObject) -> None:
    vowels = [at for at, letter in enumerate(name, 1) if letter in "аеиоуыэюяі"]
    at = data.draw(st.sampled_from(vowels))
    assert similarity(name, name[:at] + "\u0301" + name[at:]) == 1.0


@given(name=PEOPLE, data=st.data())
def test_a_letter_of_the_other_alphabet_does_not_matter(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    mixed = name[:at] + name[at].translate(LOOKALIKE) + name[at + 1 :]
    assert similarity(name, mixed) == 1.0


@given(name=PEOPLE)
def test_how_letters_are_put_together_does_not_matter(name: str) -> None:
    assert similarity(name, unicodedata.normalize("NFD", name)) == 1.0
    assert similarity(name, f"\u200b {name}\u00ad\ufeff") == 1.0


@given(names=st.lists(NAMES, min_size=2, max_size=8))
def test_a_query_of_many_gives_what_the_score_of_two_gives_or_none_where_there_is_no_chance(names: list[str]) -> None:
    words = Vocabulary()
    query = Query(words.prepare(names[0]))
    for one in names:
        quick, whole = query.score(words.prepare(one)), score(prepare(names[0]), prepare(one))
        assert quick == whole or (quick == 0.0 and whole < POSSIBLY_SAME)


@given(names=st.lists(NAMES, max_size=6))
def test_packed_names_are_the_same_names_with_each_word_once(names: list[str]) -> None:
    prepared = tuple(map(prepare, [*names, *names]))
    found = unpack(pack(prepared))
    assert found == prepared
    assert all(x is y for one in found for two in found for x in one.parts for y in two.parts if x == y)


@given(name=ANY)
def test_a_name_has_few_and_short_words(name: str) -> None:
    assert len(written(name)) <= MOST_WORDS
    assert all(len(word.letters) <= 2 * LONGEST_WORD for word in written(name))


@settings(max_examples=25, deadline=None)
@given(seed=st.text(min_size=1, max_size=60), other=st.text(min_size=1, max_size=60))
def test_ten_thousand_letters_take_no_longer_than_a_sentence(seed: str, other: str) -> None:
    start = time.perf_counter()
    similarity((seed * 10_000)[:10_000], (other * 10_000)[:10_000])
    assert time.perf_counter() - start < 1.0


def test_one_word_of_ten_thousand_letters_and_ten_thousand_words_are_names_too() -> None:
    start = time.perf_counter()
    for long in (
        "щ" * 10_000,
        "sch" * 4_000,
        "о́" * 5_000,
        "Ян " * 5_000,
        "и." * 5_000,
        "'" * 10_000,
        "🙂" * 10_000,
        "(" * 10_000,
    ):
        assert similarity(long, long) in (0.0, 1.0)
    assert time.perf_counter() - start < 2.0


def test_other_alphabets_are_compared_and_not_refused() -> None:
    assert similarity("Αλέξανδρος Παπάς", "Александрос Папас") > 0.85
    assert similarity("გიორგი მაისურაძე", "Гиорги Маисурадзе") > 0.85
    assert similarity("Արամ Սարգսյան", "Арам Саргсян") > 0.85
    assert similarity("محمد علي", "محمد علي") == 1.0
    assert similarity("王伟", "李娜") < 0.7
