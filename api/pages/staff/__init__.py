"""The group's pages, behind guards; sign-in, joining and founding are the only public ones.

Promises what the JSON API does, for people. Must never show a stack, an identifier to be read, or another's case.
"""

from fastapi import APIRouter

from api.pages.staff import (
    account,
    cases,
    editing,
    ending,
    entry,
    family,
    group,
    imports,
    inbox,
    joining,
    leavers,
    leaving,
    lost,
    numbers,
    recovery,
    reports,
    retention,
    searching,
    subject,
    today,
)

router = APIRouter()
for part in (
    entry,
    lost,
    recovery,
    account,
    today,
    group,
    leavers,
    imports,
    inbox,
    editing,
    family,
    leaving,
    ending,
    joining,
    reports,
    searching,
    cases,
    numbers,
    retention,
    subject,
):
    router.include_router(part.router)
router.include_router(joining.desks)
