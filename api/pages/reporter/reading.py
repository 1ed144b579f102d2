"""From the family's form to a report: each field bounded and cleaned, each problem beside its field.

Promises that only the words and one way to identify the prisoner are required. Must never repeat a problem's text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.catalogue.purposes import Decision, Purpose
from api.catalogue.text import BadText, clean_long_text, clean_text
from api.pages.forms import Form

SHORT = (
    "about_name",
    "about_birth",
    "last_heard",
    "held_where",
    "contact_address",
    "contact_safe_times",
    "reporter_name",
)
LONG = {"story": 30_000, "wishes": 4_000}
CHOICES: Mapping[str, frozenset[str]] = {
    "relation": frozenset(
        {
            "",
            "unknown",
            *(f"21/01010{number}000000" for number in range(1, 7)),
        }
    ),
    "contact_channel": frozenset({"", "receipt", "phone", "messenger", "email"}),
}
RECRUITERS = frozenset({"defence-ministry", "pmc", "unknown-recruiter", "other"})
ASKED = tuple(purpose for purpose in Purpose if purpose is not Purpose.KEEP)
CODES = {"too-long": "too-long"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a form says, and what is wrong with it: field -> problem code."""

    about: Mapping[str, Any] = field(repr=False)
    consents: Mapping[str, str]
    problems: Mapping[str, str]


def read_report(form: Form) -> Reading:
    """Return the report of a form with the problems of its fields."""
    problems: dict[str, str] = {}
    about: dict[str, Any] = {name: _short(form, name, problems) for name in SHORT}
    about |= {name: _long(form, name, limit, problems) for name, limit in LONG.items()}
    about |= {name: _choice(form, name, problems) for name in CHOICES}
    about["who_came"] = [one for one in form.all("who_came") if one in RECRUITERS]
    consents = read_consents(form, problems)
    for name in ("story", "about_name"):
        if not about[name]:
            problems.setdefault(name, "missing")
    return Reading({name: value for name, value in about.items() if value}, consents, problems)


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
    return _long(form, "message", LONG["story"], problems)


def clean_titles(form: Form) -> list[tuple[str, str]]:
    """Return the files' titles and types without signs that reorder or hide letters."""
    return [(_title(title) or "file", _title(media)) for title, media in form.titles]


def _short(form: Form, name: str, problems: dict[str, str]) -> str:
    return _cleaned(clean_text, form.get(name), 400, name, problems)


def _long(form: Form, name: str, limit: int, problems: dict[str, str]) -> str:
    return _cleaned(clean_long_text, form.get(name), limit, name, problems)


def _cleaned(clean: Any, text: str, limit: int, name: str, problems: dict[str, str]) -> str:
    try:
        return str(clean(text, limit))
    except BadText as problem:
        problems[name] = CODES.get(problem.code, "unreadable")
        return ""


def _choice(form: Form, name: str, problems: dict[str, str]) -> str:
    value = form.get(name)
    if value not in CHOICES[name]:
        problems[name] = "unknown-choice"
        return ""
    return "" if value == "unknown" else value


def _title(text: str) -> str:
    try:
        return clean_text(text, 200)
    except BadText:
        return ""
