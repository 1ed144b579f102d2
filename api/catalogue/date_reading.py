"""A small grammar of dates as people tell them: words to points, points to the days between which something happened.

Promises one reading or none: day before month in figures, no guess where a word is unknown or a day does not exist.
Must never repeat what was typed, and must answer at once whatever was typed.

How it reads: the beginning, middle and end of a month are its days 1-10, 11-20 and 21 to the last; of a season or
a year, its thirds. Without a year, the latest such date that has begun by today, as an estimate. Of two points, each
lends the other the month and the year that it leaves out. "before May" ends on 30 April; "by May", "not later than
May" and "until May" end on 31 May; "by early May" is early May.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

from api.catalogue.compartments import Language
from api.catalogue.date_points import DAY, Point, point_of
from api.catalogue.date_tokens import Token, UnreadableDate, tokens_of

SEASONS = (3, 6, 9, 12)


class Basis(StrEnum):
    """On what a date rests: HURIDOCS list 48 and two local codes under it."""

    EXACT = "exact"
    ESTIMATE = "48/010000000000"
    UNKNOWN_DAY = "48/020000000000"
    UNKNOWN_MONTH = "48/030000000000"
    BETWEEN = "X48-04"
    OPEN = "X48-05"


Reading = tuple[date | None, date | None, Basis]


_BETWEEN_POINTS = ("dash", "until", "before", "or")


def read(text: str, language: Language, today: date) -> Reading:
    """Return the earliest day, the latest day and the basis; None stands for an open end. Raises UnreadableDate."""
    told = tokens_of(text, language)
    tokens = [token for token in told if token.kind != "about"]
    if not tokens:
        raise UnreadableDate
    try:
        earliest, latest, basis = _read(tokens, today)
    except (ValueError, OverflowError):
        raise UnreadableDate from None
    return earliest, latest, Basis.ESTIMATE if len(tokens) < len(told) and basis is not Basis.OPEN else basis


def _read(tokens: Sequence[Token], today: date) -> Reading:
    lead, rest = (tokens[0].kind, tokens[1:]) if tokens[0].kind in _OPENERS else ("", tokens)
    separators = (*_BETWEEN_POINTS, "and") if lead == "between" else _BETWEEN_POINTS
    cuts = [place for place, token in enumerate(rest) if token.kind in separators]
    if len(cuts) == 1 and lead in ("", "from", "between"):
        return _range(point_of(rest[: cuts[0]], today), point_of(rest[cuts[0] + 1 :], today), today)
    if lead == "between":
        raise UnreadableDate
    return _OPENERS[lead](point_of(rest, today), today)


def _range(left: Point, right: Point, today: date) -> Reading:
    """Read two points, each lending the other the month and year that it leaves out."""
    if left.year is None and right == Point(right.year):
        raise UnreadableDate
    left, right = _lend_months(left, right), _lend_months(right, left)
    known = left.year is not None or right.year is not None
    if right.year is None:
        right = _after(right, left) if left.year is not None else _with_year(right, today)
    if left.year is None:
        left = _not_after(replace(left, year=right.year), right)
    first, last = _span(left), _span(right)
    if first[0] > last[0] or first[1] > last[1]:
        raise UnreadableDate
    return first[0], last[1], Basis.BETWEEN if known else Basis.ESTIMATE


def _lend_months(point: Point, other: Point) -> Point:
    lacks = point.months is None and (point.day is not None or point.year is None)
    return replace(point, months=other.months) if lacks else point


def _after(right: Point, left: Point) -> Point:
    same = replace(right, year=left.year)
    return same if _span(same)[0] >= _span(left)[0] else replace(same, year=_number(left.year) + 1)


def _not_after(left: Point, right: Point) -> Point:
    return left if _span(left)[0] <= _span(right)[0] or left.months == right.months else _year_before(left)


def _year_before(point: Point) -> Point:
    return replace(point, year=_number(point.year) - 1)


def _with_year(point: Point, today: date) -> Point:
    """Return the latest such point that has begun by today; eight years hold every leap day."""
    if point.months is None:
        raise UnreadableDate
    for year in range(today.year, today.year - 9, -1):
        dated = replace(point, year=year)
        if _exists(dated) and _span(dated)[0] <= today:
            return dated
    raise UnreadableDate


def _exists(point: Point) -> bool:
    try:
        _span(point)
    except ValueError:
        return False
    return True


def _span(point: Point) -> tuple[date, date]:
    """Return the first and the last day of a point with a year; raises ValueError for a day that does not exist."""
    year, (month, count) = _number(point.year), point.months or (1, 12)
    if point.day is not None:
        if count > 1 or point.part is not None:
            raise UnreadableDate
        return date(year, month, point.day), date(year, month, point.day)
    if point.part is None:
        return _month_start(year, month), _month_start(year, month + count) - DAY
    return _part_of_month(year, month, point.part) if count == 1 else _part_of_months(year, month, count, point.part)


def _part_of_month(year: int, month: int, part: tuple[int, int]) -> tuple[date, date]:
    which, of = part
    days = 10 if of == 3 else 15
    first = date(year, month, days * (which - 1) + 1)
    return first, _month_start(year, month + 1) - DAY if which == of else first + (days - 1) * DAY


def _part_of_months(year: int, month: int, count: int, part: tuple[int, int]) -> tuple[date, date]:
    length, rest = divmod(count, part[1])
    if rest:
        raise UnreadableDate
    start = month + length * (part[0] - 1)
    return _month_start(year, start), _month_start(year, start + length) - DAY


def _month_start(year: int, month: int) -> date:
    """Return the first day of a month counted from January of `year`; 13 is the January after."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _number(year: int | None) -> int:
    if year is None:
        raise UnreadableDate
    return year


# --- one point, and what stands before it --------------------------------------------------------------------------


def _dated(point: Point, today: date) -> tuple[date, date]:
    return _span(point if point.year is not None else _with_year(point, today))


def _itself(point: Point, today: date) -> Reading:
    return (*_dated(point, today), _basis(point))


def _basis(point: Point) -> Basis:
    if point.year is None:
        return Basis.ESTIMATE
    if point.day is not None:
        return Basis.EXACT
    if point.part is not None:
        return Basis.ESTIMATE if point.part[1] == 3 else Basis.BETWEEN
    if point.months is None:
        return Basis.UNKNOWN_MONTH
    if point.months[1] == 1:
        return Basis.UNKNOWN_DAY
    return Basis.ESTIMATE if point.months[0] in SEASONS else Basis.BETWEEN


def _before(point: Point, today: date) -> Reading:
    """Read "before": up to the day before; but "before the end of May" is up to its end."""
    first, last = _dated(point, today)
    return None, last if point.part == (3, 3) else first - DAY, Basis.OPEN


def _by(point: Point, today: date) -> Reading:
    if point.part is None:
        return _not_later(point, today)
    return (*_dated(point, today), Basis.ESTIMATE)


def _not_later(point: Point, today: date) -> Reading:
    return None, _dated(point, today)[1], Basis.OPEN


def _not_earlier(point: Point, today: date) -> Reading:
    return _dated(point, today)[0], None, Basis.OPEN


def _past(point: Point, today: date) -> Reading:
    return _dated(point, today)[1] + DAY, None, Basis.OPEN


_OPENERS: Mapping[str, Callable[[Point, date], Reading]] = {
    "": _itself,
    "between": _itself,
    "from": _not_earlier,
    "not-earlier": _not_earlier,
    "after": _past,
    "before": _before,
    "until": _not_later,
    "not-later": _not_later,
    "by": _by,
}
