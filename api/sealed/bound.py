"""Segments that no editor hides from erasing: rows bound to desk, kind, shred and marks; shreds noted under the root.

Promises that a row from which somebody took a mark, or which names another's shred, is told from one that stands as it
was written, and that the shred of one that was taken away is found. Must never be needed to read a segment.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.columns.frame import Marks
from api.crypto import place
from api.models.tables import Table
from api.sealed import roots
from api.sealed.store import Store

SEGMENTS = Table.metadata.tables["segment"]
NONE = np.zeros(0, np.uint64)
MAC, BOUND = 32, "segments"
# Segments' shreds with their desk and kind, as the note under the root has them.
Noted = Mapping[str, Sequence[str]]


def bound(store: Store, row: Mapping[Any, Any], found: Marks) -> Mapping[str, Any]:
    """Return the columns of a segment's row with its marks, eight bytes each, and the digest that binds both."""
    packed = found.astype("<u8").tobytes()
    return {**row, "holds": packed + _mac(store, row, packed)}


def is_bound(store: Store, row: Mapping[Any, Any]) -> bool:
    """Say whether a row stands as it was written."""
    return bool(row["holds"][-MAC:] == _mac(store, row, row["holds"][:-MAC]))


def read_marks(holds: bytes) -> Marks:
    """Return the marks of a row, of which one may be missing that somebody took out."""
    whole = holds[: max(len(holds) - MAC, 0)]
    return np.frombuffer(whole[: len(whole) // 8 * 8], "<u8").astype(np.uint64)


def whole(db: Session, store: Store, rows: Sequence[Any]) -> list[Any]:
    """Return the rows that stand as they were written, and take the others away without the shreds that they name."""
    edited = [row.id for row in rows if not is_bound(store, row._mapping)]
    db.execute(delete(SEGMENTS).where(SEGMENTS.c.id.in_(edited)))
    return [row for row in rows if row.id not in edited]


def hidden(db: Session, store: Store, desks: Collection[str], kinds: Collection[str], rows: Sequence[Any]) -> list[str]:
    """Return the shreds that were noted for these desks and kinds and that none of the bound rows names."""
    noted: Noted = roots.anchored(db, store).get(BOUND, {})
    wanted = {shred for shred, (desk_id, kind) in noted.items() if desk_id in desks and kind in kinds}
    return sorted(wanted - {row.shred_id for row in rows})


def adopt(db: Session, store: Store) -> None:
    """Note the shreds of segments that were made since the last `erasing`; bind the rows of an older store."""
    noted: Noted | None = roots.anchored(db, store).get(BOUND)
    if noted is None:
        _bind_all(db, store)
    known = select(SEGMENTS.c.id, SEGMENTS.c.shred_id).where(SEGMENTS.c.shred_id != "")
    fresh = [row.id for row in db.execute(known) if row.shred_id not in (noted or {})]
    if fresh or noted is None:
        rows = db.execute(select(SEGMENTS).where(SEGMENTS.c.id.in_(fresh))).all()
        seen = {row.shred_id: [row.desk_id, row.kind] for row in rows if is_bound(store, row._mapping)}
        roots.anchor(db, store, BOUND, {**(noted or {}), **seen})


def note(db: Session, store: Store, destroyed: Collection[str]) -> None:
    """Note, at the end of `erasing`, which segments' shreds there are: those made within it, less those destroyed."""
    adopt(db, store)
    noted: Noted = roots.anchored(db, store)[BOUND]
    roots.anchor(db, store, BOUND, {shred: of for shred, of in noted.items() if shred not in destroyed})


def _bind_all(db: Session, store: Store) -> None:
    for row in db.execute(select(SEGMENTS)).all():
        if not is_bound(store, row._mapping):
            marks = np.frombuffer(row.holds, "<u8").astype(np.uint64)
            holds = bound(store, row._mapping, marks)["holds"]
            db.execute(update(SEGMENTS).where(SEGMENTS.c.id == row.id).values(holds=holds))


def _mac(store: Store, row: Mapping[Any, Any], packed: bytes) -> bytes:
    where = place("segment_row", *(str(row[name]) for name in ("id", "desk_id", "kind", "shred_id")))
    return store.deployment.mac(where, packed)
