"""Rotation: after somebody left a desk or an office, what comes from then on lies under keys that they never had.

Promises that everybody who sits there goes on without a pause, that their access tokens end, and that the next session
of a holder rotates by itself. Must never give a new key to who left, or to a key that was not pinned.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import grants, sessions
from api.access.caller import Caller
from api.access.rosters import (
    Book,
    Roster,
    office_book,
    read_book,
    read_roster,
    require_pinned,
    roster_tag,
    sitting,
    waits_for_rotation,
    write_book,
    write_roster,
)
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import NotFound, Refused
from api.models.tables import Desk, Member
from api.sealed import heirs, lineage, offices, shreds
from api.sealed.lineage import Heirs, Keys, Prints
from api.sealed.store import Store
from api.services import departures
from api.services.desks import desk_terms, named, own_keys, row_of, seat_at
from api.services.offices import office_terms

C = Compartment
NOT_ROTATED = "rotation:refused"


def rotate(store: Store, caller: Caller, desk_id: str) -> int:
    """Make the desk's keys of the next epoch, give them to all who sit there and to the recovery; return the epoch.

    As at the founding they are made in one holder's session, which keeps those that the role may hold. Raises
    Forbidden for who does not hold the desk's control, Tampered for a key that is not the one pinned.
    """
    keys = own_keys(caller, desk_id)
    with shreds.erasing(store) as db:
        desk = row_of(db, desk_id)
        roster = read_roster(db, store, desk, keys)
        prints = heirs.newest_prints(db, store, roster.offices)
        fresh = {(compartment, desk.epoch + 1): Key.fresh() for compartment in C}
        # Under the old key, too: an old row put back would otherwise know of no newer roster.
        entry = Entry("desk:rotated", caller.member_id, about=desk_id)
        audit.append(db, store, entry, tag=roster_tag(keys[C.CONTROL, desk.epoch], desk_id, roster.version + 1))
        heirs_of, listed = _named(desk, keys, roster, fresh)
        terms = desk_terms(desk_id, lineage.since(heirs_of, desk.epoch + 1))
        given = {one.id: seat_at(db, store, caller, terms, one, fresh) for one in _pinned(db, store, roster)}
        grants.give_recovery(db, store, caller, terms, named(fresh, frozenset(C)))
        desk.epoch += 1
        following = replace(_following(roster, given), offices=prints, heirs=heirs_of, prints=listed)
        write_roster(db, store, caller, desk, {**keys, **fresh}, following)
        _end(db, store, desk_id, given)
        return desk.epoch


def rotate_office(store: Store, caller: Caller, kind: str) -> int:
    """Make the next key of the intake or the auditors, named by the one before, and give it to all who hold that one.

    Raises Forbidden for who does not hold the newest key, Tampered for a member whose keys are not those pinned.
    """
    held = office_keys(caller, kind)
    with shreds.erasing(store) as db:
        book = office_book(db, store, kind, held)
        roster, epoch, fresh = read_book(db, store, book), max(held) + 1, Key.fresh()
        row = offices.sign_office(kind, epoch, heirs.half_of(fresh), caller.member_id, caller.signer)
        tag = roster_tag(book.key, kind, roster.version + 1)
        audit.append(db, store, Entry(f"{kind}:rotated", caller.member_id), tag=tag)
        db.add(row)
        db.flush()
        heirs.name_heir(db, book.key, row)
        offices.pin(db, store, row)
        key, terms = {str(epoch): fresh}, office_terms(kind)
        given = {one.id: grants.give(db, store, caller, one, terms, key) for one in _pinned(db, store, roster)}
        if kind == offices.INTAKE:
            grants.give_recovery(db, store, caller, terms, key)
        write_book(db, store, caller, Book(book.row, kind, fresh), _following(roster, given))
        _end(db, store, kind, given)
    return epoch


def rotate_waiting(store: Store, caller: Caller) -> tuple[str, ...]:
    """Rotate what the caller holds and somebody left since its keys were made; note what was looked at.

    Returns the desks and offices that were refused: each is in the log, and stops no other.
    """
    return _at_each(store, caller, _look_after)


def rotate_held(store: Store, caller: Caller) -> tuple[str, ...]:
    """Rotate everything that the caller holds, whether somebody left or not; return what was refused, as above."""
    return _at_each(store, caller, _rotate_held)


def _at_each(store: Store, caller: Caller, work: Callable[[Store, Caller, str], None]) -> tuple[str, ...]:
    refused = list[str]()
    for place in (*caller.keyring.desks, offices.INTAKE, offices.AUDITORS):
        try:
            work(store, caller, place)
        except Refused:
            audit.record(store, Entry(NOT_ROTATED, caller.member_id, about=place))
            refused.append(place)
    return tuple(refused)


def _look_after(store: Store, caller: Caller, place: str) -> None:
    for held, waits in _held(store, caller, place):
        if waits:
            _rotate(store, caller, held)
        elif held in departures.places(store):
            with shreds.erasing(store) as db:
                departures.settle(db, store, held)


def _rotate_held(store: Store, caller: Caller, place: str) -> None:
    for held, _ in _held(store, caller, place):
        _rotate(store, caller, held)


def _rotate(store: Store, caller: Caller, place: str) -> None:
    (rotate_office if place in offices.MAKERS else rotate)(store, caller, place)


def office_keys(caller: Caller, kind: str) -> Mapping[int, Key]:
    """Return the caller's keys of an office by epoch; raises NotFound for an office that nobody holds alone."""
    held = {offices.INTAKE: caller.keyring.intake, offices.AUDITORS: caller.keyring.auditors}
    if kind not in held:
        raise NotFound
    return held[kind]


