"""What remains of a case: its coarse facts, written when it closes, under a shred of their own.

Promises that the timer only ever destroys: what may stay is there before. Must never be written of a case that may not
be counted, outlive the erasure of its case, or be read while the case's own facts are.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

import numpy as np
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from api.access.doors import CaseAccess
from api.catalogue.coarse import coarse
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import CLOSED_ON
from api.columns import facts
from api.columns.frame import marks_of, packed_ids
from api.crypto import Context, Key, Parcel, Shred, place, unwrap_parcel, wrap_parcel
from api.errors import Erased, Tampered
from api.models.remains import Remains
from api.models.tables import Case, Section
from api.sealed import shreds
from api.sealed.cases import case_key, require_shreds
from api.sealed.epochs import epoch_of
from api.sealed.segments import Piece, Ring
from api.sealed.store import Store
from api.services.saving import Change, Entries, head_of, write

C = Compartment


def save(access: CaseAccess, change: Change, version: int | None) -> int:
    """Write a change of a case and what remains of it; return the new version. Raises what `write` raises."""
    with writing(access) as db:
        written = write(db, access, change, version)
        follow(db, access, change)
        return written


def follow(db: Session, access: CaseAccess, change: Change) -> None:
    """Let what remains of a closed case follow a change that was written; inside `erasing` where something remains.

    Of a case that was opened again nothing remains: what is erased from it now would live on there.
    """
    head = head_of((change.parcels.get(C.CONTROL) or access.open(C.CONTROL)).note)
    has_facts = C.FACTS in change.parcels or C.FACTS in access.manifest.parts
    if CLOSED_ON not in head and has_facts:
        drop(db, access.case_id)
    elif has_facts and (C.FACTS in change.parcels or C.FACTS in access.keys):
        renew(db, access, (change.parcels.get(C.FACTS) or access.open(C.FACTS)).note)


def renew(db: Session, access: CaseAccess, told: Entries) -> None:
    """Put a fresh coarse copy in the place of the old one, inside `erasing` where there is an old one."""
    drop(db, access.case_id)
    if any(one.get("counting") == "yes" for one in told.get("case", ())):
        made, case = shreds.make(db, access.store), db.get_one(Case, access.case_id)
        sealed = wrap_parcel(_use(access.key(C.FACTS), made.shred, case.id), _where(case.id), Parcel(coarse(told)))
        epoch = epoch_of(case, C.FACTS)
        db.add(Remains(case_id=case.id, desk_id=case.desk_id, epoch=epoch, shred_id=made.id, sealed=sealed))


def drop(db: Session, case_id: str) -> None:
    """Destroy what remains of a case, inside `erasing` where something does."""
    old = forget(db, case_id)
    if old:
        shreds.destroy(db, old)


def forget(db: Session, case_id: str) -> list[str]:
    """Delete what remains of a case and return its shreds, to be destroyed in the same transaction."""
    row = db.get(Remains, case_id)
    if row is None:
        return []
    db.delete(row)
    db.flush()
    return [row.shred_id]


def alone(access: CaseAccess) -> bool:
    """Say whether the facts of a case went with their time, so that nothing but what remains is counted."""
    return C.FACTS not in access.manifest.parts and _there(access.store, access.case_id)


def _there(store: Store, case_id: str) -> bool:
    with store.reading() as db:
        return db.get(Remains, case_id) is not None


def piece(db: Session, store: Store, rings: Sequence[Ring]) -> tuple[Piece, list[str]]:
    """Return what remains of cases whose own facts are gone, as columns beside a desk's segments, and what misfits."""
    keys = {(ring.desk_id, epoch): key for ring in rings for (name, epoch), key in ring.keys.items() if name is C.FACTS}
    alive = exists().where(Section.case_id == Remains.case_id, Section.compartment == C.FACTS)
    desks = {desk_id for desk_id, _ in keys}
    rows = db.scalars(select(Remains).where(Remains.desk_id.in_(desks), ~alive)).all()
    found, misfits = dict[str, Entries](), list[str]()
    for row in rows:
        try:
            found[row.case_id] = _open(db, store, keys[row.desk_id, row.epoch], row)
        except Erased:
            # Erased since the backup that this store was restored from: it is nobody's edit.
            continue
        except (Tampered, KeyError):
            misfits.append(row.case_id)
    return _columns(found), misfits


def _columns(found: Mapping[str, Entries]) -> Piece:
    ids = list(found)
    marks = marks_of(ids)
    order = np.argsort(marks)
    packed = facts.pack([facts.row(found[ids[number]]) for number in order.tolist()])
    columns = {C.FACTS: facts.unpack(memoryview(packed))}
    return Piece("", packed_ids(()), marks[order], {}, columns, np.ones(len(ids), np.bool_))


def _open(db: Session, store: Store, desk_key: Key, row: Remains) -> Entries:
    found = shreds.fetch(db, store, [row.shred_id])
    require_shreds(db, [row.shred_id], found)
    use = _use(case_key(desk_key, row.case_id, C.FACTS), found[row.shred_id], row.case_id)
    return unwrap_parcel(use, _where(row.case_id), row.sealed).note


def writing(access: CaseAccess) -> AbstractContextManager[Session]:
    """Return the transaction for a change of a case: one that may destroy where something remains of it."""
    return shreds.erasing(access.store) if _there(access.store, access.case_id) else access.store.writing()


def _use(key: Key, shred: Shred, case_id: str) -> Key:
    return key.with_shred(shred, place("remains", case_id))


def _where(case_id: str) -> Context:
    return place("remains", case_id)
