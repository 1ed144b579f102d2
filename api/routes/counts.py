"""Counting coded facts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.routes.facets import CountedBy
from api.services import counting
from api.services.counting import CaseCounts

Name = Annotated[str, Field(max_length=60)]


class Dimensions(CountedBy):
    """What is counted by: `entity.field`, a date or a facility with its grain, `case.last_heard:quarter`."""

    dimension: Name = "case.status"
    second: Name = ""

    def names(self) -> list[str]:
        """Return the one dimension or the two."""
        return [name for name in (self.dimension, self.second) if name]

    def asked(self) -> dict[str, str]:
        """Return the facets that were given."""
        return {name: value for name, value in super().asked().items() if name not in ("dimension", "second")}


router = APIRouter(tags=["counts"])


@router.get("/counts")
def count(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_COUNT)],
    wanted: Annotated[Dimensions, Query()],
) -> CaseCounts:
    """Count the consenting cases of the caller's desks by one field or two; exact, not for publication."""
    return counting.count_cases(store_of(request), caller, *wanted.names(), asked=wanted.asked())
