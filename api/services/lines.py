"""Lines of a list: each case verified whole before its title is shown, at the version by which it was found.

Promises a title only to who holds the facts. Must never show anything of a case in which one part does not fit: such a
case is listed by its code and reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import TAMPERED
from api.access.holding import Holding, hold, live_grants
from api.access.listed import Found, Wanted, verify_page
from api.access.visible import COLUMNS
from api.access.whole import sections_of
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import Tampered
from api.ids import short_code
from api.models.tables import Table
from api.policy.actions import Standing
from api.sealed.cases import CaseRow
from api.sealed.prepared import Listed
from api.sealed.store import Store
from api.services.saving import head_of, others_of

C = Compartment
CASE = Table.metadata.tables["case"]
LISTED = (C.CONTROL, C.FACTS)
ROWS = Listed(select(*COLUMNS), CASE.c.id)
# What the sections of a case say, by compartment.
Notes = Mapping[Compartment, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found in a segment or among single grants, with the versions of the sections it was found by."""

    case_id: str
    desk_id: str
    versions: Mapping[Compartment, int]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in the list; `title` and `status` are empty without the facts, `refused` when it does not fit.

    `joined` are the codes of the cases that were joined to it.
    """

    id: str
    code: str
    desk_id: str
    standing: Standing
    received_on: str = ""
    title: str = field(default="", repr=False)
    status: str = field(default="", repr=False)
    refused: bool = False
    joined: tuple[str, ...] = ()


def lines(db: Session, store: Store, caller: Caller, hits: Sequence[Hit]) -> list[CaseLine]:
    """Return the lines of what was found in the same snapshot, in its order; what does not fit is recorded."""
    found = [_line(held, hit, notes) for hit, held, notes in _opened(db, store, caller, hits, LISTED)]
    _record(store, caller, [line.id for line in found if line.refused])
    return found


def records(
    db: Session, store: Store, caller: Caller, hits: Sequence[Hit], names: Sequence[Compartment]
) -> dict[str, Notes]:
    """Return by case what its sections say, empty for one it lacks; what does not fit is left out, and recorded."""
    opened = list(_opened(db, store, caller, hits, names))
    _record(store, caller, [hit.case_id for hit, _, notes in opened if notes is None])
    return {hit.case_id: notes for hit, _, notes in opened if notes is not None}


def _opened(
    db: Session, store: Store, caller: Caller, hits: Sequence[Hit], names: Sequence[Compartment]
) -> Iterator[tuple[Hit, Holding | None, Notes | None]]:
    """Yield each case with its sections of these names, None for one that does not fit."""
    ids = [one.case_id for one in hits]
    rows = {row[0]: CaseRow(*row) for row in ROWS.all(db, ids)}
    live, sections = live_grants(db, caller, list(rows.values())), sections_of(db, ids)
    held = [hold(caller, rows[hit.case_id], live) if hit.case_id in rows else None for hit in hits]
    # A row of a segment whose case is gone, or was carried to another desk, is an edit of the database.
    seen = [(one, hit) for one, hit in zip(held, hits, strict=True) if one and C.CONTROL in one.keys]
    wanted = [Wanted(one.case, sections[one.case.id], _keys(one, hit, names)) for one, hit in seen]
    whole = {one.case_id: one for one in verify_page(db, store, wanted, names) if one}
    for one, hit in zip(held, hits, strict=True):
        yield hit, one, _notes(hit, whole.get(hit.case_id), names)


def _keys(held: Holding, hit: Hit, names: Sequence[Compartment]) -> Mapping[Compartment, Key]:
    return {name: held.keys[name] for name in {*names, *hit.versions} if name in held.keys}


def _notes(hit: Hit, found: Found | None, names: Sequence[Compartment]) -> Notes | None:
    # An older row put back would list a case by what it no longer is.
    if found is None or any(found.version(name) != version for name, version in hit.versions.items()):
        return None
    try:
        return {name: found.open(name).note for name in names}
    except Tampered:
        return None


def _record(store: Store, caller: Caller, refused: Sequence[str]) -> None:
    for case_id in refused:
        audit.record(store, Entry(TAMPERED, caller.member_id, case_id))


def _line(held: Holding | None, hit: Hit, notes: Notes | None) -> CaseLine:
    desk, standing = (held.case.desk_id, held.standing) if held else (hit.desk_id, Standing.DESK)
    named = hit.case_id, short_code(hit.case_id), desk, standing
    if notes is None:
        return CaseLine(*named, refused=True)
    control, facts = (head_of(notes[name]) for name in LISTED)
    joined = tuple(sorted(map(short_code, others_of(notes[C.CONTROL]))))
    received = str(control.get("received_on", ""))
    return CaseLine(*named, received, str(facts.get("title", "")), str(facts.get("status", "")), joined=joined)
