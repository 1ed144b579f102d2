"""Cases: make, read, write one entry.

Promises that a reading comes through the door and that a write is over the version that was shown. Must never
write into a compartment that the caller cannot open.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.access.holding import Holding, hold, live_grants
from api.access.shelves import put_new
from api.audit import Entry
from api.catalogue import keeping, links
from api.catalogue.check import Checked
from api.catalogue.compartments import Compartment
from api.catalogue.fields import form_fields
from api.clock import today
from api.crypto import Key, Parcel, Sealed
from api.errors import Forbidden, NotFound
from api.ids import is_id, new_id, short_code
from api.models.tables import Table
from api.policy.actions import Action, Standing, decide
from api.sealed import cases, pinned, roots, shreds
from api.sealed.cases import CaseRow, Manifest, SectionRow
from api.sealed.prepared import Prepared
from api.sealed.store import Store
from api.services import remaining
from api.services.desks import desk_name
from api.services.saving import Body, Change, Entries, has, head_of, in_touch, parcels, save, with_entry

C = Compartment
CASE, SECTION = (Table.metadata.tables[name] for name in ("case", "section"))
NEW_CASE = Prepared(insert(CASE), tuple(column.key for column in CASE.c))
NEW_SECTIONS = Prepared(insert(SECTION), tuple(column.key for column in SECTION.c))
# What was decided, granted and taken out has its own ways of being written.
REGISTERS = frozenset({"consent", "access", "disclosure", "document", "joined", "apart"})
# The chain of custody grows at its end: a step that was written down stays as it was, under the name of its writer.
APPEND_ONLY = frozenset({"handling"})
# By its mailbox a case is tied to a family, and by the others of its person to cases that were never granted.
OF_THE_DESK = frozenset({"mailbox", "joined", "apart"})


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the caller may see it: opened sections, shut compartments, and those that ask for a reason."""

    code: str
    version: int
    desk: str
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
        return found_case(db, store, caller, desk_id, sections, file_keys or {})


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
    # Whoever rotates waits for us, or we for them: a case never lies under keys that were just replaced.
    roots.shared(db, store)
    held = _held(db, store, caller, desk_id)
    if not sections.keys() <= held.keys.keys() or C.CONTROL not in held.keys:
        raise Forbidden
    parcels = {name: Parcel(body) for name, body in sections.items()}
    parcels[C.CONTROL] = Parcel(_with_head(sections, caller, desk_id))
    if file_keys:
        parcels[C.EVIDENCE] = Parcel(sections[C.EVIDENCE], dict(file_keys))
    return _write_new(db, store, caller, held, parcels)


def read_case(access: CaseAccess) -> CaseView:
    """Return what the door opened of the case."""
    access.require(Action.CASE_READ)
    sections = {name: access.open(name).note for name in access.keys}
    if access.standing is not Standing.DESK:
        sections[C.CONTROL] = {name: one for name, one in sections[C.CONTROL].items() if name not in OF_THE_DESK}
    name = desk_name(access.store, access.desk_id, access.desk_name) if access.desk_name else ""
    return CaseView(short_code(access.case_id), access.version, name, sections, access.shut, access.closed)


def save_entry(access: CaseAccess, entity: str, entry_id: str | None, checked: Checked, version: int) -> int:
    """Write one entry, new or in place of another, wherever it has fields; return the new version.

    In the compartments that were opened the form's fields are replaced; what a closed one holds stays. Dates as
    told go to `narrative.told`. A case has one entry of its own: a new one is put in its place. Raises Stale, NotFound
    for an unknown entry, Forbidden for a field in a compartment that was not opened, for the registers and for a step
    of a chain that is there, FieldProblems for a link to what is not in the case.
    """
    access.require(Action.CASE_WRITE)
    if entity in REGISTERS or not checked.by_compartment.keys() <= access.keys.keys():
        raise Forbidden
    if entity in APPEND_ONLY and entry_id:
        raise Forbidden
    entry_id = entry_id or own_entry(access, entity) or None
    links.require_targets(checked, (access.open(name).note for name in access.keys), entry_id)
    known = _holding(access, entity, entry_id) if entry_id else frozenset[Compartment]()
    if entry_id and not known:
        raise NotFound
    entry_id, where = entry_id or new_id(), known | checked.by_compartment.keys()
    bodies = {name: _with_fields(access, name, entry_id, checked) for name in where}
    if C.CONTACT in bodies:
        bodies[C.CONTROL] = in_touch(bodies.get(C.CONTROL, access.open(C.CONTROL).note))
    if checked.told or C.NARRATIVE in access.keys:
        told = _with_told(bodies.get(C.NARRATIVE, access.open(C.NARRATIVE).note), entry_id, where, checked)
        bodies |= {C.NARRATIVE: told} if told != access.open(C.NARRATIVE).note else {}
    return remaining.save(access, Change(Action.CASE_WRITE, parcels(access, bodies), about=entity), version)


