"""From tokens to one moment as it was told: year, months, day, and which part of them.

Promises that tokens may stand in any order and each says its own. Must never guess between two readings.

Winter of one year begins in December of that year, or of the year before if that December has not come yet; but the
middle and end of a winter are those that fall into the year named. A year of two figures is the latest that has begun.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.catalogue.date_tokens import Token, UnreadableDate

YEARS = range(1900, 2101)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Point:
    """What was said of one moment: year, months (first, how many), day, and which part of how many."""

    year: int | None = None
    months: tuple[int, int] | None = None
    day: int | None = None
    part: tuple[int, int] | None = None


def point_of(tokens: Sequence[Token], today: date) -> Point:
    """Read tokens in any order as one moment; raises UnreadableDate where two say the same or nothing is said."""
    said: dict[str, list[int]] = {}
    for token in tokens:
        said.setdefault(token.kind, []).append(token.number)
    _place_bare_numbers(tokens, said)
    if not said or any(len(numbers) > 1 for numbers in said.values()) or not said.keys() <= _POINT_KINDS:
        raise UnreadableDate
    one = {kind: numbers[0] for kind, numbers in said.items()}
    if "day" in one:
        return _days_ago(one, today)
    return Point(_year(one, today), _months(one), one.get("number"), _part(one))


_POINT_KINDS = frozenset(
    {"number", "month", "year", "short-year", "winter-year", "season", "part", "ordinal", "quarter", "half", "day"}
)


def _place_bare_numbers(tokens: Sequence[Token], said: dict[str, list[int]]) -> None:
    """Decide what numbers without a sign mean: the second beside a month is a year, one beside a quarter its number."""
    numbers = said.get("number", [])
    if ("quarter" in said or "half" in said) and numbers and "ordinal" not in said:
        said["ordinal"] = [numbers.pop(0)]
    elif ("month" in said and len(numbers) == 2) or ("season" in said and len(numbers) == 1):
        said.setdefault("short-year", []).append(numbers.pop())
    elif [token.kind for token in tokens] == ["month", "number"] and not tokens[0].latin:
        raise UnreadableDate  # "май 23" is the 23rd to some and the year to others
    if not numbers:
        said.pop("number", None)


def _days_ago(said: Mapping[str, int], today: date) -> Point:
    if len(said) > 1:
        raise UnreadableDate
    day = today - said["day"] * DAY
    return Point(day.year, (day.month, 1), day.day)


def _year(said: Mapping[str, int], today: date) -> int | None:
    years = [said[kind] for kind in ("year", "winter-year") if kind in said]
    if "short-year" in said:
        short = said["short-year"]
        years.append(today.year - (today.year - short) % 100)
    if len(years) > 1 or (years and years[0] not in YEARS):
        raise UnreadableDate
    if "winter-year" in said and said.get("season") != 12:
        raise UnreadableDate
    return _winter(said, years[0], today) if years else None


def _winter(said: Mapping[str, int], year: int, today: date) -> int:
    """Return the year in which the season meant begins."""
    if said.get("season") != 12 or "winter-year" in said:
        return year
    falls_into_year = said.get("part", 1) > 1
    return year - 1 if falls_into_year or date(year, 12, 1) > today else year


def _months(said: Mapping[str, int]) -> tuple[int, int] | None:
    found: list[tuple[int, int]] = []
    if "month" in said:
        found.append((said["month"], 1))
    if "season" in said:
        found.append((said["season"], 3))
    if "quarter" in said:
        found.append((3 * said.get("ordinal", 0) - 2, 3))
    if len(found) > 1 or (found and found[0][0] not in range(1, 13)):
        raise UnreadableDate
    return found[0] if found else None


def _part(said: Mapping[str, int]) -> tuple[int, int] | None:
    """Return which part of how many: a third for beginning, middle and end, or a half."""
    if ("ordinal" in said) != ("quarter" in said or "half" in said) or ("half" in said and "quarter" in said):
        raise UnreadableDate
    found = [(said[kind], 3) for kind in ("part",) if kind in said]
    if "half" in said:
        found.append((said["ordinal"], 2))
    if len(found) > 1 or any(which not in range(1, of + 1) for which, of in found):
        raise UnreadableDate
    return found[0] if found else None
