"""docs/proofs.md names, for each promise, tests that exist, what was seen, and the fault that was planted."""

import re
from pathlib import Path

from tests.trust.test_threat_model import existing, named

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "proofs.md").read_text("utf-8")
ROWS, COLUMNS = 20, 5


def rows(page: str) -> list[list[str]]:
    """Return the cells of each row."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[1:]]


def faults(page: str) -> list[str]:
    """Name what is missing on the page."""
    found = [f"no such test: {name}" for name in sorted(named(page) - existing())]
    for cells in rows(page):
        what = cells[0][:40]
        found += [f"another shape: {what}"] if len(cells) != COLUMNS else []
        found += [f"nothing shows it: {what}"] if "`" not in cells[1] else []
        found += [f"not said what was seen: {what}"] if not cells[2] or cells[2].isupper() else []
        found += [f"no planted fault: {what}"] if not cells[3] else []
    return found


def test_every_promise_names_its_tests_what_was_seen_and_the_planted_fault() -> None:
    assert len(rows(PAGE)) == ROWS
    assert faults(PAGE) == []


def test_a_name_without_a_test_and_a_row_without_its_fault_are_caught() -> None:
    row = "| x | `test_that_nobody_wrote` | 1 of 1 |  | |"
    assert faults(f"{PAGE}{row}\n") == ["no such test: test_that_nobody_wrote", "no planted fault: x"]
    assert "nothing shows it: x" in faults(f"{PAGE}| x | words | seen | fault | |\n")
