"""Two cases of one person: joined, parted again, or remembered as two persons."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.guards import Enters, Requires, store_of
from api.policy.actions import Action
from api.routes.shapes import Body, Short
from api.routes.versions import Seen, Tagged, Version
from api.services import candidates, joining, reviewing
from api.services.candidates import Found
from api.services.joining import Together
from api.services.reviewing import Review

router = APIRouter(tags=["cases"], prefix="/cases")
desks = APIRouter(tags=["cases"], prefix="/desks")
Skip = Annotated[int, Query(ge=0, le=1_000_000)]
Joins = Annotated[CaseAccess, Enters(Action.CASE_JOIN)]


class OtherCase(Body):
    """The other case of the same desk, by its code or its identifier."""

    other: Short


@router.get("/{case_id}/together")
def together(access: Annotated[CaseAccess, Enters(Action.CASE_READ)], tagged: Tagged) -> Together:
    """Return the cases of the same person, and those that were found to be of somebody else."""
    tagged(access.version)
    return joining.together(access)


@desks.get("/{desk_id}/alike")
def alike(
    request: Request, desk_id: str, caller: Annotated[Caller, Requires(Action.CASE_COMPARE)], skip: Skip = 0
) -> Review:
    """Pair the cases of a desk that may be of one person, the likeliest first, without those decided on."""
    return reviewing.review(store_of(request), caller, desk_id, skip)


@router.get("/{case_id}/candidates")
def candidates_of(access: Joins) -> Found:
    """Look among the cases of the desk for the same person: by name, however spelled, beside what else agrees."""
    return candidates.of_case(access)


@router.post("/{case_id}/join")
def join(access: Joins, body: OtherCase, seen: Seen, tagged: Tagged) -> Version:
    """Join another case to this one, which stays in the lists; consent, holds and erasure reach both from now on."""
    return tagged(joining.join(access, joining.other_of(access, body.other), seen))


@router.post("/{case_id}/part")
def part(access: Joins, body: OtherCase, seen: Seen, tagged: Tagged) -> Version:
    """Part a case that was joined to this one, so that each stands as before."""
    return tagged(joining.part(access, joining.other_of(access, body.other), seen))


@router.post("/{case_id}/apart")
def apart(access: Joins, body: OtherCase, seen: Seen, tagged: Tagged) -> Version:
    """Remember in both cases that they are of two persons, so that nobody is asked again."""
    return tagged(joining.set_apart(access, joining.other_of(access, body.other), seen))
