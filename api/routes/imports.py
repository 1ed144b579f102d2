"""Imports: a table of records that a group already has."""

import math
import time
from collections.abc import Iterator, Sequence
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access.caller import Caller
from api.errors import Refused
from api.guards import Requires, store_of
from api.importing.findings import ImportLine, ImportView, Progress
from api.importing.tables import LIMIT
from api.policy.actions import Action
from api.routes.creation import Creation
from api.routes.files import pour
from api.routes.paging import After, Page, page_of
from api.routes.shapes import Body, Long
from api.services import files, importing

router = APIRouter(tags=["imports"], prefix="/imports", route_class=Creation)
# Cases are made for so many seconds an answer; whoever asks again goes on where it stopped.
SLICE = 10.0


class MappingBody(Body):
    """A mapping file, as TOML."""

    mapping: Long


class Wanted(Body):
    """Rows to be imported although they look as if they were there already."""

    also: Sequence[int] = ()


class ImportId(BaseModel):
    """The import that was begun."""

    id: str


@router.get("")
def list_(
    request: Request, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)], after: After = ""
) -> Page[ImportLine]:
    """List the imports that wait at the caller's desks."""
    return page_of(importing.waiting(store_of(request), caller), after, lambda one: one.id)


@router.post("", status_code=201)
async def begin(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_IMPORT)],
    desk: Annotated[str, Query(max_length=26)],
) -> ImportId:
    """Take the request's body as a table, CSV or XLSX; it is sealed before it touches the disk."""
    sink = await run_sync(files.open_sink, store_of(request), LIMIT)
    stored = await pour(request, sink)
    try:
        return ImportId(id=await run_sync(importing.begin, store_of(request), caller, desk, stored))
    except Refused:
        await run_sync(files.discard, store_of(request), [stored])
        raise


@router.get("/{import_id}")
def read(request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> ImportView:
    """Return an import: its titles, its mapping, how far it is."""
    return importing.look(store_of(request), caller, import_id)


@router.put("/{import_id}/mapping", status_code=204)
def give_mapping(
    request: Request, import_id: str, body: MappingBody, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]
) -> None:
    """Say which column becomes which field."""
    importing.give_mapping(store_of(request), caller, import_id, body.mapping)


@router.post("/{import_id}/preview")
def preview(request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> Progress:
    """Read the table and say row by row what is wrong; imports nothing."""
    *_, last = importing.preview(store_of(request), caller, import_id)
    return last


@router.post("/{import_id}/confirmation", status_code=204)
def confirm(
    request: Request, import_id: str, body: Wanted, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]
) -> None:
    """Say yes to what the preview showed."""
    importing.confirm(store_of(request), caller, import_id, body.also)


@router.post("/{import_id}/cases")
def carry_on(request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> Progress:
    """Make cases for some seconds and say how far it is; ask again until it is done."""
    *_, last = _some(importing.carry_on(store_of(request), caller, import_id))
    return last


@router.delete("/{import_id}", status_code=204)
def give_up(request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> None:
    """Destroy an import that is not done, table and all; cases that were made stay."""
    importing.give_up(store_of(request), caller, import_id)


def _some(steps: Iterator[Progress]) -> Iterator[Progress]:
    """Yield what is done in some seconds from the first step on: to read and compare before it is work of each answer.

    Were it counted, a large table beside a large desk would move on by one batch an answer.
    """
    ends = math.inf
    for one in steps:
        yield one
        now = time.monotonic()
        ends = min(ends, now + SLICE)
        if now >= ends:
            return
