"""What needs the caller soon."""

from typing import Annotated

from fastapi import APIRouter, Request

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.services import needs
from api.services.needs import Needs

router = APIRouter(tags=["needs"])


@router.post("/needs")
def look(request: Request, caller: Annotated[Caller, Requires(Action.CASE_LIST)]) -> Needs:
    """Go through the caller's cases for tasks, deadlines and grants that end; each opening is logged."""
    return needs.look(store_of(request), caller)
