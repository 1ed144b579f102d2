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
from api.sealed.epochs import epoch_of
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
    """Return the desk's cases that have a section of this kind and no row on the shelf."""
    having = select(Section.case_id).where(Section.compartment.in_([name.value for name in KINDS[kind]]))
    query = select(Case.id).where(Case.desk_id == ring.desk_id, Case.id.in_(having))
    return sorted(set(db.scalars(query)) - (set(_ids(shelf)) if shelf else set()))


def rows(db: Session, store: Store, ring: Ring, kind: str, ids: Sequence[str]) -> list[Remade]:
    """Return the rows of these cases as the records say them now; none for a case of which a key is not held."""
    found: list[Remade] = []
    for start in range(0, len(ids), BATCH):
        found += _batch(db, store, ring, kind, ids[start : start + BATCH])
    return found


def still(db: Session, remade: Sequence[Remade]) -> list[CaseRows]:
    """Return the rows of which every section stands unchanged, in a transaction that keeps writers and erasing away."""
    stands: set[Stamp] = set()
    for start in range(0, len(remade), BATCH):
        ids = [case_of(one.rows) for one in remade[start : start + BATCH]]
        query = select(Section.case_id, Section.compartment, Section.version, Section.shred_id)
        stands |= {(row[0], row[1], row[2], row[3]) for row in db.execute(query.where(Section.case_id.in_(ids)))}
    return [one.rows for one in remade if one.of <= stands]


def case_of(rows: CaseRows) -> str:
    """Return whose rows these are."""
    return next(iter(rows.values())).case_id


def _batch(db: Session, store: Store, ring: Ring, kind: str, ids: Sequence[str]) -> Iterator[Remade]:
    parts = [name.value for name in KINDS[kind]]
    query = select(Section, Case).join(Case, Case.id == Section.case_id)
    sections = db.execute(query.where(Section.case_id.in_(ids), Section.compartment.in_(parts))).all()
    alive = shreds.fetch(db, store, [row.shred_id for row, _ in sections])
    by_case: dict[str, list[tuple[Section, Case]]] = {case_id: [] for case_id in ids}
    for row, case in sections:
        by_case[row.case_id].append((row, case))
    for case_id in ids:
        of = _epochs(by_case[case_id])
        if of and all((Compartment(row.compartment), epoch) in ring.keys for row, epoch in of):
            stamps = frozenset((case_id, row.compartment, row.version, row.shred_id) for row, _ in of)
            yield Remade(tails.rows_of(kind, case_id, dict(_opened(ring, of, alive))), stamps)


def _epochs(of: Sequence[tuple[Section, Case]]) -> list[tuple[Section, int]]:
    """Return a case's sections with the epochs that they lie under; none where those were edited."""
    try:
        return [(row, epoch_of(case, Compartment(row.compartment))) for row, case in of]
    except Tampered:
        return []


def _opened(
    ring: Ring, sections: Sequence[tuple[Section, int]], alive: Mapping[str, Shred]
) -> Iterator[tuple[Compartment, tuple[int, Mapping[str, Any]]]]:
    """Yield version and body of each section; one that does not fit gives none, and is refused where it is shown."""
    for row, epoch in sections:
        name = Compartment(row.compartment)
        if row.shred_id not in alive:
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
