"""Grants for single cases, and who opened them."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.guards import Enters, Requires, store_of
from api.policy.actions import Action
from api.routes.creation import Creation
from api.routes.paging import After, Page, page_of
from api.routes.shapes import GrantBody
from api.routes.versions import Seen, Tagged, Version, tag
from api.services import granting, openings
from api.services.granting import Holder
from api.services.openings import Opening

router = APIRouter(tags=["grants"], prefix="/cases/{case_id}", route_class=Creation)

# Openings are numbered from the oldest, and listed from the newest: one that comes in between comes before the first.
FIRST = 10**9 - 1


class Granted(Version):
    """The grant that was given, and the case's version."""

    grant: str


@router.get("/grants")
def who(access: Annotated[CaseAccess, Enters(Action.CASE_READ)], after: After = "") -> Page[Holder]:
    """List who can open the case, and until when."""
    return page_of(granting.who_can_open(access), after, lambda one: one.grant_id)


@router.post("/grants", status_code=201)
def grant(
    request: Request,
    case_id: str,
    body: GrantBody,
    caller: Annotated[Caller, Requires(Action.CASE_GRANT)],
    seen: Seen,
    tagged: Tagged,
) -> Granted:
    """Grant compartments of this case to a member whose six words were heard."""
    wanted = set(body.compartments)
    access = enter_case(store_of(request), caller, case_id, Action.CASE_GRANT, wanted, body.reason, body.why)
    to = (body.member, body.words, body.compartments)
    made = granting.grant_case(access, *to, body.days, body.reason, seen)
    return Granted(grant=made, version=tagged(access.version + 1).version)


@router.delete("/grants/{grant_id}", status_code=204)
def revoke(
    access: Annotated[CaseAccess, Enters(Action.CASE_REVOKE)], grant_id: str, seen: Seen, response: Response
) -> None:
    """End a grant; an open session is refused on its next request."""
    response.headers["etag"] = tag(granting.revoke_case_grant(access, grant_id, seen))


@router.get("/openings")
def opened(access: Annotated[CaseAccess, Enters(Action.CASE_READ)], after: After = "") -> Page[Opening]:
    """List who opened what and why, in the compartments that the caller opens, newest first."""
    numbered = list(enumerate(reversed(openings.openings(access))))
    page = page_of(numbered, after, lambda one: f"{FIRST - one[0]:09}")
    return Page(lines=[one for _, one in page.lines], next=page.next)
