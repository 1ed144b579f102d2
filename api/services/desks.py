"""Desks: keys made in a case worker's own session, sealed to those who sit there, pinned in a signed roster.

Promises that nobody who enrols members can grant, and that a key exchanged in the database receives nothing. Must never
seal a desk's key to a member whose six words were not heard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.access.grants import Terms
from api.access.rosters import (
    Roster,
    office_prints,
    read_roster,
    require_pinned,
    sitting,
    waits_for_rotation,
    write_roster,
)
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.catalogue.text import clean_text
from api.crypto import Key, Parcel, Sealed, place, unwrap_parcel, wrap_parcel
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder
from api.ids import new_id
from api.models.tables import Desk, Grant, Member
from api.policy.roles import DESK_HOLDS, Role
from api.sealed import heirs, lineage, offices, pinned, shreds
from api.sealed.lineage import Keys
from api.sealed.store import Store
from api.services import departures
from api.services.members import vouched
from api.services.offices import require_office

C = Compartment


@dataclass(frozen=True, slots=True)
class DeskView:
    """A desk as its members see it; `alone` names the compartments that only one member holds.

    `waits`: somebody left, and the next session of somebody who sits there makes new keys.
    """

    id: str
    name: str
    mine: bool
    members: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    waits: bool = False


def found_desk(store: Store, caller: Caller, name: str, seats: Mapping[str, str]) -> str:
    """Make a desk and its keys; seat the caller and `seats` (member id -> six words heard). Return the desk's id.

    Raises OutOfOrder before the recovery and the intake have keys, Invalid without an intake officer among the seats:
    a compartment that nobody holds would be lost.
    """
    title, desk_id = clean_text(name, 80), new_id()
    keys = {(compartment, 1): Key.fresh() for compartment in C}
    terms, listed = desk_terms(desk_id, 1), {"1": lineage.prints_of(desk_id, keys, 1)}
    with shreds.erasing(store) as db:
        require_office(db, store, offices.RECOVERY)
        require_office(db, store, offices.INTAKE)
        seated = [vouched(db, store, one, words) for one, words in seats.items() if one != caller.member_id]
        if not title or not any(one.role == Role.INTAKE for one in seated):
            raise Invalid({"seats": "intake-needed"} if title else {"name": "required"})
        everyone = [db.get_one(Member, caller.member_id), *seated]
        prints = {one.id: offices.print_of(one).hex() for one in everyone}
        given = {one.id: (seat_at(db, store, caller, terms, one, keys),) for one in everyone}
        desk = Desk(id=desk_id, epoch=1, version=0, name=_sealed_name(store, desk_id, title))
        roster = Roster(1, prints, office_prints(db, store), given, tuple(given), listed)
        write_roster(db, store, caller, desk, keys, roster)
        db.add(desk)
        grants.give_recovery(db, store, caller, terms, named(keys, frozenset(C)))
    return desk_id


def seat(store: Store, caller: Caller, desk_id: str, member_id: str, words: str) -> None:
    """Give a member the compartments that the role may hold and the caller holds; pin the fingerprint.

    Raises Tampered for a member or an office whose key differs from the one pinned, Forbidden for a caller who does
    not hold the desk's control, or a role that sits at no desk.
    """
    keys = own_keys(caller, desk_id)
    with shreds.erasing(store) as db:
        desk = row_of(db, desk_id)
        roster = read_roster(db, store, desk, keys)
        member = vouched(db, store, member_id, words)
        require_pinned(roster, member)
        prints = heirs.newest_prints(db, store, roster.offices)
        terms = desk_terms(desk_id, lineage.since(roster.heirs, desk.epoch))
        given = seat_at(db, store, caller, terms, member, keys)
        write_roster(db, store, caller, desk, keys, replace(roster.with_seat(member, given), offices=prints))


def unseat(store: Store, caller: Caller, desk_id: str, member_id: str) -> None:
    """End all that a member holds at this desk, and nothing elsewhere; effective on the next request.

    Raises NotFound for who does not sit there, OutOfOrder for the last one.
    """
    keys = own_keys(caller, desk_id)
    with shreds.erasing(store) as db:
        desk = row_of(db, desk_id)
        roster = read_roster(db, store, desk, keys)
        seated = sitting(db, store, roster)
        if member_id not in seated:
            raise NotFound
        if len(seated) == 1:
            raise OutOfOrder
        grants.revoke(db, list(db.scalars(select(Grant).where(Grant.id.in_(seated[member_id])))))
        seats = {one: given for one, given in roster.seats.items() if one != member_id}
        write_roster(db, store, caller, desk, keys, replace(roster, version=roster.version + 1, seats=seats))
        departures.note(db, store, [desk_id])
        audit.append(db, store, Entry("desk:unseated", caller.member_id, about=member_id))


def desks(store: Store, caller: Caller) -> tuple[DeskView, ...]:
    """Return all desks; who sits there only for those at which the caller sits. Raises Tampered for an edited one."""
    with store.snapshot() as db:
        return tuple(_view(db, store, caller, desk) for desk in db.scalars(select(Desk).order_by(Desk.id)))


def desk_name(store: Store, desk_id: str, name: Sealed) -> str:
    """Return a desk's name."""
    where = place("desk", "name", desk_id)
    return str(unwrap_parcel(store.deployment.derive(where), where, name).note["name"])


