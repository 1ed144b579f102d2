"""What a field holds, in words of one language.

Promises the catalogue's labels for codes and the typed text for the rest. Must never guess: a value that the
catalogue does not know is said as it stands.
"""

from collections.abc import Callable, Mapping
from datetime import date

from api.catalogue import dates, facilities, terms
from api.catalogue.compartments import Labels, Language
from api.catalogue.fields import Field, Kind

BYTES: Labels = {"en": "bytes", "ru": "байт", "uk": "байтів"}


def say(field: Field, value: object, language: Language) -> str:
    """Return a value in words; the values of a repeated field are joined by semicolons."""
    if field.entity == "document" and field.name == "size":
        return f"{value} {BYTES[language]}"
    said = _term if field.term_list else _SAID.get(field.kind, _plain)
    if field.repeated and isinstance(value, (list, tuple)):
        return "; ".join(said(one, language) for one in value)
    return said(value, language)


def day_said(day: date, language: Language) -> str:
    """Return "17 May 2023"."""
    return dates.say(dates.ApproxDate(day, day, dates.Basis.EXACT), language)


def _plain(value: object, language: Language) -> str:
    return str(value)


def _term(value: object, language: Language) -> str:
    try:
        return terms.label(str(value), language)
    except KeyError:
        return str(value)


def _approximate(value: object, language: Language) -> str:
    if isinstance(value, str):
        return _term(value, language)
    try:
        return dates.say(dates.ApproxDate.from_json(value), language)
    except dates.UnreadableDate:
        return ""


def _day(value: object, language: Language) -> str:
    try:
        return day_said(date.fromisoformat(str(value)), language)
    except ValueError:
        return str(value)


def _facility(value: object, language: Language) -> str:
    try:
        return facilities.say(facilities.Facility.from_json(value), language)
    except ValueError:
        return ""


_SAID: Mapping[Kind, Callable[[object, Language], str]] = {
    Kind.APPROX_DATE: _approximate,
    Kind.DAY: _day,
    Kind.FACILITY: _facility,
}
