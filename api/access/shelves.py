"""The door of a desk's segments: opened with the keys of a session whose grants stand, put in order on the way.

Promises that an unseated member opens nothing, that a role opens no compartment that it may not hold, and that a
segment which does not fit stands in the log. Must never hand out the shelf of a desk that the caller does not sit at.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.access.holding import still_standing
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.columns.frame import marks_of
from api.columns.kinds import KINDS, kinds_of
from api.crypto import Key, Parcel
from api.policy.actions import Standing
from api.policy.roles import DESK_HOLDS
from api.sealed import shelves, tails, tidying
from api.sealed.segments import Ring, leave
from api.sealed.shelves import Shelf
from api.sealed.store import Store

REFUSED, REBUILT = "segment:refused", "segment:rebuilt"


@contextmanager
def opened_kinds(
    store: Store, caller: Caller, wanted: Mapping[str, Collection[Compartment]]
) -> Iterator[tuple[Session, list[Shelf]]]:
    """Yield the shelves of some kinds at all desks where the caller holds the compartments named for each.

    The session beside them sees the same moment. What waits to be sorted in or made again is put in order first, when
    the caller holds the keys for it; what still misses is counted.
    """
    seats = [(ring, kind) for ring in rings(store, caller) for kind, names in wanted.items() if ring.newest(names)]
    with ExitStack() as stack:
        db = stack.enter_context(store.snapshot())
        found = [shelves.read(db, store, ring, kind, wanted[kind]) for ring, kind in seats]
        waiting = [seat for seat, one in zip(seats, found, strict=True) if tidying.waits(db, store, seat[0], one)]
        for one in (misfit for shelf in found for misfit in shelf.misfits):
            audit.record(store, Entry(REFUSED, caller.member_id, about=one))
        if waiting:
            stack.close()
            for ring, kind in waiting:
                tidying.tidy(store, ring, kind)
            db = stack.enter_context(store.snapshot())
            found = [shelves.read(db, store, ring, kind, wanted[kind]) for ring, kind in seats]
        yield db, found


@contextmanager
def opened_shelves(
    store: Store, caller: Caller, kind: str, wanted: Collection[Compartment] = ()
) -> Iterator[tuple[Session, list[Shelf]]]:
    """Yield the shelves of one kind, with these compartments or with all of the kind."""
    with opened_kinds(store, caller, {kind: tuple(wanted or KINDS[kind])}) as opened:
        yield opened


def open_shelves(store: Store, caller: Caller, kind: str, wanted: Collection[Compartment] = ()) -> list[Shelf]:
    """Return what `opened_shelves` yields, for who needs nothing of the records beside it."""
    with opened_shelves(store, caller, kind, wanted) as (_, found):
        return found


def rings(store: Store, caller: Caller) -> list[Ring]:
    """Return the keys of the desks at which the caller's seats stand at this moment, by what the role may hold."""
    allowed = DESK_HOLDS.get(caller.role, frozenset())
    with store.reading() as db:
        live = still_standing(db, {one.grant_id for held in caller.keyring.desks.values() for one in held})
    found = list[Ring]()
    for desk_id, held in sorted(caller.keyring.desks.items()):
        keys: dict[tuple[Compartment, int], Key] = {}
        for one in held:
            keys |= one.keys if one.grant_id in live else {}
        found.append(Ring(desk_id, {name: key for name, key in keys.items() if name[0] in allowed}))
    return [ring for ring in found if ring.keys]


def rebuilt(store: Store, caller: Caller, ring: Ring, kind: str) -> Iterator[int]:
    """Make a desk's segments of a kind again, and yield how many cases are still to come; nothing without its keys."""
    with store.reading() as db:
        may = tidying.may(db, store, ring, kind)
    if may:
        audit.record(store, Entry(REBUILT, caller.member_id, about=kind))
        yield from tidying.rebuild(store, ring, kind)


def put_rows(db: Session, access: CaseAccess, written: Mapping[Compartment, Parcel]) -> None:
    """Write the rows of a case whose parts were just written, at the version after the one entered.

    Who holds a single case lacks the desk's keys: its row is left to be made again by who sits at the desk, and the
    older one leaves the tail, where it would pass for the newest.
    """
    if access.standing is not Standing.DESK:
        for kind in kinds_of(frozenset(written)):
            tails.withdraw(db, access.desk_id, kind, access.case_id)
            leave(db, access.store, access.desk_id, kind, marks_of([access.case_id]))
        return
    sections = {name: (access.version + 1, parcel.note) for name, parcel in written.items()}
    for kind in kinds_of(frozenset(written)):
        others = KINDS[kind].keys() & access.manifest.parts.keys() - written.keys()
        known = {name: (access.manifest.parts[name].version, access.open(name).note) for name in others}
        rows = tails.rows_of(kind, access.case_id, {**known, **sections})
        tails.put(db, access.store, _ring(access.caller, access.desk_id), kind, [rows])


def put_new(
    db: Session, store: Store, caller: Caller, desk_id: str, made: Mapping[str, Mapping[Compartment, Any]]
) -> None:
    """Write the rows of new cases of a desk: by case id the notes of their sections, all of version 1."""
    for kind, parts in KINDS.items():
        found = {
            case_id: {name: (1, notes[name]) for name in parts if name in notes} for case_id, notes in made.items()
        }
        rows = [tails.rows_of(kind, case_id, sections) for case_id, sections in found.items() if sections]
        if rows:
            tails.put(db, store, _ring(caller, desk_id), kind, rows)


def _ring(caller: Caller, desk_id: str) -> Ring:
    keys: dict[tuple[Compartment, int], Key] = {}
    for one in caller.keyring.desks.get(desk_id, ()):
        keys |= one.keys
    return Ring(desk_id, keys)
