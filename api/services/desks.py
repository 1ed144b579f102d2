"""Desks: keys made in a case worker's own session, sealed to those who sit there, pinned in a signed roster.

Promises that nobody who enrols members can grant, and that a key exchanged in the database receives nothing. Must never
seal a desk's key to a member whose six words were not heard.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.access.grants import Terms
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.catalogue.text import clean_text
from api.clock import today
from api.crypto import Context, Key, Parcel, VerifyKey, place, unwrap_parcel, wrap_parcel
from api.errors import Forbidden, Invalid, NotFound, Tampered
from api.ids import new_id
from api.models.tables import Desk, Grant, Leaf, Member
from api.policy.roles import DESK_HOLDS, Role
from api.sealed import offices, shreds
from api.sealed.store import Store
from api.services.members import vouched
from api.services.offices import last_day, require_office

C = Compartment
Keys = Mapping[tuple[Compartment, int], Key]


@dataclass(frozen=True, slots=True)
class Roster:
    """Who sits at a desk: member id -> fingerprint (hex), and the offices whose keys it seals to."""

    version: int
    members: Mapping[str, str]
    offices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeskView:
    """A desk as its members see it; `alone` names the compartments that only one member holds."""

    id: str
    name: str
    mine: bool
    members: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


def found_desk(store: Store, caller: Caller, name: str, seats: Mapping[str, str]) -> str:
    """Make a desk and its keys; seat the caller and `seats` (member id -> six words heard). Return the desk's id.

    Raises OutOfOrder before the recovery and the intake have keys, Invalid without an intake officer among the seats:
    a compartment that nobody holds would be lost.
    """
    title, desk_id = clean_text(name, 80), new_id()
    keys = {(compartment, 1): Key.fresh() for compartment in C}
    with store.writing() as db:
        require_office(db, store, offices.RECOVERY)
        require_office(db, store, offices.INTAKE)
        seated = [vouched(db, store, member_id, words) for member_id, words in seats.items()]
        if not title or not any(one.role == Role.INTAKE for one in seated):
            raise Invalid({"seats": "intake-needed"} if title else {"name": "required"})
        everyone = [db.get_one(Member, caller.member_id), *seated]
        prints = {one.id: offices.print_of(one).hex() for one in everyone}
        desk = Desk(id=desk_id, epoch=1, version=0, name=_sealed_name(store, desk_id, title))
        _write_roster(db, store, caller, desk, keys, Roster(1, prints, _office_prints(db, store)))
        db.add(desk)
        for member in everyone:
            _seat(db, store, caller, desk_id, member, keys)
        grants.give_recovery(db, store, caller, _terms(desk_id), _named(keys, frozenset(C)))
    audit.publish(store)
    return desk_id


def seat(store: Store, caller: Caller, desk_id: str, member_id: str, words: str) -> None:
    """Give a member the compartments that the role may hold and the caller holds; pin the fingerprint.

    Raises Tampered for a member whose key differs from the one pinned.
    """
    keys = _own_keys(caller, desk_id)
    with store.writing() as db:
        desk = _desk(db, desk_id)
        roster = read_roster(db, desk, keys)
        member = vouched(db, store, member_id, words)
        require_pinned(roster, member)
        pinned = {**roster.members, member.id: offices.print_of(member).hex()}
        _write_roster(db, store, caller, desk, keys, Roster(roster.version + 1, pinned, roster.offices))
        _seat(db, store, caller, desk_id, member, keys)
    audit.publish(store)


def unseat(store: Store, caller: Caller, desk_id: str, grant_ids: Sequence[str]) -> None:
    """End grants at a desk, which the caller names by id from the roster page; effective on the next request."""
    _own_keys(caller, desk_id)
    with shreds.erasing(store) as db:
        rows = list(db.scalars(select(Grant).where(Grant.id.in_(list(grant_ids)))))
        if not rows or any(row.member_id == grants.RECOVERY for row in rows):
            raise NotFound
        grants.revoke(db, rows)
        audit.append(db, store, Entry("desk:unseated", caller.member_id, about=desk_id))
    audit.publish(store)


def desks(store: Store, caller: Caller) -> tuple[DeskView, ...]:
    """Return all desks; who sits there only for those at which the caller sits."""
    with store.reading() as db:
        return tuple(_view(db, store, caller, desk) for desk in db.scalars(select(Desk).order_by(Desk.id)))


def desk_name(store: Store, desk: Desk) -> str:
    """Return a desk's name."""
    where = place("desk", "name", desk.id)
    return str(unwrap_parcel(store.deployment.derive(where), where, desk.name).note["name"])


