"""The end of a case: it is closed, and from then on its parts have a last month; a legal hold stops every clock.

Promises that what `control` says and what stands with each shred agree at every version. Must never destroy: that is
`retaining`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.access.visible import visible_cases
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import CLOSED_ON, CONTACTED_ON, HOLD, REASON, REVIEW, Ending, Holding, Reviewing
from api.clock import today
from api.crypto import Parcel
from api.errors import Forbidden, Invalid, OutOfOrder, Stale
from api.ids import short_code
from api.models.tables import Case, Section, ShredRow
from api.policy.actions import Action, Standing, decide
from api.sealed.store import Store
from api.services import joining, remaining
from api.services.saving import Change, head_of

C = Compartment
YEAR = 366


@dataclass(frozen=True, slots=True)
class Due:
    """A part of a case of a desk and the last month (`YYYY-MM`) in which it is kept; a held one waits."""

    desk_id: str
    case_id: str
    code: str
    compartment: str
    month: str
    held: bool


def close(access: CaseAccess, ending: Ending, version: int) -> int:
    """Close a case: the clocks of its parts start. Return the new version; raises OutOfOrder for a closed one."""
    if CLOSED_ON in _head(access):
        raise OutOfOrder
    return _save(access, version, {CLOSED_ON: today().isoformat(), REASON: str(ending)})


def reopen(access: CaseAccess, version: int) -> int:
    """Open a case again: its clocks stop; return the new version. Raises OutOfOrder for an open one, Stale."""
    return _save(access, version, {}, (CLOSED_ON, REASON, *({REVIEW} & _head(access).keys())))


def hold(access: CaseAccess, why: Holding, version: int) -> int:
    """Put a legal hold on a case: nothing of it is destroyed until it is lifted; return the new version."""
    return _save(access, version, {HOLD: {"reason": str(why), **_by(access)}})


def lift(access: CaseAccess, version: int) -> int:
    """Lift the legal hold; return the new version. Raises OutOfOrder when there is none, Stale."""
    return _save(access, version, {}, (HOLD,))


def review(access: CaseAccess, until: str, why: Reviewing, version: int) -> int:
    """Keep a closed case until a day (`YYYY-MM-DD`), at most a year ahead, and return the new version.

    Raises OutOfOrder for an open case, Invalid for another day: who keeps longer looks at it again each year.
    """
    if CLOSED_ON not in _head(access):
        raise OutOfOrder
    if until not in {(today() + timedelta(days=number)).isoformat() for number in range(1, YEAR + 1)}:
        raise Invalid({"until": "unreadable-day"})
    return _save(access, version, {REVIEW: {"until": until, "reason": str(why), **_by(access)}})


def touch(access: CaseAccess, version: int) -> int:
    """Say that there was contact with the family today, so that how to reach them lives on; return the new version."""
    return _save(access, version, {CONTACTED_ON: today().isoformat()})


def due_by(store: Store, caller: Caller, month: str) -> Sequence[Due]:
    """Return the parts that go in or before a month (`YYYY-MM`), of the caller's desks: to be looked at before."""
    if not decide(caller.role, Action.CASE_LIST, Standing.GROUP):
        raise Forbidden
    mine = visible_cases(caller).with_only_columns(Case.id).where(Case.desk_id.in_(list(caller.keyring.desks)))
    query = select(Case.desk_id, Section, ShredRow).join(ShredRow, ShredRow.id == Section.shred_id)
    query = query.join(Case, Case.id == Section.case_id)
    with store.reading() as db:
        rows = db.execute(query.where(ShredRow.due <= month, Section.case_id.in_(mine))).all()
    found = [
        Due(desk, one.case_id, short_code(one.case_id), one.compartment, row.due or "", row.held)
        for desk, one, row in rows
    ]
    return sorted(found, key=lambda one: (one.month, one.code, one.compartment))


def _head(access: CaseAccess) -> Mapping[str, Any]:
    return head_of(access.open(C.CONTROL).note)


def _by(access: CaseAccess) -> dict[str, str]:
    return {"by": access.caller.member_id, "on": today().isoformat()}


def _save(access: CaseAccess, version: int, said: Mapping[str, Any], unsaid: Iterable[str] = ()) -> int:
    access.require(Action.CASE_KEEP)
    gone = set(unsaid)
    if not gone <= _head(access).keys():
        raise OutOfOrder
    if version != access.version:
        raise Stale
    # The cases of one person close, wait and go together; the one that was shown comes last.
    for one in joining.others(access, Action.CASE_KEEP):
        _put(one, one.version, said, gone)
    return _put(access, version, said, gone)


def _put(access: CaseAccess, version: int, said: Mapping[str, Any], gone: Collection[str]) -> int:
    control = access.open(C.CONTROL)
    left = {name: value for name, value in _head(access).items() if name not in gone}
    parcel = Parcel({**control.note, "case": [{**left, **said}]}, control.keys)
    return remaining.save(
        access, Change(Action.CASE_KEEP, {C.CONTROL: parcel}, about=",".join({*said, *gone})), version
    )
