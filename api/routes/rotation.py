"""New keys for a desk that somebody left, and its older cases under them."""

from typing import Annotated

from fastapi import APIRouter, Request

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.services import departures, rekeying, rotating
from api.services.departures import Waits
from api.services.rekeying import Progress

router = APIRouter(tags=["group"])


@router.get("/rotations")
def waits(request: Request, caller: Annotated[Caller, Requires(Action.DESK_LIST)]) -> Waits:
    """Say which desks and offices wait for a holder since when, and how many cases lie under older keys."""
    return departures.waits(store_of(request), caller.keyring.desks)


@router.post("/desks/{desk_id}/rotation", status_code=204)
def rotate(request: Request, desk_id: str, caller: Annotated[Caller, Requires(Action.DESK_ROTATE)]) -> None:
    """Make the desk's next keys, for all who sit there; access tokens of theirs end."""
    rotating.rotate(store_of(request), caller, desk_id)


@router.post("/desks/{desk_id}/rekeying")
def rekey(request: Request, desk_id: str, caller: Annotated[Caller, Requires(Action.DESK_ROTATE)]) -> Progress:
    """Move up to a hundred older cases to the desk's newest keys; repeat until none is left."""
    return rekeying.rekey(store_of(request), caller, desk_id)
