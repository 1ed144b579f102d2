"""Which refusals an operation may answer: by its guard, by what it takes, by its noun.

Promises that the answer follows from the route and two tables. Must never leave out what a route can raise: the tests
that send whatever there is compare each answer with this.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from api import errors
from api.errors import Refused
from api.guards import PublicGuard, guard_of
from api.routes.creation import creates
from api.routes.versions import version_seen

Kinds = tuple[type[Refused], ...]

ALWAYS: Kinds = (errors.Busy, errors.Unavailable)
SIGNED_IN: Kinds = (errors.SessionEnded, errors.Forbidden, errors.Unreadable, errors.Tampered, errors.Erased)
WITH_A_BODY: Kinds = (errors.Unreadable, errors.TooLarge, errors.Invalid)
OF_ONE: Kinds = (errors.NotFound,)
OF_A_CASE: Kinds = (errors.ReasonMissing, errors.Stale)
OVER_A_VERSION: Kinds = (errors.VersionMissing, errors.Stale, errors.Invalid)
CREATING: Kinds = (errors.KeyReused, errors.Unfinished, errors.Invalid)

# What an operation of each noun may refuse besides.
BY_NOUN: Mapping[str, Kinds] = {
    "coming in": (errors.NotFound, errors.OutOfOrder),
    "sessions": (errors.SignInFailed, errors.NotFound),
    "reports": (errors.NotFound, errors.OutOfOrder, errors.Stale, errors.Erased, errors.Tampered),
    "inbox": (errors.NotFound, errors.Stale, errors.OutOfOrder),
    "imports": (errors.NotFound, errors.OutOfOrder, errors.Stale, errors.Invalid, errors.TooLarge),
    "needs": (),
    "cases": (errors.NotFound, errors.Held, errors.ReasonMissing),
    "retention": (errors.NotFound, errors.OutOfOrder, errors.Held),
    "files": (),
    "grants": (errors.OutOfOrder,),
    "documents": (errors.ConsentMissing, errors.NotReady, errors.Invalid),
    "counts": (errors.NotFound, errors.Invalid),
    "log": (),
    "group": (errors.NotFound, errors.OutOfOrder, errors.Held),
    "recovery": (
        errors.NotFound,
        errors.OutOfOrder,
        errors.SignInFailed,
        errors.NotYet,
        errors.OtherShare,
        errors.Tampered,
    ),
    "inventory": (),
}


def refusals(route: Any, operation: Mapping[str, Any]) -> Kinds:
    """Return what an operation may refuse with, each kind once."""
    return tuple(dict.fromkeys(_kinds(route, operation)))


def asks_for_a_version(dependant: Any) -> bool:
    """Say whether a route takes `If-Match`."""
    return any(one.call is version_seen or asks_for_a_version(one) for one in dependant.dependencies)


def _kinds(route: Any, operation: Mapping[str, Any]) -> Iterator[type[Refused]]:
    yield from ALWAYS
    yield from () if isinstance(guard_of(route), PublicGuard) else SIGNED_IN
    yield from WITH_A_BODY if "requestBody" in operation else ()
    yield from (errors.Invalid,) if operation.get("parameters") else ()
    yield from OF_ONE if "{" in route.path else ()
    yield from OF_A_CASE if "{case_id}" in route.path else ()
    yield from OVER_A_VERSION if asks_for_a_version(route.dependant) else ()
    yield from CREATING if creates(route) else ()
    for noun in operation.get("tags", ()):
        yield from BY_NOUN[noun]
