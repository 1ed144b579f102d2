"""Shreds: random bytes without which a thing cannot be opened; to erase is to destroy them.

Promises that a destroyed shred opens nothing from any old page, dump or journal: its row goes, its bucket, the
root and E are replaced, in one transaction. Must never destroy outside of `erasing`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from api.clock import today
from api.crypto import (
    Context,
    Key,
    Sealed,
    Shred,
    place,
    unwrap_shred,
    wrap_key,
)
from api.errors import Erased, Tampered
from api.ids import LENGTH, new_ids
from api.models.tables import Erasure, ShredRow, Table
from api.sealed import bound, links, log_head, pinned, registers, roots
from api.sealed.prepared import Listed, Prepared
from api.sealed.store import Opened, Store, lock_row

SHREDS = Table.metadata.tables["shred"]
SHRED = SHREDS.c
# A shred's row, and the root's epoch as of the same moment: whoever joins it hands the columns to `opened`.
COLUMNS = (SHRED.id, SHRED.bucket, SHRED.due, SHRED.held, SHRED.sealed, roots.EPOCH.scalar_subquery())
WITH_EPOCH = Listed(select(*COLUMNS), SHRED.id)
# A bucket is two beginnings of identifiers: the primary key finds them.
IN_BUCKET = Prepared(
    select(SHRED.id, SHRED.due, SHRED.held, SHRED.sealed).where(
        or_(
            SHRED.id.between(bindparam("first"), bindparam("last")),
            SHRED.id.between(bindparam("other_first"), bindparam("other_last")),
        )
    )
)
RESEALED = Prepared(update(SHREDS).where(SHRED.id == bindparam("shred")), ("sealed",))
NEW_ROWS = Prepared(insert(SHREDS), ("id", "bucket", "due", "held", "sealed"))
TRIES = 8


@dataclass(frozen=True, slots=True)
class Made:
    """A new shred and the identifier of its row."""

    id: str
    shred: Shred


def make(db: Session, store: Store, due: str | None = None, beginning: str = "") -> Made:
    """Make a shred in a writing transaction; `due` is a month (retention) or a day (a grant's end).

    Shreds that go together begin with `beginning`: they are found by it, whatever rows name them.
    """
    return make_many(db, store, [due], beginning)[0]


def make_many(db: Session, store: Store, dues: Sequence[str | None], beginning: str = "") -> list[Made]:
    """Make a shred for each of these last months or days."""
    made = [Made(shred_id, Shred.fresh()) for shred_id in new_ids(len(dues), beginning)]
    buckets = roots.shared(db, store).buckets
    NEW_ROWS.run_each(db, [_row(one, buckets, due) for one, due in zip(made, dues, strict=True)])
    return made


def beginning_with(db: Session, beginning: str) -> list[str]:
    """Return the shreds that were made with a beginning."""
    first, last = (f"{beginning:{end}<{LENGTH}}" for end in "0z")
    return list(db.scalars(select(SHRED.id).where(SHRED.id.between(first, last))))


def fetch(db: Session, store: Store, ids: Iterable[str]) -> Mapping[str, Shred]:
    """Return those of the shreds that still exist, by identifier; raises Tampered for an edited row."""
    wanted = list(ids)
    for _ in range(TRIES):
        found = opened(db, store, WITH_EPOCH.all(db, wanted))
        if found is not None:
            return found
    raise Erased


def opened(db: Session, store: Store, rows: Sequence[tuple[Any, ...]]) -> Mapping[str, Shred] | None:
    """Return the shreds of rows of `COLUMNS`, or None when an erasure came between and they must be read again.

    It may commit between two statements on PostgreSQL: rows and keys must be of one epoch.
    """
    if not rows:
        return {}
    root = roots.opened_at(db, store, rows[0][5])
    if any(row[5] != root.epoch for row in rows):
        return None
    return {row[0]: unwrap_shred(root.buckets[row[1]], _where(row[0], row[2], row[3]), row[4]) for row in rows}


def sound(db: Session, store: Store, row: ShredRow) -> bool:
    """Say whether a row opens with the due date and the hold that stand beside it: an edited one does not."""
    try:
        _unwrapped(roots.shared(db, store).buckets[row.bucket], row)
    except Tampered:
        return False
    return True


def edited(db: Session, store: Store) -> list[str]:
    """Return the rows with a date or a hold that do not open with it; `db` sees one moment, and keeps nobody away."""
    # Every case with a teller who may be reached has a date: they are gone through, not gathered.
    dated = select(SHRED.id, SHRED.bucket, SHRED.due, SHRED.held, SHRED.sealed)
    dated = dated.where(or_(SHRED.due.is_not(None), SHRED.held)).execution_options(yield_per=1000)
    buckets = roots.opened(db, store).buckets
    return [row[0] for row in db.execute(dated) if not _opens(buckets[row[1]], *row)]


def _opens(bucket: Key, shred_id: str, _: int, due: str | None, held: bool, sealed: Sealed) -> bool:
    try:
        unwrap_shred(bucket, _where(shred_id, due, held), sealed)
    except Tampered:
        return False
    return True


def set_terms(db: Session, store: Store, terms: Mapping[str, tuple[str | None, bool]]) -> None:
    """Give shreds their last month and their hold, by identifier, in a writing transaction; raises Tampered."""
    db.flush()
    for row in db.scalars(select(ShredRow).where(ShredRow.id.in_(list(terms)))):
        key, made = roots.shared(db, store).buckets[row.bucket], Made(row.id, _unwrapped_of(db, store, row))
        row.due, row.held = terms[row.id]
        row.sealed = _wrapped(key, made, row.due, row.held)


def fetch_one(db: Session, store: Store, shred_id: str) -> Shred:
    """Return one shred; raises Erased when it has been destroyed."""
    shreds = fetch(db, store, [shred_id])
    if shred_id not in shreds:
        raise Erased
    return shreds[shred_id]


@contextmanager
def erasing(store: Store) -> Iterator[Session]:
    """Yield a writing session in which `destroy` may be called; replaces E at the end.

    Order: E of the next epoch beside, durably; commit; the old E overwritten. A crash at any moment leaves the
    database and one E that fit together.
    """
    with store.secrets.turning():
        with store.writing() as db:
            lock_row(db, "shred_root")
            store.secrets.settle_pending(db.scalars(roots.EPOCH).one())
            db.info[roots.DESTROYED] = dict[str, Erasure | None]()
            links.adopt(db, store)
            pinned.adopt(db, store)
            bound.adopt(db, store)
            yield db
            epoch = _turn(db, store, db.info[roots.DESTROYED])
        store.secrets.settle(epoch)


def destroy(db: Session, ids: Iterable[str]) -> None:
    """Destroy these shreds, for ever, and enter them into the register that outlives every backup."""
    destroyed: dict[str, Erasure | None] = db.info[roots.DESTROYED]
    fresh = [shred_id for shred_id in dict.fromkeys(ids) if shred_id not in destroyed]
    db.flush()
    db.execute(delete(ShredRow).where(ShredRow.id.in_(fresh)))
    known = set(db.scalars(select(Erasure.shred_id).where(Erasure.shred_id.in_(fresh))))
    new = {one: None if one in known else Erasure(shred_id=one, day=today().isoformat()) for one in fresh}
    destroyed.update(new)
    db.add_all(row for row in new.values() if row)


def stops(db: Session, store: Store) -> Mapping[str, list[str]]:
    """Return the stop list: for a case id, the purposes that its reporter has forbidden."""
    listed: Mapping[str, list[str]] = roots.anchored(db, store).get("stops", {})
    return listed


def write_stops(db: Session, store: Store, listed: Mapping[str, list[str]]) -> None:
    """Replace the stop list, inside `erasing`."""
    roots.anchor(db, store, "stops", dict(listed))


def _turn(db: Session, store: Store, destroyed: Mapping[str, Erasure | None]) -> int:
    """Replace the keys of the buckets concerned, the root and E; return the new epoch."""
    bound.note(db, store, destroyed)
    log_head.anchor(db, store)
    old, note = roots.opened(db, store), dict(roots.anchored(db, store))
    note["register"] = registers.tally(store, note.get("register", registers.EMPTY), filter(None, destroyed.values()))
    buckets = list(old.buckets)
    for bucket in {roots.bucket_of(shred_id) for shred_id in destroyed}:
        buckets[bucket] = _rekey(db, bucket, old.buckets[bucket])
    new, erasure = Opened(old.epoch + 1, Key.fresh(), buckets, note, roots.beside(db, store)), Key.fresh()
    store.secrets.prepare(new.epoch, erasure)
    roots.write_root(db, new, erasure)
    return new.epoch


def _rekey(db: Session, bucket: int, old: Key) -> Key:
    """Seal what stays in a bucket under a new key: whoever finds the old key finds no shred that is alive."""
    new = Key.fresh()
    rows = IN_BUCKET.all(db, _range(bucket))
    RESEALED.run_each(db, [_moved(old, new, *row) for row in rows])
    return new


def _range(bucket: int) -> Mapping[str, str]:
    """Return the first and the last identifier of each of a bucket's beginnings."""
    one, other = roots.beginnings_of(bucket)
    ends = (f"{start:{end}<{LENGTH}}" for start in (one, other) for end in "0z")
    return dict(zip(("first", "last", "other_first", "other_last"), ends, strict=True))


def _moved(old: Key, new: Key, shred_id: str, due: str | None, held: bool, sealed: Sealed) -> Mapping[str, Any]:
    where = _where(shred_id, due, held)
    return {"shred": shred_id, "sealed": wrap_key(new, where, unwrap_shred(old, where, sealed))}


def _row(made: Made, buckets: Sequence[Key], due: str | None) -> Mapping[str, Any]:
    bucket = roots.bucket_of(made.id)
    sealed = _wrapped(buckets[bucket], made, due)
    return {"id": made.id, "bucket": bucket, "due": due, "held": False, "sealed": sealed}


def _where(shred_id: str, due: str | None, held: bool) -> Context:
    """Due date and hold are bound here: an edited date breaks the shred instead of erasing in bulk."""
    return place("shred", shred_id, due or "", "held" if held else "")


def _wrapped(bucket: Key, made: Made, due: str | None, held: bool = False) -> Sealed:
    return wrap_key(bucket, _where(made.id, due, held), made.shred)


def _unwrapped_of(db: Session, store: Store, row: ShredRow) -> Shred:
    return _unwrapped(roots.shared(db, store).buckets[row.bucket], row)


def _unwrapped(bucket: Key, row: ShredRow) -> Shred:
    return unwrap_shred(bucket, _where(row.id, row.due, row.held), row.sealed)
