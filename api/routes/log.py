"""The audit log: read by auditors, proved by anyone."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request

from api import audit
from api.access.caller import Caller
from api.audit import Verdict
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.services import logbook

router = APIRouter(tags=["log"], prefix="/log")


@router.get("")
def read(
    request: Request,
    caller: Annotated[Caller, Requires(Action.LOG_READ)],
    before: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
) -> list[Mapping[str, object]]:
    """Return up to 500 entries, newest first, `before` an index: who did what to which case, with the reason's code."""
    return logbook.newest(store_of(request), caller, before)


@router.get("/verification", dependencies=[Requires(Action.LOG_VERIFY)])
def verify(request: Request) -> Verdict:
    """Recompute the tree and compare it with the head and the newest checkpoint."""
    return audit.verify(store_of(request))
