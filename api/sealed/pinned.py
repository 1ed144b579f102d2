"""The rows that say which keys are newest and who holds them: their digests stand in the note under the root.

Promises that a desk's epoch, a desk's roster or an office's roster which somebody edited, put back or made themselves
is refused, by whoever reads it and without any key. Must never be pinned outside of `erasing`.
"""

import hashlib

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.crypto import Context, Sealed, place
from api.errors import Tampered
from api.models.offices import OfficeRoster
from api.models.tables import Desk
from api.sealed import roots
from api.sealed.prepared import Prepared
from api.sealed.store import Store

ROSTERS = "rosters"
ROW = Prepared(select(Desk.epoch, Desk.version, Desk.roster).where(Desk.id == bindparam("desk")))


def pin(db: Session, store: Store, row: Desk | OfficeRoster) -> None:
    """Note a row as it now stands under the root, inside `erasing`."""
    known = roots.anchored(db, store).get(ROSTERS, {})
    roots.anchor(db, store, ROSTERS, {**known, _name(row): _digest(*_said(row))})


def require(db: Session, store: Store, row: Desk | OfficeRoster) -> None:
    """Raise Tampered unless this row is the one that was written last."""
    _require(db, store, _name(row), _digest(*_said(row)))


def newest_epoch(db: Session, store: Store, desk_id: str) -> int | None:
    """Return which of a desk's keys is newest, None for a desk that is not there; raises Tampered for an edited row."""
    found = ROW.one(db, {"desk": desk_id})
    if found is None:
        return None
    _require(db, store, desk_id, _digest(_desk(desk_id, *found[:2]), found[2]))
    return int(found[0])


def take(db: Session, store: Store) -> None:
    """Pin all rows as they stand, inside `erasing`: after a restore, for which k trustees stand."""
    rows = (*db.scalars(select(Desk)), *db.scalars(select(OfficeRoster)))
    roots.anchor(db, store, ROSTERS, {_name(row): _digest(*_said(row)) for row in rows})


def adopt(db: Session, store: Store) -> None:
    """Pin the rows of a store from before there were pins, in its first `erasing`."""
    if ROSTERS not in roots.anchored(db, store):
        take(db, store)


def _require(db: Session, store: Store, name: str, digest: str) -> None:
    known = roots.anchored(db, store).get(ROSTERS)
    # A store from before there were pins takes them at its next erasing.
    if known is not None and known.get(name) != digest:
        raise Tampered


def _name(row: Desk | OfficeRoster) -> str:
    return row.id if isinstance(row, Desk) else row.kind


def _said(row: Desk | OfficeRoster) -> tuple[Context, Sealed]:
    if isinstance(row, Desk):
        return _desk(row.id, row.epoch, row.version), row.roster
    return place("pinned", "office", row.kind, row.version), row.roster


def _desk(desk_id: str, epoch: int, version: int) -> Context:
    return place("pinned", "desk", desk_id, epoch, version)


def _digest(where: Context, roster: Sealed) -> str:
    return hashlib.sha256(bytes(where) + roster.blob).hexdigest()
