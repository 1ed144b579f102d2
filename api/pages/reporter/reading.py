"""From the family's form to a report: each field bounded and cleaned, each problem beside its field.

Promises that only the words and one way to identify the prisoner are required. Must never repeat a problem's text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.catalogue.purposes import Decision, Purpose
from api.catalogue.telling import FIELDS, read_told, read_words
from api.catalogue.text import BadText, clean_text
from api.pages.forms import Form

ASKED = tuple(purpose for purpose in Purpose if purpose is not Purpose.KEEP)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a form says, and what is wrong with it: field -> problem code."""

    about: Mapping[str, Any] = field(repr=False)
    consents: Mapping[str, str]
    problems: Mapping[str, str]


def read_report(form: Form) -> Reading:
    """Return the report of a form with the problems of its fields."""
    about, problems = read_told({name: form.all(name) if name == "who_came" else form.get(name) for name in FIELDS})
    return Reading(about, read_consents(form, problems), problems)


def read_consents(form: Form, problems: dict[str, str]) -> dict[str, str]:
    """Return the decision for each purpose that was asked about; what was not answered is "no"."""
    found = {}
    for purpose in ASKED:
        value = form.get(f"consent_{purpose}") or Decision.NO.value
        if value not in set(Decision):
            problems[f"consent_{purpose}"] = "unknown-choice"
        found[purpose.value] = value
    return found


def read_message(form: Form, problems: dict[str, str]) -> str:
    """Return the text of an answer or addition."""
    return read_words(form.get("message"), "message", problems)


def clean_titles(form: Form) -> list[tuple[str, str]]:
    """Return the files' titles and types without signs that reorder or hide letters."""
    return [(_title(title) or "file", _title(media)) for title, media in form.titles]


def _title(text: str) -> str:
    try:
        return clean_text(text, 200)
    except BadText:
        return ""
