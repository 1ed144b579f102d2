"""Cases: make, read, write one entry.

Promises that a reading comes through the door and that a write is over the version that was shown. Must never
write into a compartment that the caller cannot open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.catalogue.check import Checked
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.access.holding import Holding, hold, live_grants
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import Key, Parcel, Sealed
from api.errors import Forbidden, NotFound
from api.ids import is_id, new_id, short_code
from api.models.tables import Case, Desk, Section
from api.policy.actions import Action, Standing, decide
from api.sealed import cases, shreds
from api.sealed.cases import Manifest
from api.sealed.store import Store
from api.services.saving import Body, Change, Entries, has, parcels, save, with_entry

C = Compartment


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the caller may see it: opened sections, shut compartments, and those that ask for a reason."""

    code: str
    version: int
    desk_id: str
    sections: Mapping[Compartment, Body] = field(repr=False)
    shut: tuple[Compartment, ...]
    closed: tuple[Compartment, ...]


def create_case(
    store: Store,
    caller: Caller,
    desk_id: str,
    sections: Mapping[Compartment, Body],
    file_keys: Mapping[str, Key] | None = None,
) -> str:
    """Make a case of a desk and return its id; raises Forbidden, NotFound for a desk that the caller lacks."""
    with store.writing() as db:
        case_id = found_case(db, store, caller, desk_id, sections, file_keys or {})
    audit.publish(store)
    return case_id


def found_case(
    db: Session,
    store: Store,
    caller: Caller,
    desk_id: str,
    sections: Mapping[Compartment, Body],
    file_keys: Mapping[str, Key],
) -> str:
    """Make a case in the caller's writing transaction; the caller publishes the log after it."""
    if not decide(caller.role, Action.CASE_CREATE, Standing.GROUP):
        raise Forbidden
    held = _held(db, caller, desk_id)
    if not sections.keys() <= held.keys.keys() or C.CONTROL not in held.keys:
        raise Forbidden
    parcels = {name: Parcel(body) for name, body in sections.items()}
    parcels[C.CONTROL] = Parcel(_with_head(sections.get(C.CONTROL, {}), caller, desk_id))
    if file_keys:
        parcels[C.EVIDENCE] = Parcel(sections[C.EVIDENCE], dict(file_keys))
    return _write_new(db, store, caller, held, parcels)


def read_case(access: CaseAccess) -> CaseView:
    """Return what the door opened of the case."""
    access.require(Action.CASE_READ)
    sections = {name: access.open(name).note for name in access.keys}
    code = short_code(access.case_id)
    return CaseView(code, access.version, access.desk_id, sections, access.shut, access.closed)


def save_entry(access: CaseAccess, entity: str, entry_id: str | None, checked: Checked, version: int) -> int:
    """Write one entry, new or in place of another, into the compartments it has fields in; return the new version.

    Words as told go to `narrative.told`. Raises Stale, Forbidden for a compartment that was not opened, NotFound
    for an identifier that no opened section knows.
    """
    access.require(Action.CASE_WRITE)
    entry_id = _known(access, entity, entry_id) if entry_id else new_id()
    bodies = {
        name: with_entry(access.open(name).note, entity, {"id": entry_id, **fields})
        for name, fields in checked.parts.items()
    }
    if checked.told:
        narrative = bodies.get(C.NARRATIVE, access.open(C.NARRATIVE).note)
        bodies[C.NARRATIVE] = _with_told(narrative, entry_id, checked.told)
    return save(access, Change("case:write", parcels(access, bodies), about=entity), version)


def append_to(
    access: CaseAccess, compartment: Compartment, entity: str, entry: Entries, version: int | None = None
) -> int:
    """Append one entry, which gets an identifier if it has none, to one section; return the new version."""
    access.require(Action.CASE_WRITE)
    body = with_entry(access.open(compartment).note, entity, {"id": new_id(), **entry})
    return save(access, Change("case:write", parcels(access, {compartment: body}), about=entity), version)


def _held(db: Session, caller: Caller, desk_id: str) -> Holding:
    desk = db.get(Desk, desk_id) if is_id(desk_id) else None
    if desk is None:
        raise NotFound
    row = Case(id=new_id(), desk_id=desk_id, epoch=desk.epoch, version=1)
    held = hold(caller, row, live_grants(db, caller, [row]))
    if held is None or held.standing is not Standing.DESK:
        raise NotFound
    return held


def _with_head(body: Body, caller: Caller, desk_id: str) -> Entries:
    head = {"id": new_id(), "desk": desk_id, "owner": caller.member_id, "received_on": today().isoformat()}
    return {"case": [head], **body}


def _write_new(
    db: Session, store: Store, caller: Caller, held: Holding, parcels: Mapping[Compartment, Parcel]
) -> str:
    case, control = held.case, held.keys[C.CONTROL]
    parts, control_use = {}, control
    case.manifest = Sealed(b"")
    db.add(case)
    for name, parcel in parcels.items():
        made = shreds.make(db, store)
        use = cases.section_key(held.keys[name], made.shred, case.id, name)
        body = cases.seal_section(use, case.id, name, 1, parcel)
        row = Section(case_id=case.id, compartment=name.value, version=1, shred_id=made.id, body=body)
        db.add(row)
        parts[name] = cases.part_of(row)
        control_use = use if name is C.CONTROL else control_use
    files = tuple(sorted(parcels[C.EVIDENCE].keys)) if C.EVIDENCE in parcels else ()
    manifest = Manifest(case.desk_id, 1, caller.member_id, parts, files)
    case.manifest = cases.write_manifest(control_use, case.id, manifest, caller.signer)
    entry = Entry(Action.CASE_CREATE, caller.member_id, case.id, tuple(sorted(parcels)))
    audit.append(db, store, entry, tag=cases.version_tag(control, case.id, 1))
    return case.id


def _known(access: CaseAccess, entity: str, entry_id: str) -> str:
    if not any(has(access.open(name).note, entity, entry_id) for name in access.keys):
        raise NotFound
    return entry_id


def _with_told(body: Entries, entry_id: str, told: Mapping[str, str]) -> dict[str, Any]:
    kept = [one for one in body.get("told", ()) if one["entry"] != entry_id or one["field"] not in told]
    fresh = [
        {"id": new_id(), "entry": entry_id, "field": name, "words": words} for name, words in told.items()
    ]
    return {**body, "told": [*kept, *fresh]}
