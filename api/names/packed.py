"""Prepared names as text, to be sealed beside the names themselves: each word once, a name as numbers of words.

Promises the same names back. Must never be kept unsealed: it is the names in the clear.
"""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from api.names.names import Name
from api.names.parts import Part, Sound, sound

Value = str | bool | list[str]
_NAMES = tuple(field.name for field in fields(Part))
_SOUNDS = tuple(field.name for field in fields(Part) if field.type is Sound)
_SETS = tuple(field.name for field in fields(Part) if field.type == frozenset[str])


def pack(names: Iterable[Name]) -> str:
    """Return names as JSON: `words`, a list of values for each, and `names`, readings as lists of places in `words`."""
    places: dict[Part, int] = {}
    rows = [[_places(places, parts) for parts in (name.parts, *name.others)] for name in names]
    return json.dumps(
        {"words": [_row(one) for one in places], "names": rows}, ensure_ascii=False, separators=(",", ":")
    )


def unpack(packed: str) -> tuple[Name, ...]:
    """Return the names of `pack`, equal words as one object, as `Query` wants them."""
    read = json.loads(packed)
    words = [_part(row) for row in read["words"]]
    readings = [[tuple(words[at] for at in reading) for reading in name] for name in read["names"]]
    return tuple(Name(parts, tuple(others)) for parts, *others in readings)


def _places(places: dict[Part, int], parts: Iterable[Part]) -> list[int]:
    return [places.setdefault(one, len(places)) for one in parts]


def _row(one: Part) -> list[Value]:
    return [_value(getattr(one, name)) for name in _NAMES]


def _value(value: Sound | frozenset[str] | str | bool) -> Value:
    if isinstance(value, Sound):
        return list(value.forms)
    return sorted(value) if isinstance(value, frozenset) else value


def _part(row: Iterable[Any]) -> Part:
    values = dict(zip(_NAMES, row, strict=True))
    for name in _SOUNDS:
        values[name] = sound(tuple(form for form in values[name] if form))
    for name in _SETS:
        values[name] = frozenset(values[name])
    return Part(**values)
