"""The register of erasures, and the backups that still know what was erased."""

from typing import Annotated

from fastapi import APIRouter, Request

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.routes.paging import After, Page, page_of
from api.services import erasures
from api.services.erasures import Gone, StillDue

router = APIRouter(tags=["retention"], prefix="/erasures")
Reads = Annotated[Caller, Requires(Action.ERASURES_READ)]


@router.get("")
def register(request: Request, caller: Reads, after: After = "") -> Page[Gone]:
    """Return destroyed shreds, newest first: random identifiers and days alone."""
    shown = list(erasures.register(store_of(request), caller, after))
    return Page(lines=shown, next=erasures.cursor(shown))


@router.get("/backups")
def backups(request: Request, caller: Reads, after: After = "") -> Page[StillDue]:
    """Return the backups of the erasure secrets that have still to be destroyed, soonest first."""
    found = erasures.still_due(store_of(request), caller)
    return page_of(found, after, lambda one: f"{one.destroy_by}.{one.id}")
