"""Columns of the coded facts: every term, date, facility and count of the catalogue, for many cases side by side.

Promises that a row comes back as it went in, and that a case may have any number of entries. Must never hold a word
that somebody typed: a title, a name or a story has no column.

Layout: length and JSON of the arrays' names and lists (the same for most segments), the arrays' lengths, the arrays,
the widest numbers first; one that is zero for every entry is left out. For an entity, `act` says for each entry whose
row it is; `act.type` is one code an entry; `act.when<` and `act.when>` its earliest and latest day; `act.method#` and
`act.method` which entries have which codes; `custody.facility` counts in the places `custody.facility@`; `?` says
which entries have the field at all.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.catalogue.fields import Field, Kind
from api.columns.coding import CATALOGUE, FIELDS, Coding, coded, coding_for

Body = Mapping[str, Sequence[Mapping[str, Any]]]
Numbers = NDArray[Any]
Parsed = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Facts:
    """The columns of n cases."""

    rows: int
    coding: Coding = field(repr=False)
    arrays: Mapping[str, Numbers] = field(repr=False)

    def owners(self, entity: str) -> Numbers:
        """Return for each entry of an entity in which row it stands."""
        return self.arrays.get(entity, _NONE)

    @cached_property
    def places(self) -> Numbers:
        """The facility of each spell of custody as a number, 0 where there is none."""
        known, codes = self.arrays["custody.facility@"], self.arrays["custody.facility"]
        return np.concatenate([np.zeros(1, known.dtype), known])[codes]


def row(body: Body) -> bytes:
    """Return what the columns hold of one section of facts, as JSON."""
    found = {entity: [_entry(fields, one) for one in body.get(entity, ())] for entity, fields in FIELDS.items()}
    return json.dumps({name: some for name, some in found.items() if some}, sort_keys=True, ensure_ascii=False).encode()


def pack(bodies: Sequence[bytes]) -> bytes:
    """Return the columns of rows in their order."""
    parsed = [json.loads(body or b"{}") for body in bodies]
    coding = coding_for(_used(parsed))
    # What nobody was asked, in all of these cases, is left out: most fields of a catalogue are.
    arrays = {name: one for name, one in _arrays(parsed, coding) if one.any() or not _entity_of()[name]}
    names = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    head = json.dumps([[[name, arrays[name].dtype.str] for name in names], coding.lists], ensure_ascii=False).encode()
    head = head.ljust((len(head) + 7) // 8 * 8 + 4)
    lengths = np.array([len(bodies), *(len(arrays[name]) for name in names)], "<u4")
    lengths = np.pad(lengths, (0, len(lengths) % 2))
    return b"".join(
        [len(head).to_bytes(4, "little"), head, lengths.tobytes(), *(arrays[one].tobytes() for one in names)]
    )


def unpack(blob: memoryview) -> Facts:
    """Return the columns of `pack`, without copying them."""
    length = int.from_bytes(blob[:4], "little")
    names, coding, absent = _read_head(bytes(blob[4 : 4 + length]))
    lengths = np.frombuffer(blob, "<u4", 1 + len(names), 4 + length)
    start, arrays = 4 + length + 4 * (len(lengths) + len(lengths) % 2), dict[str, Numbers]()
    for (name, kind), count in zip(names, lengths[1:].tolist(), strict=True):
        arrays[name] = np.frombuffer(blob, kind, count, start)
        start += count * kind.itemsize
    for name, entity in absent:
        arrays[name] = np.zeros(len(arrays.get(entity, _NONE)), "<u2")
    return Facts(int(lengths[0]), coding, arrays)


def bodies(columns: Facts) -> list[bytes]:
    """Return the rows again, as `row` made them."""
    rows: list[dict[str, list[dict[str, Any]]]] = [{} for _ in range(columns.rows)]
    for entity, fields in FIELDS.items():
        entries = _entries(columns, entity, fields)
        for owner, entry in zip(columns.owners(entity).tolist(), entries, strict=True):
            rows[owner].setdefault(entity, []).append(entry)
    return [json.dumps(one, sort_keys=True, ensure_ascii=False).encode() for one in rows]


def _entry(fields: Sequence[Field], entry: Mapping[str, Any]) -> dict[str, object]:
    return {one.name: coded(one, entry[one.name]) for one in fields if one.name in entry}


def _used(parsed: Sequence[Parsed]) -> dict[str, set[str]]:
    """Return the values of each list that the rows have."""
    found: dict[str, set[str]] = {}
    for entity, fields in FIELDS.items():
        entries = [one for facts in parsed for one in facts.get(entity, ())]
        for one in fields:
            if one.term_list:
                values = (entry[one.name] for entry in entries if one.name in entry)
                found[f"{entity}.{one.name}"] = _each(values)
    return found


def _each(values: Iterator[Any]) -> set[str]:
    found: set[str] = set()
    for value in values:
        found.update(value if isinstance(value, list) else (value,))
    return found


def _arrays(parsed: Sequence[Parsed], coding: Coding) -> Iterator[tuple[str, Numbers]]:
    for entity, fields in FIELDS.items():
        pairs = [(place, one) for place, facts in enumerate(parsed) for one in facts.get(entity, ())]
        yield entity, np.array([place for place, _ in pairs], "<u2")
        for one in fields:
            yield from _column(f"{entity}.{one.name}", one, [entry.get(one.name) for _, entry in pairs], coding)


def _column(name: str, one: Field, values: Sequence[Any], coding: Coding) -> Iterator[tuple[str, Numbers]]:
    """Yield the arrays of one field; 0 stands for absent everywhere."""
    if one.kind is Kind.APPROX_DATE:
        ends = np.array([value or (0, 0) for value in values], "<u2").reshape(-1, 2)
        yield from ((f"{name}<", ends[:, 0]), (f"{name}>", ends[:, 1]))
        yield f"{name}?", np.array([value is not None for value in values], "u1")
    elif one.kind is Kind.FACILITY:
        known = sorted({value for value in values if value})
        places = {value: place for place, value in enumerate(known, 1)}
        yield f"{name}@", np.array(known, "<u8")
        yield name, np.array([places.get(value, 0) for value in values], "<u2")
    elif one.kind is Kind.COUNT:
        yield name, np.array([0 if value is None else value + 1 for value in values], "<u2")
    elif one.repeated:
        codes = coding.numbers(name)
        pairs = [(place, codes[code]) for place, some in enumerate(values) for code in some or () if code in codes]
        yield f"{name}#", np.array([place for place, _ in pairs], "<u4")
        yield name, np.array([code for _, code in pairs], "u1")
        yield f"{name}?", np.array([some is not None for some in values], "u1")
    else:
        codes = coding.numbers(name)
        yield name, np.array([codes.get(value, 0) for value in values], "u1")


def _entries(columns: Facts, entity: str, fields: Sequence[Field]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{} for _ in columns.owners(entity)]
    for one in fields:
        for entry, value in zip(found, _values(columns, f"{entity}.{one.name}", one, len(found)), strict=True):
            if value is not None:
                entry[one.name] = value
    return found


def _values(columns: Facts, name: str, one: Field, count: int) -> Sequence[Any]:
    """Return what `_column` was given, None where a field is absent."""
    if one.kind is Kind.APPROX_DATE:
        ends = zip(columns.arrays[f"{name}<"].tolist(), columns.arrays[f"{name}>"].tolist(), strict=True)
        return [list(pair) if there else None for pair, there in zip(ends, columns.arrays[f"{name}?"], strict=True)]
    if one.kind is Kind.FACILITY:
        return [value or None for value in columns.places.tolist()]
    if one.kind is Kind.COUNT:
        return [value - 1 if value else None for value in columns.arrays[name].tolist()]
    values = (None, *columns.coding.lists[name])
    if not one.repeated:
        return [values[code] for code in columns.arrays[name].tolist()]
    lists: list[list[str] | None] = [[] if there else None for there in columns.arrays[f"{name}?"].tolist()]
    for place, code in zip(columns.arrays[f"{name}#"].tolist(), columns.arrays[name].tolist(), strict=True):
        some = lists[place]
        if some is not None:
            some.append(str(values[code]))
    return lists


@lru_cache(maxsize=64)
def _read_head(head: bytes) -> tuple[tuple[tuple[str, np.dtype[Any]], ...], Coding, tuple[tuple[str, str], ...]]:
    """Return the arrays, the lists, and what the catalogue has got since: nobody was asked about that."""
    arrays, lists = json.loads(head)
    named, known = [(name, np.dtype(kind)) for name, kind in arrays], dict(CATALOGUE.lists)
    coding = Coding({**dict.fromkeys(known, ()), **{name: tuple(values) for name, values in lists.items()}})
    there = {name for name, _ in named}
    return tuple(named), coding, tuple(one for one in _entity_of().items() if one[0] not in there)


@cache
def _entity_of() -> Mapping[str, str]:
    return dict(_expected())


def _expected() -> Iterator[tuple[str, str]]:
    """Yield every array that `_arrays` makes, with the entity that it has a number for each entry of, or ""."""
    for entity, fields in FIELDS.items():
        yield entity, ""
        for one in fields:
            name = f"{entity}.{one.name}"
            for ending, _ in _column(name, one, (), CATALOGUE):
                many = one.repeated and ending in (name, f"{name}#")
                yield ending, "" if many or ending.endswith("@") else entity


_NONE = np.zeros(0, "<u2")
