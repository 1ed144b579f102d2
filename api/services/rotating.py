"""Rotation: after somebody left a desk, what is documented from then on lies under keys that they never had.

Promises that everybody who sits there goes on without a pause, and that the next session of somebody who holds the
desk's control rotates by itself. Must never give a new key to who left, or to a key that was not pinned.
"""

from sqlalchemy import select

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import Tampered
from api.models.tables import Desk, Member
from api.sealed import roots
from api.sealed.store import Store
from api.services.desks import desk_terms, named, own_keys, row_of, seat_at
from api.services.rosters import (
    Roster,
    office_prints,
    read_roster,
    require_pinned,
    roster_tag,
    sitting,
    waits_for_rotation,
    write_roster,
)

C = Compartment


def rotate(store: Store, caller: Caller, desk_id: str) -> int:
    """Make the desk's keys of the next epoch, give them to all who sit there and to the recovery; return the epoch.

    As at the founding they are made in one holder's session, which keeps those that the role may hold. Raises
    Forbidden for who does not hold the desk's control, Tampered for a key that is not the one pinned.
    """
    keys = own_keys(caller, desk_id)
    with store.writing() as db:
        roots.shared(db, store)
        desk = row_of(db, desk_id)
        roster = read_roster(db, desk, keys)
        if roster.offices != office_prints(db, store):
            raise Tampered
        fresh = {(compartment, desk.epoch + 1): Key.fresh() for compartment in C}
        # Under the old key, too: an old row put back would otherwise know of no newer roster.
        entry = Entry("desk:rotated", caller.member_id, about=desk_id)
        audit.append(db, store, entry, tag=roster_tag(keys[C.CONTROL, desk.epoch], desk_id, roster.version + 1))
        seats = dict(roster.seats)
        members = db.scalars(select(Member).where(Member.id.in_(list(sitting(db, roster))))).all()
        for member in members:
            require_pinned(roster, member)
            seats[member.id] = (*seats[member.id], seat_at(db, store, caller, desk_id, member, fresh))
        grants.give_recovery(db, store, caller, desk_terms(desk_id), named(fresh, frozenset(C)))
        desk.epoch += 1
        given = tuple(one.id for one in members)
        following = Roster(roster.version + 1, roster.members, roster.offices, seats, given)
        write_roster(db, store, caller, desk, {**keys, **fresh}, following)
        return desk.epoch


def rotate_waiting(store: Store, caller: Caller) -> None:
    """Rotate every desk whose control the caller holds, and from which somebody went since its keys were made."""
    for desk_id in caller.keyring.desks:
        keys = own_keys(caller, desk_id)
        with store.reading() as db:
            desk = db.get(Desk, desk_id)
            held = desk is not None and (C.CONTROL, desk.epoch) in keys
            waits = desk is not None and held and waits_for_rotation(db, read_roster(db, desk, keys))
        if waits:
            rotate(store, caller, desk_id)
