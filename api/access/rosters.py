"""Rosters: who sits at a desk or in an office, and whose keys were compared, signed by a holder, sealed under its key.

Promises that an old roster put back, one of another hand, or one whose members' keys differ is refused. Must never be
written by who holds no control of the desk, nor the office's key.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
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
from api.models.offices import OfficeRoster
from api.models.tables import Desk, Grant, Leaf, Member
from api.sealed import offices, pinned, shreds
from api.sealed.lineage import Heirs, Keys, Prints
from api.sealed.store import Store


@dataclass(frozen=True, slots=True)
class Roster:
    """Who sits at a desk (member id -> grants), whose keys were compared (-> fingerprint, hex), and the offices'.

    `given` are those who were given the desk's newest keys, whether they are still there or not; `prints` and `heirs`
    say how the keys follow each other.

    `members` keeps the fingerprint of who has left: the keys that come back must be those that were compared.
    """

    version: int
    members: Mapping[str, str]
    offices: Mapping[str, str] = field(default_factory=dict)
    seats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    prints: Prints = field(default_factory=dict)
    heirs: Heirs = field(default_factory=dict)

    def with_seat(self, member: Member, grant_id: str) -> "Roster":
        """Return the next version, in which this member holds one grant more and the member's keys are pinned."""
        pinned = {**self.members, member.id: offices.print_of(member).hex()}
        seats = {**self.seats, member.id: (*self.seats.get(member.id, ()), grant_id)}
        given = tuple(dict.fromkeys((*self.given, member.id)))
        return replace(self, version=self.version + 1, members=pinned, seats=seats, given=given)


@dataclass(frozen=True, slots=True)
class Book:
    """Where a roster lies: its row, whose it is (a desk's id, an office's kind), and the key that seals it."""

    row: Desk | OfficeRoster
    of: str
    key: Key = field(repr=False)

    @property
    def where(self) -> Context:
        """The place that the row's version is bound to."""
        return place("roster", self.of, self.row.version)


def read_roster(db: Session, store: Store, desk: Desk, keys: Keys) -> Roster:
    """Return a desk's roster; raises Tampered when it is not of this version, or not signed by one who is on it."""
    return read_book(db, store, desk_book(desk, keys))


def write_roster(db: Session, store: Store, caller: Caller, desk: Desk, keys: Keys, roster: Roster) -> None:
    """Sign and seal a desk's roster as its next version, inside `erasing`."""
    write_book(db, store, caller, desk_book(desk, keys), roster)


def read_book(db: Session, store: Store, book: Book) -> Roster:
    """Return a roster; raises Tampered when it is not of this version, or not signed by one who is on it.

    Who left may hold the key that it lies under and be on it: what was written last is pinned under the root.
    """
    pinned.require(db, store, book.row)
    note = dict(unwrap_parcel(book.key.derive(book.where), book.where, book.row.roster).note)
    signature, signer = bytes.fromhex(note.pop("signature")), db.get(Member, note["by"])
    if signer is None or note["members"].get(signer.id) != offices.print_of(signer).hex():
        raise Tampered
    VerifyKey(signer.verify).verify(book.where, _canonical(note), signature)
    newer = roster_tag(book.key, book.of, book.row.version + 1)
    if db.scalar(select(Leaf.index).where(Leaf.tag == newer)) is not None:
        raise Tampered
    seats = {one: tuple(given) for one, given in note["seats"].items()}
    follow = (note.get("prints", {}), note.get("heirs", {}))
    return Roster(book.row.version, note["members"], note["offices"], seats, tuple(note["given"]), *follow)


def write_book(db: Session, store: Store, caller: Caller, book: Book, roster: Roster) -> None:
    """Sign and seal a roster as its row's next version, inside `erasing`, with the leaf that betrays a rollback."""
    book.row.version = roster.version
    note: dict[str, Any] = {"members": dict(roster.members), "offices": dict(roster.offices)}
    note |= {"seats": {one: list(given) for one, given in roster.seats.items()}}
    note |= {"given": list(roster.given), "prints": dict(roster.prints), "heirs": dict(roster.heirs)}
    note |= {"by": caller.member_id, "on": today().isoformat()}
    signature = caller.signer.sign(book.where, _canonical(note)).hex()
    parcel = Parcel({**note, "signature": signature})
    book.row.roster = wrap_parcel(book.key.derive(book.where), book.where, parcel)
    pinned.pin(db, store, book.row)
    entry = Entry(f"{_noun(book)}:roster", caller.member_id, about=book.of)
    audit.append(db, store, entry, tag=roster_tag(book.key, book.of, book.row.version))


def desk_book(desk: Desk, keys: Keys) -> Book:
    """Return where a desk's roster lies; raises Forbidden for who holds no control, such as an analyst."""
    if (Compartment.CONTROL, desk.epoch) not in keys:
        raise Forbidden
    return Book(desk, desk.id, keys[Compartment.CONTROL, desk.epoch])


def office_book(db: Session, store: Store, kind: str, held: Mapping[int, Key]) -> Book:
    """Return where an office's roster lies, locked; raises Forbidden for who does not hold the office's newest key."""
    made, row = offices.office(db, store, kind), db.get(OfficeRoster, kind, with_for_update=True)
    if made is None or made.epoch not in held:
        raise Forbidden
    if row is None:
        raise Tampered
    return Book(row, kind, held[made.epoch])


def require_pinned(roster: Roster, member: Member) -> None:
    """Raise Tampered when a member's keys are not those that the desk once compared."""
    if roster.members.get(member.id, offices.print_of(member).hex()) != offices.print_of(member).hex():
        raise Tampered


def office_prints(db: Session, store: Store) -> dict[str, str]:
    """Return the fingerprints (hex) of the offices' newest keys; raises Tampered for an exchanged one."""
    made = [one for kind in offices.MAKERS if (one := offices.office(db, store, kind))]
    return {one.kind: offices.office_print(one) for one in made}


def sitting(db: Session, store: Store, roster: Roster) -> Mapping[str, tuple[str, ...]]:
    """Return those of the roster who still hold something: a suspended member does not."""
    wanted = [grant_id for given in roster.seats.values() for grant_id in given]
    rows = db.scalars(select(Grant).where(Grant.id.in_(wanted)))
    alive = {row.id for row in rows if _stands(db, store, row)}
    return {one: given for one, given in roster.seats.items() if alive & set(given)}


def waits_for_rotation(db: Session, store: Store, roster: Roster) -> bool:
    """Say whether somebody who was given the desk's newest keys sits there no more: unseated, suspended, ended."""
    return not set(roster.given) <= sitting(db, store, roster).keys()


def _stands(db: Session, store: Store, row: Grant) -> bool:
    """A leaver's row put back, with a shred beside it or without, would hold up the rotation for ever."""
    with suppress(Tampered):
        return row.shred_id in shreds.fetch(db, store, [row.shred_id])
    return False


def _noun(book: Book) -> str:
    return "desk" if isinstance(book.row, Desk) else "office"


def roster_tag(key: Key, of: str, version: int) -> bytes:
    """Return the tag of the log leaf that every version of a roster commits with."""
    return key.mac(place("tag", "roster", of, version))


def _canonical(note: Mapping[str, Any]) -> bytes:
    return json.dumps(note, sort_keys=True).encode()
