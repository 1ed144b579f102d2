"""Each code that the log is written under has its words, in three languages."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from api.catalogue.verbs import VERBS
from api.pages.staff.logged import in_words
from api.policy.actions import Action
from api.sealed import offices

API = Path(__file__).parents[2] / "api"
CODE = re.compile(r'"([a-z]+:[a-z-]+)"')
# Put together from the office's kind where they are written.
MADE = {f"{kind}:rotated" for kind in (offices.AUDITORS, offices.INTAKE, offices.RECOVERY)}
MADE |= {f"{kind}:seated" for kind in (offices.AUDITORS, offices.INTAKE)}


def written(texts: Iterable[str]) -> set[str]:
    """Return the codes that stand in the sources."""
    return {code for text in texts for code in CODE.findall(text)}


def sources() -> list[str]:
    return [one.read_text("utf-8") for one in API.rglob("*.py") if one != API / "policy" / "actions.py"]


def test_every_code_of_the_log_has_words() -> None:
    through_the_door = {str(one) for one in Action if one.split(":")[0] in {"case", "file"}}
    codes = written(sources()) | through_the_door | MADE
    assert {"session:begun", "case:tampered", "case:opened"} <= codes
    assert codes - VERBS.keys() == set()
    assert written([*sources(), 'Entry("case:planted")']) - VERBS.keys() == {"case:planted"}


def test_no_words_are_kept_for_a_code_that_is_not_written() -> None:
    used = written(sources()) | {str(one) for one in Action} | MADE
    assert VERBS.keys() - used == set()


@pytest.mark.parametrize("language", ["en", "ru", "uk"])
def test_no_words_are_empty_and_none_is_a_code(language: str) -> None:
    words = [one[language] for one in VERBS.values()]
    assert all(word and ":" not in word for word in words)
    assert language == "en" or all(re.search("[а-яіїєґ]", word) for word in words)


def test_what_an_entry_is_about_is_said_and_an_unknown_code_stands_as_it_is() -> None:
    assert in_words("case:erase", "uk") == "стирання справи"
    assert ":" not in in_words("consent:lawyer", "ru")
    assert in_words("case.status,planted:code", "ru").endswith(", planted:code")
    assert "case.status" not in in_words("case.status", "ru")
