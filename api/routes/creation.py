"""Creations: a 201 that carries an `Idempotency-Key` is done once, however often it is sent.

Promises the first answer again to the same request of the same session. Must never keep content: what is answered
to a creation is identifiers, versions and codes.
"""

import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.errors import Invalid, Refused, Unavailable
from api.guards import PublicGuard, guard_of, signed_in, store_of
from api.services import answers
from api.services.answers import Asked, Note

KEY, REPLAYED = "idempotency-key", "idempotency-replayed"
LONGEST_KEY, CREATED = 100, 201
# A token is shown once, and no memory may show it again: the code that it is asked for with works once, too.
SHOWN_ONCE = "/tokens"
Handling = Callable[[Request], Coroutine[Any, Any, Response]]


class Creation(APIRoute):
    """A route that remembers its answer where it creates for a member; what strangers create has a name of its own."""

    def get_route_handler(self) -> Handling:
        """Return the handler, around it the memory."""
        handle = super().get_route_handler()
        return _once(self, handle) if self.status_code == CREATED else handle


def creates(route: Any) -> bool:
    """Say whether a route creates something for a signed-in member, and may remember its answer."""
    made = route.status_code == CREATED and not route.path.endswith(SHOWN_ONCE)
    return made and not isinstance(guard_of(route), PublicGuard)


def _once(route: APIRoute, handle: Handling) -> Handling:
    async def once(request: Request) -> Response:
        key = request.headers.get(KEY)
        if key is None or not creates(route):
            return await handle(request)
        # The body of a file streams, and is not waited for: who sends the same key with it sends the same file.
        body = await request.body() if route.body_field else b""
        wanted = await run_sync(_asked, request, key, body)
        known = await run_sync(answers.claim, store_of(request), wanted)
        return _again(known) if known else await _first(handle, request, wanted)

    return once


def _asked(request: Request, key: str, body: bytes) -> Asked:
    caller = signed_in(request)
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Invalid({"Idempotency-Key": "malformed"})
    address = f"{request.method} {request.url.path}?{request.url.query} {request.headers.get('if-match', '')}"
    return answers.asked(caller, key, address, body)


async def _first(handle: Handling, request: Request, wanted: Asked) -> Response:
    store = store_of(request)
    try:
        answer = await handle(request)
    except (Refused, RequestValidationError, HTTPException):
        await run_sync(answers.release, store, wanted)
        raise
    note = {"status": answer.status_code, "body": bytes(answer.body).decode(), "etag": answer.headers.get("etag")}
    # It is done: a full disk now takes only the memory of it.
    with contextlib.suppress(Unavailable):
        await run_sync(answers.keep, store, wanted, note)
    return answer


def _again(note: Note) -> Response:
    tag = {"etag": note["etag"]} if note["etag"] else {}
    return Response(note["body"], note["status"], {REPLAYED: "true", **tag}, media_type="application/json")
