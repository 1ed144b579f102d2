"""Seats: a grant of a desk or an office enters a session only while the newest roster names it as this member's.

Promises that keys which somebody planted, with the database or with the whole machine, are left out: the roster is
pinned under the root, and its keys are named by those that the member holds already. Must never vouch for more than
seats: a single case's grants stand in the case.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from api import audit
from api.access import grants
from api.access.rosters import Book, desk_book, office_book, read_book
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Key, Parcel
from api.errors import Forbidden, Tampered
from api.models.tables import Desk
from api.sealed import lineage
from api.sealed.store import Store

NOT_BELIEVED = "grant:not-believed"
OFFICES = frozenset({grants.INTAKE, grants.AUDITORS})
Opened = Mapping[str, Parcel]


def believed(db: Session, store: Store, member_id: str, opened: Opened, before: Opened) -> dict[str, Parcel]:
    """Return those of a member's newly opened grants that may be used; `before` are those that already are.

    Of two keys for one seat nobody can say which was planted: then neither is used.
    """
    refused = set[str]()
    for of in {_seat(parcel) for parcel in opened.values()} - {""}:
        there = {grant_id: parcel for grant_id, parcel in {**before, **opened}.items() if _seat(parcel) == of}
        try:
            _require(db, store, member_id, of, there)
        except (Tampered, Forbidden):
            refused |= there.keys()
    return {grant_id: parcel for grant_id, parcel in opened.items() if grant_id not in refused}


def reported(db: Session, store: Store, member_id: str, opened: Opened) -> dict[str, Parcel]:
    """Return those that may be used of all that a member was given, in a writing transaction; the others are logged."""
    found = believed(db, store, member_id, opened, {})
    for _ in opened.keys() - found.keys():
        audit.append(db, store, Entry(NOT_BELIEVED, member_id))
    return found


def _seat(parcel: Parcel) -> str:
    """Return whose seat a grant is: a desk's id, an office's kind, nothing for a single case or a share."""
    kind = str(parcel.note["kind"])
    return str(parcel.note["desk"]) if kind == grants.DESK else kind if kind in OFFICES else ""


def _require(db: Session, store: Store, member_id: str, of: str, there: Opened) -> None:
    """Raise Tampered, or Forbidden without the newest key, unless the roster names all of these and their keys follow.

    Who holds no `control`, and so writes nothing at the desk, cannot read its roster.
    """
    if of in OFFICES:
        keys = {int(epoch): key for parcel in there.values() for epoch, key in parcel.keys.items()}
        _require_named(db, store, member_id, office_book(db, store, of, keys), there)
    elif any(name is Compartment.CONTROL for name, _ in _keys(there)):
        desk, keys_of_desk = db.get(Desk, of), _keys(there)
        if desk is None:
            raise Tampered
        _require_named(db, store, member_id, desk_book(desk, keys_of_desk), there)


def _require_named(db: Session, store: Store, member_id: str, book: Book, there: Opened) -> None:
    roster = read_book(db, store, book)
    if not there.keys() <= set(roster.seats.get(member_id, ())):
        raise Tampered
    if book.of not in OFFICES:
        asked = [since for parcel in there.values() if (since := int(parcel.note.get("since", 0)))]
        lineage.require(book.of, _keys(there), roster.prints, roster.heirs, min(asked, default=None))


def _keys(there: Opened) -> Mapping[tuple[Compartment, int], Key]:
    """Return the keys of these grants; raises Tampered for two of one name, of which one was planted."""
    found: dict[tuple[Compartment, int], Key] = {}
    for parcel in there.values():
        for name, key in grants.by_epoch(parcel).items():
            if found.setdefault(name, key) != key:
                raise Tampered
    return found
