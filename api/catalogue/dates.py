"""Approximate dates: the earliest and the latest day, and on what they rest.

Promises one spelling (EDTF, the Library of Congress's Extended Date/Time Format, level 1) and words that a person
would use, in three languages; `parse` reads what `say` says. Must never keep or repeat the words as told.

A single day, month or year that is an estimate is written with "~"; an interval is not, its basis says it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from api.catalogue.compartments import Language
from api.catalogue.date_reading import SEASONS, Basis, read
from api.catalogue.date_tokens import UnreadableDate
from api.catalogue.date_words import month_after_day, month_name, season_name

__all__ = ["ApproxDate", "Basis", "UnreadableDate", "parse", "say"]

_SIDE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?~?")
_OPEN_END = ".."


@dataclass(frozen=True, slots=True)
class ApproxDate:
    """Days between which something happened; None is an open end.

    Raises UnreadableDate where the days contradict the basis.
    """

    earliest: date | None
    latest: date | None
    basis: str

    def __post_init__(self) -> None:
        ends = [day for day in (self.earliest, self.latest) if day is not None]
        is_open = self.basis == Basis.OPEN
        is_exact = self.basis == Basis.EXACT
        if (
            self.basis not in set(Basis)
            or len(ends) != (1 if is_open else 2)
            or ends != sorted(ends)
            or (is_exact and ends[0] != ends[-1])
        ):
            raise UnreadableDate

    @property
    def edtf(self) -> str:
        """Return the date as EDTF: "2023-05-17", "2023-05~", "2023-05-01/2023-05-10", "../2023-03-31"."""
        if self.earliest is None or self.latest is None:
            return "/".join(day.isoformat() if day else _OPEN_END for day in (self.earliest, self.latest))
        mark = "~" if self.basis == Basis.ESTIMATE else ""
        whole = _whole(self.earliest, self.latest, self.basis)
        return whole + mark if whole else f"{self.earliest.isoformat()}/{self.latest.isoformat()}"

    def as_json(self) -> dict[str, str]:
        """Return {"edtf", "basis"} as it is sealed."""
        return {"edtf": self.edtf, "basis": str(self.basis)}

    @classmethod
    def from_json(cls, value: object) -> "ApproxDate":
        """Return the date of {"edtf", "basis"}; raises UnreadableDate for anything else."""
        if not isinstance(value, Mapping):
            raise UnreadableDate
        edtf, basis = value.get("edtf"), value.get("basis")
        if not isinstance(edtf, str) or not isinstance(basis, str):
            raise UnreadableDate
        first, slash, last = edtf.partition("/")
        return cls(_side(first, 0), _side(last if slash else first, 1), basis)


def parse(text: str, language: Language, today: date) -> ApproxDate:
    """Return what a text in any of the three languages says; words of `language` win. Raises UnreadableDate."""
    return ApproxDate(*read(text, language, today))


def say(value: ApproxDate, language: Language) -> str:
    """Return words: "17 May 2023", "весна 2022 г.", "between 5 and 10 July 2023", "не пізніше 31 березня 2023"."""
    if value.earliest is None or value.latest is None:
        word, day = ("not-earlier", value.earliest) if value.earliest else ("not-later", value.latest)
        return f"{_SAID[word][language]} {_day(day, language)}" if day else ""
    if season := _season(value, language):
        return season
    if value.basis != Basis.BETWEEN and (whole := _said_whole(value.earliest, value.latest, language)):
        return f"{_SAID['about'][language]} {whole}" if value.basis == Basis.ESTIMATE else whole
    if value.earliest == value.latest:
        return _day(value.latest, language)
    if value.basis == Basis.BETWEEN:
        between, joint = _SAID["between"][language], f" {_SAID['and'][language]} "
        return f"{between} {_range(value.earliest, value.latest, language, joint)}"
    return _range(value.earliest, value.latest, language, "–")


_SAID: Mapping[str, Mapping[Language, str]] = {
    "about": {"en": "about", "ru": "примерно", "uk": "приблизно"},
    "and": {"en": "and", "ru": "и", "uk": "і"},
    "between": {"en": "between", "ru": "между", "uk": "між"},
    "not-later": {"en": "not later than", "ru": "не позднее", "uk": "не пізніше"},
    "not-earlier": {"en": "not earlier than", "ru": "не ранее", "uk": "не раніше"},
    "year": {"en": "", "ru": " г.", "uk": " р."},
}


def _side(edtf: str, end: int) -> date | None:
    """Return the first (end 0) or last (end 1) day of one side of an interval; None for an open one."""
    if edtf == _OPEN_END:
        return None
    match = _SIDE.fullmatch(edtf)
    if match is None:
        raise UnreadableDate
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        if day is not None:
            return date(year or 0, month or 0, day)
        return _last_day(year or 0, month or 12) if end else date(year or 0, month or 1, 1)
    except ValueError:
        raise UnreadableDate from None


def _last_day(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)


def _is_month(first: date, last: date) -> bool:
    return first.day == 1 and last == _last_day(first.year, first.month)


def _is_year(first: date, last: date) -> bool:
    return (first.month, first.day) == (1, 1) and last == date(first.year, 12, 31)


def _whole(first: date, last: date, basis: str) -> str:
    """Return the EDTF of a whole day, month or year; empty where only an interval will do."""
    if first == last:
        return first.isoformat()
    if _is_month(first, last) and basis in (Basis.UNKNOWN_DAY, Basis.ESTIMATE):
        return first.isoformat()[:7]
    if _is_year(first, last) and basis in (Basis.UNKNOWN_MONTH, Basis.ESTIMATE):
        return first.isoformat()[:4]
    return ""


def _said_whole(first: date, last: date, language: Language) -> str:
    if first == last:
        return _day(first, language)
    if _is_month(first, last):
        return f"{month_name(first.month, language)} {first.year}{_SAID['year'][language]}"
    if _is_year(first, last):
        return f"{first.year}{_SAID['year'][language]}"
    return ""


def _season(value: ApproxDate, language: Language) -> str:
    first, last = value.earliest, value.latest
    if value.basis != Basis.ESTIMATE or first is None or last is None or first.month not in SEASONS:
        return ""
    ends = (first.year + first.month // 12, (first.month + 1) % 12 + 1)
    if first.day != 1 or last != _last_day(*ends):
        return ""
    year = str(first.year) if first.year == last.year else f"{first.year}/{last.year}"
    return f"{season_name(first.month, language)} {year}{_SAID['year'][language]}"


def _day(day: date, language: Language) -> str:
    return f"{day.day} {month_after_day(day.month, language)} {day.year}"


def _range(first: date, last: date, language: Language, joint: str) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{joint}{_day(last, language)}"
    wide = joint if joint.startswith(" ") else f" {joint} "
    start = _day(first, language)
    return f"{start.rsplit(' ', 1)[0] if first.year == last.year else start}{wide}{_day(last, language)}"
