"""Counts over columns are those of a plain loop over the records, for any fields, entries and consents."""

import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from api.catalogue.dates import ApproxDate, UnreadableDate
from api.catalogue.facilities import Facility
from api.catalogue.fields import Kind
from api.columns import facts, tally
from api.columns.coding import FIELDS
from api.columns.tally import Dimension
from api.errors import Invalid
from tests.columns.test_columns import body

NAMES = [
    "case.status",
    "case.themes",
    "case.last_heard",
    "case.last_heard:month",
    "custody.facility",
    "custody.facility:facility",
    "custody.offence_group",
    "act.type",
    "act.outcome",
    "act.inducements",
    "act.count",
    "act.when:year",
    "person.sex",
]


def plain_values(one: Dimension, value: Any) -> set[str]:
    """Return the categories of one value, read from the record itself."""
    if one.field.kind is Kind.APPROX_DATE:
        return {plain_period(one.grain, value)}
    if one.field.kind is Kind.FACILITY:
        place = Facility.from_json(value)
        if one.grain == "region":
            return {place.region or "unknown"}
        return {f"{place.kind}-{place.number} {place.region}" if place.number else "unknown"}
    return set(map(str, value)) if isinstance(value, list) else {str(value)}


def plain_period(grain: str, value: Any) -> str:
    try:
        told = ApproxDate.from_json(value)
    except UnreadableDate:
        return "unknown"
    if told.earliest is None or told.latest is None or not date(1900, 1, 1) <= told.earliest <= date(2079, 6, 5):
        return "unknown"
    names = {
        {"year": f"{day.year}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "month": f"{day:%Y-%m}"}[grain]
        for day in (told.earliest, told.latest)
    }
    return names.pop() if len(names) == 1 else "unknown"


def plain(bodies: Sequence[Mapping[str, Any]], counted: Sequence[bool], names: Sequence[str]) -> dict[Any, int]:
    """Count with loops: of one entity the values of one entry belong together."""
    dimensions, found = [tally.dimension(name) for name in names], Counter[Any]()
    for record in itertools.compress(bodies, counted):
        groups = [
            plain_rows(record.get(entity, ()), [one for one in dimensions if one.entity == entity])
            for entity in dict.fromkeys(one.entity for one in dimensions)
        ]
        for combined in {tuple(sorted(itertools.chain(*one))) for one in itertools.product(*groups)}:
            found[tuple(dict(combined)[one.name] for one in dimensions)] += 1
    return dict(found)


def plain_rows(entries: Sequence[Mapping[str, Any]], wanted: Sequence[Dimension]) -> set[Any]:
    """Return the combinations of values that stand in one entry each."""
    rows = set()
    for entry in entries or [{}]:
        said = [plain_values(one, entry[one.field.name]) if one.field.name in entry else set() for one in wanted]
        combined = itertools.product(*(some or {""} for some in said))
        rows |= {tuple((one.name, value) for one, value in zip(wanted, row, strict=True)) for row in combined}
    return rows


def columns(bodies: Sequence[Mapping[str, Any]]) -> facts.Facts:
    return facts.unpack(memoryview(facts.pack([facts.row(one) for one in bodies])))


@settings(deadline=None)
@given(some.randoms(use_true_random=True), some.lists(some.integers(0, 9), max_size=3), some.data())
def test_counts_are_those_of_a_plain_loop(dice: random.Random, sizes: list[int], data: some.DataObject) -> None:
    names = data.draw(some.lists(some.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    pieces = [[body(dice) for _ in range(size)] for size in sizes]
    counted = [[dice.random() < 0.8 for _ in piece] for piece in pieces]
    parts = [(columns(piece), np.array(rows, np.bool_)) for piece, rows in zip(pieces, counted, strict=True)]
    expected = plain(list(itertools.chain(*pieces)), list(itertools.chain(*counted)), names)
    assert dict(tally.tally(parts, [tally.dimension(name) for name in names]).rows()) == expected


@pytest.mark.parametrize(
    "name",
    ["person.name", "case.title", "case.owner", "act.victim", "act", "x.y", "", "act.type:month", "act.when:day"],
)
def test_only_coded_facts_are_dimensions(name: str) -> None:
    with pytest.raises(Invalid):
        tally.dimension(name)


def test_every_coded_field_is_a_dimension() -> None:
    paths = {f"{entity}.{one.name}" for entity, fields in FIELDS.items() for one in fields}
    assert {tally.dimension(path).path for path in paths} == paths


@settings(deadline=None)
@given(some.randoms(use_true_random=True))
def test_many_combinations_are_counted_without_a_bin_for_each(dice: random.Random) -> None:
    bodies = [body(dice) for _ in range(10)]
    names = ["act.type", "custody.facility:facility", "case.last_heard:month"]
    parts, dimensions = [(columns(bodies), np.ones(10, np.bool_))], [tally.dimension(name) for name in names]
    expected = dict(tally.tally(parts, dimensions).rows())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tally, "MOST_BINS", 0)
        assert dict(tally.tally(parts, dimensions).rows()) == expected == plain(bodies, [True] * 10, names)
