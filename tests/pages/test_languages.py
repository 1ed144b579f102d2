"""Every phrase has a Russian and a Ukrainian form; none is found missing by a family first."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from jinja2.ext import extract_from_ast

import api
from api.pages.languages import (
    HERE,
    LANGUAGES,
    Language,
    counter,
    make_environment,
    page_language,
    phrases,
    translator,
)

ROOT = Path(api.__file__).parent
SLAVIC: tuple[Language, ...] = ("ru", "uk")
CALLS = ("_", "ngettext")


def phrases_of_template(source: str) -> Iterator[str]:
    for _, _, message in extract_from_ast(make_environment().parse(source), CALLS):
        english = message[0] if isinstance(message, tuple) else message
        if english:
            yield english


def phrases_of_module(source: str) -> Iterator[str]:
    """Yield the literal phrases of `_("…")` and `ngettext("…", …)`, and the sentences of problems."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            spoken = {"_": 0, "ngettext": 0, "Problem": 2}.get(node.func.id)
            if spoken is not None and len(node.args) > spoken:
                yield from literals(node.args[spoken])


def literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def all_phrases() -> set[str]:
    templates = (path.read_text("utf-8") for path in (HERE / "templates").rglob("*.html"))
    modules = [*(ROOT / "pages").rglob("*.py"), *(ROOT / "catalogue").rglob("*.py"), ROOT / "problems.py"]
    sources = (path.read_text("utf-8") for path in modules if path.exists())
    found = {phrase for source in templates for phrase in phrases_of_template(source)}
    return found | {phrase for source in sources for phrase in phrases_of_module(source)}


def untranslated(english: set[str], language: Language) -> set[str]:
    said = phrases(language)
    return {phrase for phrase in english if phrase not in said.single and phrase not in said.counted}


@pytest.mark.parametrize("language", SLAVIC)
def test_every_phrase_of_the_pages_is_translated(language: Language) -> None:
    english = all_phrases()
    assert len(english) > 150
    assert sorted(untranslated(english, language)) == []


def test_a_phrase_without_translation_is_caught_in_a_template_and_in_a_module() -> None:
    planted = {
        *phrases_of_template('{{ _("A phrase that nobody translated") }}'),
        *phrases_of_template('{{ ngettext("%(num)d planted", "%(num)d planted ones", 2) }}'),
        *phrases_of_module('label = _("Another one")\nrow = Problem(400, "code", "A third.")'),
    }
    assert len(planted) == 4
    assert untranslated(planted, "ru") == planted


@pytest.mark.parametrize("language", SLAVIC)
def test_translations_keep_the_placeholders_and_are_said_once(language: Language) -> None:
    said: dict[str, str] = {}
    for path in (HERE / "locales" / language).glob("*.po"):
        for entry in read_po(path.open("rb"), locale=language, abort_invalid=True):
            english = entry.id if isinstance(entry.id, str) else entry.id[0]
            assert not list(entry.check()), english
            forms = {entry.string} if isinstance(entry.string, str) else set(entry.string or ())
            assert said.setdefault(english, str(forms)) == str(forms), english


def test_the_catalogues_of_both_languages_hold_the_same_phrases() -> None:
    assert phrases("ru").single.keys() == phrases("uk").single.keys()
    assert phrases("ru").counted.keys() == phrases("uk").counted.keys()


def test_an_unknown_phrase_is_said_in_english() -> None:
    assert [translator(language)("Unheard of") for language in LANGUAGES] == ["Unheard of"] * 3


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "минут"),
        (1, "минуту"),
        (2, "минуты"),
        (5, "минут"),
        (11, "минут"),
        (21, "минуту"),
        (22, "минуты"),
        (112, "минут"),
    ],
)
def test_russian_counts_in_its_three_forms(count: int, expected: str) -> None:
    said = counter("ru")("signs out in %(num)d minute", "signs out in %(num)d minutes", count)
    assert said % {"num": count} == f"выход через {count} {expected}"


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(LANGUAGES))
def test_every_count_has_a_form(count: int, language: Language) -> None:
    said = counter(language)("signs out in %(num)d minute", "signs out in %(num)d minutes", count)
    assert str(count) in said % {"num": count}


def test_a_counted_phrase_without_translation_is_counted_in_english() -> None:
    assert counter("uk")("one thing", "things", 1) == "one thing"
    assert counter("uk")("one thing", "things", 3) == "things"


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/ru/report", "uk", "ru"),
        ("/uk", "", "uk"),
        ("/cases", "uk-UA,uk;q=0.9,ru;q=0.8", "uk"),
        ("/", "de-DE,de;q=0.9,ru;q=0.4", "ru"),
        ("/russia", "", "en"),
        ("", "*", "en"),
    ],
)
def test_the_path_decides_the_language_and_then_the_browser(path: str, accept: str, expected: str) -> None:
    assert page_language(path, accept) == expected


@given(st.text(), st.text())
def test_any_header_leads_to_one_of_the_three_languages(path: str, accept: str) -> None:
    assert page_language(path, accept) in LANGUAGES
