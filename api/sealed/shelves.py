"""A shelf: all that a desk's segments and tail of one kind say at this moment, the newest row of each case.

Promises that a piece which was altered, put back or taken away is named and left out, and that what is missing is
counted. Must never show an older row in the place of one that is missing.
"""

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from api.catalogue.compartments import Compartment
from api.columns.frame import Marks, marks_of, places
from api.columns.kinds import KINDS, lead
from api.crypto import Parcel, Sealed, Shred
from api.errors import Erased, Tampered
from api.models.tables import Case, Section
from api.sealed import shreds, tails
from api.sealed.bound import NONE, SEGMENTS, read_marks
from api.sealed.segments import BODIES, Alive, CaseRows, Piece, Ring, frames, open_part, piece
from api.sealed.store import Store

TAIL = tails.TAIL
ROWS = (
    select(SEGMENTS.c.id, SEGMENTS.c.epoch, SEGMENTS.c.open, SEGMENTS.c.shred_id)
    .where(SEGMENTS.c.desk_id == bindparam("desk"), SEGMENTS.c.kind == bindparam("kind"))
    .order_by(SEGMENTS.c.id)
)
HOLDS = select(SEGMENTS.c.holds).where(SEGMENTS.c.id.in_(bindparam("segments", expanding=True)))
UNREAD = select(TAIL.c.case_id).where(TAIL.c.segment_id.in_(bindparam("segments", expanding=True))).distinct()
EXPECTED = (
    select(func.count(Section.case_id.distinct()))
    .join(Case, Case.id == Section.case_id)
    .where(Case.desk_id == bindparam("desk"), Section.compartment.in_(bindparam("compartments", expanding=True)))
)
# Closed segment -> how many rows it has, and the places of those that are no longer current.
Listed = Mapping[str, tuple[int, np.ndarray[Any, np.dtype[np.intp]]]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Opened pieces of one kind; `tail` are the rows that stand in no segment yet and are the last piece.

    `missing` cases are on none of them; `misfits` are the segments that were refused; `torn` says that something is to
    be made again from the records. `shreds` are those of all segments that could be opened or never will be.
    """

    desk_id: str
    kind: str
    pieces: tuple[Piece, ...] = field(repr=False)
    tail: Sequence[CaseRows] = field(repr=False)
    missing: int
    misfits: tuple[str, ...]
    torn: bool
    shreds: Mapping[str, str] = field(repr=False)

    @property
    def closed(self) -> Mapping[str, Piece]:
        """The pieces that are segments."""
        return {one.id: one for one in self.pieces if one.id}


@dataclass(frozen=True, slots=True)
class _View:
    """What stands in the database: rows of segments, the shreds that are there, sealed parts."""

    ring: Ring
    kind: str
    wanted: tuple[Compartment, ...]
    rows: Sequence[Any]
    alive: Mapping[str, Shred] = field(repr=False)
    edited: frozenset[str]
    parts: Mapping[tuple[str, str], Sealed] = field(repr=False)

    def opens(self, row: Any) -> bool:
        """Say whether a segment's shred is there and the keys of its epoch are held."""
        return row.shred_id in self.alive and self.ring.holds(self.wanted, row.epoch)

    def part(self, row: Any, name: Compartment) -> bytes:
        """Open one part; raises Erased without its shred or key, Tampered when it does not fit or is not there."""
        if not self.opens(row):
            raise Erased
        sealed = self.parts.get((row.id, name.value))
        if sealed is None:
            raise Tampered
        return open_part(self.ring, self.kind, (row.id, row.epoch, self.alive[row.shred_id]), name, sealed)

    def piece(self, row: Any) -> Piece:
        """Open a closed segment; raises Erased, Tampered."""
        return piece(self.kind, row.id, {name: self.part(row, name) for name in self.wanted})

    def tails(self) -> dict[str, tuple[int, Shred]]:
        """Return the open segments that can be read, with epoch and shred."""
        return {row.id: (row.epoch, self.alive[row.shred_id]) for row in self.rows if row.open and self.opens(row)}


def read(db: Session, store: Store, ring: Ring, kind: str, wanted: Collection[Compartment] = ()) -> Shelf:
    """Return a desk's shelf with these parts, the first of the kind among them, or with all.

    `db` sees one moment of the store. Never raises for what an editor did: it is named in `misfits`.
    """
    view = _view(db, store, ring, kind, tuple(wanted or KINDS[kind]))
    listed, refused = _listed(view)
    refused |= {row.id for row in view.rows if row.shred_id in view.edited}
    pieces, absent = dict[str, Piece](), set[str]()
    for row in (one for one in view.rows if not one.open):
        try:
            pieces[row.id] = view.piece(row)
        except Tampered:
            refused.add(row.id)
        except Erased:
            absent.add(row.id)
    gone = {row.id for row in view.rows if row.open and row.shred_id not in view.alive}
    # A segment that nobody listed is an old one put back, and none of its rows is missed.
    strays = set(pieces) - set(listed) if listed is not None else set()
    taken = set(listed or ()) - {row.id for row in view.rows}
    current = {name: one for name, one in pieces.items() if name not in strays}
    tail, torn_tails = tails.read(db, ring, kind, view.tails(), view.wanted)
    refused |= torn_tails
    unread = {row.id for row in view.rows if row.open and not view.opens(row)}
    unsure = _unsure(db, refused | absent, unread | torn_tails, tail)
    _bury(current, listed, tail, unsure)
    seen = len(tail) + sum(int(one.alive.sum()) for one in current.values())
    # Who took every segment away took the list of them along: then the records say how many there should be.
    unseen = max(_expected(db, view) - seen, 0) if listed is None else sum(listed[one][0] for one in taken)
    return Shelf(
        ring.desk_id,
        kind,
        (*current.values(), *_last(kind, tail, view.wanted)),
        tail,
        max(len(unsure), unseen) if listed is None else len(unsure) + unseen,
        tuple(sorted(refused | strays | taken)),
        bool(refused or strays or taken or absent or gone or (listed is None and (current or unseen))),
        {row.id: row.shred_id for row in view.rows if row.shred_id not in view.alive or view.opens(row)},
    )


def listing(closed: Mapping[str, Alive]) -> bytes:
    """Return the list of closed segments as the open one keeps it: how many rows, and which are no longer current."""
    note = {
        name: [len(alive), base64.b64encode(np.packbits(~alive).tobytes()).decode()] for name, alive in closed.items()
    }
    return Parcel(note).packed()


def _view(db: Session, store: Store, ring: Ring, kind: str, wanted: tuple[Compartment, ...]) -> _View:
    rows = db.execute(ROWS, {"desk": ring.desk_id, "kind": kind}).all()
    alive, edited = _shreds(db, store, [row.shred_id for row in rows])
    names = [name.value for name in wanted]
    found = db.execute(BODIES, {"segments": [row.id for row in rows], "compartments": names})
    return _View(ring, kind, wanted, rows, alive, edited, {(one, name): sealed for one, name, sealed in found})


def _shreds(db: Session, store: Store, ids: Sequence[str]) -> tuple[Mapping[str, Shred], frozenset[str]]:
    """Return the shreds that are there, and which were edited: those take none of the others along."""
    try:
        return shreds.fetch(db, store, ids), frozenset()
    except Tampered:
        found, edited = dict[str, Shred](), set[str]()
        for one in ids:
            try:
                found |= shreds.fetch(db, store, [one])
            except Tampered:
                edited.add(one)
        return found, frozenset(edited)


def _listed(view: _View) -> tuple[Listed | None, set[str]]:
    """Return the list of the closed segments, None where there is none, and the open ones whose list does not open."""
    first = lead(view.kind)
    for row in view.rows:
        if row.open and view.opens(row) and (row.id, first.value) in view.parts:
            try:
                note = Parcel.unpacked(view.part(row, first)).note
            except Tampered:
                return None, {row.id}
            return {name: (count, _places(dead, count)) for name, (count, dead) in note.items()}, set()
    return None, set()


def _expected(db: Session, view: _View) -> int:
    """Return how many of the desk's cases have a section of this kind."""
    names = [name.value for name in KINDS[view.kind]]
    return db.scalar(EXPECTED, {"desk": view.ring.desk_id, "compartments": names}) or 0


def _places(dead: str, count: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    return np.flatnonzero(np.unpackbits(np.frombuffer(base64.b64decode(dead), np.uint8))[:count])


def _unsure(db: Session, closed: Collection[str], unread: Collection[str], tail: Sequence[CaseRows]) -> Marks:
    """Return the marks of the cases whose newest row may stand where nothing can be read."""
    if not closed and not unread:
        return NONE
    held = [read_marks(one) for one in db.scalars(HOLDS, {"segments": list(closed)})]
    waiting = marks_of(db.scalars(UNREAD, {"segments": list(unread)}).all())
    known = marks_of([_id(one) for one in tail])
    return np.setdiff1d(np.concatenate([*held, waiting]), known)


def _bury(pieces: Mapping[str, Piece], listed: Listed | None, tail: Sequence[CaseRows], unsure: Marks) -> None:
    """Take out of the closed pieces what is no longer current."""
    if listed is None:
        _keep_newest(list(pieces.values()))
    covered = np.concatenate([marks_of([_id(one) for one in tail]), unsure])
    for name, one in pieces.items():
        if listed is not None:
            one.alive[listed[name][1]] = False
        one.alive[places(one.marks, covered)] = False


def _keep_newest(pieces: Sequence[Piece]) -> None:
    """Without a list the versions decide which of two rows of a case is current."""
    if not pieces:
        return
    marks = np.concatenate([one.marks for one in pieces])
    versions = np.concatenate([np.max(list(one.versions.values()), axis=0) for one in pieces])
    order = np.lexsort((versions, marks))
    alive = np.ones(len(marks), np.bool_)
    alive[order[:-1][marks[order][:-1] == marks[order][1:]]] = False
    for one, start in zip(pieces, np.cumsum([0, *(len(one.marks) for one in pieces[:-1])]).tolist(), strict=True):
        one.alive[:] = alive[start : start + len(one.marks)]


def _last(kind: str, tail: Sequence[CaseRows], wanted: Sequence[Compartment]) -> Iterator[Piece]:
    """Yield the tail as a piece like the others."""
    if tail:
        yield piece(kind, "", frames(kind, tail, wanted))


def _id(rows: CaseRows) -> str:
    return next(iter(rows.values())).case_id
