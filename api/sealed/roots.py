"""The shred root: opened by E, above the bucket keys, and above a note that no editor of the database can put back.

Promises that what the note says holds until the next erasure says otherwise. Must never be written outside of one: only
then does an older note lie under a root that no E opens any more.
"""

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.crypto import Key, Parcel, Sealed, place, unwrap_key, unwrap_parcel, wrap_key, wrap_parcel
from api.ids import ALPHABET
from api.models.tables import ShredRoot
from api.sealed.store import Opened, Store

BUCKETS = 512
NOTE = place("shred_root", "note")
BUCKET_KEYS = place("shred_root", "buckets")
EPOCH = select(ShredRoot.epoch)
LOCKED_EPOCH = EPOCH.with_for_update(read=True)
SHARED, ANCHORED, DESTROYED, LAID = "shred_root", "anchored", "destroyed", "laid beside"
GRACE = 60.0


def found(db: Session, store: Store, note: Mapping[str, Any], beside: Mapping[str, Key]) -> None:
    """Make the root of a new store under E of epoch 1, with what its note begins with and the keys that go with it."""
    root, buckets = Key.fresh(), _packed([Key.fresh() for _ in range(BUCKETS)], beside)
    first = _root_under(store.secrets.erasure_key(1), 1, root)
    sealed = {"buckets": wrap_parcel(root, BUCKET_KEYS, buckets), "note": wrap_parcel(root, NOTE, Parcel(note))}
    db.add(ShredRoot(id=1, epoch=1, root=first, **sealed))


def shared(db: Session, store: Store) -> Opened:
    """Return the root, and keep erasing away until this writing transaction ends."""
    if SHARED not in db.info:
        db.info[SHARED] = opened_at(db, store, db.scalar(LOCKED_EPOCH))
    root: Opened = db.info[SHARED]
    return root


def opened(db: Session, store: Store) -> Opened:
    """Return the root and the bucket keys of the present epoch; raises SecretMissing without its E."""
    return opened_at(db, store, db.scalar(EPOCH))


def opened_at(db: Session, store: Store, epoch: int | None) -> Opened:
    """Return the root of an epoch that was just read; of the present one when that has passed."""
    if store.earlier and store.earlier.epoch == epoch and time.monotonic() - store.earlier.since < GRACE:
        return store.earlier
    if store.opened is None or store.opened.epoch != epoch:
        row = db.scalars(select(ShredRoot).execution_options(populate_existing=True)).one()
        # Readers that began before an erasure still see the rows of its epoch, for as long as they read.
        store.earlier, store.opened = store.opened, _open_root(store, row)
    return store.opened


def anchored(db: Session, store: Store) -> Mapping[str, Any]:
    """Return the note under the root: stop list, offices' prints, tally of the register, day of the last run.

    Whoever puts an older row of it back puts back a root that today's E does not open.
    """
    settled = ANCHORED in db.info or SHARED in db.info
    return anchored_at(db, store, None if settled else db.scalar(EPOCH))


def anchored_at(db: Session, store: Store, epoch: int | None) -> Mapping[str, Any]:
    """Return that note as of an epoch that was just read; what this transaction wrote or locked goes before it."""
    if ANCHORED in db.info:
        note: Mapping[str, Any] = db.info[ANCHORED]
        return note
    root: Opened = db.info[SHARED] if SHARED in db.info else opened_at(db, store, epoch)
    return root.note


def anchor(db: Session, store: Store, name: str, value: object) -> None:
    """Replace one entry of that note, inside `erasing`: the root moves on, so that an older note opens no more."""
    if DESTROYED not in db.info:
        raise RuntimeError("outside of erasing the older note would still open")
    db.info[ANCHORED] = {**anchored(db, store), name: value}


def take(db: Session, store: Store, name: str) -> Any:
    """Take one entry out of that note, inside `erasing`; return it, None where there is none."""
    if DESTROYED not in db.info:
        raise RuntimeError("outside of erasing the older note would still open")
    note = dict(anchored(db, store))
    taken = note.pop(name, None)
    if taken is not None:
        db.info[ANCHORED] = note
    return taken


def beside(db: Session, store: Store) -> Mapping[str, Key]:
    """Return the keys that lie beside the buckets', by name, as this transaction has left them."""
    root: Opened = db.info[SHARED] if SHARED in db.info else opened(db, store)
    laid = {**root.beside, **db.info.get(LAID, {})}
    return {name: key for name, key in laid.items() if key is not None}


def beside_at(db: Session, store: Store, epoch: int, name: str) -> Key | None:
    """Return one of them as of an epoch that was just read; what this transaction laid or locked goes before it."""
    laid: dict[str, Key | None] = db.info.get(LAID, {})
    root: Opened = db.info[SHARED] if SHARED in db.info else opened_at(db, store, epoch)
    return laid[name] if name in laid else root.beside.get(name)


def lay_beside(db: Session, name: str, key: Key | None) -> None:
    """Replace one of them, or take it away, inside `erasing`: the root moves on, so that the older opens no more."""
    if DESTROYED not in db.info:
        raise RuntimeError("outside of erasing the older key would still open")
    db.info.setdefault(LAID, {})[name] = key


def bucket_of(identifier: str) -> int:
    """Identifiers are random, so their first two letters (10 bits) spread evenly over the buckets."""
    return (ALPHABET.index(identifier[0]) * 32 + ALPHABET.index(identifier[1])) % BUCKETS


def beginnings_of(bucket: int) -> tuple[str, str]:
    """Return the first two letters of the identifiers that lie in a bucket."""
    first, second = divmod(bucket, 32)
    return ALPHABET[first] + ALPHABET[second], ALPHABET[first + BUCKETS // 32] + ALPHABET[second]


def write_root(db: Session, new: Opened, erasure: Key) -> None:
    """Put the root of the next epoch under its E, in place of the old."""
    db.execute(
        update(ShredRoot).values(
            epoch=new.epoch,
            root=_root_under(erasure, new.epoch, new.root),
            buckets=wrap_parcel(new.root, BUCKET_KEYS, _packed(new.buckets, new.beside)),
            note=wrap_parcel(new.root, NOTE, Parcel(new.note)),
        )
    )


def _open_root(store: Store, row: ShredRoot) -> Opened:
    erasure = store.secrets.erasure_key(row.epoch)
    root = unwrap_key(erasure, place("shred_root", "root", row.epoch), row.root)
    keys = dict(unwrap_parcel(root, BUCKET_KEYS, row.buckets).keys)
    note = unwrap_parcel(root, NOTE, row.note).note
    buckets = [keys.pop(str(number)) for number in range(BUCKETS)]
    return Opened(row.epoch, root, buckets, note, keys)


def _root_under(erasure: Key, epoch: int, root: Key) -> Sealed:
    return wrap_key(erasure, place("shred_root", "root", epoch), root)


def _packed(buckets: list[Key], beside: Mapping[str, Key]) -> Parcel:
    return Parcel({}, {**{str(number): key for number, key in enumerate(buckets)}, **beside})
