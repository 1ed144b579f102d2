"""Shreds: random bytes without which a thing cannot be opened; to erase is to destroy them.

Promises that a destroyed shred opens nothing from any old page, dump or journal: its row goes, its bucket, the
root and E are replaced, in one transaction. Must never destroy outside of `erasing`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from api.clock import today
from api.crypto import (
    Context,
    Key,
    Parcel,
    Sealed,
    Shred,
    place,
    unwrap_key,
    unwrap_parcel,
    unwrap_shred,
    wrap_key,
    wrap_parcel,
)
from api.errors import Erased, Tampered
from api.ids import new_id
from api.models.tables import Erasure, ShredRoot, ShredRow
from api.sealed.store import Opened, Store, lock_row

BUCKETS = 512
STOPS = place("shred_root", "stops")
BUCKET_KEYS = place("shred_root", "buckets")
EPOCH = select(ShredRoot.epoch)
LOCKED_EPOCH = EPOCH.with_for_update(read=True)
SHARED = "shred_root"
WITH_EPOCH = (
    select(ShredRow, EPOCH.scalar_subquery())
    .where(ShredRow.id.in_(bindparam("shreds", expanding=True)))
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Made:
    """A new shred and the identifier of its row."""

    id: str
    shred: Shred


def found(db: Session, store: Store) -> None:
    """Make the root of a new store under E of epoch 1."""
    root, buckets = Key.fresh(), [Key.fresh() for _ in range(BUCKETS)]
    stops = wrap_parcel(root, STOPS, Parcel({}))
    erasure = store.secrets.erasure_key(1)
    row = ShredRoot(id=1, epoch=1, root=_root_under(erasure, 1, root), buckets=_packed(root, buckets), stops=stops)
    db.add(row)


def make(db: Session, store: Store, due: str | None = None) -> Made:
    """Make a shred in a writing transaction; `due` is a month (retention) or a day (a grant's end)."""
    made = Made(new_id(), Shred.fresh())
    bucket = _bucket(made.id)
    key = shared(db, store).buckets[bucket]
    db.add(ShredRow(id=made.id, bucket=bucket, due=due, held=False, sealed=_wrapped(key, made, due)))
    return made


def shared(db: Session, store: Store) -> Opened:
    """Return the root, and keep erasing away until this writing transaction ends."""
    if SHARED not in db.info:
        db.info[SHARED] = _opened_at(db, store, db.scalar(LOCKED_EPOCH))
    root: Opened = db.info[SHARED]
    return root


def fetch(db: Session, store: Store, ids: Iterable[str]) -> Mapping[str, Shred]:
    """Return those of the shreds that still exist, by identifier; raises Tampered for an edited row."""
    wanted = list(ids)
    for _ in range(8):
        rows = db.execute(WITH_EPOCH, {"shreds": wanted}).all()
        if not rows:
            return {}
        root = _opened_at(db, store, rows[0][1])
        # An erasure may commit between two statements on PostgreSQL: rows and keys must be of one epoch.
        if all(epoch == root.epoch for _, epoch in rows):
            return {row.id: _unwrapped(root.buckets[row.bucket], row) for row, _ in rows}
    raise Erased


def sound(db: Session, store: Store, row: ShredRow) -> bool:
    """Say whether a row opens with the due date and the hold that stand beside it: an edited one does not."""
    try:
        _unwrapped(shared(db, store).buckets[row.bucket], row)
    except Tampered:
        return False
    return True


def set_terms(db: Session, store: Store, terms: Mapping[str, tuple[str | None, bool]]) -> None:
    """Give shreds their last month and their hold, by identifier, in a writing transaction; raises Tampered."""
    db.flush()
    for row in db.scalars(select(ShredRow).where(ShredRow.id.in_(list(terms)))):
        key, made = shared(db, store).buckets[row.bucket], Made(row.id, _unwrapped_of(db, store, row))
        row.due, row.held = terms[row.id]
        row.sealed = _wrapped(key, made, row.due, row.held)


def fetch_one(db: Session, store: Store, shred_id: str) -> Shred:
    """Return one shred; raises Erased when it has been destroyed."""
    shreds = fetch(db, store, [shred_id])
    if shred_id not in shreds:
        raise Erased
    return shreds[shred_id]


def opened(db: Session, store: Store) -> Opened:
    """Return the root and the bucket keys of the present epoch; raises SecretMissing without its E."""
    return _opened_at(db, store, db.scalar(EPOCH))


def _opened_at(db: Session, store: Store, epoch: int | None) -> Opened:
    if store.opened is None or store.opened.epoch != epoch:
        row = db.scalars(select(ShredRoot).execution_options(populate_existing=True)).one()
        store.opened = _open_root(store, row)
    return store.opened


@contextmanager
def erasing(store: Store) -> Iterator[Session]:
    """Yield a writing session in which `destroy` may be called; replaces E at the end.

    Order: E of the next epoch beside, durably; commit; the old E overwritten. A crash at any moment leaves the
    database and one E that fit together.
    """
    with store.secrets.turning():
        with store.writing() as db:
            lock_row(db, "shred_root")
            db.info["destroyed"] = set[str]()
            yield db
            epoch = _turn(db, store, db.info["destroyed"])
        store.secrets.settle(epoch)


def destroy(db: Session, ids: Iterable[str]) -> None:
    """Destroy these shreds, for ever, and enter them into the register that outlives every backup."""
    destroyed: set[str] = db.info["destroyed"]
    fresh = [shred_id for shred_id in dict.fromkeys(ids) if shred_id not in destroyed]
    destroyed.update(fresh)
    db.flush()
    db.execute(delete(ShredRow).where(ShredRow.id.in_(fresh)))
    known = set(db.scalars(select(Erasure.shred_id).where(Erasure.shred_id.in_(fresh))))
    db.add_all(Erasure(shred_id=one, day=today().isoformat()) for one in fresh if one not in known)


def stops(db: Session, store: Store) -> Mapping[str, list[str]]:
    """Return the stop list: for a case id, the purposes that its reporter has forbidden."""
    row = db.scalars(select(ShredRoot).execution_options(populate_existing=True)).one()
    note: Mapping[str, list[str]] = unwrap_parcel(opened(db, store).root, STOPS, row.stops).note
    return note


def write_stops(db: Session, store: Store, listed: Mapping[str, list[str]]) -> None:
    """Replace the stop list, inside `erasing`: the root moves on, so that an older list opens no more."""
    sealed = wrap_parcel(opened(db, store).root, STOPS, Parcel(listed))
    db.execute(update(ShredRoot).values(stops=sealed))


def _turn(db: Session, store: Store, destroyed: set[str]) -> int:
    """Replace the keys of the buckets concerned, the root and E; return the new epoch."""
    old, listed = opened(db, store), stops(db, store)
    buckets = list(old.buckets)
    for bucket in {_bucket(shred_id) for shred_id in destroyed}:
        buckets[bucket] = _rekey(db, bucket, old.buckets[bucket])
    new = Opened(old.epoch + 1, Key.fresh(), buckets)
    erasure = Key.fresh()
    store.secrets.prepare(new.epoch, erasure)
    _write_root(db, new, erasure, listed)
    return new.epoch


def _write_root(db: Session, new: Opened, erasure: Key, listed: Mapping[str, list[str]]) -> None:
    db.execute(
        update(ShredRoot).values(
            epoch=new.epoch,
            root=_root_under(erasure, new.epoch, new.root),
            buckets=_packed(new.root, new.buckets),
            stops=wrap_parcel(new.root, STOPS, Parcel(listed)),
        )
    )


def _rekey(db: Session, bucket: int, old: Key) -> Key:
    """Seal what stays in a bucket under a new key: whoever finds the old key finds no shred that is alive."""
    new = Key.fresh()
    for row in db.scalars(select(ShredRow).where(ShredRow.bucket == bucket)):
        row.sealed = _wrapped(new, Made(row.id, _unwrapped(old, row)), row.due, row.held)
    db.flush()
    return new


def _open_root(store: Store, row: ShredRoot) -> Opened:
    erasure = store.secrets.erasure_key(row.epoch)
    root = unwrap_key(erasure, place("shred_root", "root", row.epoch), row.root)
    keys = unwrap_parcel(root, BUCKET_KEYS, row.buckets).keys
    return Opened(row.epoch, root, [keys[str(number)] for number in range(BUCKETS)])


def _root_under(erasure: Key, epoch: int, root: Key) -> Sealed:
    return wrap_key(erasure, place("shred_root", "root", epoch), root)


def _packed(root: Key, buckets: list[Key]) -> Sealed:
    return wrap_parcel(root, BUCKET_KEYS, Parcel({}, {str(n): key for n, key in enumerate(buckets)}))


def _bucket(shred_id: str) -> int:
    """Identifiers are random, so their first two letters (10 bits) spread evenly over the buckets."""
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    return (letters.index(shred_id[0]) * 32 + letters.index(shred_id[1])) % BUCKETS


def _where(shred_id: str, due: str | None, held: bool) -> Context:
    """Due date and hold are bound here: an edited date breaks the shred instead of erasing in bulk."""
    return place("shred", shred_id, due or "", "held" if held else "")


def _wrapped(bucket: Key, made: Made, due: str | None, held: bool = False) -> Sealed:
    return wrap_key(bucket, _where(made.id, due, held), made.shred)


def _unwrapped_of(db: Session, store: Store, row: ShredRow) -> Shred:
    return _unwrapped(shared(db, store).buckets[row.bucket], row)


def _unwrapped(bucket: Key, row: ShredRow) -> Shred:
    return unwrap_shred(bucket, _where(row.id, row.due, row.held), row.sealed)
