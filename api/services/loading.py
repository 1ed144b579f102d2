"""A mailbox as the group loads it: bound row, the half that its letters came with, what waits.

Promises that an edited row is refused and that the refusal stands in the log. Must never seal or file anything itself.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import TAMPERED, CaseAccess
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Parcel
from api.errors import NotFound, Tampered
from api.ids import is_id
from api.models.tables import Letter, Mailbox
from api.sealed import letters
from api.sealed.store import Store

# In the intake's copy of a letter and in the case: the digest of the public half that answers are sealed to.
HALF = "half"


def mailbox_of(db: Session, store: Store, mailbox_id: str) -> Mailbox:
    """Return a mailbox's row; raises NotFound, and Tampered for one that was edited."""
    mailbox = db.get(Mailbox, mailbox_id) if is_id(mailbox_id) else None
    if mailbox is None:
        raise NotFound
    letters.require_bound(store, mailbox)
    return mailbox


def letters_of(db: Session, mailbox_id: str) -> list[Letter]:
    """Return a mailbox's letters by day; within a day their order is not kept."""
    return list(db.scalars(select(Letter).where(Letter.mailbox_id == mailbox_id).order_by(Letter.day)))


def waiting(db: Session, store: Store, caller: Caller, mailbox: Mailbox) -> tuple[list[Letter], list[Parcel]]:
    """Return the letters that wait, opened; raises Tampered where one came with another half than the row's."""
    openers = caller.keyring.intake_openers()
    rows = [row for row in letters_of(db, mailbox.id) if row.intake_shred]
    parcels = [letters.open_intake(db, store, openers, row) for row in rows]
    require_half(mailbox, [str(parcel.note.get(HALF, "")) for parcel in parcels])
    return rows, parcels


def require_half(mailbox: Mailbox, halves: Iterable[str]) -> None:
    """Raise Tampered unless the row's public half is the one that letters and case remember.

    Whoever edits the database and holds the deployment secret can bind another's half, but not write into these.
    """
    if set(halves) - {letters.half_of(mailbox)}:
        raise Tampered


def require_named(access: CaseAccess, mailbox: Mailbox) -> None:
    """A way is sealed to a public half, and so anyone's to write: the case must know mailbox and half; or Tampered."""
    named = [one for one in access.open(Compartment.CONTROL).note.get("mailbox", ()) if one["id"] == mailbox.id]
    if not named:
        raise Tampered
    require_half(mailbox, [str(one.get(HALF, "")) for one in named])


@contextmanager
def watching(store: Store, caller: Caller, mailbox_id: str) -> Iterator[None]:
    """Report a mailbox that does not fit in the log, in a transaction of its own, and go on refusing."""
    try:
        yield
    except Tampered:
        audit.record(store, Entry(TAMPERED, caller.member_id, about=mailbox_id))
        raise
