"""Segments: the rows of up to 4,096 cases of a desk in one sealed piece, a part for each compartment.

Promises that a piece opens only in its own place, with its desk's key of the compartment and with its own shred, which
is made anew whenever the piece is. Must never be the only copy of anything: it can be made again from the records.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from api.catalogue.compartments import Compartment
from api.columns.frame import Bytes, Marks, Row, frame, marks, opened, read_ids
from api.columns.kinds import KINDS, lead
from api.crypto import Context, Key, Sealed, Shred, place, unwrap, wrap
from api.ids import new_id
from api.models.tables import Table
from api.sealed import shreds
from api.sealed.bound import NONE, SEGMENTS, bound
from api.sealed.store import Store

ROWS = 4096
PARTS = Table.metadata.tables["segment_part"]
BODIES = select(PARTS.c.segment_id, PARTS.c.compartment, PARTS.c.sealed).where(
    PARTS.c.segment_id.in_(bindparam("segments", expanding=True)),
    PARTS.c.compartment.in_(bindparam("compartments", expanding=True)),
)
# A case's rows by compartment.
CaseRows = Mapping[Compartment, Row]
Alive = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of one desk that a session holds: (compartment, epoch) -> key."""

    desk_id: str
    keys: Mapping[tuple[Compartment, int], Key] = field(repr=False)

    def newest(self, compartments: Collection[Compartment]) -> int:
        """Return the newest epoch of which all these compartments are held, 0 for none."""
        return max((epoch for _, epoch in self.keys if self.holds(compartments, epoch)), default=0)

    def holds(self, compartments: Collection[Compartment], epoch: int) -> bool:
        """Say whether the session holds the keys of all these compartments in an epoch."""
        return all((name, epoch) in self.keys for name in compartments)


@dataclass(frozen=True)
class Piece:
    """An opened segment: n cases in the order of their marks, versions and columns by part; `alive` are the current."""

    id: str
    ids: Bytes = field(repr=False)
    marks: Marks = field(repr=False)
    versions: Mapping[Compartment, NDArray[np.uint32]] = field(repr=False)
    columns: Mapping[Compartment, Any] = field(repr=False)
    alive: Alive = field(repr=False)

    def rows(self, kind: str) -> list[CaseRows]:
        """Return the current rows again, all parts of which were opened."""
        ids, found = read_ids(self.ids), list[list[Row]]()
        for name, module in KINDS[kind].items():
            rows = zip(ids, self.versions[name].tolist(), module.bodies(self.columns[name]), strict=True)
            found.append([Row(*one) if one[1] else Row(one[0]) for one in rows])
        both = [dict(zip(KINDS[kind], one, strict=True)) for one in zip(*found, strict=True)]
        return [one for one, there in zip(both, self.alive.tolist(), strict=True) if there]


def use_key(ring: Ring, epoch: int, shred: Shred, segment_id: str, compartment: Compartment) -> Key:
    """Return the key of one part of a segment: the desk's, of the compartment, with the segment's shred."""
    return ring.keys[compartment, epoch].with_shred(shred, place("segment", segment_id, compartment))


def part_place(ring: Ring, kind: str, segment_id: str, compartment: Compartment) -> Context:
    """Return where a part stands: carried to another desk, kind or segment it does not open."""
    return place("segment", ring.desk_id, kind, segment_id, compartment)


def begin(db: Session, store: Store, ring: Ring, kind: str, epoch: int) -> tuple[str, Shred]:
    """Make an open segment with a shred of its own, in a writing transaction; return its identifier and the shred."""
    made, segment_id = shreds.make(db, store), new_id()
    db.flush()
    row = {"id": segment_id, "desk_id": ring.desk_id, "kind": kind, "epoch": epoch, "open": True}
    db.execute(insert(SEGMENTS), bound(store, {**row, "shred_id": made.id}, NONE))
    return segment_id, made.shred


def close(db: Session, store: Store, ring: Ring, kind: str, epoch: int, rows: Sequence[CaseRows]) -> str:
    """Seal rows of different cases, of all parts each, into a new closed segment; return its identifier."""
    made, segment_id, blobs = shreds.make(db, store), new_id(), frames(kind, rows, KINDS[kind])
    db.flush()
    held = opened(blobs[lead(kind)]).ids
    row = {"id": segment_id, "desk_id": ring.desk_id, "kind": kind, "epoch": epoch, "open": False}
    db.execute(insert(SEGMENTS), bound(store, {**row, "shred_id": made.id}, marks(held)))
    for name, blob in blobs.items():
        put_part(db, ring, kind, (segment_id, epoch, made.shred), name, blob)
    return segment_id


def put_part(db: Session, ring: Ring, kind: str, of: tuple[str, int, Shred], name: Compartment, blob: bytes) -> None:
    """Seal one part of a segment, which is named by its identifier, epoch and shred."""
    segment_id, epoch, shred = of
    sealed = wrap(use_key(ring, epoch, shred, segment_id, name), part_place(ring, kind, segment_id, name), blob)
    db.execute(insert(PARTS), {"segment_id": segment_id, "compartment": name.value, "sealed": sealed})


def open_part(ring: Ring, kind: str, of: tuple[str, int, Shred], name: Compartment, sealed: Sealed) -> bytes:
    """Open what `put_part` sealed; raises Tampered."""
    segment_id, epoch, shred = of
    return unwrap(use_key(ring, epoch, shred, segment_id, name), part_place(ring, kind, segment_id, name), sealed)


def frames(kind: str, rows: Sequence[CaseRows], names: Iterable[Compartment]) -> Mapping[Compartment, bytes]:
    """Return the packed parts of rows, in the order of their identifiers."""
    first = lead(kind)
    rows = sorted(rows, key=lambda one: one[first].case_id)
    ids, found = [one[first].case_id for one in rows], dict[Compartment, bytes]()
    for name in names:
        part = [one[name] for one in rows]
        found[name] = frame(part, KINDS[kind][name].pack([one.body for one in part]), ids if name is first else ())
    return found


def piece(kind: str, segment_id: str, blobs: Mapping[Compartment, bytes]) -> Piece:
    """Return packed parts, the first of the kind among them, as a piece."""
    parts = {name: opened(blob) for name, blob in blobs.items()}
    columns = {name: KINDS[kind][name].unpack(one.columns) for name, one in parts.items()}
    ids, versions = parts[lead(kind)].ids, {name: one.versions for name, one in parts.items()}
    return Piece(segment_id, ids, marks(ids), versions, columns, np.ones(len(ids), np.bool_))


def leave(db: Session, store: Store, desk_id: str, kind: str, lost: Marks) -> None:
    """Leave a note of what is to be made again from the records: a closed segment without a shred."""
    if len(lost):
        row = {"id": new_id(), "desk_id": desk_id, "kind": kind, "epoch": 0, "open": False}
        db.execute(insert(SEGMENTS), bound(store, {**row, "shred_id": ""}, np.sort(lost)))
