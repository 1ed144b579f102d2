"""From a form to clean values, each in its compartment, by the catalogue alone.

Promises that what comes out can be sealed and shown, and that what cannot is named by field and code. Must never repeat
what was typed, nor accept a field that the catalogue does not declare.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from api.catalogue import dates, facilities
from api.catalogue.compartments import Compartment, Labels, Language
from api.catalogue.fields import Field, Kind, form_fields
from api.catalogue.purposes import Decision, Purpose
from api.catalogue.terms import known
from api.catalogue.text import BadText, clean_long_text, clean_text
from api.ids import is_id

MOST = 1_000_000
Raw = Mapping[str, str | Sequence[str]]

PROBLEM_LABELS: Mapping[str, Labels] = {
    "required": {"en": "Please fill this in.", "ru": "Заполните это поле.", "uk": "Заповніть це поле."},
    "unreadable-date": {
        "en": "We cannot read this date. Try “17 May 2023” or “spring 2022”.",
        "ru": "Не получилось прочесть дату. Например: «17 мая 2023» или «весной 2022».",
        "uk": "Не вдалося прочитати дату. Наприклад: «17 травня 2023» або «навесні 2022».",
    },
    "unreadable-facility": {
        "en": "We cannot read this place. Try “IK-29, Arkhangelsk region”.",
        "ru": "Не получилось прочесть место. Например: «ИК-29, Архангельская область».",
        "uk": "Не вдалося прочитати місце. Наприклад: «ВК-29, Архангельська область».",
    },
    "unknown-term": {"en": "Please choose from the list.", "ru": "Выберите из списка.", "uk": "Виберіть зі списку."},
    "too-long": {"en": "This is too long.", "ru": "Слишком длинно.", "uk": "Задовго."},
    "not-text": {
        "en": "This holds signs that cannot be stored.",
        "ru": "Здесь есть знаки, которые нельзя сохранить.",
        "uk": "Тут є знаки, які не можна зберегти.",
    },
    "not-a-number": {"en": "Please give a number.", "ru": "Укажите число.", "uk": "Вкажіть число."},
    "unreadable-day": {
        "en": "Please give a day as 2023-05-17.",
        "ru": "Укажите день как 2023-05-17.",
        "uk": "Вкажіть день як 2023-05-17.",
    },
    "unknown-field": {"en": "This field does not exist.", "ru": "Такого поля нет.", "uk": "Такого поля немає."},
}


class FieldProblems(ValueError):
    """Fields that cannot be accepted: name -> problem code."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("fields cannot be accepted")
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Checked:
    """Clean values by compartment, and the words in which dates were told, by field."""

    entity: str
    by_compartment: Mapping[Compartment, Mapping[str, object]] = field(repr=False)
    told: Mapping[str, str] = field(repr=False, default_factory=dict)


class _Problem(Exception):
    """A single value's problem code."""


def problem_label(code: str, language: Language) -> str:
    """Return the sentence beside a field."""
    return PROBLEM_LABELS[code][language]


def check(entity: str, raw: Raw, language: Language, today: date) -> Checked:
    """Return the clean values of one entry; raises FieldProblems. An empty field means "not asked" and is absent."""
    fields = {one.name: one for one in form_fields(entity)}
    problems = {name if name.isidentifier() else "field": "unknown-field" for name in raw if name not in fields}
    values: dict[Compartment, dict[str, object]] = {}
    told: dict[str, str] = {}
    for one in fields.values():
        try:
            value, words = _read(one, raw.get(one.name, ""), language, today)
        except (_Problem, BadText) as problem:
            problems[one.name] = problem.args[0]
            continue
        if value is not None:
            values.setdefault(one.compartment, {})[one.name] = value
        if words:
            told[one.name] = words
    if problems:
        raise FieldProblems(problems)
    return Checked(entity, values, told)


def _read(one: Field, raw: str | Sequence[str], language: Language, today: date) -> tuple[object, str]:
    """Return the value (None when not asked) and, for a date, the words as told."""
    parts = [raw] if isinstance(raw, str) else list(raw)
    texts = [text for text in (_clean(one, part) for part in parts) if text]
    if not texts:
        if one.required:
            raise _Problem("required")
        return None, ""
    if one.kind is Kind.APPROX_DATE:
        return _date(texts[0], language, today), texts[0]
    values = [_READERS[one.kind](one, text) for text in texts]
    return (values if one.repeated else values[0]), ""


def _clean(one: Field, part: object) -> str:
    if not isinstance(part, str):
        raise _Problem("not-text")
    return clean_long_text(part) if one.kind is Kind.LONG_TEXT else clean_text(part)


def _date(text: str, language: Language, today: date) -> object:
    try:
        return dates.parse(text, language, today).as_json()
    except dates.UnreadableDate:
        raise _Problem("unreadable-date") from None


def _term(one: Field, text: str) -> str:
    if not known(one.terms, text):
        raise _Problem("unknown-term")
    return text


def _facility(_: Field, text: str) -> object:
    found = facilities.parse(text)
    if found is None:
        raise _Problem("unreadable-facility")
    return found.as_json()


def _day(_: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _Problem("unreadable-day") from None


def _count(_: Field, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= MOST and len(text) < 9):
        raise _Problem("not-a-number")
    return int(text)


def _link(_: Field, text: str) -> str:
    if not is_id(text):
        raise _Problem("unknown-term")
    return text


def _one_of(allowed: type[Purpose] | type[Decision]) -> Callable[[Field, str], str]:
    def read(_: Field, text: str) -> str:
        if text not in set(allowed):
            raise _Problem("unknown-term")
        return text

    return read


_READERS: Mapping[Kind, Callable[[Field, str], object]] = {
    Kind.TEXT: lambda _, text: text,
    Kind.LONG_TEXT: lambda _, text: text,
    Kind.TERM: _term,
    Kind.FACILITY: _facility,
    Kind.DAY: _day,
    Kind.COUNT: _count,
    Kind.LINK: _link,
    Kind.DECISION: _one_of(Decision),
    Kind.PURPOSE: _one_of(Purpose),
}
