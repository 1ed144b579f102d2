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
from api.models.tables import ShredRoot
from api.sealed.store import Opened, Store

BUCKETS = 512
NOTE = place("shred_root", "note")
BUCKET_KEYS = place("shred_root", "buckets")
EPOCH = select(ShredRoot.epoch)
LOCKED_EPOCH = EPOCH.with_for_update(read=True)
LINKS = "links:"
SHARED, ANCHORED, DESTROYED, LINKED = "shred_root", "anchored", "destroyed", "linked"
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
GRACE = 60.0


def found(db: Session, store: Store) -> None:
    """Make the root of a new store under E of epoch 1."""
    root, buckets = Key.fresh(), [Key.fresh() for _ in range(BUCKETS)]
    note = wrap_parcel(root, NOTE, Parcel({}))
    erasure = store.secrets.erasure_key(1)
    row = ShredRoot(id=1, epoch=1, root=_root_under(erasure, 1, root), buckets=_packed(root, buckets, {}), note=note)
    db.add(row)


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


def link_keys(db: Session, store: Store) -> Mapping[int, Key]:
    """Return the keys under which the links of mailboxes lie, by bucket, with those that this erasure replaced."""
    return {**_present(db, store).links, **db.info.get(LINKED, {})}


def set_link_key(db: Session, bucket: int, key: Key) -> None:
    """Replace one of them, inside `erasing`: the root moves on, so that the older row opens no more."""
    if DESTROYED not in db.info:
        raise RuntimeError("outside of erasing the older links would still open")
    db.info.setdefault(LINKED, {})[bucket] = key


def bucket_of(identifier: str) -> int:
    """Identifiers are random, so their first two letters (10 bits) spread evenly over the buckets."""
    return (LETTERS.index(identifier[0]) * 32 + LETTERS.index(identifier[1])) % BUCKETS


def _present(db: Session, store: Store) -> Opened:
    root: Opened = db.info[SHARED] if SHARED in db.info else opened(db, store)
    return root


def write_root(db: Session, new: Opened, erasure: Key) -> None:
    """Put the root of the next epoch under its E, in place of the old."""
    db.execute(
        update(ShredRoot).values(
            epoch=new.epoch,
            root=_root_under(erasure, new.epoch, new.root),
            buckets=_packed(new.root, new.buckets, new.links),
            note=wrap_parcel(new.root, NOTE, Parcel(new.note)),
        )
    )


def _open_root(store: Store, row: ShredRoot) -> Opened:
    erasure = store.secrets.erasure_key(row.epoch)
    root = unwrap_key(erasure, place("shred_root", "root", row.epoch), row.root)
    keys = unwrap_parcel(root, BUCKET_KEYS, row.buckets).keys
    note = unwrap_parcel(root, NOTE, row.note).note
    links = {int(name.removeprefix(LINKS)): key for name, key in keys.items() if name.startswith(LINKS)}
    return Opened(row.epoch, root, [keys[str(number)] for number in range(BUCKETS)], note, links)


def _root_under(erasure: Key, epoch: int, root: Key) -> Sealed:
    return wrap_key(erasure, place("shred_root", "root", epoch), root)


def _packed(root: Key, buckets: list[Key], links: Mapping[int, Key]) -> Sealed:
    keys = {str(number): key for number, key in enumerate(buckets)}
    beside = {f"{LINKS}{number}": key for number, key in links.items()}
    return wrap_parcel(root, BUCKET_KEYS, Parcel({}, {**keys, **beside}))
