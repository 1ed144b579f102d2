"""The edge: what every answer carries and what no request may exceed.

Promises that nothing is cached, framed, sniffed, referred or scripted, and that a body is bounded before it is read.
Must never look at what a body says.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import TooLarge

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
TLS = {"strict-transport-security": "max-age=63072000; includeSubDomains"}


class Edge:
    """Wraps the application: adds the headers, bounds the body (streamed uploads bound themselves)."""

    def __init__(self, app: ASGIApp, body_limit: int, secure: bool, streamed: tuple[str, ...]) -> None:
        self._app, self._limit, self._streamed = app, body_limit, streamed
        table = {**HEADERS, **(TLS if secure else {})}
        self._headers = [(name.encode(), value.encode()) for name, value in table.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounded = receive if scope["path"].endswith(self._streamed) else _bounded(receive, self._limit)
        await self._app(scope, bounded, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in self._headers if h[0] not in present)]
            await send(message)

        return sending


def _bounded(receive: Receive, limit: int) -> Receive:
    """Count what comes in, whatever Content-Length claims."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge
        return message

    return receiving
