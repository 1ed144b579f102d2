"""Counting coded facts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.services import counting
from api.services.counting import CaseCounts

router = APIRouter(tags=["counts"])


@router.get("/counts")
def count(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_COUNT)],
    dimension: Annotated[str, Query(max_length=40)] = "case.status",
) -> CaseCounts:
    """Count the consenting cases of the caller's desks by one dimension; exact, not for publication."""
    return counting.count_cases(store_of(request), caller, dimension)
