"""What somebody who leaves held and opened: seats for who sits at the same desks, openings for the auditors.

Promises each reader only what that reader may know: an administrator counts, a desk's holder sees seats and grants of
its own desk, an auditor what the log says. Must never open a case beyond `control`, nor without the log.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.access.caller import Caller
from api.access.doors import enter_case
from api.access.rosters import read_roster, sitting
from api.catalogue.compartments import Compartment
from api.errors import Erased, Forbidden, NotFound, Tampered
from api.ids import is_id, short_code
from api.models.tables import Desk, Grant, Member, SignedIn
from api.policy.actions import Action
from api.sealed.store import Store
from api.services import granting, listing, logbook
from api.services.desks import desk_name, own_keys

C = Compartment
# As many entries of the log are looked at in one go; what is older is asked for again.
MOST_READ, MOST_LOOKED_AT = 10_000, 500
GIVEN = frozenset({"desk:seated", "desk:unseated", "intake:seated", "auditors:seated", "case:grant"})


@dataclass(frozen=True, slots=True)
class Sat:
    """A desk of the reader's, and whether the member sits there still."""

    name: str
    there: bool


@dataclass(frozen=True, slots=True)
class Held:
    """How many grants, sessions and tokens stand, and at which of the reader's desks the member sits or sat."""

    grants: int
    sessions: int
    tokens: int
    sat: tuple[Sat, ...]


@dataclass(slots=True)
class Done:
    """What was done to one case, or given: verb, code of the case, compartments, how often, first and last day."""

    verb: str
    case: str
    compartments: set[str] = field(default_factory=set)
    times: int = 0
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the log says that a member did and was given, newest first; `next` is where to go on, 0 at the end."""

    done: tuple[Done, ...]
    given: tuple[Done, ...]
    next: int


@dataclass(frozen=True, slots=True)
class Shared:
    """A grant of one case that a member holds: the case's id and code, compartments, the last day."""

    case: str
    code: str
    compartments: tuple[Compartment, ...]
    until: str


def held(store: Store, caller: Caller, member_id: str) -> Held:
    """Return what stands of a member's access, as far as the caller may know; raises NotFound."""
    with store.snapshot() as db:
        if not is_id(member_id) or db.get(Member, member_id) is None:
            raise NotFound
        kinds: dict[str, int] = {}
        for kind in db.scalars(select(SignedIn.kind).where(SignedIn.member_id == member_id)):
            kinds[kind] = kinds.get(kind, 0) + 1
        grants = db.scalar(select(func.count()).select_from(Grant).where(Grant.member_id == member_id)) or 0
        desks = tuple(_desks(db, store, caller, member_id))
    return Held(grants, kinds.get("session", 0), kinds.get("token", 0), desks)


def opened(store: Store, caller: Caller, member_id: str, before: int | None = None) -> Opened:
    """Return what the log says of a member, by case and verb; raises Forbidden for who is no auditor."""
    done, given, oldest = dict[tuple[str, str], Done](), dict[tuple[str, str], Done](), 0
    for entry in logbook.newest(store, caller, before, MOST_READ):
        oldest = int(str(entry["index"]))
        if entry.get("actor") == member_id:
            _add(done, entry)
        elif entry.get("about") == member_id and entry["verb"] in GIVEN:
            _add(given, entry)
    return Opened(tuple(done.values()), tuple(given.values()), oldest)


def shared(store: Store, caller: Caller, member_id: str) -> tuple[Shared, ...]:
    """Go through up to 500 of the caller's cases for grants of this member; each opening of `control` is in the log."""
    page = listing.list_cases(store, caller)
    cases = [line.id for line in page.lines]
    while page.next and len(cases) < MOST_LOOKED_AT:
        page = listing.list_cases(store, caller, page.next)
        cases += [line.id for line in page.lines]
    return tuple(one for case_id in cases for one in _shared(store, caller, case_id, member_id))


def _shared(store: Store, caller: Caller, case_id: str, member_id: str) -> Iterator[Shared]:
    with suppress(NotFound, Forbidden, Tampered, Erased):
        access = enter_case(store, caller, case_id, Action.CASE_READ, {C.CONTROL})
        for one in granting.who_can_open(access):
            if one.member_id == member_id:
                yield Shared(case_id, short_code(case_id), one.compartments, one.until.isoformat())


def _desks(db: Session, store: Store, caller: Caller, member_id: str) -> Iterator[Sat]:
    """Yield the desks at which the caller holds the roster, and on which the member stands: there, or once there."""
    for desk_id in caller.keyring.desks:
        desk, keys = db.get_one(Desk, desk_id), own_keys(caller, desk_id)
        if (C.CONTROL, desk.epoch) in keys:
            roster = read_roster(db, store, desk, keys)
            if member_id in roster.members:
                yield Sat(desk_name(store, desk.id, desk.name), member_id in sitting(db, store, roster))


def _add(known: dict[tuple[str, str], Done], entry: Mapping[str, object]) -> None:
    """Count an entry in; entries come newest first."""
    verb, case, day = str(entry["verb"]), str(entry.get("case") or ""), str(entry.get("at", ""))[:10]
    one = known.setdefault((verb, case), Done(verb, short_code(case) if case else "", last=day))
    compartments = entry.get("compartments")
    one.compartments |= {str(name) for name in compartments} if isinstance(compartments, list) else set()
    one.times, one.first = one.times + 1, day
