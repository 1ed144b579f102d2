"""The web pages: the family's and the staff's, over the same services as the JSON API.

Promises server-rendered pages that need no script. Must never decide: guards and doors do.
"""

import re

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from api.guards import Public
from api.pages import reporter, staff

router = APIRouter()
router.include_router(staff.router)
router.include_router(reporter.router)


@router.get("/en", include_in_schema=False, dependencies=[Public("typed by hand, without the last stroke")])
@router.get("/ru", include_in_schema=False, dependencies=[Public("typed by hand, without the last stroke")])
@router.get("/uk", include_in_schema=False, dependencies=[Public("typed by hand, without the last stroke")])
def first_page(request: Request) -> RedirectResponse:
    """Lead to the first page of a language, on whatever host this is."""
    return RedirectResponse(f"{request.url.path}/", 303)


# Paths whose bodies stream and bound themselves: reports, mailboxes, files, tables. Whole paths, never an ending: the
# API's own /mailbox takes a body into memory, and a bound that it slipped past would be an open door to all of it.
STREAMED = re.compile(r"/(en|ru|uk)/(report|mailbox)|(/api/v1)?/cases/[^/]+/files|(/api/v1)?/imports")