def _view(db: Session, store: Store, caller: Caller, desk: Desk) -> DeskView:
    pinned.require(db, store, desk)
    if desk.id not in caller.keyring.desks:
        return DeskView(desk.id, desk_name(store, desk.id, desk.name), mine=False)
    keys = own_keys(caller, desk.id)
    if (C.CONTROL, desk.epoch) not in keys:
        return DeskView(desk.id, desk_name(store, desk.id, desk.name), mine=True)
    roster = read_roster(db, store, desk, keys)
    members = sitting(db, store, roster)
    roles = [row.role for row in db.scalars(select(Member).where(Member.id.in_(list(members))))]
    held = {one: sum(one in DESK_HOLDS.get(Role(role), frozenset()) for role in roles) for one in C}
    alone = tuple(one.value for one, count in held.items() if count < 2)
    return DeskView(
        desk.id,
        desk_name(store, desk.id, desk.name),
        True,
        tuple(members),
        alone,
        waits_for_rotation(db, store, roster),
    )


def seat_at(db: Session, store: Store, caller: Caller, terms: Terms, member: Member, keys: Keys) -> str:
    """Give the compartments that the role may hold and return the grant's id."""
    allowed = DESK_HOLDS.get(Role(member.role))
    if not allowed:
        raise Forbidden
    given = grants.give(db, store, caller, member, terms, named(keys, allowed))
    audit.append(db, store, Entry("desk:seated", caller.member_id, about=member.id))
    return given


def own_keys(caller: Caller, desk_id: str) -> Keys:
    """Return all keys of a desk that the caller holds; raises NotFound for who does not sit there."""
    held = caller.keyring.desks.get(desk_id, ())
    if not held:
        raise NotFound
    return {name: key for one in held for name, key in one.keys.items()}


def row_of(db: Session, desk_id: str) -> Desk:
    """Return the row, locked: two who seat at once must write one roster after the other."""
    desk = db.get(Desk, desk_id, with_for_update=True)
    if desk is None:
        raise NotFound
    return desk


def named(keys: Keys, allowed: frozenset[Compartment]) -> Mapping[str, Key]:
    """Return the keys of these compartments by the names that a grant carries, such as `facts:1`."""
    return {f"{name}:{epoch}": key for (name, epoch), key in keys.items() if name in allowed}


def _sealed_name(store: Store, desk_id: str, name: str) -> Any:
    where = place("desk", "name", desk_id)
    return wrap_parcel(store.deployment.derive(where), where, Parcel({"name": name}))


def desk_terms(desk_id: str, since: int) -> Terms:
    """Return the terms of a seat at a desk whose keys are named from an epoch on: nothing is granted for ever."""
    return Terms(grants.DESK, "desk", grants.last_day(), desk=desk_id, since=since)
