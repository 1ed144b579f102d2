"""Rows made again from the records, for cases that stand in no segment that opens.

Promises that a section which was erased or written meanwhile gives no row. Must never show what it opened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.catalogue.compartments import Compartment
from api.columns.frame import read_ids
from api.columns.kinds import KINDS
from api.crypto import Shred
from api.errors import Tampered
from api.models.tables import Case, Section
from api.sealed import cases, shreds, tails
from api.sealed.segments import CaseRows, Ring
from api.sealed.shelves import Shelf
from api.sealed.store import Store

BATCH = 500
# Of each section that a row was made of: case, compartment, version, shred.
Stamp = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Remade:
    """A case's rows, and the sections that they were made of."""

    rows: CaseRows = field(repr=False)
    of: frozenset[Stamp]


def missing(db: Session, ring: Ring, kind: str, shelf: Shelf | None) -> list[str]:
    """Return the desk's cases that have a section of this kind, in an epoch that is held, and no row on the shelf."""
    epochs = {epoch for _, epoch in ring.keys if ring.holds(KINDS[kind].keys(), epoch)}
    having = select(Section.case_id).where(Section.compartment.in_([name.value for name in KINDS[kind]]))
    query = select(Case.id).where(Case.desk_id == ring.desk_id, Case.epoch.in_(epochs), Case.id.in_(having))
    return sorted(set(db.scalars(query)) - (set(_ids(shelf)) if shelf else set()))


def rows(db: Session, store: Store, ring: Ring, kind: str, ids: Sequence[str]) -> list[Remade]:
    """Return the rows of these cases as the records say them now."""
    found: list[Remade] = []
    for start in range(0, len(ids), BATCH):
        found += _batch(db, store, ring, kind, ids[start : start + BATCH])
    return found


def still(db: Session, remade: Sequence[Remade]) -> list[CaseRows]:
    """Return the rows of which every section stands unchanged, in a transaction that keeps writers and erasing away."""
    stands: set[Stamp] = set()
    for start in range(0, len(remade), BATCH):
        ids = [next(iter(one.rows.values())).case_id for one in remade[start : start + BATCH]]
        query = select(Section.case_id, Section.compartment, Section.version, Section.shred_id)
        stands |= {(row[0], row[1], row[2], row[3]) for row in db.execute(query.where(Section.case_id.in_(ids)))}
    return [one.rows for one in remade if one.of <= stands]


def _batch(db: Session, store: Store, ring: Ring, kind: str, ids: Sequence[str]) -> Iterator[Remade]:
    parts = [name.value for name in KINDS[kind]]
    query = select(Section, Case.epoch).join(Case, Case.id == Section.case_id)
    sections = db.execute(query.where(Section.case_id.in_(ids), Section.compartment.in_(parts))).all()
    alive = shreds.fetch(db, store, [row.shred_id for row, _ in sections])
    for case_id in ids:
        of = [(row, epoch) for row, epoch in sections if row.case_id == case_id]
        said = dict(_opened(ring, of, alive))
        stamps = frozenset((case_id, row.compartment, row.version, row.shred_id) for row, _ in of)
        yield Remade(tails.rows_of(kind, case_id, said), stamps)


def _opened(
    ring: Ring, sections: Sequence[tuple[Section, int]], alive: Mapping[str, Shred]
) -> Iterator[tuple[Compartment, tuple[int, Mapping[str, Any]]]]:
    """Yield version and body of each section; one that does not fit gives none, and is refused where it is shown."""
    for row, epoch in sections:
        name = Compartment(row.compartment)
        if row.shred_id not in alive or (name, epoch) not in ring.keys:
            continue
        use = cases.section_key(
            cases.case_key(ring.keys[name, epoch], row.case_id, name), alive[row.shred_id], row.case_id, name
        )
        try:
            yield name, (row.version, cases.open_section(use, row.case_id, name, row.version, row.body).note)
        except Tampered:
            continue


def _ids(shelf: Shelf) -> Iterator[str]:
    for one in shelf.pieces:
        yield from read_ids(one.ids[one.alive])
