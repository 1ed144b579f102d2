"""The JSON API, `/api/v1`: one noun a file, the same services as the pages.

Promises three hops: route, service, door. Must never open, decide or count by itself.
"""

from fastapi import APIRouter

from api.routes import cases, counts, files, grants, group, inbox, keeping, log, reports, sessions

router = APIRouter()
for noun in (sessions, reports, inbox, cases, keeping, files, grants, counts, log, group):
    router.include_router(noun.router)
