"""The table of known names is small, free, of these rules, and read quickly; short names lead to full ones."""

import subprocess
import sys
import time
import tomllib
from importlib.resources import files

import pytest

from api.names import groups, readings
from api.names.groups import full_names, group_numbers, is_short, probe
from api.names.readings import plain
from benchmarks import name_groups

FOLDER = files("api.names")
ABOUT = tomllib.loads((FOLDER / "groups.toml").read_text("utf-8"))
LINES = (FOLDER / "groups.txt").read_text("utf-8").splitlines()


def test_the_table_says_where_it_is_from_and_that_it_is_free() -> None:
    assert "Wikidata" in ABOUT["source"]
    assert "rigour 1.8.2" in ABOUT["source"]
    assert ABOUT["licence"] == "CC0-1.0"
    assert ABOUT["keys"] == len(LINES) > 70_000
    assert len("\n".join(LINES).encode()) < 2_000_000


def test_the_table_is_sorted_and_without_doubles() -> None:
    keys = [line.split(" ")[0] for line in LINES]
    assert sorted(LINES) == LINES
    assert len(keys) == len(set(keys))
    assert set("".join(LINES)) <= set("abcdefghijklmnopqrstuvxyz 0123456789")


def test_the_table_was_made_by_the_rules_of_today() -> None:
    assert ABOUT["probe"] == probe()


@pytest.mark.parametrize(
    ("rules", "left_out"),
    [(rules, at) for rules in ("_PLAIN", "_SETTLED") for at in range(len(getattr(readings, rules)))],
)
def test_a_changed_rule_is_seen(monkeypatch: pytest.MonkeyPatch, rules: str, left_out: int) -> None:
    before, there = probe(), getattr(readings, rules)
    monkeypatch.setattr(readings, rules, there[:left_out] + there[left_out + 1 :])
    assert probe() != before


def test_reading_the_table_is_quick_and_small() -> None:
    measure = (
        "import tracemalloc, time; from api.names import groups; tracemalloc.start(); start = time.perf_counter();"
    )
    measure += (
        "groups.group_numbers('ivanov'); took = time.perf_counter() - start; print(tracemalloc.get_traced_memory()[0])"
    )
    memory = subprocess.run([sys.executable, "-c", measure], capture_output=True, text=True, check=True).stdout
    assert int(memory) < 12_000_000
    groups._lines.cache_clear()
    start = time.perf_counter()
    assert group_numbers("ivanov")
    assert time.perf_counter() - start < 0.3


def test_nothing_of_the_library_is_needed_where_the_program_runs() -> None:
    loaded = "import sys, api.names; api.names.similarity('a', 'b'); print('rigour' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_one_name_in_three_languages_is_one_group() -> None:
    numbers = [set(group_numbers(plain(name)) or ()) for name in ("Сергей", "Сергій", "Сяргей", "Siarhei")]
    assert set.intersection(*numbers)


def test_an_unknown_name_is_none_and_a_lone_one_has_no_group() -> None:
    assert group_numbers("qqqqq") is None
    assert group_numbers("") is None
    assert group_numbers("kataki") == ()


def test_a_short_name_leads_to_every_name_it_may_stand_for() -> None:
    assert full_names(plain("Саша")) == {plain("Александр"), plain("Александра")}
    assert full_names(plain("Sasha")) == full_names(plain("Саша"))
    assert full_names(plain("Бунятов")) == frozenset()


def test_a_full_name_is_not_taken_for_a_short_one() -> None:
    assert is_short(plain("Саша"))
    assert not is_short(plain("Александр"))


def test_the_table_is_compiled_from_lines_of_spellings() -> None:
    persons = (
        "серёга, sergey, сергій, sergei => Q1\nsergei, 塞尔盖 => Q2\nkatō, 加藤 => Q3\nкатаки => Q4\nj., иоанн => Q5"
    )
    assert name_groups.table(name_groups.groups(persons)) == ["ean", "kataki", "serega 0", "sergi 0"]
