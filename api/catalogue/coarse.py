"""What may outlive a case: its coded facts to the quarter, the region and the band, and nothing that names anybody.

Promises that only what may be counted is in it, of the person the case is about. Must never keep a day, a number of a
facility, a word that somebody typed, or an identifier.
"""

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from api.catalogue.compartments import Compartment
from api.catalogue.dates import ApproxDate, Basis
from api.catalogue.fields import Field, Kind, entity_fields
from api.catalogue.purposes import Purpose

Body = Mapping[str, Sequence[Mapping[str, Any]]]
QUARTER = 3


def coarse(facts: Body) -> dict[str, list[dict[str, Any]]]:
    """Return the coarse copy of a `facts` section, in its shape; entries of which nothing is left are not in it."""
    others = {one.get("id") for one in facts.get("person", ()) if not _counts(one, set())}
    found = {
        entity: [_entry(entity, one) for one in entries if _counts(one, others)] for entity, entries in facts.items()
    }
    return {entity: [one for one in entries if one] for entity, entries in found.items() if any(entries)}


def _counts(entry: Mapping[str, Any], others: Collection[Any]) -> bool:
    """Say whether an entry is about what is counted: whom the case is about, and what was not done to `others`."""
    return bool(entry.get("role", "victim") == "victim") and ("victim" not in entry or entry["victim"] not in others)


def _entry(entity: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {one.name: _value(one, entry[one.name]) for one in entity_fields(entity) if one.name in entry and _may(one)}
    return {name: value for name, value in kept.items() if value is not None}


def _may(one: Field) -> bool:
    return one.compartment is Compartment.FACTS and Purpose.COUNT in one.consent


def _value(one: Field, value: Any) -> Any:
    """Return a value in its coarse form; None for what has none."""
    match one.kind:
        case Kind.APPROX_DATE:
            return _quarters(ApproxDate.from_json(value))
        case Kind.FACILITY:
            return {"type": value.get("type"), "kind": "", "number": "", "region": value.get("region")}
        case Kind.TERM | Kind.CHOICE | Kind.INTERNAL:
            return value
        case _:
            return None


def _quarters(told: ApproxDate) -> dict[str, str] | None:
    """Return the whole quarters between which it was."""
    first, last = told.earliest or told.latest, told.latest or told.earliest
    if first is None or last is None:
        return None
    start = date(first.year, first.month - (first.month - 1) % QUARTER, 1)
    month = last.month + QUARTER - 1 - (last.month - 1) % QUARTER
    end = date(last.year, month, monthrange(last.year, month)[1])
    return ApproxDate(start, end, Basis.BETWEEN).as_json()
