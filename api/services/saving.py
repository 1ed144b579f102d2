"""Writing a case: sections, manifest and log leaf in one transaction, over the version that was entered.

Promises that a write commits whole or not at all, and only while the grants it rests on stand. Must never write
to a compartment that the caller did not open.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.doors import CaseAccess
from api.access.holding import still_standing
from api.access.shelves import put_rows
from api.audit import Entry
from api.catalogue import keeping, links
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import CLOSED_ON, CONTACTED_ON, HOLD
from api.clock import today
from api.crypto import Key, Parcel
from api.errors import Forbidden, NotFound, Stale
from api.models.tables import Case, File, Member, Section
from api.sealed import cases, roots, shreds
from api.sealed.cases import Manifest, Part

Entries = Mapping[str, Any]
Body = Mapping[str, Sequence[Entries]]


@dataclass(frozen=True, slots=True)
class Change:
    """What a write changes: the whole new content of each section concerned, and the files that belong to the case.

    `renewed` sections move to a new shred, so that what they held before can be destroyed.
    """

    verb: str
    parcels: Mapping[Compartment, Parcel] = field(repr=False)
    about: str = ""
    files_added: frozenset[str] = frozenset()
    files_gone: frozenset[str] = frozenset()
    renewed: frozenset[Compartment] = frozenset()


def nothing_more(db: Session) -> None:
    """Write nothing beside the case."""


def save(
    access: CaseAccess,
    change: Change,
    version: int | None = None,
    beside: Callable[[Session], None] = nothing_more,
) -> int:
    """Write in a transaction of its own and return the new version; raises Stale, Forbidden, NotFound."""
    with access.store.writing() as db:
        beside(db)
        return write(db, access, change, version)


def write(db: Session, access: CaseAccess, change: Change, version: int | None = None) -> int:
    """Write in the caller's transaction and return the new version; the caller publishes the log after it.

    `version` is the one that was shown to whoever typed; raises Stale when the case has moved on since.
    """
    roots.shared(db, access.store)
    if version not in (None, access.version):
        raise Stale
    row = locked(db, access)
    parts = dict(access.manifest.parts)
    for compartment, parcel in change.parcels.items():
        parts[compartment] = _put(db, access, compartment, parcel, change)
    files = (frozenset(access.manifest.files) | change.files_added) - change.files_gone
    _give_terms(db, access, change, parts, files)
    put_rows(db, access, change.parcels)
    _commit_to(db, access, row, replace(access.manifest, parts=parts, files=tuple(sorted(files))), change)
    return row.version


def with_entry(body: Entries, entity: str, entry: Entries) -> dict[str, Any]:
    """Return a section's body in which `entry` replaces the one of its identifier, or stands last."""
    entries = list(body.get(entity, ()))
    places = [number for number, one in enumerate(entries) if one["id"] == entry["id"]]
    if places:
        entries[places[0]] = dict(entry)
    else:
        entries.append(dict(entry))
    return {**body, entity: entries}


def without_entry(body: Entries, entity: str, entry_id: str) -> dict[str, Any]:
    """Return a section's body without this entry, the words told that belong to it, and the links that name it."""
    kept = {name: [one for one in entries if not _goes(name, one, entity, entry_id)] for name, entries in body.items()}
    return links.without({name: entries for name, entries in kept.items() if entries}, {entry_id})


def _goes(name: str, entry: Entries, entity: str, entry_id: str) -> bool:
    return (name == entity and entry["id"] == entry_id) or (name == "told" and entry["entry"] == entry_id)


def has(body: Entries, entity: str, entry_id: str) -> bool:
    """Say whether a section's body has this entry."""
    return any(one["id"] == entry_id for one in body.get(entity, ()))


def parcels(access: CaseAccess, bodies: Mapping[Compartment, Body]) -> Mapping[Compartment, Parcel]:
    """Return new bodies beside the file keys that their sections carry."""
    return {name: Parcel(body, access.open(name).keys) for name, body in bodies.items()}


