"""Which cases a caller may know of: one predicate for the list and for the single case.

Promises that absent and invisible are one answer. Must never be widened by a role: only the keyring counts.
"""

from collections.abc import Sequence
from functools import cache
from typing import assert_never

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, false, or_, select

from api.access.caller import Caller, CaseKeys
from api.clock import today
from api.models.tables import Case, Desk
from api.policy.roles import Role
from api.sealed.prepared import Prepared

Ids = Sequence[BindParameter[str]] | BindParameter[Sequence[str]]


def visible_cases(caller: Caller) -> Select[Case]:
    """Return the query of the cases that the caller may know of, by the desk and case ids of the keyring."""
    return VISIBLE[caller.role].params(reach(caller))


def reach(caller: Caller) -> dict[str, list[str]]:
    """Return what the predicate compares with: the desks and the single cases of the keyring."""
    single = [case_id for case_id in caller.keyring.cases if unended(caller, case_id)]
    return {"desks": list(caller.keyring.desks), "single": single}


def unended(caller: Caller, case_id: str) -> tuple[CaseKeys, ...]:
    """Return the single-case grants whose last day has not passed."""
    now = today().isoformat()
    return tuple(held for held in caller.keyring.cases.get(case_id, ()) if held.ends >= now)


@cache
def visible_one(role: Role, desks: int) -> Prepared:
    """Return the query of one case's row and its desk's name: the same predicate, over so many desks and one case."""
    named: list[BindParameter[str]] = [bindparam(name) for name in desk_names(desks)]
    query = select(*COLUMNS, Desk.name).outerjoin(Desk, Desk.id == Case.desk_id)
    return Prepared(query.where(Case.id == bindparam("case"), _visible(role, named, [bindparam("single")])))


def reach_one(caller: Caller, case_id: str) -> dict[str, str]:
    """Return what that query compares with; no desk and no case has an empty identifier."""
    desks = list(caller.keyring.desks) or [""]
    single = case_id if unended(caller, case_id) else ""
    return {"case": case_id, "single": single, **dict(zip(desk_names(len(desks)), desks, strict=True))}


@cache
def desk_names(desks: int) -> tuple[str, ...]:
    """Return the names under which so many desks, at least one, are bound."""
    return tuple(f"desk_{number}" for number in range(max(desks, 1)))


def _visible(role: Role, desks: Ids, single: Ids) -> ColumnElement[bool]:
    match role:
        case Role.INTAKE | Role.CASE_WORKER:
            return or_(Case.desk_id.in_(desks), Case.id.in_(single))
        case Role.LAWYER:
            return Case.id.in_(single)
        case Role.REPORTER | Role.ANALYST | Role.AUDITOR | Role.ADMINISTRATOR | Role.TRUSTEE:
            return false()
        case _:
            assert_never(role)


COLUMNS = (Case.id, Case.desk_id, Case.epoch, Case.behind, Case.version, Case.manifest)
DESKS: BindParameter[Sequence[str]] = bindparam("desks", expanding=True)
SINGLE: BindParameter[Sequence[str]] = bindparam("single", expanding=True)
VISIBLE = {role: select(Case).where(_visible(role, DESKS, SINGLE)) for role in Role}
