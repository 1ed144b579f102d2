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
from api.errors import Erased, Tampered
from api.models.tables import Case, Section, Table
from api.sealed import cases, epochs, shreds
from api.sealed.cases import CaseRow, Manifest, Part, SectionRow
from api.sealed.leaves import tagged
from api.sealed.offices import Vouched, require_newest, vouched_record
from api.sealed.prepared import Listed, Prepared
from api.sealed.store import Store

SECTION = Table.metadata.tables["section"]
COLUMNS = (SECTION.c.compartment, SECTION.c.version, SECTION.c.shred_id, SECTION.c.body)
SECTIONS = Listed(select(SECTION.c.case_id, *COLUMNS), SECTION.c.case_id)
PARTS = Prepared(
    select(*COLUMNS, *shreds.COLUMNS)
    .select_from(SECTION.outerjoin(shreds.SHREDS, shreds.SHREDS.c.id == SECTION.c.shred_id))
    .where(SECTION.c.case_id == bindparam("case"))
)
Writers = dict[str, Vouched]
# Leaves of the log that carry a tag: the tag and a digest.
Leaves = Sequence[tuple[bytes, bytes | None]]
Rows = Sequence[Section] | Sequence[SectionRow]


@dataclass(frozen=True, slots=True)
class Whole:
    """A verified case: its manifest, its sealed sections, and the use keys of those that the caller holds."""

    manifest: Manifest
    control_shred: Shred = field(repr=False)
    uses: Mapping[Compartment, Key] = field(repr=False)
    bodies: Mapping[Compartment, Sealed] = field(repr=False)


def sections_of(db: Session, case_ids: Sequence[str]) -> Mapping[str, list[SectionRow]]:
    """Return the section rows of these cases, by case."""
    found: dict[str, list[SectionRow]] = {case_id: [] for case_id in case_ids}
    for case_id, *row in SECTIONS.all(db, case_ids):
        found[case_id].append(SectionRow(*row))
    return found


def verify(
    db: Session, store: Store, case: Case | CaseRow, rows: Rows, keys: Mapping[Compartment, Key], known: Writers
) -> Whole:
    """Return the case when everything fits; raises Tampered, or Erased when a shred was destroyed.

    `known` remembers the writers that were checked in this transaction.
    """
    return fit(db, store, case, rows, shreds.fetch(db, store, [row.shred_id for row in rows]), keys, known)


def verify_one(db: Session, store: Store, case: Case | CaseRow, keys: Mapping[Compartment, Key]) -> Whole:
    """Return the case as `verify` does, with sections and shreds read in one statement."""
    for _ in range(shreds.TRIES):
        rows = PARTS.all(db, {"case": case.id})
        alive = shreds.opened(db, store, [row[4:] for row in rows if row[4] is not None])
        if alive is not None:
            return fit(db, store, case, [SectionRow(*row[:4]) for row in rows], alive, keys, {})
    raise Erased


def fit(
    db: Session,
    store: Store,
    case: Case | CaseRow,
    rows: Rows,
    alive: Mapping[str, Shred],
    keys: Mapping[Compartment, Key],
    known: Writers,
    leaves: Leaves | None = None,
) -> Whole:
    """Return the case when everything fits, with the shreds that are `alive` and the `leaves` where they were read.

    Raises Tampered, Erased.
    """
    sections = {_compartment(row): row for row in rows}
    if Compartment.CONTROL not in sections:
        raise Tampered
    cases.require_shreds(db, [row.shred_id for row in rows], alive)
    uses = {
        name: cases.section_key(keys[name], alive[row.shred_id], case.id, name)
        for name, row in sections.items()
        if name in keys
    }
    manifest = cases.read_manifest(uses[Compartment.CONTROL], case.id, case.version, case.manifest)
    # The desk decides whose keys the case's are derived from: a case carried to another desk is a misfit.
    if (manifest.desk_id, manifest.version) != (case.desk_id, case.version):
        raise Tampered
    epochs.require(case, manifest)
    tags = cases.version_tags(keys[Compartment.CONTROL], case.id, case.version)
    writer = writer_of(db, store, manifest.by, tags, known, leaves)
    parts = _checked(db, store, case, manifest, sections, writer)
    bodies = {name: sections[name].body for name in uses}
    found = replace(manifest, parts=parts, epoch=case.epoch, behind=case.behind or "")
    return Whole(found, alive[sections[Compartment.CONTROL].shred_id], uses, bodies)


def writer_of(
    db: Session, store: Store, by: str, tags: tuple[bytes, bytes], known: Writers, read: Leaves | None
) -> VerifyKey:
    """Return whose signature the manifest must bear, once the log says that it and the writer's record are newest.

    `tags` are those of the case's version, `read` the leaves of this and other cases, where they were read before:
    then each writer is looked up once. Raises Tampered.
    """
    writer = known.get(by) or vouched_record(db, store, by)
    leaves = tagged(db, [*tags, *writer.tags]) if read is None else read
    cases.require_newest(tags, leaves)
    if read is None or by not in known:
        require_newest(writer, leaves if read is None else tagged(db, writer.tags))
    known[by] = writer
    return VerifyKey(writer.record.verify)


def _checked(
    db: Session,
    store: Store,
    case: Case | CaseRow,
    manifest: Manifest,
    rows: Mapping[Compartment, Section | SectionRow],
    writer: VerifyKey,
) -> Mapping[Compartment, Part]:
    """Return the parts that are there; one may be missing only when its time had come."""
    found = {name: cases.part_of(row) for name, row in rows.items()}
    gone = {name: part for name, part in manifest.parts.items() if name not in rows}
    cases.require_gone(db, store, [part.shred_id for part in gone.values()])
    # The same manifest by the same writer need not be verified twice: the note under it is the same.
    seen = ("manifest", case.id, case.manifest.blob, writer.blob)
    store.kept.once(seen, lambda: cases.check_signature(case.id, manifest, writer))
    cases.check_manifest(manifest, {**found, **gone})
    return found


def _compartment(row: Section | SectionRow) -> Compartment:
    try:
        return Compartment(row.compartment)
    except ValueError:
        raise Tampered from None