def locked(db: Session, access: CaseAccess) -> Case:
    """Return the case's row, held until the transaction ends; raises NotFound, or Stale when it moved on.

    Standing is asked again here: a grant may have ended since the door.
    """
    row = db.scalar(select(Case).where(Case.id == access.case_id).with_for_update())
    if row is None or not still_standing(db, access.grants) >= access.grants:
        raise NotFound
    if row.version != access.version:
        raise Stale
    _require_signer(db, access)
    return row


def _require_signer(db: Session, access: CaseAccess) -> None:
    """Refuse a token that may not sign: what it wrote would be refused at the next opening, and so lost."""
    member = db.get(Member, access.caller.member_id)
    if member is None or member.verify != access.caller.signer.public.blob:
        raise Forbidden


def _put(db: Session, access: CaseAccess, name: Compartment, parcel: Parcel, change: Change) -> Part:
    key, section = access.key(name), db.get(Section, (access.case_id, name.value))
    use, shred_id = _use_key(db, access, name, key, change)
    body = cases.seal_section(use, access.case_id, name, access.version + 1, parcel)
    if section is None:
        section = Section(case_id=access.case_id, compartment=name.value)
        db.add(section)
    section.version, section.shred_id, section.body = access.version + 1, shred_id, body
    return cases.part_of(section)


def _use_key(db: Session, access: CaseAccess, name: Compartment, key: Key, change: Change) -> tuple[Key, str]:
    if name in access.whole.uses and name not in change.renewed:
        return access.whole.uses[name], access.manifest.parts[name].shred_id
    made = shreds.make(db, access.store)
    return cases.section_key(key, made.shred, access.case_id, name), made.id


def head_of(control: Entries) -> Entries:
    """Return the case's own entry: who answers for it, since when, whether it is closed or held."""
    return next(iter(control.get("case", ())), {})


def others_of(control: Entries) -> list[str]:
    """Return the cases of the same person that were joined to this one."""
    return [one["case"] for one in control.get("joined", ()) if one["stays"] != one["case"]]


def joined_to(control: Entries) -> str:
    """Return the case that stays in the lists for this one, "" where it stands for itself."""
    return next((one["case"] for one in control.get("joined", ()) if one["stays"] == one["case"]), "")


def in_touch(control: Entries, on: str = "") -> dict[str, Any]:
    """Return a `control` section that says there was contact on a day, or today: from it on the contact is kept."""
    return {**control, "case": [{**head_of(control), CONTACTED_ON: on or today().isoformat()}]}


def _give_terms(
    db: Session, access: CaseAccess, change: Change, parts: Mapping[Compartment, Part], files: Collection[str]
) -> None:
    """Let each shred's due month and hold follow what `control` says; an open case has a month for contact alone."""
    before = head_of(access.open(Compartment.CONTROL).note)
    written = change.parcels.get(Compartment.CONTROL)
    head = head_of(written.note) if written else before
    concerned = set(parts)
    if not {CLOSED_ON, HOLD} & {*before, *head}:
        moved = Compartment.CONTACT in change.parcels or before.get(CONTACTED_ON) != head.get(CONTACTED_ON)
        concerned &= {Compartment.CONTACT} if moved else set()
    if not concerned:
        return
    terms = {parts[name].shred_id: keeping.terms(head, name) for name in concerned}
    for shred_id in db.scalars(select(File.shred_id).where(File.id.in_(list(files)))):
        terms[shred_id] = keeping.terms(head, Compartment.EVIDENCE)
    shreds.set_terms(db, access.store, terms)


def _commit_to(db: Session, access: CaseAccess, row: Case, manifest: Manifest, change: Change) -> None:
    caller, control = access.caller, access.key(Compartment.CONTROL)
    row.version, row.epoch, row.behind = access.version + 1, manifest.epoch, manifest.behind
    newest = replace(manifest, version=row.version, by=caller.member_id, signature="")
    use = access.whole.uses[Compartment.CONTROL]
    row.manifest = cases.write_manifest(use, access.case_id, newest, caller.signer)
    names = tuple(sorted(change.parcels))
    entry = Entry(change.verb, caller.member_id, access.case_id, names, about=change.about)
    audit.append(db, access.store, entry, tag=cases.version_tag(control, access.case_id, row.version))
