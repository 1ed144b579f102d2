"""The web pages: the family's and the staff's, over the same services as the JSON API.

Promises server-rendered pages that need no script. Must never decide: guards and doors do.
"""

from fastapi import APIRouter

from api.pages import reporter, staff

router = APIRouter()
router.include_router(staff.router)
router.include_router(reporter.router)

# Paths whose bodies stream and bound themselves: reports, mailboxes and files.
STREAMED = ("/report", "/mailbox", "/files")
