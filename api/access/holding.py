"""What a caller holds of one case: the standing, and the keys of its compartments.

Promises that a revoked or ended grant gives nothing, also in a session that is still open, and that a key which
the caller's role may not hold is not used. Must never hand a key to anyone but the door.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.access.caller import Caller, CaseKeys, DeskKeys
from api.access.visible import VISIBLE_ONE, reach, unended
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import NotFound
from api.ids import is_id
from api.models.tables import Case, Grant, ShredRow
from api.policy.actions import Standing
from api.policy.roles import ALWAYS_WITH_A_CASE, CASE_GRANTABLE, DESK_HOLDS
from api.sealed.cases import case_key
from api.sealed.epochs import epoch_of

STANDING = (
    select(Grant.id)
    .join(ShredRow, ShredRow.id == Grant.shred_id)
    .where(Grant.id.in_(bindparam("grants", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Holding:
    """A case row with the caller's standing, the grants it rests on, and the case's keys by compartment."""

    case: Case
    standing: Standing
    grants: frozenset[str]
    keys: Mapping[Compartment, Key] = field(repr=False)


def look(db: Session, caller: Caller, case_id: str) -> Holding:
    """Return what the caller holds of a case; raises NotFound when it is absent or invisible, alike."""
    row = db.scalar(VISIBLE_ONE[caller.role], {"case": case_id, **reach(caller)}) if is_id(case_id) else None
    held = hold(caller, row, live_grants(db, caller, [row])) if row else None
    if held is None:
        raise NotFound
    return held


def hold(caller: Caller, row: Case, live: Collection[str]) -> Holding | None:
    """Return what the caller holds of this row by the grants that are `live`, or None."""
    desk = [one for one in caller.keyring.desks.get(row.desk_id, ()) if one.grant_id in live]
    single = [one for one in unended(caller, row.id) if one.grant_id in live]
    if not desk and not single:
        return None
    keys = {**_of_desk(caller, row, desk), **_of_case(caller, row, single)}
    standing = Standing.DESK if desk else Standing.GRANTEE
    grants = frozenset({one.grant_id for one in desk} | {one.grant_id for one in single})
    return Holding(row, standing, grants, keys)


def live_grants(db: Session, caller: Caller, rows: Collection[Case]) -> frozenset[str]:
    """Return which of the caller's grants for these cases stand at this moment."""
    desks = [one.grant_id for row in rows for one in caller.keyring.desks.get(row.desk_id, ())]
    cases = [one.grant_id for row in rows for one in caller.keyring.cases.get(row.id, ())]
    return still_standing(db, {*desks, *cases})


def still_standing(db: Session, grant_ids: Collection[str]) -> frozenset[str]:
    """Return those grants whose row and shred both exist: without its shred a grant opens nothing."""
    return frozenset(db.scalars(STANDING, {"grants": list(grant_ids)}))


def _of_desk(caller: Caller, row: Case, held: Collection[DeskKeys]) -> Mapping[Compartment, Key]:
    allowed = DESK_HOLDS.get(caller.role, frozenset())
    return {
        compartment: case_key(key, row.id, compartment)
        for one in held
        for (compartment, epoch), key in one.keys.items()
        if compartment in allowed and epoch == epoch_of(row, compartment)
    }


def _of_case(caller: Caller, row: Case, held: Collection[CaseKeys]) -> Mapping[Compartment, Key]:
    allowed = CASE_GRANTABLE.get(caller.role, frozenset()) | ALWAYS_WITH_A_CASE
    return {
        compartment: key
        for one in held
        for compartment, key in one.keys.items()
        if compartment in allowed and one.epochs.get(compartment, 1) == epoch_of(row, compartment)
    }
