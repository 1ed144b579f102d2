"""The audit log: read by auditors, proved by anyone."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api import audit
from api.access.caller import Caller
from api.audit import Verdict
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.routes.paging import Page
from api.services import logbook

router = APIRouter(tags=["log"], prefix="/log")


@router.get("")
def read(
    request: Request,
    caller: Annotated[Caller, Requires(Action.LOG_READ)],
    after: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
) -> Page[dict[str, Any]]:
    """Return up to 500 entries, newest first: who did what to which case, with the reason's code."""
    found = [dict(one) for one in logbook.newest(store_of(request), caller, after)]
    oldest = found[-1]["index"] if found else 0
    return Page(lines=found, next=str(oldest) if oldest else "")


@router.get("/verification", dependencies=[Requires(Action.LOG_VERIFY)])
def verify(request: Request) -> Verdict:
    """Recompute the tree and compare it with the head and the newest checkpoint."""
    return audit.verify(store_of(request))
