"""The edge: what every answer carries, what no request may exceed, and how much came.

Promises that nothing is cached, framed, sniffed, referred or scripted, whether it went well or failed, and that a body
is bounded before anything is done with it. Must never look at what a body says, nor count more than route and status.
"""

import re
import time
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Refused, TooLarge, Unreadable
from api.journal import Tally

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
API = "/api/v1"
ANSWERED = "lastheard.answered"
TLS = {"strict-transport-security": "max-age=63072000; includeSubDomains"}


class Edge:
    """Wraps the built application: adds the headers, bounds the body; paths in `streamed` bound themselves.

    It stands outside everything else, so that the answer to a failure carries the headers, too.
    """

    def __init__(
        self,
        app: ASGIApp,
        body_limit: int,
        secure: bool,
        streamed: re.Pattern[str],
        refuse: Callable[[Request, type[Refused]], ASGIApp],
        tally: Tally,
    ) -> None:
        self._tally = tally
        self._app, self._limit, self._streamed, self._refuse = app, body_limit, streamed, refuse
        table = {**HEADERS, **(TLS if secure else {})}
        self._headers = [(name.encode(), value.encode()) for name, value in table.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        try:
            await self._bounded(scope, receive, self._with_headers(scope, send))
        finally:
            # 499: whoever asked was gone before there was an answer.
            status = scope.get(ANSWERED, 499)
            self._tally.add(scope["method"], route_of(scope), status, time.monotonic() - began)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
            # Two ends of one body: a proxy that believes the other would take its rest for somebody's next request.
            await self._refuse(Request(scope), Unreadable)(scope, receive, _closing(send))
            return
        if self._streamed.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        taken = await _taken(receive, self._limit)
        app = self._app if taken else self._refuse(Request(scope), TooLarge)
        await app(scope, _given(taken, receive), send)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope[ANSWERED] = message["status"]
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in self._headers if h[0] not in present)]
            await send(message)

        return sending


def _closing(send: Send) -> Send:
    """Let this be the last answer on its connection."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return sending


def route_of(scope: Scope) -> str:
    """Return the template of the route that took a request, never its path; "-" where none did."""
    path = str(getattr(scope.get("route"), "path", "-"))
    # The framework names a route within its router.
    inner = scope["path"].startswith(f"{API}/") and path.startswith("/") and not path.startswith(API)
    return API + path if inner else path


async def _taken(receive: Receive, limit: int) -> list[Message]:
    """Take a body in whole; nothing of it where it is larger than `limit` bytes, whatever Content-Length claims."""
    taken, size = list[Message](), 0
    while not taken or taken[-1].get("more_body", False):
        taken.append(await receive())
        size += len(taken[-1].get("body", b""))
        if size > limit:
            return []
    return taken


def _given(taken: list[Message], receive: Receive) -> Receive:
    """Give what was taken, then what comes after it."""
    waiting = iter(taken)

    async def giving() -> Message:
        return next(waiting, None) or await receive()

    return giving
