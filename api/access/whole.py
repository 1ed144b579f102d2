"""A case opened and found whole: every part is what the manifest says, and the manifest is the newest.

Promises that a moved, swapped, replayed, altered or missing part is refused before anything is shown. Must never
open a section's body: that is left to who needs it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.catalogue.compartments import Compartment
from api.crypto import Key, Sealed, Shred, VerifyKey
from api.errors import Tampered
from api.models.tables import Case, Section
from api.sealed import cases, shreds
from api.sealed.cases import Manifest
from api.sealed.offices import current_record
from api.sealed.store import Store

SECTIONS = select(Section).where(Section.case_id.in_(bindparam("cases", expanding=True)))
Writers = dict[str, VerifyKey]


@dataclass(frozen=True, slots=True)
class Whole:
    """A verified case: its manifest, its sealed sections, and the use keys of those that the caller holds."""

    manifest: Manifest
    control_shred: Shred = field(repr=False)
    uses: Mapping[Compartment, Key] = field(repr=False)
    bodies: Mapping[Compartment, Sealed] = field(repr=False)


def sections_of(db: Session, case_ids: Sequence[str]) -> Mapping[str, list[Section]]:
    """Return the section rows of these cases, by case."""
    found: dict[str, list[Section]] = {case_id: [] for case_id in case_ids}
    for row in db.scalars(SECTIONS, {"cases": list(case_ids)}):
        found[row.case_id].append(row)
    return found


def verify(
    db: Session,
    store: Store,
    case: Case,
    rows: Sequence[Section],
    keys: Mapping[Compartment, Key],
    known: Writers,
) -> Whole:
    """Return the case when everything fits; raises Tampered, or Erased when a shred was destroyed.

    `known` remembers the verify keys of writers that were checked in this transaction.
    """
    sections = {_compartment(row): row for row in rows}
    if Compartment.CONTROL not in sections:
        raise Tampered
    fetched = shreds.fetch(db, store, [row.shred_id for row in rows])
    cases.require_shreds(db, [row.shred_id for row in rows], fetched)
    uses = {
        name: cases.section_key(keys[name], fetched[row.shred_id], case.id, name)
        for name, row in sections.items()
        if name in keys
    }
    manifest = cases.read_manifest(uses[Compartment.CONTROL], case.id, case.version, case.manifest)
    manifest = _checked(db, store, case, manifest, sections, known)
    cases.check_version(db, keys[Compartment.CONTROL], case.id, case.version)
    bodies = {name: sections[name].body for name in uses}
    return Whole(manifest, fetched[sections[Compartment.CONTROL].shred_id], uses, bodies)


def _checked(
    db: Session,
    store: Store,
    case: Case,
    manifest: Manifest,
    rows: Mapping[Compartment, Section],
    known: Writers,
) -> Manifest:
    """Return the manifest of what is there; a part may be missing only when its time had come."""
    # The desk decides whose keys the case's are derived from: a case carried to another desk is a misfit.
    if (manifest.desk_id, manifest.version) != (case.desk_id, case.version):
        raise Tampered
    if manifest.by not in known:
        known[manifest.by] = _writer(db, store, manifest.by)
    found = {name: cases.part_of(row) for name, row in rows.items()}
    gone = {name: part for name, part in manifest.parts.items() if name not in rows}
    cases.require_gone(db, [part.shred_id for part in gone.values()])
    cases.check_manifest(case.id, manifest, known[manifest.by], {**found, **gone})
    return replace(manifest, parts=found)


def _writer(db: Session, store: Store, member_id: str) -> VerifyKey:
    return VerifyKey(current_record(db, store, member_id).verify)


def _compartment(row: Section) -> Compartment:
    try:
        return Compartment(row.compartment)
    except ValueError:
        raise Tampered from None
