"""Files of a case: sealed as they stream in, opened as they stream out."""

from typing import Annotated
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from api.access.doors import CaseAccess
from api.errors import Refused
from api.guards import Enters, store_of
from api.policy.actions import Action
from api.routes.creation import Creation
from api.routes.versions import Seen, Tagged, Version
from api.services import files
from api.services.files import FileSink
from api.services.pacing import paced

router = APIRouter(tags=["files"], prefix="/cases/{case_id}/files", route_class=Creation)
PIECE = 64 * 1024


class Added(Version):
    """The file, the entry of the evidence that names it, and the case's version."""

    file: str
    document: str


STREAM = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.post("", status_code=201, openapi_extra={"requestBody": STREAM})
async def add(
    request: Request,
    access: Annotated[CaseAccess, Enters(Action.FILE_ADD)],
    title: Annotated[str, Query(max_length=200)],
    seen: Seen,
    tagged: Tagged,
    received_from: Annotated[str, Query(max_length=200)] = "",
) -> Added:
    """Add the request's body as a file; it is sealed before it touches the disk."""
    limit = request.app.state.settings.upload_limit
    sink = await run_sync(files.open_sink, store_of(request), limit)
    stored = await pour(request, sink)
    media = request.headers.get("content-type", "application/octet-stream")[:100]
    try:
        entry = await run_sync(files.add_file, access, stored, title, media, received_from, seen)
    except Refused:
        await run_sync(files.discard, access.store, [stored])
        raise
    made = tagged(access.version + 1)
    return Added(file=stored.id, document=str(entry["id"]), version=made.version)


@router.get("/{file_id}", response_class=StreamingResponse)
def read(access: Annotated[CaseAccess, Enters(Action.FILE_READ)], file_id: str) -> Response:
    """Return a file's content; logged first."""
    entry, pieces = files.read_file(access, file_id)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(str(entry['title']))}"}
    return StreamingResponse(pieces, headers=headers, media_type="application/octet-stream")


async def pour(request: Request, sink: FileSink) -> files.StoredFile:
    """Seal the request's body as it comes; of one that breaks off nothing stays."""
    try:
        async for piece in paced(request.stream()):
            for start in range(0, len(piece), PIECE):
                await run_sync(sink.feed, piece[start : start + PIECE])
        return await run_sync(sink.finish)
    except BaseException:
        await run_sync(sink.abort)
        raise
