"""The figures of `make eval-names` are held, kind by kind, and a matcher that knows less is seen."""

import csv
from pathlib import Path

import pytest

from api.names import POSSIBLY_SAME, PROBABLY_SAME, similarity
from benchmarks.names import __main__ as judge
from benchmarks.names.pairs import KINDS, NamePair, pairs

COUNT = 60
FLOORS = {"one typo": (0.8, 0.98), "Russian and Belarusian": (0.95, 0.97)}
FLOOR = (0.97, 0.96)


@pytest.fixture(scope="module")
def scored() -> dict[str, list[judge.Scored]]:
    return judge.by_kind([(similarity(pair.a, pair.b), pair) for pair in pairs(COUNT)])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_pair_is_told_as_well_as_before(kind: str, scored: dict[str, list[judge.Scored]]) -> None:
    probably, possibly = FLOORS.get(kind, FLOOR)
    assert judge.right(scored[kind], PROBABLY_SAME) >= probably
    assert judge.right(scored[kind], POSSIBLY_SAME) >= possibly


def test_all_pairs_together_are_told_with_few_mistakes(scored: dict[str, list[judge.Scored]]) -> None:
    precision, recall, f1 = judge.figures([one for some in scored.values() for one in some], PROBABLY_SAME)
    assert precision >= 0.99
    assert recall >= 0.97
    assert f1 >= 0.98


def test_a_matcher_that_says_yes_or_compares_letters_alone_is_seen() -> None:
    asked = list(pairs(20))
    yes = judge.by_kind([(1.0, pair) for pair in asked])
    letters = judge.by_kind([(float(pair.a == pair.b), pair) for pair in asked])
    assert judge.right(yes["brothers"], PROBABLY_SAME) == 0.0
    assert judge.right(letters["Russian and Latin"], PROBABLY_SAME) == 0.0


def test_pairs_of_a_file_are_judged_with_our_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pairs.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(
            [["a", "b", "same", "kind"], ["Чернов", "Tschernow", "1", "x"], ["Ким", "Ли", "0", "y"]]
        )
    found = judge.from_file(path)
    assert found == [NamePair("Чернов", "Tschernow", same=True, kind="x"), NamePair("Ким", "Ли", same=False, kind="y")]
    judge.report("pairs.csv", found, show=1)
    assert "precision 1.000, recall 1.000, F1 1.000" in capsys.readouterr().out