def _held(store: Store, caller: Caller, place: str) -> Iterator[tuple[str, bool]]:
    """Yield a desk or an office if the caller holds its newest control, and whether it waits for new keys."""
    if place in offices.MAKERS:
        held = office_keys(caller, place)
        if held:
            with store.snapshot() as db:
                waits = waits_for_rotation(db, store, read_book(db, store, office_book(db, store, place, held)))
            yield place, waits
        return
    keys = own_keys(caller, place)
    with store.snapshot() as db:
        desk = db.get(Desk, place)
        holds = desk is not None and (C.CONTROL, desk.epoch) in keys
        waits = desk is not None and holds and _waits(db, store, desk, keys)
    if holds:
        yield place, waits


def _waits(db: Session, store: Store, desk: Desk, keys: Keys) -> bool:
    """Keys of an older store, which no key before them named, are followed by some that are."""
    roster = read_roster(db, store, desk, keys)
    return str(desk.epoch) not in roster.prints or waits_for_rotation(db, store, roster)


def _pinned(db: Session, store: Store, roster: Roster) -> list[Member]:
    members = list(db.scalars(select(Member).where(Member.id.in_(list(sitting(db, store, roster))))))
    for member in members:
        require_pinned(roster, member)
    return members


def _named(desk: Desk, keys: Keys, roster: Roster, fresh: Keys) -> tuple[Heirs, Prints]:
    """Let the desk's newest key say which keys follow: who planted others does not hold it."""
    epoch = desk.epoch + 1
    listed = lineage.prints_of(desk.id, fresh, epoch)
    said = lineage.named(desk.id, keys[C.CONTROL, desk.epoch], epoch, listed)
    return {**roster.heirs, str(epoch): said}, {**roster.prints, str(epoch): listed}


def _following(roster: Roster, given: Mapping[str, str]) -> Roster:
    seats = {**roster.seats, **{one: (*roster.seats[one], grant) for one, grant in given.items()}}
    return replace(roster, version=roster.version + 1, seats=seats, given=tuple(given))


def _end(db: Session, store: Store, place: str, member_ids: Collection[str]) -> None:
    """A token keeps what it was made with: one that was copied must not open what comes under the new keys."""
    sessions.end_in(db, sessions.tokens_of(db, member_ids))
    departures.settle(db, store, place)
