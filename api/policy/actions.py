"""Every action, and the table that decides.

Promises that each action is decided in one place, by role and standing. Must never answer yes by default.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

from api.catalogue import compartments
from api.policy.roles import Role


class Action(StrEnum):
    """`noun:verb`; what each means is said beside its rule in `RULES`."""

    CASE_LIST = "case:list"
    CASE_READ = "case:read"
    CASE_OPEN_COMPARTMENT = "case:open-compartment"
    CASE_WRITE = "case:write"
    CASE_CREATE = "case:create"
    CASE_IMPORT = "case:import"
    CASE_GRANT = "case:grant"
    CASE_REVOKE = "case:revoke"
    CASE_ERASE = "case:erase"
    CASE_KEEP = "case:keep"
    CASE_JOIN = "case:join"
    CASE_COMPARE = "case:compare"
    CASE_TAKE_OUT = "case:take-out"
    CASE_GIVE_SUBJECT = "case:give-subject"
    CASE_COUNT = "case:count"
    FILE_READ = "file:read"
    FILE_ADD = "file:add"
    REPORT_LIST = "report:list"
    REPORT_READ = "report:read"
    REPORT_ANSWER = "report:answer"
    REPORT_ACCEPT = "report:accept"
    REPORT_DECLINE = "report:decline"
    MEMBER_LIST = "member:list"
    MEMBER_HELD = "member:held"
    MEMBER_INVITE = "member:invite"
    MEMBER_CONFIRM = "member:confirm"
    MEMBER_SUSPEND = "member:suspend"
    SELF_READ = "self:read"
    SELF_CHANGE = "self:change"
    DESK_LIST = "desk:list"
    DESK_FOUND = "desk:found"
    DESK_SEAT = "desk:seat"
    DESK_UNSEAT = "desk:unseat"
    DESK_ROTATE = "desk:rotate"
    LOG_READ = "log:read"
    LOG_VERIFY = "log:verify"
    LOG_FOUND = "log:found"
    ERASURES_READ = "erasures:read"
    LOG_SEAT = "log:seat"
    INTAKE_FOUND = "intake:found"
    INTAKE_SEAT = "intake:seat"
    RECOVERY_FOUND = "recovery:found"
    RECOVERY_READ = "recovery:read"
    RECOVERY_OPEN = "recovery:open"
    RECOVERY_BRING = "recovery:bring"
    RECOVERY_CANCEL = "recovery:cancel"
    RECOVERY_SPLIT = "recovery:split"


class Standing(StrEnum):
    """How a caller stands to what is asked for."""

    ELSEWHERE = "elsewhere"
    GROUP = "group"
    DESK = "desk"
    GRANTEE = "grantee"


_R, _S, _A = Role, Standing, Action
_EVERYONE = frozenset(role for role in Role if role is not Role.REPORTER)
_DESK = frozenset({_R.INTAKE, _R.CASE_WORKER})

# Action -> the standings in which it is possible, and the roles that may do it in each. No row, no right.
RULES: Mapping[Action, Mapping[Standing, frozenset[Role]]] = {
    # Lists, the head of a case and its opening: who sits at its desk, or holds a grant for it.
    _A.CASE_LIST: {_S.GROUP: frozenset({_R.INTAKE, _R.CASE_WORKER, _R.LAWYER})},
    _A.CASE_READ: {_S.DESK: _DESK, _S.GRANTEE: frozenset({_R.LAWYER, _R.CASE_WORKER})},
    _A.CASE_OPEN_COMPARTMENT: {_S.DESK: _DESK, _S.GRANTEE: frozenset({_R.LAWYER, _R.CASE_WORKER})},
    _A.FILE_READ: {_S.DESK: _DESK, _S.GRANTEE: frozenset({_R.LAWYER, _R.CASE_WORKER})},
    # Documenting: the desk alone.
    _A.CASE_CREATE: {_S.GROUP: frozenset({_R.INTAKE})},
    # Records that a group already has: whoever could accept each as a report.
    _A.CASE_IMPORT: {_S.GROUP: frozenset({_R.INTAKE})},
    _A.CASE_WRITE: {_S.DESK: _DESK},
    _A.FILE_ADD: {_S.DESK: _DESK},
    _A.CASE_ERASE: {_S.DESK: _DESK},
    # Closing, reopening, and the legal hold that stops every clock.
    _A.CASE_KEEP: {_S.DESK: _DESK},
    # Two cases of one person: joined, parted again, or remembered as two persons; and looked for by name.
    _A.CASE_JOIN: {_S.DESK: _DESK},
    _A.CASE_COMPARE: {_S.GROUP: _DESK},
    # Granting keys: the desk, and never who can enrol members.
    _A.CASE_GRANT: {_S.DESK: _DESK},
    _A.CASE_REVOKE: {_S.DESK: _DESK},
    # Taking a document out: the lawyer with a grant.
    _A.CASE_TAKE_OUT: {_S.GRANTEE: frozenset({_R.LAWYER})},
    # Answering whoever a case is about: who documents it, or the lawyer; never the intake, which knows who told it.
    _A.CASE_GIVE_SUBJECT: {_S.DESK: frozenset({_R.CASE_WORKER}), _S.GRANTEE: frozenset({_R.LAWYER})},
    # Counting coded facts: the analyst, and whoever documents them.
    _A.CASE_COUNT: {_S.GROUP: frozenset({_R.ANALYST, _R.INTAKE, _R.CASE_WORKER})},
    # Reports that families send.
    _A.REPORT_LIST: {_S.GROUP: frozenset({_R.INTAKE})},
    _A.REPORT_READ: {_S.GROUP: frozenset({_R.INTAKE})},
    _A.REPORT_ANSWER: {_S.GROUP: frozenset({_R.INTAKE})},
    _A.REPORT_ACCEPT: {_S.GROUP: frozenset({_R.INTAKE})},
    _A.REPORT_DECLINE: {_S.GROUP: frozenset({_R.INTAKE})},
    # Members: the administrator enrols and cannot grant.
    _A.MEMBER_LIST: {_S.GROUP: _EVERYONE},
    # How much somebody holds: who shuts out, who ends a seat, who reads the log; nobody else.
    _A.MEMBER_HELD: {_S.GROUP: _DESK | {_R.ADMINISTRATOR, _R.AUDITOR}},
    _A.MEMBER_INVITE: {_S.GROUP: frozenset({_R.ADMINISTRATOR})},
    _A.MEMBER_CONFIRM: {_S.GROUP: frozenset({_R.ADMINISTRATOR})},
    _A.MEMBER_SUSPEND: {_S.GROUP: frozenset({_R.ADMINISTRATOR})},
    _A.SELF_READ: {_S.GROUP: _EVERYONE},
    _A.SELF_CHANGE: {_S.GROUP: _EVERYONE},
    # Desks: founded and filled by who works at them.
    _A.DESK_LIST: {_S.GROUP: _EVERYONE},
    _A.DESK_FOUND: {_S.GROUP: frozenset({_R.CASE_WORKER})},
    _A.DESK_SEAT: {_S.DESK: _DESK},
    _A.DESK_UNSEAT: {_S.DESK: _DESK},
    # New keys for the desk, and its older cases under them.
    _A.DESK_ROTATE: {_S.DESK: _DESK},
    # The log and the recovery.
    _A.LOG_READ: {_S.GROUP: frozenset({_R.AUDITOR})},
    _A.LOG_VERIFY: {_S.GROUP: frozenset({_R.AUDITOR, _R.ADMINISTRATOR})},
    # Which shreds are gone, and since when: random ids and days, which open nothing.
    _A.ERASURES_READ: {_S.GROUP: frozenset({_R.AUDITOR, _R.ADMINISTRATOR})},
    _A.LOG_FOUND: {_S.GROUP: frozenset({_R.AUDITOR})},
    _A.LOG_SEAT: {_S.GROUP: frozenset({_R.AUDITOR})},
    _A.INTAKE_FOUND: {_S.GROUP: frozenset({_R.INTAKE})},
    _A.INTAKE_SEAT: {_S.GROUP: frozenset({_R.INTAKE})},
    _A.RECOVERY_FOUND: {_S.GROUP: frozenset({_R.TRUSTEE})},
    _A.RECOVERY_READ: {_S.GROUP: frozenset({_R.TRUSTEE})},
    # Recovery by quorum: opened for one member, brought shares to by trustees; the member ends it, too.
    _A.RECOVERY_OPEN: {_S.GROUP: frozenset({_R.ADMINISTRATOR, _R.TRUSTEE})},
    _A.RECOVERY_BRING: {_S.GROUP: frozenset({_R.TRUSTEE})},
    _A.RECOVERY_CANCEL: {_S.GROUP: _EVERYONE},
    _A.RECOVERY_SPLIT: {_S.GROUP: frozenset({_R.TRUSTEE})},
}

# What a token that only reads may do. Everything else changes something or shows a member's own secrets.
READS = frozenset(
    {
        _A.CASE_LIST,
        _A.CASE_READ,
        _A.CASE_OPEN_COMPARTMENT,
        _A.CASE_COUNT,
        _A.FILE_READ,
        _A.REPORT_LIST,
        _A.REPORT_READ,
        _A.MEMBER_LIST,
        _A.MEMBER_HELD,
        _A.SELF_READ,
        _A.DESK_LIST,
        _A.LOG_READ,
        _A.LOG_VERIFY,
        _A.ERASURES_READ,
    }
)

# Compartments that open only with a reason, wherever the caller stands.
NEEDS_REASON = compartments.NEEDS_REASON

REASONS = (
    "document-case",
    "check-duplicate",
    "contact-reporter",
    "prepare-submission",
    "verify-fact",
    "answer-request",
)

# A reason that nobody chooses: the deep rotation opens what a holder's session holds, and the log says so.
RENEW_KEYS = "renew-keys"


def reasons_for(action: Action) -> tuple[str, ...]:
    """Return the codes of reasons that stand for `action`: who opens out of curiosity must not call it a rotation."""
    return (RENEW_KEYS,) if action is Action.DESK_ROTATE else REASONS


def decide(role: Role, action: Action, standing: Standing) -> bool:
    """Say whether `role` may do `action` from where it stands; no rule is a denial."""
    match standing:
        case Standing.ELSEWHERE:
            return False
        case Standing.GROUP | Standing.DESK | Standing.GRANTEE:
            return role in RULES[action].get(standing, frozenset())
        case _:
            assert_never(standing)
