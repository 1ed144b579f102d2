"""Seen before? The quick way finds whom the slow one finds."""

import gc
from itertools import combinations

import pytest

from api.catalogue.dates import Basis
from api.importing.seen import MOST_ALIKE, Seen
from api.names import PROBABLY_SAME, Query, similarity
from api.names.parts import Part
from benchmarks.names.people import GIVEN, SURNAMES
from tests.importing.tables import SYLLABLES


def people() -> list[str]:
    """Return invented people, each as Russians, Ukrainians and Belarusians write them."""
    given = [one.split() for line in GIVEN.split("\n") for one in line.split("|") if len(one.split()) == 3]
    surnames = [one.split() for line in SURNAMES.split("\n") for one in line.split("|") if len(one.split()) == 3]
    pairs = zip(surnames, given * 3, strict=False)
    return [f"{surname[at]} {name[at]}" for surname, name in pairs for at in range(3)]


def test_whoever_a_full_comparison_finds_is_found() -> None:
    names = people()
    assert len(names) > 250
    expected = {b for a, b in combinations(names, 2) if similarity(a, b) >= PROBABLY_SAME}
    seen, found = Seen(), set[str]()
    for at, name in enumerate(names):
        if seen.like({"name": name}):
            found.add(name)
        seen.add(at, {"name": name})
    assert len(expected) > 150
    assert found <= expected
    assert len(expected - found) <= len(expected) * 0.01


@pytest.mark.parametrize(
    ("known", "asked", "same"),
    [
        ("Заречный Ермолай Фролович", "Yermolai Zarechny", True),
        ("Заречный Ермолай", "Заречный Ермолай Фролович", True),
        ("Заречный Ермолай", "Заречнй Ермолай", True),
        ("Заречный Ермолай", "Заречный Остап", False),
        ("Заречный Ермолай", "Лободай Ермолай", False),
        ("Заречный Ермолай", "Заречный", False),
        ("Заречный Ермолай", "", False),
        ("", "Заречный Ермолай", False),
    ],
)
def test_who_is_probably_the_same(known: str, asked: str, same: bool) -> None:
    seen = Seen()
    seen.add(7, {"name": known})
    assert (seen.like({"name": asked}).keys() == {7}) is same


def test_other_names_and_latin_ones_count() -> None:
    seen = Seen()
    seen.add(1, {"name": "Икс", "name_latin": "Ostap Loboday", "other_names": ["Мерген Байгужин"]})
    assert seen.like({"name": "Лободай Остап"}).keys() == {1}
    assert seen.like({"other_names": ["Байгужин Мерген"]}).keys() == {1}


def test_a_desk_of_any_size_goes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whoever was asked about, some words are remembered for a while, and never all of the desk."""

    def words() -> int:
        gc.collect()
        return sum(isinstance(one, Part) for one in gc.get_objects())

    monkeypatch.setattr("api.importing.seen.MOST_MET", 40, raising=False)
    seen, before = Seen(), words()
    seen.add(1, {"name": "Лободай Остап"})
    table, most = words() - before, 0
    for at, name in enumerate(people()):
        seen.like({"name": name})
        most = max(most, words() - before) if at % 20 == 0 else most
    assert 0 < table < 20
    assert table < most < 200
    assert seen.like({"name": "Ostap Loboday"}).keys() == {1}


def comparisons(monkeypatch: pytest.MonkeyPatch, persons: list[dict[str, object]]) -> int:
    """Return how many names and births are compared when each of a table is looked for in it."""
    done = 0

    def counted(one: object, other: object) -> float:
        nonlocal done
        done += 1
        return 1.0

    monkeypatch.setattr(Query, "score", counted)
    monkeypatch.setattr("api.importing.seen._apart", lambda *births: bool(counted(*births)))
    seen = Seen()
    for at, person in enumerate(persons):
        seen.add(at, person)
    for person in persons:
        seen.like(person)
    return done


def test_a_table_of_one_common_name_is_compared_in_the_time_of_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert comparisons(monkeypatch, [{"name": "Иванов Иван Иванович"}] * 1_000) <= 2_000
    born: list[dict[str, object]] = [
        {"name": "Иванов Иван Иванович", "birth": {"edtf": f"{1900 + at % 100}-{at // 100 + 1:02}", "basis": "exact"}}
        for at in range(1_000)
    ]
    assert 1_000 < comparisons(monkeypatch, born) <= 1_000 * (MOST_ALIKE + 1)
    alike: list[dict[str, object]] = [{"name": f"Иванов Иван {a}{b}ович"} for a in SYLLABLES for b in SYLLABLES]
    monkeypatch.setattr("api.importing.seen.MOST_ALIKE", 10)
    assert comparisons(monkeypatch, alike) <= len(alike) * 20


def test_the_very_same_name_is_found_whatever_else_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.importing.seen.MOST_ALIKE", 1)
    seen = Seen()
    for at, name in enumerate(["Лободай Остап", "Лободай Остап Фролович", "Лободай  ОСТАП"]):
        seen.add(at, {"name": name})
    assert seen.first(2) == 0
    assert seen.like({"name": "лободай остап фролович"}).keys() == {1}
    assert seen.like({"name": "лободай остап"}).keys() == {0}


def test_births_that_exclude_each_other_tell_namesakes_apart() -> None:
    seen, born = Seen(), {"edtf": "1988", "basis": Basis.UNKNOWN_MONTH}
    seen.add(1, {"name": "Лободай Остап", "birth": born})
    assert seen.like({"name": "Лободай Остап", "birth": {"edtf": "1990-02-03", "basis": Basis.EXACT}}) == {}
    assert seen.like({"name": "Лободай Остап", "birth": {"edtf": "1988-02-03", "basis": Basis.EXACT}}).keys() == {1}
    assert seen.like({"name": "Лободай Остап"}).keys() == {1}


def test_the_most_alike_is_told_by_its_figure() -> None:
    seen = Seen()
    seen.add(1, {"name": "Лободай Остап Фролович"})
    seen.add(2, {"name": "Лободай Остап"})
    found = seen.like({"name": "Лободай Остап"})
    assert found[2] > found[1] >= PROBABLY_SAME
