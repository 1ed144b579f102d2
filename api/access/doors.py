"""The door of a case: the one place that hands out a case's keys.

Promises visible -> decide -> whole -> log -> keys, in this order, for every opening. Must never release a key
before the log entry is durable, nor show anything of a case in which one part does not fit.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.holding import Holding, look
from api.access.reasons import Why, log_opening
from api.access.whole import Whole, verify_one
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Key, Parcel, Sealed
from api.errors import Forbidden, NotFound, ReasonMissing, Tampered
from api.policy.actions import NEEDS_REASON, READS, Action, Standing, decide
from api.policy.roles import ALWAYS_WITH_A_CASE
from api.sealed import cases
from api.sealed.cases import Manifest
from api.sealed.epochs import OLDER
from api.sealed.store import Store

TAMPERED, REFUSED, OPENED = "case:tampered", "case:refused", "case:opened"
# Who sits at the desk opens the coded facts with every case: its row in the lists is made of them and of `control`.
SITTING = frozenset({Compartment.FACTS})
_DOOR = object()


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """A case that was entered: the keys of the compartments opened, over one verified version.

    `shut` are the compartments of which the caller holds no key; `closed` those that are held and were not
    opened, since they open only with a reason. Only `enter_case` makes one.
    """

    store: Store = field(repr=False)
    caller: Caller
    case_id: str
    desk_id: str
    desk_name: Sealed | None = field(repr=False)
    version: int
    standing: Standing
    keys: Mapping[Compartment, Key] = field(repr=False)
    shut: tuple[Compartment, ...]
    closed: tuple[Compartment, ...]
    grants: frozenset[str]
    whole: Whole = field(repr=False)
    door: object = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse to exist unless the door made it: a forgotten check must not be able to forge an access."""
        if self.door is not _DOOR:
            raise TypeError("only the door makes a case access")

    @property
    def manifest(self) -> Manifest:
        """The verified list of the case's parts."""
        return self.whole.manifest

    def require(self, action: Action) -> None:
        """Raise Forbidden unless the caller may do `action` from where it stands."""
        if not decide(self.caller.role, action, self.standing):
            raise Forbidden

    def key(self, compartment: Compartment) -> Key:
        """Return the case's key of a compartment that was opened; raises Forbidden for any other."""
        if compartment not in self.keys:
            raise Forbidden
        return self.keys[compartment]

    def open(self, compartment: Compartment) -> Parcel:
        """Return a section's body and file keys, empty when nothing was written; raises Forbidden, Tampered."""
        with recording(self.store, self.caller, self.case_id):
            return self._opened(compartment)

    def keys_until_now(self, compartment: Compartment) -> tuple[Key, ...]:
        """Return the case's key of a compartment and those of earlier epochs, the newest first."""
        older = (one for one in self._opened(compartment).keys.items() if one[0].startswith(OLDER))
        past = sorted(older, key=lambda one: int(one[0].removeprefix(OLDER)), reverse=True)
        return (self.key(compartment), *(key for _, key in past))

    def _opened(self, compartment: Compartment) -> Parcel:
        self.key(compartment)
        if compartment not in self.whole.bodies:
            return Parcel()
        version, body = self.manifest.parts[compartment].version, self.whole.bodies[compartment]
        return cases.open_section(self.whole.uses[compartment], self.case_id, compartment, version, body)

    def reason_key(self, compartment: Compartment) -> Key:
        """Return the key under which the words of reasons for opening this compartment are sealed."""
        return cases.reason_key(self.key(compartment), self.whole.control_shred, self.case_id, compartment)


def enter_case(
    store: Store,
    caller: Caller,
    case_id: str,
    action: Action,
    compartments: Collection[Compartment] = (),
    reason: str = "",
    words: str = "",
) -> CaseAccess:
    """Enter a case for `action` and open `compartments` of it, those with a reason last.

    Without compartments: all that the caller holds and that need no reason. `reason` is a code of
    `api.policy.actions.reasons_for`, `words` one line beside it. Raises NotFound (absent or invisible), Forbidden
    (seen, not allowed), ReasonMissing, Tampered, Erased.
    """
    asked, given = frozenset(compartments), (reason, words)
    # One transaction: while its turn in the log lasts nobody ends the version or the grants that are looked at.
    with recording(store, caller, case_id), store.writing() as db:
        audit.take_turn(db)
        access = _entered(db, store, caller, case_id, action, asked, given)
    if access is None:
        raise Forbidden
    return access


def held_compartments(caller: Caller, case_id: str, store: Store) -> frozenset[Compartment]:
    """Return the compartments that the caller holds a key of; none for a case that is absent or invisible."""
    try:
        with store.reading() as db:
            return frozenset(look(db, caller, case_id).keys)
    except (NotFound, Tampered):
        # What does not fit is refused, and recorded, by the door.
        return frozenset()


@contextlib.contextmanager
def recording(store: Store, caller: Caller, case_id: str) -> Iterator[None]:
    """Report a misfit in the log, in a transaction of its own, and go on refusing."""
    try:
        yield
    except Tampered:
        audit.record(store, Entry(TAMPERED, caller.member_id, case_id))
        raise


def _entered(
    db: Session,
    store: Store,
    caller: Caller,
    case_id: str,
    action: Action,
    asked: frozenset[Compartment],
    given: tuple[str, str],
) -> CaseAccess | None:
    """Return the case, found whole and with its opening in the log; None for a refusal, which is in the log, too."""
    held = look(db, caller, case_id)
    if Compartment.CONTROL not in held.keys or not decide(caller.role, action, held.standing):
        audit.append(db, store, Entry(REFUSED, caller.member_id, case_id, about=action))
        return None
    why = Why.checked(action, *given)
    access = _access(db, store, caller, held, _to_open(held, asked, why))
    keys = {name: access.reason_key(name) for name in asked & access.keys.keys()} if why.code else {}
    # What is done has an entry of its own, when it is done: a form that was looked at must not read as an erasure.
    verb, about = (action, "") if action in READS else (OPENED, action)
    entry = Entry(verb, caller.member_id, case_id, tuple(sorted(access.keys)), why.code, about)
    log_opening(db, store, caller, entry, keys, why, access.keys_until_now(Compartment.CONTROL) if keys else ())
    return access


def _to_open(held: Holding, asked: frozenset[Compartment], why: Why) -> frozenset[Compartment]:
    if asked & NEEDS_REASON and not why.code:
        raise ReasonMissing
    wanted = asked or frozenset(Compartment) - NEEDS_REASON
    along = ALWAYS_WITH_A_CASE | (SITTING if held.standing is Standing.DESK else frozenset())
    return (wanted | along) & frozenset(held.keys)


def _access(db: Session, store: Store, caller: Caller, held: Holding, opened: frozenset[Compartment]) -> CaseAccess:
    case, keys = held.case, {name: held.keys[name] for name in sorted(opened)}
    whole = verify_one(db, store, case, keys)
    shut = tuple(name for name in Compartment if name not in held.keys)
    closed = tuple(name for name in Compartment if name in held.keys and name not in opened)
    where = (store, caller, case.id, case.desk_id, held.desk_name, case.version, held.standing)
    return CaseAccess(*where, keys, shut, closed, held.grants, whole, _DOOR)
