"""Which cases a caller may know of: one predicate for the list and for the single case.

Promises that absent and invisible are one answer. Must never be widened by a role: only the keyring counts.
"""

from typing import assert_never

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, false, or_, select

from api.access.caller import Caller, CaseKeys
from api.catalogue.compartments import Compartment
from api.clock import today
from api.models.tables import Case
from api.policy.roles import Role


def visible_cases(caller: Caller) -> Select[Case]:
    """Return the query of the cases that the caller may know of, by the desk and case ids of the keyring."""
    return VISIBLE[caller.role].params(reach(caller))


def reach(caller: Caller) -> dict[str, list[str]]:
    """Return what the predicate compares with: the desks and the single cases of the keyring."""
    single = [case_id for case_id in caller.keyring.cases if unended(caller, case_id)]
    return {"desks": list(caller.keyring.desks), "single": single}


def countable_cases(caller: Caller) -> Select[Case]:
    """Return the query of the cases at desks whose coded facts the caller holds the key of."""
    desks = caller.keyring.desks.items()
    with_facts = [desk_id for desk_id, held in desks if any(one.newest(Compartment.FACTS) for one in held)]
    return select(Case).where(Case.desk_id.in_(with_facts))


def unended(caller: Caller, case_id: str) -> tuple[CaseKeys, ...]:
    """Return the single-case grants whose last day has not passed."""
    now = today().isoformat()
    return tuple(held for held in caller.keyring.cases.get(case_id, ()) if held.ends >= now)


def _visible(role: Role) -> ColumnElement[bool]:
    desks: BindParameter[list[str]] = bindparam("desks", expanding=True)
    single: BindParameter[list[str]] = bindparam("single", expanding=True)
    match role:
        case Role.INTAKE | Role.CASE_WORKER:
            return or_(Case.desk_id.in_(desks), Case.id.in_(single))
        case Role.LAWYER:
            return Case.id.in_(single)
        case Role.REPORTER | Role.ANALYST | Role.AUDITOR | Role.ADMINISTRATOR | Role.TRUSTEE:
            return false()
        case _:
            assert_never(role)


VISIBLE = {role: select(Case).where(_visible(role)) for role in Role}
VISIBLE_ONE = {role: query.where(Case.id == bindparam("case")) for role, query in VISIBLE.items()}
