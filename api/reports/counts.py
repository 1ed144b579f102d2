"""Counting cases by one thing, and what of it may be published.

Promises cases, not acts: a case with two acts counts once in each kind of act, so lines may add up to more than
the total. Only cases whose consent covers counting are counted. Unknown and not asked are lines of their own.
Must never publish a number between 1 and 9. Rounding the total by itself keeps most hidden numbers from being
subtracted, not all: a person still decides on each release.

Method: hide 1 to 9, round the rest to 5, round the total by itself (after ONS and ACRO practice).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from api.catalogue import facilities, regions, terms
from api.catalogue.compartments import Labels, Language
from api.catalogue.dates import ApproxDate, UnreadableDate
from api.reports.sections import Body, FieldPath, values

Dimension = Literal["status", "region", "facility", "act", "body", "quarter"]

FLOOR, LOWEST_FLOOR, STEP = 10, 5, 5
UNKNOWN, NOT_ASKED = "unknown", "not-asked"

DIMENSIONS: Mapping[Dimension, Labels] = {
    "status": {"en": "What is known of their fate", "ru": "Что известно о судьбе", "uk": "Що відомо про долю"},
    "region": {"en": "Region of custody", "ru": "Регион содержания", "uk": "Регіон утримання"},
    "facility": {"en": "Place of custody", "ru": "Место содержания", "uk": "Місце утримання"},
    "act": {"en": "What was done", "ru": "Что было сделано", "uk": "Що було зроблено"},
    "body": {"en": "By which body", "ru": "Какой организацией", "uk": "Якою організацією"},
    "quarter": {"en": "Quarter of the last news", "ru": "Квартал последней вести", "uk": "Квартал останньої звістки"},
}
ASKED: Labels = {"en": "Not asked", "ru": "Не спрашивали", "uk": "Не запитували"}
QUARTER: Labels = {"en": "quarter {1} of {0}", "ru": "{1}-й квартал {0} г.", "uk": "{1}-й квартал {0} р."}
INSIDE: Labels = {
    "en": "Exact counts. Not for publication.",
    "ru": "Точные числа. Не для публикации.",
    "uk": "Точні числа. Не для оприлюднення.",
}
RELEASED: Labels = {
    "en": "Numbers from 1 to {0} are hidden, the others rounded to 5; the total is rounded by itself.",
    "ru": "Числа от 1 до {0} скрыты, остальные округлены до 5; итог округлён отдельно.",
    "uk": "Числа від 1 до {0} приховано, решту округлено до 5; підсумок округлено окремо.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One category and its cases; None where the number is hidden."""

    code: str
    label: str
    cases: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by one dimension.

    `shared`: a category that every case is in, which tells something of each of them; for who decides on a
    release, never in one.
    """

    dimension: str
    language: Language
    title: str
    lines: tuple[Line, ...]
    total: int | None
    note: str
    shared: tuple[str, ...] = ()
    publishable: bool = False


def count(rows: Iterable[Body], dimension: Dimension, language: Language) -> Table:
    """Return exact counts of the facts of cases, for the desk alone; a case that may not be counted is left out."""
    counted = [set(_codes(facts, dimension)) for facts in rows if _may_be_counted(facts)]
    found = Counter(code for codes in counted for code in codes)
    lines = tuple(Line(code, _label(dimension, code, language), found[code]) for code in _ordered(found, dimension))
    return Table(
        dimension,
        language,
        DIMENSIONS[dimension][language],
        lines,
        len(counted),
        INSIDE[language],
        shared=tuple(line.code for line in lines if line.cases == len(counted)),
    )


def suppress(table: Table, floor: int = FLOOR) -> Table:
    """Return what may be published of exact counts.

    Raises ValueError for a floor below 5, a facility's below 10, or a table that is not exact: rounding twice
    gives other numbers.
    """
    lowest = FLOOR if table.dimension == "facility" else LOWEST_FLOOR
    if floor < lowest or table.publishable:
        raise ValueError("not a floor for this table")
    return replace(
        table,
        lines=tuple(replace(line, cases=_published(line.cases, floor)) for line in table.lines),
        total=_published(table.total, floor),
        note=RELEASED[table.language].format(floor - 1),
        shared=(),
        publishable=True,
    )


def _published(cases: int | None, floor: int) -> int | None:
    if cases is None or 0 < cases < floor:
        return None
    return STEP * ((cases + STEP // 2) // STEP)


def _may_be_counted(facts: Body) -> bool:
    return "yes" in values({"facts": facts}, FieldPath("facts", "case", "counting"))


def _codes(facts: Body, dimension: Dimension) -> Iterator[str]:
    """Yield the categories of one case: `not-asked` where nothing was, several where there are several."""
    path, code_of = _READ[dimension]
    codes = [code_of(value) for value in values({"facts": facts}, path)]
    yield from codes or [NOT_ASKED]


def _term(value: object) -> str:
    return str(value)


def _region(value: object) -> str:
    return (_facility_of(value) or _NOWHERE).region or UNKNOWN


def _facility(value: object) -> str:
    """Return "IK-29 RU-ARK", by which two cases of one place meet."""
    place = _facility_of(value)
    return f"{place.kind}-{place.number} {place.region}" if place and place.number else UNKNOWN


def _facility_of(value: object) -> facilities.Facility | None:
    try:
        return facilities.Facility.from_json(value)
    except ValueError:
        return None


def _quarter(value: object) -> str:
    """Return "2023-Q2"; a date that may lie in two quarters is unknown."""
    try:
        told = ApproxDate.from_json(value)
    except UnreadableDate:
        return UNKNOWN
    ends = {f"{day.year}-Q{(day.month + 2) // 3}" for day in (told.earliest, told.latest) if day is not None}
    is_open = told.earliest is None or told.latest is None
    return UNKNOWN if is_open or len(ends) > 1 else ends.pop()


_NOWHERE = facilities.Facility("unknown")
_READ: Mapping[Dimension, tuple[FieldPath, Callable[[object], str]]] = {
    "status": (FieldPath("facts", "case", "status"), _term),
    "region": (FieldPath("facts", "custody", "facility"), _region),
    "facility": (FieldPath("facts", "custody", "facility"), _facility),
    "act": (FieldPath("facts", "act", "type"), _term),
    "body": (FieldPath("facts", "act", "body"), _term),
    "quarter": (FieldPath("facts", "case", "last_heard"), _quarter),
}


def _ordered(found: Mapping[str, int], dimension: Dimension) -> list[str]:
    """Return quarters in order of time, the rest from many to few; unknown and not asked last."""
    known = [code for code in found if code not in (UNKNOWN, NOT_ASKED)]
    by_time = dimension == "quarter"
    ordered = sorted(known) if by_time else sorted(known, key=lambda code: (-found[code], code))
    return [*ordered, *(code for code in (UNKNOWN, NOT_ASKED) if code in found)]


def _label(dimension: Dimension, code: str, language: Language) -> str:
    if code == NOT_ASKED:
        return ASKED[language]
    if code == UNKNOWN:
        return terms.label(UNKNOWN, language)
    return _LABELS.get(dimension, _term_label)(code, language)


def _term_label(code: str, language: Language) -> str:
    try:
        return terms.label(code, language)
    except KeyError:
        return code


def _facility_label(code: str, language: Language) -> str:
    place, _, region = code.partition(" ")
    kind, _, number = place.partition("-")
    return facilities.say(facilities.Facility.from_json({"kind": kind, "number": number, "region": region}), language)


def _quarter_label(code: str, language: Language) -> str:
    return QUARTER[language].format(*code.split("-Q"))


_LABELS: Mapping[Dimension, Callable[[str, Language], str]] = {
    "region": regions.name,
    "facility": _facility_label,
    "quarter": _quarter_label,
}
