"""What somebody who leaves held and opened, as far as the reader may know."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.routes.paging import Page
from api.services import leavers
from api.services.leavers import Held, Opened, Shared

router = APIRouter(tags=["group"], prefix="/members/{member_id}")


@router.get("/held")
def held(request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.MEMBER_HELD)]) -> Held:
    """Say how many grants, sessions and tokens a member has, and at which of the caller's desks they sit or sat."""
    return leavers.held(store_of(request), caller, member_id)


@router.get("/opened")
def opened(
    request: Request,
    member_id: str,
    caller: Annotated[Caller, Requires(Action.LOG_READ)],
    after: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
) -> Opened:
    """Say what the log knows of a member: what they opened and did, and what they were given."""
    return leavers.opened(store_of(request), caller, member_id, after)


@router.post("/shared")
def shared(request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.DESK_UNSEAT)]) -> Page[Shared]:
    """Go through the caller's cases for grants of this member; each opening is in the log."""
    return Page(lines=list(leavers.shared(store_of(request), caller, member_id)), next="")
