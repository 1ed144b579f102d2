"""The threat model names only tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def named(text: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", text))


def existing() -> set[str]:
    sources = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for source in sources for name in re.findall(r"def (test_\w+)", source)}


def test_every_test_that_the_threat_model_names_exists() -> None:
    wanted = named((ROOT / "docs" / "threat-model.md").read_text("utf-8"))
    assert len(wanted) > 10
    assert wanted - existing() == set()


def test_a_name_without_a_test_is_caught() -> None:
    assert named("| x | `test_that_nobody_wrote` |") - existing() == {"test_that_nobody_wrote"}
