"""The head of the log: how many entries there are and their frontier; how many there were stands under the root.

Promises that a log which was set back beyond the last erasing is known as such, whatever file lies beside the database.
Must never be lowered but by a restore.
"""

from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.crypto import place
from api.crypto.tree import Frontier
from api.errors import Tampered
from api.models.tables import Table
from api.sealed import roots
from api.sealed.store import Store

HEAD = Table.metadata.tables["log_head"]
NEWEST = select(HEAD.c.size, HEAD.c.peaks, HEAD.c.mac)
MAC, ENTRIES = place("log_head"), "entries"


def mac(store: Store, size: int, peaks: bytes) -> bytes:
    """Return what binds a head to the deployment secret."""
    return store.deployment.mac(MAC, size.to_bytes(8, "big") + peaks)


def read(store: Store, size: int, peaks: bytes, told: bytes) -> Frontier:
    """Return the frontier; raises Tampered when the head was not written with the deployment secret."""
    if told != mac(store, size, peaks):
        raise Tampered
    return Frontier.unpacked(size, peaks)


def least(db: Session, store: Store, epoch: int | None = None) -> int:
    """Return how many entries there were at the last erasing, as of an epoch of the root where one was just read."""
    note = roots.anchored(db, store) if epoch is None else roots.anchored_at(db, store, epoch)
    return int(note.get(ENTRIES, 0))


def anchor(db: Session, store: Store) -> None:
    """Note how many entries there are, inside `erasing`; a head that was set back or altered lowers nothing."""
    with suppress(Tampered):
        size = _size(db, store)
        if size > least(db, store):
            roots.anchor(db, store, ENTRIES, size)


def take(db: Session, store: Store) -> None:
    """Note how many entries there are, inside `erasing`, though there were more: k trustees restored an older log."""
    roots.anchor(db, store, ENTRIES, _size(db, store))


def _size(db: Session, store: Store) -> int:
    row = db.execute(NEWEST).one_or_none()
    return read(store, *row).size if row else 0
