"""Tidying: the tail is sorted into segments, small ones are joined, and what is lost is made again from the records.

Promises that two sessions which tidy at once do it once, that a kill half-way leaves what was, and that the shreds of
what was replaced are destroyed. Must never seal a row under an older epoch of the desk's keys than its newest.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.columns.frame import Marks, marks_of
from api.columns.kinds import KINDS, lead
from api.sealed import pinned, remaking, shelves, shreds
from api.sealed.bound import SEGMENTS, hidden, whole
from api.sealed.segments import ROWS, Alive, CaseRows, Piece, Ring, begin, close, leave, put_part
from api.sealed.shelves import Shelf, listing
from api.sealed.store import Store

# Each row of the tail costs a reader fifty microseconds, each tidying a writer's turn.
TAIL = 128
# Rows that are no longer current, of all rows of a segment, from which on it is made anew.
WORN = 0.25


def waits(db: Session, store: Store, ring: Ring, shelf: Shelf) -> bool:
    """Say whether this session could and should tidy a shelf."""
    return (shelf.torn or len(shelf.tail) >= TAIL) and may(db, store, ring, shelf.kind)


def tidy(store: Store, ring: Ring, kind: str, most: int = ROWS) -> int:
    """Sort the tail in and make up to `most` lost rows again; return how many more this session could make.

    What it holds no key for stays lost until a session comes that does.
    """
    with store.snapshot() as db:
        before = shelves.read(db, store, ring, kind)
        lost = remaking.missing(db, ring, kind, before) if before.torn else []
        remade = remaking.rows(db, store, ring, kind, lost[:most])
    if not (remade or before.tail or before.misfits):
        return 0
    with shreds.erasing(store) as db:
        shelf = shelves.read(db, store, ring, kind)
        if may(db, store, ring, kind) and (shelf.torn or shelf.tail):
            rows = remaking.still(db, remade)
            _sort(db, store, ring, shelf, rows, _still_lost(db, ring, shelf, rows))
    return len(lost[most:]) if remade else 0


def rebuild(store: Store, ring: Ring, kind: str) -> Iterator[int]:
    """Make all segments of a kind again from the records, and yield how many cases are still to come."""
    with shreds.erasing(store) as db:
        shelf = shelves.read(db, store, ring, kind)
        ids = remaking.missing(db, ring, kind, None)
        _drop(db, store, shelf, shelf.shreds.keys())
        leave(db, store, ring.desk_id, kind, marks_of(ids))
    left = len(ids)
    while left:
        yield left
        left = tidy(store, ring, kind)


def may(db: Session, store: Store, ring: Ring, kind: str) -> bool:
    """Say whether a session holds the newest keys of all parts of a kind; raises Tampered for an edited desk."""
    epoch = pinned.newest_epoch(db, store, ring.desk_id)
    return epoch is not None and ring.holds(KINDS[kind].keys(), epoch)


def _still_lost(db: Session, ring: Ring, shelf: Shelf, remade: Sequence[CaseRows]) -> Marks:
    """Return who stands nowhere even then, as of now: what went since the first look took others along."""
    lost = remaking.missing(db, ring, shelf.kind, shelf) if shelf.torn else []
    return np.setdiff1d(marks_of(lost), marks_of([remaking.case_of(one) for one in remade]))


def _sort(db: Session, store: Store, ring: Ring, shelf: Shelf, remade: Sequence[CaseRows], lost: Marks) -> None:
    """Replace the tail, what is worn, small or broken; the newest row of a case is the one that stands on the shelf."""
    kind, epoch, first = shelf.kind, ring.newest(KINDS[shelf.kind].keys()), lead(shelf.kind)
    there = _marks(shelf.pieces)
    pool = [*shelf.tail, *(one for one in remade if not np.isin(marks_of([one[first].case_id]), there).any())]
    kept, joined = _chosen(shelf.closed.values(), len(pool))
    pool += [row for one in joined for row in one.rows(kind)]
    listed: dict[str, Alive] = {one.id: one.alive for one in kept}
    for start in range(0, len(pool), ROWS):
        rows = pool[start : start + ROWS]
        listed[close(db, store, ring, kind, epoch, rows)] = np.ones(len(rows), np.bool_)
    _drop(db, store, shelf, shelf.shreds.keys() - listed.keys())
    segment_id, shred = begin(db, store, ring, kind, epoch)
    put_part(db, ring, kind, (segment_id, epoch, shred), first, listing(listed))
    leave(db, store, ring.desk_id, kind, lost)


def _chosen(closed: Iterable[Piece], rows: int) -> tuple[list[Piece], list[Piece]]:
    """Return the segments that stay, and those that are joined with the new rows: small ones first, and worn ones."""
    kept, joined = list[Piece](), list[Piece]()
    for one in sorted(closed, key=lambda each: int(each.alive.sum())):
        count = int(one.alive.sum())
        if count <= min(rows, ROWS - rows) or count < (1 - WORN) * len(one.alive):
            joined.append(one)
            rows += count
        else:
            kept.append(one)
    return kept, joined


def _drop(db: Session, store: Store, shelf: Shelf, gone: Collection[str]) -> None:
    """Destroy segments with their shreds; parts and rows of the tail go with them.

    An edited row goes without the shred that it names, which may be something else's; its own is among the hidden.
    """
    query = select(SEGMENTS).where(SEGMENTS.c.desk_id == shelf.desk_id, SEGMENTS.c.kind == shelf.kind)
    rows = whole(db, store, db.execute(query).all())
    known = [row.shred_id for row in rows if row.id in gone and row.shred_id]
    shreds.destroy(db, [*hidden(db, store, [shelf.desk_id], [shelf.kind], rows), *known])
    db.execute(delete(SEGMENTS).where(SEGMENTS.c.id.in_(gone)))


def _marks(pieces: Sequence[Piece]) -> Marks:
    return np.concatenate([np.zeros(0, np.uint64), *(one.marks[one.alive] for one in pieces)])
