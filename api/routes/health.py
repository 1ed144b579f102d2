"""Whether this server is ready: for whoever watches it from the same machine.

Promises one word. Must never tell a version, a number or a reason.
"""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from api.guards import Public, store_of
from api.services import operating

router = APIRouter()


@router.get("/health", include_in_schema=False, dependencies=[Public("a watcher holds no key, and learns one word")])
def health(request: Request) -> PlainTextResponse:
    """Answer 200 when the store can be read with its secrets, else 503."""
    ready = operating.is_ready(store_of(request))
    return PlainTextResponse("ready\n" if ready else "not ready\n", 200 if ready else 503)
