"""Forgetting: when a part of a case is erased, the segments that hold it lose their shreds, and no key is needed.

Promises that no old copy of a segment opens the erased. Must never leave a piece alive that holds a row of it: the
others in that piece are made again from the records by the next session that can.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from api.catalogue.compartments import Compartment
from api.columns.frame import Marks, marks_of
from api.columns.kinds import KINDS, kinds_of
from api.models.tables import Case
from api.sealed import shreds
from api.sealed.bound import NONE, SEGMENTS, bound, hidden, read_marks, whole
from api.sealed.segments import PARTS
from api.sealed.store import Store
from api.sealed.tails import OPEN, TAIL

LOST = update(SEGMENTS).where(SEGMENTS.c.id == bindparam("segment")).values(open=False, holds=bindparam("left"))


def forget(db: Session, store: Store, case_ids: Collection[str], compartments: Iterable[Compartment]) -> None:
    """Destroy what holds rows of these parts of cases that live on, inside `erasing`."""
    _forget(db, store, case_ids, kinds_of(frozenset(compartments)), NONE)


def forget_wholly(db: Session, store: Store, case_ids: Collection[str]) -> None:
    """Destroy what holds any row of cases that go, before their own rows do, inside `erasing`."""
    _forget(db, store, case_ids, tuple(KINDS), marks_of(sorted(case_ids)))


def _forget(db: Session, store: Store, case_ids: Collection[str], kinds: Sequence[str], gone: Marks) -> None:
    if not case_ids or not kinds:
        return
    # The open segment that this transaction wrote into may be among them.
    db.info.pop(OPEN, None)
    desks = set(db.scalars(select(Case.desk_id).where(Case.id.in_(case_ids))))
    query = select(SEGMENTS).where(SEGMENTS.c.desk_id.in_(desks), SEGMENTS.c.kind.in_(kinds))
    rows = whole(db, store, db.execute(query).all())
    wanted = marks_of(sorted(case_ids))
    held = {row.id: _held(db, row) for row in rows}
    # A row of the tail that somebody hid for the while cannot be seen: every open segment goes.
    lost = [row for row in rows if row.open or np.isin(wanted, held[row.id]).any()]
    gone_too = hidden(db, store, desks, kinds, rows)
    shreds.destroy(db, [*gone_too, *(row.shred_id for row in lost if row.shred_id)])
    for table in (PARTS, TAIL):
        db.execute(delete(table).where(table.c.segment_id.in_([row.id for row in lost])))
    for row in lost:
        left = np.setdiff1d(held[row.id], gone)
        db.execute(LOST, {"segment": row.id, "left": bound(store, {**row._mapping}, left)["holds"]})


def _held(db: Session, row: Any) -> Marks:
    """Return the marks of the cases in a segment, from beside it, or from the rows of the tail."""
    if not row.open:
        return read_marks(row.holds)
    return marks_of(db.scalars(select(TAIL.c.case_id).where(TAIL.c.segment_id == row.id).distinct()).all())
