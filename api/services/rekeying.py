"""Deep rotation: what the desk documented before somebody left, put under the keys that they never had, case by case.

Promises that it can be broken off and gone on with, and that a case which is refused stops no other. Must never say
that nothing waits while something was refused.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, func, or_, select

from api.access.caller import Caller
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import Forbidden, OutOfOrder, Refused
from api.ids import short_code
from api.models.tables import Case
from api.sealed import pinned
from api.sealed.store import Store
from api.services.desks import own_keys
from api.services.moving import move_case

C = Compartment
BATCH = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """What one go did: cases done; still to do for this caller; waiting for another holder; refused, by short code."""

    done: int
    left: int
    others: int
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tried:
    """A case, and whether it moved."""

    case_id: str
    moved: bool


@dataclass(frozen=True, slots=True)
class _Desk:
    """A desk with its newest epoch and, of that, the keys that the caller holds."""

    id: str
    newest: int
    fresh: Mapping[Compartment, Key]

    def older(self) -> ColumnElement[bool]:
        """Return which cases lie under older keys, wholly or in part."""
        return (Case.desk_id == self.id) & or_(Case.epoch < self.newest, Case.behind != "")

    def ours(self) -> ColumnElement[bool]:
        """Return those that this caller could move: what was left behind waits for somebody who holds it."""
        held = (Case.behind.contains(f"{name}:") for name in self.fresh)
        return self.older() & or_(Case.epoch < self.newest, *held)


def rekey(store: Store, caller: Caller, desk_id: str, most: int = BATCH) -> Progress:
    """Move up to `most` of the desk's older cases to its newest keys, as far as the caller holds them.

    Raises NotFound for who does not sit there, OutOfOrder for who does not hold the desk's newest control, and
    Forbidden for a token that does not sign.
    """
    desk, done, refused = _desk(store, caller, desk_id), 0, list[str]()
    due, every = _counted(store, desk)
    moves = _moves(store, caller, desk)
    # Cases that are refused stand in the way of none behind them.
    while done < most and (move := next(moves, None)):
        done += move.moved
        refused += [] if move.moved else [short_code(move.case_id)]
    return Progress(done, due - done, every - due, tuple(refused))


def _desk(store: Store, caller: Caller, desk_id: str) -> _Desk:
    keys = own_keys(caller, desk_id)
    with store.snapshot() as db:
        newest = pinned.newest_epoch(db, store, desk_id) or 0
    fresh = {name: key for (name, epoch), key in keys.items() if epoch == newest}
    if C.CONTROL not in fresh:
        raise OutOfOrder
    return _Desk(desk_id, newest, fresh)


def _counted(store: Store, desk: _Desk) -> tuple[int, int]:
    """Return how many older cases this caller could move, and how many there are."""
    with store.reading() as db:
        ours, older = (db.scalar(select(func.count()).where(one)) or 0 for one in (desk.ours(), desk.older()))
    return ours, older


def _moves(store: Store, caller: Caller, desk: _Desk) -> Iterator[_Tried]:
    """Try each older case once, in the order of identifiers."""
    after, ids = "", select(Case.id).where(desk.ours()).order_by(Case.id).limit(BATCH)
    while True:
        with store.reading() as db:
            wanted = db.scalars(ids.where(Case.id > after)).all()
        if not wanted:
            return
        if caller.signing is None:
            raise Forbidden
        for after in wanted:
            yield _Tried(after, _moved(store, caller, after, desk))


def _moved(store: Store, caller: Caller, case_id: str, desk: _Desk) -> bool:
    """Move one case; say whether it did. What does not fit is recorded by the door, and stops no other case."""
    with suppress(Refused):
        move_case(store, caller, case_id, desk.newest, desk.fresh)
        return True
    return False


def all_of(store: Store, caller: Caller) -> Iterator[Progress]:
    """Try every older case of the caller's desks once; say after each hundred, and at the end, how far a desk is.

    Raises Forbidden for a token that does not sign.
    """
    for desk_id in caller.keyring.desks:
        with suppress(OutOfOrder):
            yield from _through(store, caller, _desk(store, caller, desk_id))


def _through(store: Store, caller: Caller, desk: _Desk) -> Iterator[Progress]:
    done, refused = 0, list[str]()
    moves = _moves(store, caller, desk)
    while tried := list(islice(moves, BATCH)):
        done += sum(one.moved for one in tried)
        refused += [short_code(one.case_id) for one in tried if not one.moved]
        left, every = _counted(store, desk)
        yield Progress(done, left, every - left, tuple(refused))


def waiting_cases(store: Store, caller: Caller) -> Iterator[tuple[str, Progress]]:
    """Yield the desks of the caller that have older cases, with what is left for the caller and for others."""
    for desk_id in caller.keyring.desks:
        with suppress(OutOfOrder):
            progress = rekey(store, caller, desk_id, most=0)
            if progress.left or progress.others:
                yield desk_id, progress