def read_roster(db: Session, desk: Desk, keys: Keys) -> Roster:
    """Return the roster; raises Tampered when it is not of this version, or not signed by one who is on it."""
    control = keys[C.CONTROL, desk.epoch]
    note = dict(unwrap_parcel(control.derive(_roster_place(desk)), _roster_place(desk), desk.roster).note)
    signature, signer = bytes.fromhex(note.pop("signature")), db.get(Member, note["by"])
    if signer is None or note["members"].get(signer.id) != offices.print_of(signer).hex():
        raise Tampered
    VerifyKey(signer.verify).verify(_roster_place(desk), _canonical(note), signature)
    if db.scalar(select(Leaf.index).where(Leaf.tag == _tag(control, desk.id, desk.version + 1))) is not None:
        raise Tampered
    return Roster(desk.version, note["members"], note["offices"])


def require_pinned(roster: Roster, member: Member) -> None:
    """Raise Tampered when a member's keys are not those that the desk once compared."""
    if roster.members.get(member.id, offices.print_of(member).hex()) != offices.print_of(member).hex():
        raise Tampered


def _view(db: Session, store: Store, caller: Caller, desk: Desk) -> DeskView:
    if desk.id not in caller.keyring.desks:
        return DeskView(desk.id, desk_name(store, desk), mine=False)
    keys = _own_keys(caller, desk.id)
    if (C.CONTROL, desk.epoch) not in keys:
        return DeskView(desk.id, desk_name(store, desk), mine=True)
    members = read_roster(db, desk, keys).members
    roles = [row.role for row in db.scalars(select(Member).where(Member.id.in_(list(members))))]
    held = {one: sum(one in DESK_HOLDS.get(Role(role), frozenset()) for role in roles) for one in C}
    alone = tuple(one.value for one, count in held.items() if count < 2)
    return DeskView(desk.id, desk_name(store, desk), True, tuple(members), alone)


def _seat(db: Session, store: Store, caller: Caller, desk_id: str, member: Member, keys: Keys) -> None:
    allowed = DESK_HOLDS.get(Role(member.role))
    if not allowed:
        raise Forbidden
    grants.give(db, store, caller, member, _terms(desk_id), _named(keys, allowed))
    audit.append(db, store, Entry("desk:seated", caller.member_id, about=member.id))


def _write_roster(db: Session, store: Store, caller: Caller, desk: Desk, keys: Keys, roster: Roster) -> None:
    control = keys[C.CONTROL, desk.epoch]
    desk.version = roster.version
    note: dict[str, Any] = {"members": dict(roster.members), "offices": dict(roster.offices)}
    note |= {"by": caller.member_id, "on": today().isoformat()}
    where = _roster_place(desk)
    signature = caller.signer.sign(where, _canonical(note)).hex()
    desk.roster = wrap_parcel(control.derive(where), where, Parcel({**note, "signature": signature}))
    entry = Entry("desk:roster", caller.member_id, about=desk.id)
    audit.append(db, store, entry, tag=_tag(control, desk.id, desk.version))


def _office_prints(db: Session, store: Store) -> dict[str, str]:
    kinds = (offices.INTAKE, offices.AUDITORS, offices.RECOVERY)
    made = {kind: offices.office(db, store, kind) for kind in kinds}
    return {kind: offices.office_print(one) for kind, one in made.items() if one}


def _own_keys(caller: Caller, desk_id: str) -> Keys:
    held = caller.keyring.desks.get(desk_id, ())
    if not held:
        raise NotFound
    return {name: key for one in held for name, key in one.keys.items()}


def _desk(db: Session, desk_id: str) -> Desk:
    desk = db.get(Desk, desk_id)
    if desk is None:
        raise NotFound
    return desk


def _named(keys: Keys, allowed: frozenset[Compartment]) -> Mapping[str, Key]:
    return {f"{name}:{epoch}": key for (name, epoch), key in keys.items() if name in allowed}


def _sealed_name(store: Store, desk_id: str, name: str) -> Any:
    where = place("desk", "name", desk_id)
    return wrap_parcel(store.deployment.derive(where), where, Parcel({"name": name}))


def _terms(desk_id: str) -> Terms:
    return Terms(grants.DESK, "desk", last_day(), desk=desk_id)


def _roster_place(desk: Desk) -> Context:
    return place("roster", desk.id, desk.version)


def _tag(control: Key, desk_id: str, version: int) -> bytes:
    return control.mac(place("tag", "roster", desk_id, version))


def _canonical(note: Mapping[str, Any]) -> bytes:
    return json.dumps(note, sort_keys=True).encode()
