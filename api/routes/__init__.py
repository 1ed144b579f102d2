"""The JSON API, `/api/v1`: one noun a file, the same services as the pages.

Promises three hops: route, service, door. Must never open, decide or count by itself.
"""

from fastapi import APIRouter

from api.routes import (
    cases,
    counts,
    entry,
    erasures,
    files,
    grants,
    group,
    imports,
    inbox,
    inventory,
    joining,
    keeping,
    leavers,
    leaving,
    log,
    needs,
    recovery,
    reports,
    rotation,
    search,
    sessions,
)

router = APIRouter()
for noun in (
    entry,
    sessions,
    reports,
    inbox,
    imports,
    needs,
    search,
    cases,
    joining,
    keeping,
    files,
    grants,
    leaving,
    counts,
    log,
    erasures,
    group,
    rotation,
    recovery,
    leavers,
    inventory,
):
    router.include_router(noun.router)
router.include_router(joining.desks)
