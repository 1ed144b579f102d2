"""Letters between a family and the group: one copy sealed to the intake, one to the reporter, a shred for each.

Promises that the server opens neither, that sizes say little (4, 16, 64 KiB...), that of time only the day is kept, and
that a mailbox whose row was edited is refused.
Must never say in the clear who wrote a letter or of what kind it is.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

from sqlalchemy.orm import Session

from api.clock import today
from api.crypto import Context, Opener, Parcel, PublicHalf, Sealed, open_parcel, place, seal_parcel, unwrap, wrap
from api.errors import Erased, OutOfOrder, Tampered, TooLarge
from api.ids import new_id
from api.models.tables import Letter, Mailbox
from api.sealed import offices, shreds
from api.sealed.store import Store

Side = Literal["intake", "reporter"]
KIB, BEGINNING = 1024, 13
SIZES = (4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB)


def write(db: Session, store: Store, mailbox: Mailbox, parcel: Parcel, to_intake: Parcel | None = None) -> Letter:
    """Add a letter. The reporter's copy carries `parcel`; the intake's `to_intake`, or none for a letter of ours."""
    require_bound(store, mailbox)
    office = offices.intake(db, store)
    if office is None:
        raise OutOfOrder
    letter = Letter(id=new_id(), mailbox_id=mailbox.id, day=today().isoformat(), intake_epoch=office.epoch)
    letter.reporter_shred, letter.reporter_copy = _sealed(db, store, letter, "reporter", mailbox.public, parcel)
    if to_intake is not None:
        copy = _sealed(db, store, letter, "intake", office.public.blob, to_intake)
        letter.intake_shred, letter.intake_copy = copy
    db.add(letter)
    db.flush()
    return letter


def bind(store: Store, mailbox: Mailbox) -> None:
    """Bind all of a mailbox's row together, under the deployment secret, whenever a part of it was written."""
    mailbox.mac = _mac(store, mailbox)


def require_bound(store: Store, mailbox: Mailbox) -> None:
    """Raise Tampered for a row that was edited: with another's locator and half a stranger would be the family."""
    if mailbox.mac != _mac(store, mailbox):
        raise Tampered


def shreds_of(db: Session, mailbox_id: str) -> list[str]:
    """Return the shreds of all of a mailbox's letters, also of one whose row somebody hid to put it back."""
    return shreds.beginning_with(db, _beginning(mailbox_id))


def half_of(mailbox: Mailbox) -> str:
    """Return the digest (SHA-256, hex) by which letters and cases remember a mailbox's public half."""
    return hashlib.sha256(mailbox.public).hexdigest()


def open_intake(db: Session, store: Store, openers: Mapping[int, Opener], letter: Letter) -> Parcel:
    """Return the intake's copy; raises Erased once it was filed, Tampered without the key of its epoch."""
    if letter.intake_shred is None or letter.intake_copy is None:
        raise Erased
    if letter.intake_epoch not in openers:
        raise Tampered
    copy = (letter.intake_shred, letter.intake_copy)
    return _opened(db, store, letter, "intake", copy, openers[letter.intake_epoch])


def open_reporter(db: Session, store: Store, opener: Opener, letter: Letter) -> Parcel:
    """Return the reporter's copy."""
    return _opened(db, store, letter, "reporter", (letter.reporter_shred, letter.reporter_copy), opener)


def seal_way(mailbox: Mailbox, side: Side, public: PublicHalf, note: Mapping[str, str]) -> Sealed:
    """Seal the way from a mailbox to its case, for one side."""
    return seal_parcel(public, _way(mailbox, side), Parcel(note))


def open_way(mailbox: Mailbox, side: Side, opener: Opener, sealed: Sealed | None) -> Mapping[str, str] | None:
    """Return the way to the case, or None while there is none."""
    return open_parcel(opener, _way(mailbox, side), sealed).note if sealed else None


def open_intake_way(mailbox: Mailbox, openers: Mapping[int, Opener]) -> Mapping[str, str] | None:
    """Return the way to the case with whichever of the intake's keys it was sealed to; raises Tampered for none."""
    for epoch in sorted(openers, reverse=True):
        with suppress(Tampered):
            return open_way(mailbox, "intake", openers[epoch], mailbox.for_intake)
    raise Tampered


def _sealed(db: Session, store: Store, letter: Letter, side: Side, public: bytes, parcel: Parcel) -> tuple[str, Sealed]:
    made, where = shreds.make(db, store, beginning=_beginning(letter.mailbox_id)), _where(letter, side)
    inner = seal_parcel(PublicHalf(public), where, parcel, _size(parcel))
    return made.id, wrap(made.shred.as_key(where), where, inner.blob)


def _opened(db: Session, store: Store, letter: Letter, side: Side, copy: tuple[str, Sealed], opener: Opener) -> Parcel:
    shred, where = shreds.fetch_one(db, store, copy[0]), _where(letter, side)
    return open_parcel(opener, where, Sealed(unwrap(shred.as_key(where), where, copy[1])))


def _beginning(mailbox_id: str) -> str:
    """Half of the identifier says whose shred it is, half is random: 65 bits each."""
    return mailbox_id[:BEGINNING]


def _size(parcel: Parcel) -> int:
    """Return the smallest of the sizes that holds the parcel and its length."""
    needed = len(parcel.packed()) + 4
    for size in SIZES:
        if needed <= size:
            return size
    raise TooLarge


def _where(letter: Letter, side: Side) -> Context:
    """A letter stands in its mailbox: moved to another by SQL, one family's "yes" would free another's case."""
    return place("letter", letter.mailbox_id, letter.id, side)


def _mac(store: Store, mailbox: Mailbox) -> bytes:
    ways = [sealed.blob.hex() if sealed else "" for sealed in (mailbox.for_reporter, mailbox.for_intake)]
    row = place("row", mailbox.id, mailbox.locator, mailbox.public.hex(), mailbox.day, *ways)
    return store.deployment.mac(place("mailbox", mailbox.id), bytes(row))


def _way(mailbox: Mailbox, side: Side) -> Context:
    return place("mailbox", mailbox.id, side)