def own_entry(access: CaseAccess, entity: str) -> str:
    """Return the identifier of the case's own entry, of which there is one; nothing for any other kind."""
    opened = (C.CONTROL, C.FACTS) if entity == "case" else ()
    entries = (one for name in opened if name in access.keys for one in access.open(name).note.get("case", ()))
    return next((str(one["id"]) for one in entries), "")


def append_to(
    access: CaseAccess, compartment: Compartment, entity: str, entry: Entries, version: int | None = None
) -> int:
    """Append one entry, which gets an identifier if it has none, to one section; return the new version."""
    access.require(Action.CASE_WRITE)
    body = with_entry(access.open(compartment).note, entity, {"id": new_id(), **entry})
    return save(access, Change(Action.CASE_WRITE, parcels(access, {compartment: body}), about=entity), version)


def _held(db: Session, store: Store, caller: Caller, desk_id: str) -> Holding:
    epoch = pinned.newest_epoch(db, store, desk_id) if is_id(desk_id) else None
    if epoch is None:
        raise NotFound
    row = CaseRow(new_id(), desk_id, epoch, "", 1, Sealed(b""))
    held = hold(caller, row, live_grants(db, caller, [row]))
    if held is None or held.standing is not Standing.DESK:
        raise NotFound
    return held


def _with_head(sections: Mapping[Compartment, Body], caller: Caller, desk_id: str) -> Entries:
    """Return the control section: the case's own entry has one identifier in `control` and in `facts`."""
    control = sections.get(C.CONTROL, {})
    given = [*control.get("case", ()), *sections.get(C.FACTS, {}).get("case", ())]
    head = {"id": given[0]["id"] if given else new_id(), "received_on": today().isoformat()}
    head |= {**next(iter(control.get("case", ())), {}), "desk": desk_id, "owner": caller.member_id}
    made = {**control, "case": [head]}
    # A record of years ago is no contact of today: what it says of reaching somebody is as old as it is.
    return in_touch(made, head["received_on"]) if C.CONTACT in sections else made


def _write_new(db: Session, store: Store, caller: Caller, held: Holding, parcels: Mapping[Compartment, Parcel]) -> str:
    case, keys = held.case, {name: held.keys[name] for name in parcels}
    head = head_of(parcels[C.CONTROL].note)
    dues = [keeping.terms(head, name)[0] for name in parcels]
    made = dict(zip(parcels, shreds.make_many(db, store, dues), strict=True))
    uses = {name: cases.section_key(keys[name], made[name].shred, case.id, name) for name in parcels}
    bodies = {name: cases.seal_section(uses[name], case.id, name, 1, parcel) for name, parcel in parcels.items()}
    rows = [SectionRow(name.value, 1, made[name].id, body) for name, body in bodies.items()]
    files = tuple(sorted(parcels[C.EVIDENCE].keys)) if C.EVIDENCE in parcels else ()
    parts = {C(row.compartment): cases.part_of(row) for row in rows}
    manifest = Manifest(case.desk_id, 1, caller.member_id, parts, files, case.epoch)
    sealed = cases.write_manifest(uses[C.CONTROL], case.id, manifest, caller.signer)
    NEW_CASE.run(db, {**{name: getattr(case, name) for name in NEW_CASE.columns}, "manifest": sealed})
    NEW_SECTIONS.run_each(db, [row.of_case(case.id) for row in rows])
    put_new(db, store, caller, case.desk_id, {case.id: {name: parcel.note for name, parcel in parcels.items()}})
    entry = Entry(Action.CASE_CREATE, caller.member_id, case.id, tuple(sorted(parcels)))
    audit.append(db, store, entry, tag=cases.version_tag(keys[C.CONTROL], case.id, 1))
    return case.id


def _holding(access: CaseAccess, entity: str, entry_id: str) -> frozenset[Compartment]:
    return frozenset(name for name in access.keys if has(access.open(name).note, entity, entry_id))


def _with_fields(access: CaseAccess, compartment: Compartment, entry_id: str, checked: Checked) -> dict[str, Any]:
    """Replace what a form shows; what the program alone writes (who owns the case) stays."""
    body, entity = access.open(compartment).note, checked.entity
    old: Entries = next((one for one in body.get(entity, ()) if one["id"] == entry_id), {})
    shown = {one.name for one in form_fields(entity) if one.compartment is compartment}
    kept = {name: value for name, value in old.items() if name not in shown}
    entry = {**kept, "id": entry_id, **checked.by_compartment.get(compartment, {})}
    if entity in APPEND_ONLY:
        entry["by"] = access.caller.member_id
    return with_entry(body, entity, entry)


def _with_told(body: Entries, entry_id: str, where: Collection[Compartment], checked: Checked) -> dict[str, Any]:
    replaced = {one.name for one in form_fields(checked.entity) if one.compartment in where}
    kept = [one for one in body.get("told", ()) if one["entry"] != entry_id or one["field"] not in replaced]
    fresh = [{"id": new_id(), "entry": entry_id, "field": name, "words": words} for name, words in checked.told.items()]
    return {**body, "told": [*kept, *fresh]} if kept or fresh or "told" in body else dict(body)
