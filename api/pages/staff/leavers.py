"""What somebody who leaves held and opened, on one page, shown when they are suspended.

Promises each reader only what that reader may know. Must never open a case unasked: looking is a button.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.access.caller import Caller
from api.errors import NotFound
from api.guards import Requires, store_of
from api.pages.staff.frame import show
from api.pages.staff.logged import in_words
from api.policy.actions import Action, Standing, decide
from api.services import leavers, members
from api.services.leavers import Shared

router = APIRouter(prefix="/members/{member_id}", default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/held")
def held(
    request: Request,
    member_id: str,
    caller: Annotated[Caller, Requires(Action.MEMBER_HELD)],
    before: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
) -> Response:
    """Show what a member holds, and to auditors what they opened."""
    return _page(request, caller, member_id, None, before)


@router.post("/held")
def look(request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.DESK_UNSEAT)]) -> Response:
    """Go through the reader's cases for grants of this member."""
    return _page(request, caller, member_id, leavers.shared(store_of(request), caller, member_id))


def _page(
    request: Request, caller: Caller, member_id: str, shared: Sequence[Shared] | None, before: int | None = None
) -> HTMLResponse:
    store = store_of(request)
    known = {one.id: one for one in members.members(store, caller)}
    if member_id not in known:
        raise NotFound
    context: dict[str, object] = {"who_left": known[member_id], "held": leavers.held(store, caller, member_id)}
    context |= {"shared": shared, "may_look": decide(caller.role, Action.DESK_UNSEAT, Standing.DESK)}
    reads = bool(caller.keyring.auditors)
    context |= {"opened": leavers.opened(store, caller, member_id, before) if reads else None, "in_words": in_words}
    return show(caller, "held.html", "Members", "/members", 200, **context)
