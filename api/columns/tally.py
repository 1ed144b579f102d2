"""Counting rows by the values of one or more coded fields, whole columns at a time.

Promises cases: one with two acts counts once in each value, and for two fields of one entry only together as they stand
there. Must never count a row that it was not told to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.catalogue.fields import Field, Kind
from api.columns.coding import EPOCH, FIELDS, LAST_DAY, place_of, region_of
from api.columns.facets import REGIONS, Rows
from api.columns.facts import Facts
from api.errors import Invalid

Numbers = NDArray[Any]
Part = tuple[Facts, Rows]
ABSENT, UNKNOWN = "", "unknown"
MOST_BINS = 1 << 22
# How finely a facility or a date is counted, the usual first; a field of another kind has no grain.
GRAINS: Mapping[Kind, tuple[str, ...]] = {
    Kind.FACILITY: ("region", "facility"),
    Kind.APPROX_DATE: ("quarter", "month", "year"),
}


@dataclass(frozen=True, slots=True)
class Dimension:
    """What is counted by: a coded field, and its grain or ""."""

    entity: str
    field: Field
    grain: str

    @property
    def path(self) -> str:
        """The field's name in the columns."""
        return f"{self.entity}.{self.field.name}"

    @property
    def name(self) -> str:
        """The name that `dimension` reads."""
        return f"{self.path}:{self.grain}" if self.grain else self.path


@dataclass(frozen=True, slots=True)
class Tallied:
    """A table by columns: for each dimension the values, and beside them how many cases have them together."""

    values: tuple[list[str], ...]
    cases: list[int]

    def rows(self) -> Iterator[tuple[tuple[str, ...], int]]:
        """Yield each combination of values with its cases."""
        return zip(zip(*self.values, strict=True), self.cases, strict=True)


@dataclass(frozen=True, slots=True)
class _Relation:
    """For each key, in their order, at least one tuple of codes."""

    keys: Numbers = field(repr=False)
    codes: tuple[Numbers, ...] = field(repr=False)


def dimension(name: str) -> Dimension:
    """Return the dimension `entity.field` or `entity.field:grain`; raises Invalid for any other."""
    path, _, grain = name.partition(":")
    entity, _, wanted = path.partition(".")
    for one in FIELDS.get(entity, ()):
        grains = GRAINS.get(one.kind, ("",))
        if one.name == wanted and (not grain or grain in grains):
            return Dimension(entity, one, grain or grains[0])
    raise Invalid({"dimension": "unknown-field"})


def tally(parts: Sequence[Part], dimensions: Sequence[Dimension]) -> Tallied:
    """Return how many of the rows told have each combination of values; "" where a row has none."""
    rows = np.concatenate([np.zeros(0, np.bool_), *(rows for _, rows in parts)])
    facts, number = [one for one, _ in parts], np.cumsum(rows) - 1
    labels, found, order = dict[str, Sequence[str]](), _Relation(np.arange(rows.sum()), ()), list[str]()
    for entity in dict.fromkeys(one.entity for one in dimensions):
        wanted = [one for one in dimensions if one.entity == entity]
        owners = _offset([one.owners(entity) for one in facts], [one.rows for one in facts])
        entries = _entries(facts, wanted, len(owners), labels)
        kept = rows[owners[entries.keys]]
        keys = number[owners[entries.keys[kept]]]
        found = _joined(found, _complete(_Relation(keys, tuple(one[kept] for one in entries.codes)), len(found.keys)))
        order += [one.name for one in wanted]
    codes, cases = _counted(found, [len(labels[one]) for one in order])
    said = {name: np.array(labels[name], np.object_)[of].tolist() for name, of in zip(order, codes, strict=True)}
    return Tallied(tuple(said[one.name] for one in dimensions), cases.tolist())


def _entries(
    facts: Sequence[Facts], wanted: Sequence[Dimension], count: int, labels: dict[str, Sequence[str]]
) -> _Relation:
    """Return the codes of these fields by entry, all entries of an entity one after the other."""
    found = _Relation(np.arange(count), ())
    for one in wanted:
        codes, labels[one.name] = _codes(facts, one)
        keys = np.arange(count)
        if one.field.repeated:
            sizes = [len(each.owners(one.entity)) for each in facts]
            keys = _offset([each.arrays[f"{one.path}#"] for each in facts], sizes)
        found = _joined(found, _complete(_Relation(keys, (codes,)), count))
    return found


def _codes(facts: Sequence[Facts], one: Dimension) -> tuple[Numbers, Sequence[str]]:
    """Return the codes of a field over all pieces, and what they mean; 0 is absent."""
    if one.field.kind is Kind.APPROX_DATE:
        return _periods(facts, one)
    if one.field.kind is Kind.FACILITY:
        return _translated([(each.arrays[one.path], _places(each, one)) for each in facts])
    if one.field.kind is Kind.COUNT:
        codes = np.concatenate([_EMPTY, *(each.arrays[one.path] for each in facts)])
        return codes, (ABSENT, *map(str, range(int(codes.max(initial=0)))))
    return _translated([(each.arrays[one.path], each.coding.lists[one.path]) for each in facts])


def _translated(parts: Sequence[tuple[Numbers, Sequence[str]]]) -> tuple[Numbers, Sequence[str]]:
    """Return codes of several lists as codes of one; most pieces have the same list."""
    known, tables = {ABSENT: 0}, dict[int, Numbers]()
    for _, values in parts:
        if id(values) not in tables:
            tables[id(values)] = np.array([0, *(known.setdefault(value, len(known)) for value in values)], np.int32)
    return np.concatenate([_EMPTY, *(tables[id(values)][codes] for codes, values in parts)]), tuple(known)


