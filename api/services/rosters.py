"""Rosters: who sits at a desk, and whose keys were compared, signed by a holder and sealed under the desk's control.

Promises that an old roster put back, one of another hand, or one whose members' keys differ is refused. Must never be
written by who holds no control of the desk.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import Context, Key, Parcel, VerifyKey, place, unwrap_parcel, wrap_parcel
from api.errors import Forbidden, Tampered
from api.models.tables import Desk, Grant, Leaf, Member
from api.sealed import offices
from api.sealed.store import Store

Keys = Mapping[tuple[Compartment, int], Key]


@dataclass(frozen=True, slots=True)
class Roster:
    """Who sits at a desk (member id -> grants), whose keys were compared (-> fingerprint, hex), and the offices'.

    `given` are those who were given the desk's newest keys, whether they are still there or not.

    `members` keeps the fingerprint of who has left: the keys that come back must be those that were compared.
    """

    version: int
    members: Mapping[str, str]
    offices: Mapping[str, str] = field(default_factory=dict)
    seats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    given: tuple[str, ...] = ()


def read_roster(db: Session, desk: Desk, keys: Keys) -> Roster:
    """Return the roster; raises Tampered when it is not of this version, or not signed by one who is on it."""
    control = _control(desk, keys)
    note = dict(unwrap_parcel(control.derive(_where(desk)), _where(desk), desk.roster).note)
    signature, signer = bytes.fromhex(note.pop("signature")), db.get(Member, note["by"])
    if signer is None or note["members"].get(signer.id) != offices.print_of(signer).hex():
        raise Tampered
    VerifyKey(signer.verify).verify(_where(desk), _canonical(note), signature)
    if db.scalar(select(Leaf.index).where(Leaf.tag == roster_tag(control, desk.id, desk.version + 1))) is not None:
        raise Tampered
    seats = {one: tuple(given) for one, given in note["seats"].items()}
    return Roster(desk.version, note["members"], note["offices"], seats, tuple(note["given"]))


def write_roster(db: Session, store: Store, caller: Caller, desk: Desk, keys: Keys, roster: Roster) -> None:
    """Sign and seal a roster as the desk's next version, with the log leaf that betrays a rollback."""
    control = _control(desk, keys)
    desk.version = roster.version
    note: dict[str, Any] = {"members": dict(roster.members), "offices": dict(roster.offices)}
    note |= {"seats": {one: list(given) for one, given in roster.seats.items()}}
    note |= {"given": list(roster.given)}
    note |= {"by": caller.member_id, "on": today().isoformat()}
    where = _where(desk)
    signature = caller.signer.sign(where, _canonical(note)).hex()
    desk.roster = wrap_parcel(control.derive(where), where, Parcel({**note, "signature": signature}))
    entry = Entry("desk:roster", caller.member_id, about=desk.id)
    audit.append(db, store, entry, tag=roster_tag(control, desk.id, desk.version))


def require_pinned(roster: Roster, member: Member) -> None:
    """Raise Tampered when a member's keys are not those that the desk once compared."""
    if roster.members.get(member.id, offices.print_of(member).hex()) != offices.print_of(member).hex():
        raise Tampered


def office_prints(db: Session, store: Store) -> dict[str, str]:
    """Return the fingerprints (hex) of the offices' newest keys; raises Tampered for an exchanged one."""
    kinds = (offices.INTAKE, offices.AUDITORS, offices.RECOVERY)
    made = {kind: offices.office(db, store, kind) for kind in kinds}
    return {kind: offices.office_print(one) for kind, one in made.items() if one}


def sitting(db: Session, roster: Roster) -> Mapping[str, tuple[str, ...]]:
    """Return those of the roster who still hold something: a suspended member does not."""
    wanted = [grant_id for given in roster.seats.values() for grant_id in given]
    alive = set(db.scalars(select(Grant.id).where(Grant.id.in_(wanted))))
    return {one: given for one, given in roster.seats.items() if alive & set(given)}


def waits_for_rotation(db: Session, roster: Roster) -> bool:
    """Say whether somebody who was given the desk's newest keys sits there no more: unseated, suspended, ended."""
    return not set(roster.given) <= sitting(db, roster).keys()


def _control(desk: Desk, keys: Keys) -> Key:
    """Return the key of the roster; raises Forbidden for who holds none, such as an analyst."""
    if (Compartment.CONTROL, desk.epoch) not in keys:
        raise Forbidden
    return keys[Compartment.CONTROL, desk.epoch]


def _where(desk: Desk) -> Context:
    return place("roster", desk.id, desk.version)


def roster_tag(control: Key, desk_id: str, version: int) -> bytes:
    """Return the tag of the log leaf that every version of a roster commits with."""
    return control.mac(place("tag", "roster", desk_id, version))


def _canonical(note: Mapping[str, Any]) -> bytes:
    return json.dumps(note, sort_keys=True).encode()
