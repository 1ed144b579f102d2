"""The end of a case: closing, reopening, legal holds, and what is due to go."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.catalogue.keeping import Ending, Holding, Reviewing
from api.guards import Enters, Requires, store_of
from api.policy.actions import Action
from api.routes.paging import After, Page, page_of
from api.routes.shapes import Body, Short
from api.routes.versions import Seen, Tagged, Version
from api.services import keeping
from api.services.keeping import Due

router = APIRouter(tags=["retention"])
Keeps = Annotated[CaseAccess, Enters(Action.CASE_KEEP)]


class Close(Body):
    """Why the work on the case ended."""

    ending: Ending


class Hold(Body):
    """Why nothing of the case may be destroyed."""

    why: Holding


class Review(Body):
    """Until when a closed case is kept, at most a year ahead, and why."""

    until: Short
    why: Reviewing


@router.post("/cases/{case_id}/close")
def close(access: Keeps, body: Close, seen: Seen, tagged: Tagged) -> Version:
    """Close a case; the clocks of its parts start."""
    return tagged(keeping.close(access, body.ending, seen))


@router.post("/cases/{case_id}/reopen")
def reopen(access: Keeps, seen: Seen, tagged: Tagged) -> Version:
    """Open a closed case again; its clocks stop."""
    return tagged(keeping.reopen(access, seen))


@router.post("/cases/{case_id}/hold")
def hold(access: Keeps, body: Hold, seen: Seen, tagged: Tagged) -> Version:
    """Put a legal hold on a case; nothing of it is destroyed until it is lifted."""
    return tagged(keeping.hold(access, body.why, seen))


@router.post("/cases/{case_id}/lift")
def lift(access: Keeps, seen: Seen, tagged: Tagged) -> Version:
    """Lift the legal hold of a case."""
    return tagged(keeping.lift(access, seen))


@router.post("/cases/{case_id}/review")
def review(access: Keeps, body: Review, seen: Seen, tagged: Tagged) -> Version:
    """Keep a closed case longer, with a reason, until a day on which somebody looks at it again."""
    return tagged(keeping.review(access, body.until, body.why, seen))


@router.post("/cases/{case_id}/contacted")
def touch(access: Keeps, seen: Seen, tagged: Tagged) -> Version:
    """Say that there was contact with the family today: how to reach them is kept for twelve months more."""
    return tagged(keeping.touch(access, seen))


@router.get("/retention")
def due(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_LIST)],
    month: Annotated[str, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")],
    after: After = "",
) -> Page[Due]:
    """Return what goes in or before a month, of the caller's desks, so that a person can look at it before."""
    found = keeping.due_by(store_of(request), caller, month)
    return page_of(found, after, lambda one: f"{one.month}.{one.case_id}.{one.compartment}")
