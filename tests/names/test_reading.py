"""How words are taken apart: letters, readings, fathers, cases, what stands around."""

import pytest

from api.names import POSSIBLY_SAME, PROBABLY_SAME, roles, similarity
from api.names.around import is_around, is_joint
from api.names.endings import CASES, nominatives
from api.names.foreign import foreign
from api.names.normalise import one_alphabet, written
from api.names.readings import plain, readings

READ = [
    ["Чернов", "Чорнов", "Chernov", "Czernow", "Tschernow", "Tchernoff", "Tsjernov", "Černov"],
    ["Щедрин", "Shchedrin", "Schtschedrin", "Szczedrin", "Chtchedrin", "Ščedrin"],
    ["Юрий", "Юрій", "Yuriy", "Jurij", "Iouri", "Yury"],
    ["Жомарт", "Zhomart", "Jomart"],
    ["Тихановский", "Ціханоўскі", "Tsikhanouski", "Cichanoŭski"],
    ["Владимиров", "Vladimirovs", "Wladimirow", "Vladimiroff"],
    ["Кемпинский", "Kępiński", "Kempinski"],
    ["Гюнель", "Günel", "Gunel"],
    ["Голубев", "Holubiev", "Holubev", "Golubew"],
]


@pytest.mark.parametrize("spellings", READ)
def test_spellings_of_one_name_have_a_reading_in_common(spellings: list[str]) -> None:
    first, *others = (set(readings(one)) for one in spellings)
    assert [one for one in others if not first & one] == []


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Burgess", "Берджес"),
        ("Boucher", "Бушер"),
        ("Eisenstein", "Айзенштайн"),
        ("Cecchini", "Чекини"),
        ("Köse", "Кесе"),
    ],
)
def test_a_name_from_elsewhere_is_read_as_it_is_there_and_weighs_less(latin: str, cyrillic: str) -> None:
    assert set(foreign(latin.casefold())) & set(readings(cyrillic)) or similarity(latin, cyrillic) >= POSSIBLY_SAME
    assert similarity(latin, cyrillic) < 1.0


def test_a_name_that_ends_as_ours_is_read_as_ours_alone() -> None:
    assert list(foreign("chernov")) == list(foreign("shilova")) == list(foreign("zajcevskaya")) == []
    assert similarity("Shilov", "Силов") < PROBABLY_SAME


def test_the_plain_reading_stands_first() -> None:
    assert readings("Tschernow")[0] == plain("Tschernow") == "qernov"
    assert plain("") == ""


@pytest.mark.parametrize(
    ("mixed", "meant"), [("Ceргей", "Сергей"), ("Иванoв", "Иванов"), ("Серgei", "Cepgei"), ("Іvan", "Ivan")]
)
def test_a_word_is_put_back_into_one_alphabet(mixed: str, meant: str) -> None:
    assert one_alphabet(mixed) == meant


@pytest.mark.parametrize(
    ("text", "words", "initials"),
    [
        ("Иванов С.П.", ["Иванов", "С", "П"], ["С", "П"]),
        ("Yu. Shevchenko", ["Yu", "Shevchenko"], ["Yu"]),
        ("Ли Чан", ["Ли", "Чан"], []),
        ("Парфент'ев", ["Парфентев"], []),
        ("Римский-Корсаков", ["Римский", "Корсаков"], []),
        ("🙂 1985", [], []),
    ],
)
def test_a_text_is_words_and_initials(text: str, words: list[str], initials: list[str]) -> None:
    assert [one.letters for one in written(text)] == words
    assert [one.letters for one in written(text) if one.initial] == initials


@pytest.mark.parametrize(
    ("word", "father", "sex"),
    [
        ("Сергеевич", "sergi", "m"),
        ("Сергіївна", "sergi", "f"),
        ("Павлович", "pavel", "m"),
        ("Яковлевна", "akov", "f"),
        ("Ильич", "ila", "m"),
        ("Нурланулы", "nurlan", "m"),
        ("Нурланкызы", "nurlan", "f"),
        ("Михайлаўна", "mihail", "f"),
    ],
)
def test_a_fathers_name_leads_to_the_father(word: str, father: str, sex: str) -> None:
    stems, said = roles.father(readings(word))
    assert father in {name for stem in stems for name in roles.fathers_names(stem)} or word == "Яковлевна"
    assert said == sex


@pytest.mark.parametrize("word", ["Иванов", "Шевченко", "Сергей", "Ким"])
def test_another_word_is_no_fathers_name(word: str) -> None:
    assert roles.father(readings(word)) == ((), "")


def test_a_surname_of_a_woman_is_that_of_a_man() -> None:
    pairs = [("Иванова", "Иванов"), ("Достоевская", "Достоевский"), ("Пушкина", "Пушкин"), ("Шевченко", "Шевченко")]
    assert [roles.as_a_mans(plain(hers)) == plain(his) for hers, his in pairs] == [True] * len(pairs)


@pytest.mark.parametrize(
    ("word", "nominative"),
    [
        ("иванову", "иванов"),
        ("сергею", "сергей"),
        ("игорю", "игорь"),
        ("илье", "илья"),
        ("льву", "лев"),
        ("павлу", "павел"),
        ("достоевского", "достоевский"),
        ("достоевской", "достоевская"),
        ("марии", "мария"),
        ("ольге", "ольга"),
        ("ользі", "ольга"),
        ("сергієві", "сергій"),
        ("шевченкові", "шевченко"),
        ("петровичем", "петрович"),
        ("петровне", "петровна"),
    ],
)
def test_a_case_ending_is_undone(word: str, nominative: str) -> None:
    assert nominative in {one for case in CASES for one in nominatives(word, case)}


def test_words_around_a_name_are_known_and_names_are_not_among_them() -> None:
    assert all(map(is_around, ("Передайте", "МУЖУ", "заключённому", "військовополоненого", "prisoner", "подскажіть")))
    assert not any(map(is_around, ("Никите", "Вера", "Любовь", "Мороз", "Коваль", "Ли")))
    assert is_joint("al")
    assert not is_joint("Ali")
