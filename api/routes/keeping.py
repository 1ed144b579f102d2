"""The end of a case: closing, reopening, legal holds, and what is due to go."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.catalogue.keeping import Ending, Holding
from api.guards import Enters, Requires, store_of
from api.policy.actions import Action
from api.routes.shapes import Body
from api.services import keeping
from api.services.keeping import Due

router = APIRouter(tags=["retention"])
Keeps = Annotated[CaseAccess, Enters(Action.CASE_KEEP)]


class Version(BaseModel):
    """The case's version after a change."""

    version: int


class Shown(Body):
    """The version that was shown to whoever decides."""

    version: int


class Close(Shown):
    """Why the work on the case ended."""

    ending: Ending


class Hold(Shown):
    """Why nothing of the case may be destroyed."""

    why: Holding


@router.post("/cases/{case_id}/close")
def close(access: Keeps, body: Close) -> Version:
    """Close a case; the clocks of its parts start."""
    return Version(version=keeping.close(access, body.ending, body.version))


@router.post("/cases/{case_id}/reopen")
def reopen(access: Keeps, body: Shown) -> Version:
    """Open a closed case again; its clocks stop."""
    return Version(version=keeping.reopen(access, body.version))


@router.post("/cases/{case_id}/hold")
def hold(access: Keeps, body: Hold) -> Version:
    """Put a legal hold on a case; nothing of it is destroyed until it is lifted."""
    return Version(version=keeping.hold(access, body.why, body.version))


@router.post("/cases/{case_id}/lift")
def lift(access: Keeps, body: Shown) -> Version:
    """Lift the legal hold of a case."""
    return Version(version=keeping.lift(access, body.version))


@router.get("/retention")
def due(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_LIST)],
    month: Annotated[str, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")],
) -> list[Due]:
    """Return what goes in or before a month, of the caller's desks, so that a person can look at it before."""
    return list(keeping.due_by(store_of(request), caller, month))
