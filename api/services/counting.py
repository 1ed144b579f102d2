"""Counting coded facts by one dimension, over the cases that may be counted.

Promises that a case counts only while its consent covers counting and no stop is listed, and says how many were
left out. Must never open anything but `facts`, nor let a count out: what is returned is marked for the desk alone.
Without the manifest, to which an analyst has no key, an older section of facts put back is not noticed here.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import TAMPERED
from api.access.holding import still_standing
from api.access.visible import countable_cases
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.catalogue.fields import Kind, entity_fields
from api.catalogue.purposes import Purpose
from api.crypto import Key, Shred
from api.errors import Forbidden, Invalid, Tampered
from api.models.tables import Case, Section
from api.policy.actions import Action, Standing, decide
from api.sealed import cases, shreds
from api.sealed.store import Store

FACTS = Compartment.FACTS
COUNTED = frozenset({Kind.TERM, Kind.CHOICE, Kind.FACILITY, Kind.APPROX_DATE, Kind.COUNT})
ABSENT = ""
Rows = list[tuple[Case, Section]]


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Exact counts of cases by value, for the desk alone; `not_counted` are cases without leave to be counted.

    A case counts once for each of its values; under "" those that were not asked about this.
    """

    dimension: str
    counts: Mapping[str, int]
    cases: int
    not_counted: int
    for_publication: bool = False


def count_cases(store: Store, caller: Caller, dimension: str) -> CaseCounts:
    """Count by `dimension`, a coded field of the facts such as `act.type`; raises Forbidden, Invalid."""
    if not decide(caller.role, Action.CASE_COUNT, Standing.GROUP):
        raise Forbidden
    entity, name = _dimension(dimension)
    audit.record(store, Entry(Action.CASE_COUNT, caller.member_id, about=dimension))
    with store.reading() as db:
        total, opened, misfits = _facts(db, store, caller)
    for case_id in misfits:
        audit.record(store, Entry(TAMPERED, caller.member_id, case_id))
    counted = [facts for facts in opened if _may_be_counted(facts)]
    found = Counter(value for facts in counted for value in _values(facts.get(entity, ()), name))
    return CaseCounts(dimension, dict(sorted(found.items())), len(counted), total - len(counted))


def _dimension(dimension: str) -> tuple[str, str]:
    entity, _, name = dimension.partition(".")
    coded = {one.name for one in entity_fields(entity) if one.compartment is FACTS and one.kind in COUNTED}
    if name not in coded:
        raise Invalid({"dimension": "unknown-field"})
    return entity, name


def _facts(db: Session, store: Store, caller: Caller) -> tuple[int, list[Mapping[str, Any]], list[str]]:
    """Return how many cases there are, the facts of those not stopped, and the ids of those that do not fit."""
    pairs = select(Case, Section).join(Section, Section.case_id == Case.id).where(Section.compartment == FACTS)
    wanted = countable_cases(caller).with_only_columns(Case.id)
    keys = _keys(db, caller)
    known = set(db.scalars(wanted))
    rows: Rows = [(case, row) for case, row in db.execute(pairs.where(Case.id.in_(wanted)))]
    stopped = {case_id for case_id, purposes in shreds.stops(db, store).items() if Purpose.COUNT in purposes}
    alive = shreds.fetch(db, store, [row.shred_id for _, row in rows])
    open_to = [(case, row) for case, row in rows if case.id not in stopped and row.shred_id in alive]
    opened, misfits = list[Mapping[str, Any]](), list[str]()
    for case, row in open_to:
        if (case.desk_id, case.epoch) in keys:
            try:
                opened.append(_open(keys[case.desk_id, case.epoch], alive[row.shred_id], row))
            except Tampered:
                misfits.append(case.id)
    return len(known), opened, misfits


def _keys(db: Session, caller: Caller) -> Mapping[tuple[str, int], Key]:
    held = [(desk_id, one) for desk_id, all_held in caller.keyring.desks.items() for one in all_held]
    live = still_standing(db, {one.grant_id for _, one in held})
    return {
        (desk_id, epoch): key
        for desk_id, one in held
        if one.grant_id in live
        for (name, epoch), key in one.keys.items()
        if name is FACTS
    }


def _open(desk_key: Key, shred: Shred, row: Section) -> Mapping[str, Any]:
    use = cases.section_key(cases.case_key(desk_key, row.case_id, FACTS), shred, row.case_id, FACTS)
    return cases.open_section(use, row.case_id, FACTS, row.version, row.body).note


def _may_be_counted(facts: Mapping[str, Any]) -> bool:
    return any(one.get("counting") == "yes" for one in facts.get("case", ()))


def _values(entries: Collection[Mapping[str, Any]], name: str) -> set[str]:
    """Return a case's values, each once; "" when none was asked about."""
    given = [value for entry in entries if name in entry for value in _each(entry[name])]
    return {_plain(value) for value in given} or {ABSENT}


def _each(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else [value]


def _plain(value: object) -> str:
    """Return a value as a category: a date by its first month, a facility by its region."""
    match value:
        case {"edtf": str(edtf)}:
            return edtf[:7]
        case {"region": str(region)}:
            return region
        case _:
            return str(value)
