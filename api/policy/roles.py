"""The eight roles, and which compartments a role may hold keys of.

Promises that the administrator and the trustee hold none. Must never widen at run time: the table is the rule.
"""

from collections.abc import Mapping
from enum import StrEnum

from api.catalogue.compartments import TELLER
from api.catalogue.compartments import Compartment as C


class Role(StrEnum):
    """Who uses Lastheard."""

    REPORTER = "reporter"
    INTAKE = "intake"
    CASE_WORKER = "case_worker"
    LAWYER = "lawyer"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    TRUSTEE = "trustee"


# What a desk seals to a member of each role who sits at it.
DESK_HOLDS: Mapping[Role, frozenset[C]] = {
    Role.INTAKE: frozenset(set(C) - {C.LEGAL}),
    Role.CASE_WORKER: frozenset(set(C) - TELLER),
    Role.ANALYST: frozenset({C.FACTS}),
}

# What may be granted to a member of each role for a single case, beyond the desk; control and consent come along.
CASE_GRANTABLE: Mapping[Role, frozenset[C]] = {
    Role.CASE_WORKER: TELLER,
    Role.LAWYER: frozenset(C),
}

ALWAYS_WITH_A_CASE = frozenset({C.CONTROL, C.CONSENT})

# Roles whose members are people of the group, each with an own key pair.
MEMBER_ROLES = tuple(role for role in Role if role is not Role.REPORTER)


def readers(compartment: C) -> tuple[Role, ...]:
    """Return the roles that can come to hold a key of this compartment."""
    tables = (DESK_HOLDS, CASE_GRANTABLE)
    return tuple(role for role in Role if any(compartment in table.get(role, ()) for table in tables))
