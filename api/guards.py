"""Guards: each route declares exactly one, and the program does not start where one is missing or doubled.

Promises that a handler receives a caller or a case only after sign-in, decision and log. Must never be optional.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.access.sessions import enter
from api.catalogue.compartments import Compartment
from api.errors import Forbidden, NotFound, SessionEnded, Unreadable
from api.ids import is_id
from api.policy.actions import NEEDS_REASON, READS, Action, Standing, decide
from api.sealed.store import Store

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FRAMEWORK_ROUTES = frozenset({"/api/openapi.json"})


@dataclass(frozen=True, slots=True)
class PublicGuard:
    """A route that anyone may reach, and why."""

    reason: str

    def __call__(self) -> None:
        """Let anyone in."""


@dataclass(frozen=True, slots=True)
class CallerGuard:
    """Signs the caller in and refuses a role that may never do `action`."""

    action: Action

    def __call__(self, request: Request) -> Caller:
        """Return the caller; raises SessionEnded or Forbidden."""
        caller = signed_in(request)
        # Whether it may be done to this case is for the door to say; here, whether this role ever may.
        if not any(decide(caller.role, self.action, standing) for standing in Standing):
            raise Forbidden
        _require_writing(caller, self.action)
        return caller


@dataclass(frozen=True, slots=True)
class CaseGuard:
    """Signs the caller in and enters the case named in the path, opening what needs no reason."""

    action: Action
    opens: frozenset[Compartment] = frozenset(Compartment) - NEEDS_REASON

    def __call__(self, request: Request, case_id: str) -> CaseAccess:
        """Return the access; raises SessionEnded, NotFound or Forbidden."""
        caller = signed_in(request)
        if not is_id(case_id):
            raise NotFound
        _require_writing(caller, self.action)
        return enter_case(store_of(request), caller, case_id, self.action, self.opens)


def Public(reason: str) -> Any:  # capitalised: it reads as a declaration on a route
    """Declare a route open to anyone, for `reason`."""
    return Depends(PublicGuard(reason))


def Requires(action: Action) -> Any:
    """Declare that a route needs a signed-in member who may do `action`; injects the `Caller`."""
    return Depends(CallerGuard(action))


def Enters(action: Action) -> Any:
    """Declare that a route enters the case of its path for `action`; injects the `CaseAccess`."""
    return Depends(CaseGuard(action))


def store_of(request: Request) -> Store:
    """Return the application's store."""
    return cast(Store, request.app.state.store)


def signed_in(request: Request) -> Caller:
    """Return the caller of this request, by access token or by cookie; raises SessionEnded."""
    known = getattr(request.state, "caller", None)
    if not isinstance(known, Caller):
        known = request.state.caller = _signed_in(request)
    return known


def _signed_in(request: Request) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return enter(store_of(request), token)
    cookie = request.cookies.get(request.app.state.settings.cookie)
    if cookie is None:
        raise SessionEnded
    refuse_foreign(request)
    return enter(store_of(request), cookie)


def _require_writing(caller: Caller, action: Action) -> None:
    """A token that only reads declines no report and invites nobody, though neither takes a signature."""
    if caller.signing is None and action not in READS:
        raise Forbidden


def refuse_foreign(request: Request) -> None:
    """Take a change only from our own pages; raises Unreadable.

    A cookie goes along with a form that another site made, and who is signed in by such a form writes as somebody else.
    """
    own = request.app.state.settings
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", own.origin)
    # Our pages send no referrer, and browsers then write "Origin: null" into their forms; so do a frame in a sandbox
    # and a page of data:, so that the browser has to say whose it was. It does not say so over plain HTTP, which is a
    # loopback address or an onion service here: there the cookie's SameSite=Strict stands alone.
    known = (None, "same-origin", "none") if origin == own.origin else ("same-origin",)
    unnamed = origin == "null" and site is None and not own.secure
    ours = origin in (own.origin, "null") and (site in known or unnamed)
    if request.method in UNSAFE and not ours:
        raise Unreadable


def require_guards(routes: Sequence[BaseRoute]) -> int:
    """Return how many routes are guarded; raises RuntimeError for a route without exactly one guard, or for none."""
    counted = 0
    for context in iter_route_contexts(routes):
        if context.path in FRAMEWORK_ROUTES or not hasattr(context, "dependant"):
            continue
        guards = list(_guards(context.dependant))
        if len(guards) != 1:
            raise RuntimeError(f"{context.path} has {len(guards)} guards, not one")
        counted += 1
    if not counted:
        raise RuntimeError("no route was found to check")
    return counted


def guard_of(context: Any) -> PublicGuard | CallerGuard | CaseGuard:
    """Return the one guard of a route."""
    return next(_guards(context.dependant))


def _guards(dependant: Dependant) -> Iterator[PublicGuard | CallerGuard | CaseGuard]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, PublicGuard | CallerGuard | CaseGuard):
            yield inner.call
        yield from _guards(inner)