def _places(facts: Facts, one: Dimension) -> Sequence[str]:
    """Return what the places of one piece are called: regions, or "IK-29 RU-ARK", by which two cases meet."""
    return [_place(number, one.grain) for number in facts.arrays[f"{one.path}@"].tolist()]


@cache
def _place(number: int, grain: str) -> str:
    shift, mask = REGIONS
    if grain == "region":
        return region_of(number >> shift & mask) or UNKNOWN
    said = place_of(number)
    return f"{said['kind']}-{said['number']} {said['region']}" if said["number"] else UNKNOWN


def _periods(facts: Sequence[Facts], one: Dimension) -> tuple[Numbers, Sequence[str]]:
    """Return the year, quarter or month of dates; one that may lie in two of them is unknown."""
    ends = [np.concatenate([_EMPTY, *(each.arrays[one.path + side] for each in facts)]) for side in ("<", ">")]
    there = np.concatenate([_EMPTY, *(each.arrays[one.path + "?"] for each in facts)]) > 0
    table, names = _calendar(one.grain)
    first, last = table[ends[0]], table[ends[1]]
    codes = np.where((first == last) & (first > 1), first, 1)
    return _shortened(np.where(there, codes, 0), names)


def _shortened(codes: Numbers, names: Sequence[str]) -> tuple[Numbers, Sequence[str]]:
    """Leave out the periods before the first that occurs and after the last: most of two centuries do not."""
    known = codes[codes > 1]
    first, last = int(known.min(initial=len(names))), int(known.max(initial=1))
    return np.where(codes > 1, codes - first + 2, codes), (*names[:2], *names[first : last + 1])


@cache
def _calendar(grain: str) -> tuple[Numbers, Sequence[str]]:
    """Return for each number of a day the code of its period, and the periods' names; 1 is unknown."""
    days = np.datetime64(EPOCH, "D") + np.arange(LAST_DAY)
    months = days.astype("datetime64[M]").astype(np.int32)
    span = {"month": 1, "quarter": 3, "year": 12}[grain]
    periods = (months - months[0]) // span
    names = [_period(grain, EPOCH.year, int(number) * span) for number in range(int(periods[-1]) + 1)]
    return np.concatenate([np.ones(1, np.int32), periods + 2]), (ABSENT, UNKNOWN, *names)


def _period(grain: str, first: int, months: int) -> str:
    year, month = first + months // 12, months % 12 + 1
    return {"month": f"{year}-{month:02d}", "quarter": f"{year}-Q{(month + 2) // 3}", "year": f"{year}"}[grain]


def _offset(parts: Sequence[Numbers], sizes: Sequence[int]) -> Numbers:
    """Return numbers that count within pieces as numbers that count over all."""
    starts = np.cumsum([0, *sizes])[:-1].tolist()
    return np.concatenate([_EMPTY, *(part + np.int64(start) for part, start in zip(parts, starts, strict=True))])


def _complete(found: _Relation, count: int) -> _Relation:
    """Return the relation with absent codes for the keys that had none."""
    there = np.zeros(count, np.bool_)
    there[found.keys] = True
    absent = np.flatnonzero(~there)
    if not len(absent):
        return found
    keys = np.concatenate([found.keys, absent])
    order = np.argsort(keys, kind="stable")
    codes = (np.concatenate([one, np.zeros(len(absent), one.dtype)])[order] for one in found.codes)
    return _Relation(keys[order], tuple(codes))


def _joined(one: _Relation, other: _Relation) -> _Relation:
    """Return each combination of the codes that two complete relations have for a key."""
    if _single(one.keys) and np.array_equal(one.keys, other.keys):
        return _Relation(one.keys, (*one.codes, *other.codes))
    count = int(max(one.keys.max(initial=-1), other.keys.max(initial=-1))) + 1
    many = np.bincount(other.keys, minlength=count)
    times = many[one.keys]
    left = np.repeat(np.arange(len(one.keys)), times)
    within = np.arange(len(left)) - np.repeat(np.cumsum(times) - times, times)
    right = (np.cumsum(many) - many)[one.keys[left]] + within
    return _Relation(one.keys[left], (*(codes[left] for codes in one.codes), *(codes[right] for codes in other.codes)))


def _counted(found: _Relation, sizes: Sequence[int]) -> tuple[Sequence[Numbers], Numbers]:
    """Return the codes of each combination, field by field, and the number of keys that have it."""
    bins = int(np.prod(sizes, dtype=np.int64))
    flat = np.zeros(len(found.keys), np.int64)
    for codes, size in zip(found.codes, sizes, strict=True):
        flat = flat * size + codes
    if not _single(found.keys):
        flat = np.unique(found.keys.astype(np.int64) * bins + flat) % bins
    values, counts = np.unique(flat, return_counts=True) if bins > MOST_BINS else _bins(flat, bins)
    return np.unravel_index(values, sizes), counts


def _single(keys: Numbers) -> bool:
    """Say whether no key, in their order, occurs twice."""
    return bool((np.diff(keys) > 0).all())


def _bins(flat: Numbers, bins: int) -> tuple[Numbers, Numbers]:
    counts = np.bincount(flat, minlength=bins)
    values = np.flatnonzero(counts)
    return values, counts[values]


_EMPTY = np.zeros(0, np.int32)
