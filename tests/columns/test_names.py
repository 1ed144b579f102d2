"""Columns of names give back their rows, and find what `similarity` finds without comparing with every name."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.columns import asking
from api.columns.asking import Question, candidates, find
from api.columns.names import Names, bodies, pack, row, unpack
from api.errors import Tampered
from api.names import POSSIBLY_SAME, PROBABLY_SAME, prepare, similarity
from api.names.keys import slipped
from api.names.parts import roughest, said_once
from benchmarks.names.pairs import KINDS, Dice, full, man, pairs

PEOPLE = st.builds(lambda seed, language: full(man(Dice(seed)), language), st.integers(0, 10**6), st.integers(0, 2))
TEXTS = st.one_of(PEOPLE, st.text(max_size=40), st.text("АаБб ІїґѢ.-()'’Yyo😀 \n\u0301\u202e\ud800", max_size=20))
PERSONS = st.fixed_dictionaries({}, optional={"name": TEXTS, "name_latin": TEXTS, "other_names": st.lists(TEXTS)})


def columns_of(*names: str) -> Names:
    return unpack(pack([row({"person": [{"name": name}]}) for name in names]))


@given(st.lists(st.lists(PERSONS, max_size=3), max_size=6))
def test_rows_come_back(cases: list[list[dict[str, object]]]) -> None:
    rows = [row({"person": persons}) for persons in cases]
    assert bodies(unpack(pack(rows))) == rows


def test_a_case_without_a_name_has_an_empty_row() -> None:
    assert row({}) == row({"person": [{"birth": "1990"}]}) == row({"person": [{"name": " "}]}) == b""
    assert candidates(unpack(pack([b"", b""])), "Иванов") == candidates(unpack(pack([])), "Иванов") == []


def test_what_is_no_column_is_refused() -> None:
    block = pack([row({"person": [{"name": "Иванов"}]})])
    with pytest.raises(Tampered):
        unpack(block[:-8])


@settings(max_examples=200)
@given(name=PEOPLE, others=st.lists(PEOPLE, max_size=5))
def test_a_name_is_found_among_others_with_its_own_score(name: str, others: list[str]) -> None:
    found = candidates(columns_of(*others, name), name)
    assert (len(others), 1.0) in found
    assert found == sorted(found, key=lambda one: -one[1])
    assert all(score == pytest.approx(similarity(name, [*others, name][at])) for at, score in found)


def test_each_row_is_told_with_its_likest_name_and_the_field_it_is_from() -> None:
    persons = [
        {"name": "Окунев Захар"},
        {"name": "Кедрин Остап", "name_latin": "Ostap Kedrin", "other_names": ["Остя Кедрин"]},
    ]
    columns = unpack(pack([row({"person": persons}), b"", row({"person": [{"other_names": ["О. Кедрин"]}]})]))
    (found,) = find([columns], Question("Ostap Kedrin"))
    assert found.rows.tolist() == [0, 2]
    assert found.fields.tolist() == [0, 2]
    assert found.scores[0] > found.scores[1] >= np.float32(POSSIBLY_SAME)


def recall(band: float) -> tuple[int, int]:
    """Return how many pairs of one man are alike by comparison, and how many of those are found.

    What is asked in another case of grammar is asked, not kept.
    """
    same = [pair for pair in pairs(40) if KINDS[pair.kind][0] and similarity(pair.a, pair.b) >= band]
    alike = [sorted((pair.a, pair.b), key=lambda name: bool(prepare(name).others)) for pair in same]
    columns = columns_of(*(kept for kept, _ in alike))
    return len(alike), sum(at in dict(candidates(columns, asked)) for at, (_, asked) in enumerate(alike))


def test_of_names_written_in_every_way_hardly_one_is_missed() -> None:
    alike, found = recall(POSSIBLY_SAME)
    assert found >= 0.99 * alike
    alike, found = recall(PROBABLY_SAME)
    assert found >= 0.995 * alike


def test_keys_that_know_less_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_: object) -> Iterator[str]:
        yield from ()

    monkeypatch.setattr(asking, "slipped", nothing)
    monkeypatch.setattr(asking, "asked", asking.own)
    alike, found = recall(POSSIBLY_SAME)
    assert found < 0.97 * alike


@pytest.mark.parametrize("text", ["", " ", "😀", "...", "1234", "\u0301", "'"])
def test_a_question_without_a_letter_finds_nobody(text: str) -> None:
    assert not Question(text)
    assert candidates(columns_of("Иванов Иван"), text) == []


@settings(max_examples=50, deadline=2000)
@given(text=st.text(max_size=12_000) | st.lists(PEOPLE, min_size=300, max_size=300).map(" ".join))
def test_any_question_is_bounded_work(text: str) -> None:
    columns = columns_of("Иванов Иван", "😀", "А.Б.")
    assert all(0 <= at < 3 and score >= POSSIBLY_SAME for at, score in candidates(columns, text))


def test_the_likeliest_are_compared_when_there_are_too_many() -> None:
    columns = columns_of(*(f"Иванов Борис {place}" for place in "абвгдежз"), "Иванов Сергей")
    first, second = columns_of("Петров Олег"), columns
    found = find([first, second], Question("Иванов Сергей"), most=1)
    assert [one.rows.tolist() for one in found] == [[], [8]]


def test_a_word_of_a_name_answers_only_one_word_of_the_question() -> None:
    columns = columns_of("Алексеев Олег", "Алексеев Алексей")
    ((names, _),) = Question("Алексей Алексеев").likely([columns])
    assert names.tolist() == [1]


@given(st.text("aceglmnoprstvx+khd", max_size=9))
def test_one_slip_is_any_letter_left_out_turned_put_in_or_taken_for_another(form: str) -> None:
    rough = roughest(form)
    mark, said = ("+", rough[1:]) if rough.startswith("+") else ("", rough)
    sounds = "acglmnprstvx"
    slips = {said[:at] + said[at + 1 :] for at in range(len(said))}
    slips |= {said[:at] + said[at + 1 : at + 2] + said[at] + said[at + 2 :] for at in range(len(said))}
    slips |= {said[:at] + one + said[at:] for at in range(len(said) + 1) for one in sounds}
    slips |= {said[:at] + one + said[at + 1 :] for at in range(len(said)) for one in sounds}
    slips |= {said[:at] + "a" + one + said[at:] for at in range(len(said)) if said[at] == "a" for one in sounds}
    assert slipped(form) == {mark + said_once(one) for one in {said, *slips}} - {rough}
