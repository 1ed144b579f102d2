"""Search: one line; in the body, since an address is kept where nobody looks after it."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.routes.facets import ListedBy
from api.routes.shapes import Body, Short
from api.services import searching
from api.services.searching import SearchPage

router = APIRouter(tags=["cases"], prefix="/cases")


class Narrowed(Body, ListedBy):
    """The facets that a case has to pass beside the line, those of the list."""


class Search(Body):
    """A line, the code of a reason where names or telephone numbers are searched, and how many cases to pass over."""

    line: Short
    reason: Short = ""
    skip: Annotated[int, Field(ge=0, lt=1_000_000)] = 0
    narrowed: Narrowed = Narrowed()


@router.post("/search")
def search(request: Request, body: Search, caller: Annotated[Caller, Requires(Action.CASE_LIST)]) -> SearchPage:
    """Find cases by name, code, facility, telephone number or words of a story; the line stands in no log."""
    return searching.search(store_of(request), caller, body.line, body.reason, body.skip, body.narrowed.asked())
