"""What a family is asked, field by field, for the page and the API alike: each bounded, cleaned, and of known choices.

Promises that only the words and one way to identify the prisoner are required. Must never repeat what was typed in a
problem, nor keep a field that nobody asked for.
"""

from collections.abc import Callable, Mapping
from typing import Any

from api.catalogue.text import BadText, clean_long_text, clean_text

Raw = Mapping[str, str | list[str]]
SHORT = (
    "about_name",
    "about_birth",
    "last_heard",
    "held_where",
    "contact_address",
    "contact_safe_times",
    "reporter_name",
)
LONGEST = 400
LONG = {"story": 30_000, "wishes": 4_000}
REQUIRED = ("story", "about_name")
# MT21, family relationships: parent, child, brother or sister, spouse and so on.
RELATIONS = frozenset(f"21/01010{number}000000" for number in range(1, 7))
CHOICES: Mapping[str, frozenset[str]] = {
    "relation": frozenset({"", "unknown"}) | RELATIONS,
    "contact_channel": frozenset({"", "receipt", "phone", "messenger", "email"}),
}
REACHED = frozenset({"phone", "messenger", "email"})
RECRUITERS = frozenset({"defence-ministry", "pmc", "unknown-recruiter", "other"})
FIELDS = frozenset({*SHORT, *LONG, *CHOICES, "who_came"})


def read_told(raw: Raw) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was told, without empty fields, and a problem code for each field that cannot be kept."""
    problems = {name: "unknown-field" for name in raw.keys() - FIELDS if name.isidentifier()}
    told: dict[str, Any] = {name: _text(clean_text, raw, name, LONGEST, problems) for name in SHORT}
    told |= {name: _text(clean_long_text, raw, name, limit, problems) for name, limit in LONG.items()}
    told |= {name: _choice(raw, name, problems) for name in CHOICES}
    told["who_came"] = [one for one in _many(raw.get("who_came", [])) if one in RECRUITERS]
    for name in REQUIRED:
        if not told[name]:
            problems.setdefault(name, "missing")
    # Whoever asks for a call and gives no number would wait for it.
    if told["contact_channel"] in REACHED and not told["contact_address"]:
        problems.setdefault("contact_address", "no-address")
    return {name: value for name, value in told.items() if value}, problems


def read_words(text: str, name: str, problems: dict[str, str]) -> str:
    """Return the words of a letter, at most as long as a story; a problem is put under `name`."""
    return _text(clean_long_text, {name: text}, name, LONG["story"], problems)


def _text(clean: Callable[[str, int], str], raw: Raw, name: str, limit: int, problems: dict[str, str]) -> str:
    try:
        return clean(_one(raw.get(name, "")), limit)
    except BadText as problem:
        problems[name] = "too-long" if problem.code == "too-long" else "unreadable"
        return ""


def _choice(raw: Raw, name: str, problems: dict[str, str]) -> str:
    value = _one(raw.get(name, ""))
    if value not in CHOICES[name]:
        problems[name] = "unknown-choice"
        return ""
    return "" if value == "unknown" else value


def _one(value: str | list[str]) -> str:
    return value if isinstance(value, str) else (value[-1] if value else "")


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
