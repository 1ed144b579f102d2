"""What a caller holds of one case: the standing, and the keys of its compartments.

Promises that a revoked or ended grant gives nothing, also in a session that is still open, and that a key which
the caller's role may not hold is not used. Must never hand a key to anyone but the door.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.caller import Caller, CaseKeys, DeskKeys
from api.access.visible import reach_one, unended, visible_one
from api.catalogue.compartments import Compartment
from api.crypto import Key, Sealed
from api.errors import NotFound, Tampered
from api.ids import is_id
from api.models.tables import Case, Table
from api.policy.actions import Standing
from api.policy.roles import ALWAYS_WITH_A_CASE, CASE_GRANTABLE, DESK_HOLDS
from api.sealed.cases import CaseRow, case_key
from api.sealed.epochs import left_behind
from api.sealed.prepared import Listed

GRANT, SHRED = (Table.metadata.tables[name] for name in ("grant", "shred"))
STANDING = Listed(select(GRANT.c.id).join(SHRED, SHRED.c.id == GRANT.c.shred_id), GRANT.c.id)


class CaseKeysOf(Mapping[Compartment, Key]):
    """The keys of one case by compartment: those of a desk are derived for the case when they are asked for."""

    def __init__(self, case_id: str, desk: Mapping[Compartment, Key], single: Mapping[Compartment, Key]) -> None:
        self._case_id, self._desk, self._single = case_id, desk, single

    def __getitem__(self, name: Compartment) -> Key:
        # A grant that somebody planted must not lay a part under its key where the desk's own is held.
        if name in self._desk:
            return case_key(self._desk[name], self._case_id, name)
        return self._single[name]

    def __contains__(self, name: object) -> bool:
        return name in self._single or name in self._desk

    def __iter__(self) -> Iterator[Compartment]:
        return iter({**self._desk, **self._single})

    def __len__(self) -> int:
        return len({*self._desk, *self._single})


@dataclass(frozen=True, slots=True)
class Holding:
    """A case row with the caller's standing, the grants it rests on, and the case's keys by compartment."""

    case: Case | CaseRow
    standing: Standing
    grants: frozenset[str]
    keys: Mapping[Compartment, Key] = field(repr=False)
    desk_name: Sealed | None = field(default=None, repr=False)


def look(db: Session, caller: Caller, case_id: str) -> Holding:
    """Return what the caller holds of a case; raises NotFound when it is absent or invisible, alike, Tampered."""
    if not is_id(case_id):
        raise NotFound
    found = visible_one(caller.role, len(caller.keyring.desks)).one(db, reach_one(caller, case_id))
    row = CaseRow(*found[:-1]) if found else None
    held = hold(caller, row, live_grants(db, caller, [row])) if row else None
    if found is None or held is None:
        raise NotFound
    left_behind(held.case)
    return replace(held, desk_name=found[-1])


def hold(caller: Caller, row: Case | CaseRow, live: Collection[str]) -> Holding | None:
    """Return what the caller holds of this row by the grants that are `live`, or None."""
    desk = [one for one in caller.keyring.desks.get(row.desk_id, ()) if one.grant_id in live]
    single = [one for one in unended(caller, row.id) if one.grant_id in live]
    if not desk and not single:
        return None
    standing = Standing.DESK if desk else Standing.GRANTEE
    grants = frozenset({one.grant_id for one in desk} | {one.grant_id for one in single})
    return Holding(row, standing, grants, _keys(caller, row, desk, single))


def live_grants(db: Session, caller: Caller, rows: Sequence[Case | CaseRow] | Sequence[Case]) -> frozenset[str]:
    """Return which of the caller's grants for these cases stand at this moment."""
    desks = [one.grant_id for row in rows for one in caller.keyring.desks.get(row.desk_id, ())]
    cases = [one.grant_id for row in rows for one in caller.keyring.cases.get(row.id, ())]
    return still_standing(db, {*desks, *cases})


def still_standing(db: Session, grant_ids: Collection[str]) -> frozenset[str]:
    """Return those grants whose row and shred both exist: without its shred a grant opens nothing."""
    return frozenset(grant_id for (grant_id,) in STANDING.all(db, grant_ids))


def _keys(
    caller: Caller, row: Case | CaseRow, desk: Collection[DeskKeys], single: Collection[CaseKeys]
) -> Mapping[Compartment, Key]:
    """Return the keys of one case; none of a row whose epochs were edited, so that it stands alone among others."""
    try:
        return CaseKeysOf(row.id, _of_desk(caller, row, desk), _of_case(caller, row, single))
    except Tampered:
        return {}


def _of_desk(caller: Caller, row: Case | CaseRow, held: Collection[DeskKeys]) -> Mapping[Compartment, Key]:
    allowed, behind = DESK_HOLDS.get(caller.role, frozenset()), left_behind(row)
    return {
        compartment: key
        for one in held
        for (compartment, epoch), key in one.keys.items()
        if compartment in allowed and epoch == behind.get(compartment, row.epoch)
    }


def _of_case(caller: Caller, row: Case | CaseRow, held: Collection[CaseKeys]) -> Mapping[Compartment, Key]:
    allowed, behind = CASE_GRANTABLE.get(caller.role, frozenset()) | ALWAYS_WITH_A_CASE, left_behind(row)
    return {
        compartment: key
        for one in held
        for compartment, key in one.keys.items()
        if compartment in allowed and one.epochs.get(compartment, 1) == behind.get(compartment, row.epoch)
    }
