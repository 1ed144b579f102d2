"""From a form to clean values, each in its compartment, by the catalogue alone.

Promises that what comes out can be sealed, shown and written as JSON, and that what cannot is named by
field and code. Must never repeat what was typed, nor accept a field that the catalogue does not declare.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from api.catalogue import dates, facilities
from api.catalogue.compartments import LANGUAGES, Compartment, Labels, Language
from api.catalogue.fields import Field, Kind, form_fields
from api.catalogue.tables import read_table
from api.catalogue.terms import known
from api.catalogue.text import BadText, clean_long_text, clean_text
from api.errors import Invalid
from api.ids import is_id

__all__ = ["FORM", "Checked", "FieldProblems", "check", "clean_long_text", "clean_text", "day", "problem_label"]

Raw = Mapping[str, str | Sequence[str]]

# Where a problem of the whole form stands; the name of a field that nobody declared is what somebody typed.
FORM = "form"
MOST_VALUES = 50
COUNT = re.compile("[0-9]{1,5}", re.ASCII)
LARGEST_COUNT = 10_000
AMOUNT = re.compile("[0-9]{1,12}", re.ASCII)
DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
YEARS = range(1900, 2101)

PROBLEM_LABELS: Mapping[str, Labels] = {
    row["code"]: {language: row[language] for language in LANGUAGES} for row in read_table("problems")
}


class FieldProblems(Invalid):
    """Fields that cannot be accepted: `problems` maps a field's name, or `form`, to a problem code."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Clean values of one entry by compartment, and the words in which dates and places were told, by field."""

    entity: str
    by_compartment: dict[Compartment, dict[str, object]] = field(repr=False)
    told: dict[str, str] = field(repr=False)


def problem_label(code: str, language: Language) -> str:
    """Return the sentence that stands beside the field."""
    return PROBLEM_LABELS[code][language]


def check(entity: str, raw: Raw, language: Language, today: date) -> Checked:
    """Return the clean values of one entry; raises FieldProblems and nothing else.

    `language` is the one that dates and places are told in first; an empty field was not asked about, and is absent.
    """
    fields = form_fields(entity)
    problems = {} if raw.keys() <= {one.name for one in fields} else {FORM: "unknown-field"}
    checked = Checked(entity, {}, {})
    for one in fields:
        try:
            _put(checked, one, _texts(one, raw.get(one.name, "")), language, today)
        except BadText as problem:
            problems[one.name] = problem.code
    if not problems and not checked.by_compartment:
        problems[FORM] = "required"
    if problems:
        raise FieldProblems(problems)
    return checked


def _texts(one: Field, raw: object) -> list[str]:
    """Return what was typed into the field, cleaned, each value once, without the empty ones."""
    given = [raw] if isinstance(raw, str) else raw
    if not isinstance(given, Sequence) or not all(isinstance(text, str) for text in given):
        raise BadText("not-text")
    if len(given) > MOST_VALUES:
        raise BadText("too-many")
    clean = clean_long_text if one.kind is Kind.LONG_TEXT else clean_text
    texts = list(dict.fromkeys(text for text in map(clean, filter(None, given)) if text))
    if len(texts) > 1 and not one.repeated:
        raise BadText("only-one")
    return texts


def _put(checked: Checked, one: Field, texts: list[str], language: Language, today: date) -> None:
    if not texts:
        if one.required:
            raise BadText("required")
        return
    if one.kind is Kind.APPROX_DATE:
        values: list[object] = [_date(texts[0], language, today)]
        checked.told[one.name] = texts[0]
    elif one.kind is Kind.FACILITY:
        values = [_facility(texts[0], language)]
        if not facilities.is_plain(texts[0], language):
            checked.told[one.name] = texts[0]
    else:
        values = [READERS[one.kind](one, text) for text in texts]
    checked.by_compartment.setdefault(one.compartment, {})[one.name] = values if one.repeated else values[0]


def _date(text: str, language: Language, today: date) -> object:
    try:
        return dates.parse(text, language, today).as_json()
    except dates.UnreadableDate:
        raise BadText("unreadable-date") from None


def _text(_: Field, text: str) -> str:
    return text


def _term(one: Field, text: str) -> str:
    if one.term_list is None or not known(one.term_list, text):
        raise BadText("unknown-term")
    return text


def _facility(text: str, language: Language) -> object:
    found = facilities.parse(text, language)
    if found is None:
        raise BadText("unreadable-facility")
    return found.as_json()


def day(text: str) -> str:
    """Return `2023-05-17` for that or for `17.5.2023`, day first; raises BadText."""
    found = DAY.fullmatch(text)
    if found is None:
        raise BadText("unreadable-day")
    parts = [int(part) for part in found.groups() if part]
    year, month, number = parts if found[1] else reversed(parts)
    try:
        read = date(year, month, number)
    except ValueError:
        raise BadText("unreadable-day") from None
    if read.year not in YEARS:
        raise BadText("unreadable-day")
    return read.isoformat()


def _day(_: Field, text: str) -> str:
    return day(text)


def _count(_: Field, text: str) -> int:
    # Only plain digits: int() would take other scripts' digits, underscores and numbers of any length.
    if not COUNT.fullmatch(text) or int(text) > LARGEST_COUNT:
        raise BadText("not-a-number")
    return int(text)


def _amount(_: Field, text: str) -> int:
    # What people type between thousands: blanks of every width and apostrophes; never a fraction of a unit.
    figures = re.sub("[\\s'’]", "", text)
    if not AMOUNT.fullmatch(figures):
        raise BadText("not-an-amount")
    return int(figures)


def _link(_: Field, text: str) -> str:
    if not is_id(text):
        raise BadText("unknown-term")
    return text


READERS: Mapping[Kind, Callable[[Field, str], object]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.TERM: _term,
    Kind.CHOICE: _term,
    Kind.DAY: _day,
    Kind.COUNT: _count,
    Kind.AMOUNT: _amount,
    Kind.LINK: _link,
}
