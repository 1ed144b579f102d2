"""The door of a receipt: eleven words open one mailbox, and whoever guesses learns nothing.

Promises that unknown and malformed receipts answer alike after equal work, that a misfit is recorded,
and that strangers share so many places and no more. Must never keep a receipt.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.doors import TAMPERED
from api.audit import Entry
from api.crypto import Context, Opener, Sealed, open_parcel
from api.crypto.people import random_bytes, receipt_keys
from api.errors import Busy, NotFound, Tampered
from api.models.tables import Mailbox
from api.sealed import letters
from api.sealed.store import Store

# Strangers share this many places at once; whoever finds none is told to try again, and nobody is locked out.
PLACES = threading.BoundedSemaphore(16)
DECOY = Sealed(bytes(1168 + 4096))


@dataclass(frozen=True, slots=True)
class Open:
    """A mailbox with the private half that its receipt gives."""

    mailbox: Mailbox
    opener: Opener


def require(db: Session, store: Store, material: bytes) -> Open:
    """Return the mailbox of a receipt; raises NotFound, Tampered."""
    found = find(db, store, material)
    if found is None:
        raise NotFound
    return found


def find(db: Session, store: Store, material: bytes | None) -> Open | None:
    """Look a receipt up; who guesses learns nothing from the time that it takes. Raises Tampered for an edited row."""
    locator, opener = receipt_keys(material or random_bytes(16))
    mailbox = db.scalar(select(Mailbox).where(Mailbox.locator == locator))
    if mailbox is None or material is None:
        _decoy(opener)
        return None
    letters.require_bound(store, mailbox)
    if mailbox.public != opener.public.blob:
        raise Tampered
    return Open(mailbox, opener)


def _decoy(opener: Opener) -> None:
    """Spend what opening a letter costs."""
    with suppress(Tampered):
        open_parcel(opener, Context("decoy"), DECOY)


@contextmanager
def door(store: Store, material: bytes | None) -> Iterator[None]:
    """Take a place; report a mailbox that does not fit in the log, and go on refusing."""
    with place():
        try:
            yield
        except Tampered:
            locator, _ = receipt_keys(material or random_bytes(16))
            with store.reading() as db:
                found = db.scalar(select(Mailbox.id).where(Mailbox.locator == locator))
            audit.record(store, Entry(TAMPERED, about=found or ""))
            raise


@contextmanager
def place() -> Iterator[None]:
    """Take one of the places that strangers share; raises Busy after five seconds of waiting."""
    if not PLACES.acquire(timeout=5):
        raise Busy
    try:
        yield
    finally:
        PLACES.release()
