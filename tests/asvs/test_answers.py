"""docs/asvs.md answers every requirement that was chosen, and names only tests that exist."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

from tests.trust.test_threat_model import existing, named

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "asvs.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| (yes|partly|no|n/a) \| (.+?) \| (.*?) \|$", re.M)


def asked() -> dict[str, dict[str, str]]:
    """Return the requirements: id -> level, and whether a machine can try it."""
    with (ROOT / "tests" / "asvs" / "requirements.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def faults(page: str) -> list[str]:
    """Name what is missing on the page, doubled, or without what shows it."""
    rows, wanted = ROW.findall(page), asked()
    counted = Counter(row[0] for row in rows)
    found = [f"no answer: {one}" for one in wanted if not counted[one]]
    found += [f"answered twice: {one}" for one, count in counted.items() if count > 1]
    found += [f"not asked: {one}" for one in counted if one not in wanted]
    for one, level, met, words, tests in rows:
        asks = wanted.get(one, {})
        found += [f"another level: {one}"] if asks.get("level") != level else []
        found += [f"no words: {one}"] if len(words) < 8 else []
        by_machine = asks.get("check") == "auto" and level in "12" and met != "n/a"
        found += [f"no test: {one}"] if by_machine and not named(tests) else []
    return found + [f"no such test: {one}" for one in sorted(named(page) - existing())]


def test_every_requirement_is_answered_and_every_named_test_exists() -> None:
    assert len(asked()) == 255
    assert faults(PAGE) == []


def test_the_answers_have_a_date() -> None:
    told = re.search(r"answer of (\d+ \w+ \d{4})", PAGE)
    assert told is not None
    assert date.fromisoformat("2026-11-25").strftime("%-d %B %Y") == told[1]


def test_the_table_of_counts_is_that_of_the_answers() -> None:
    counts = Counter((level, met) for _, level, met, _, _ in ROW.findall(PAGE))
    for level in "123":
        told = " | ".join(str(counts[level, met]) for met in ("yes", "partly", "no", "n/a"))
        assert f"| {level} | {told} |" in PAGE


def test_an_answer_taken_out_or_a_test_that_nobody_wrote_is_seen() -> None:
    lines = PAGE.splitlines()
    first = next(line for line in lines if line.startswith("| 1.1.1 |"))
    assert "no answer: 1.1.1" in faults(PAGE.replace(f"{first}\n", ""))
    assert "answered twice: 1.1.1" in faults(f"{PAGE}{first}\n")
    assert "no test: 1.1.1" in faults(PAGE.replace(first, re.sub(r"`test_\w+`", "", first)))
    planted = "test_that_" + "nobody_wrote"
    assert f"no such test: {planted}" in faults(f"{PAGE}\n`{planted}`\n")
