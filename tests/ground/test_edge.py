"""The edge of the application: no body slips past its bound, no answer goes without its headers, none leads away."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.types import Message

from api.edge import HEADERS
from api.guards import Public
from api.main import create_app
from api.settings import MIB, Settings
from tests.world import empty_store

ORIGIN = "http://testserver"
STREAMING = {
    "/{language}/report",
    "/{language}/mailbox",
    "/cases/{case_id}/files",
    "/api/v1/cases/{case_id}/files",
    "/imports",
    "/api/v1/imports",
}
CHUNK = 64 * 1024
CHUNKS = [b"a" * CHUNK] * (MIB // CHUNK) + [b"a"]


@dataclass
class Asked:
    """What an application answered, and how much of the body it took."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    taken: int = 0


def application(folder: Path, origin: str = ORIGIN) -> FastAPI:
    """Return the application over an empty store."""
    url = f"sqlite:///{folder / 'x.db'}"
    return create_app(Settings(folder / "data", folder / "secrets", url, origin), empty_store(url, folder))


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return application(tmp_path)


def ask(app: FastAPI, method: str, path: str, chunks: Sequence[bytes], headers: dict[str, str]) -> Asked:
    """Send a body piece by piece, as chunked transfer does, and count what is taken of it."""
    seen, waiting = Asked(), list(chunks)

    async def receive() -> Message:
        if not waiting:
            return {"type": "http.disconnect"}
        piece = waiting.pop(0)
        seen.taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
            seen.headers = {name.decode(): value.decode() for name, value in message["headers"]}

    raw = [(b"host", b"testserver"), *((name.encode(), value.encode()) for name, value in headers.items())]
    scope: dict[str, object] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "headers": raw,
    }
    scope |= {"query_string": b"", "root_path": "", "scheme": "http", "server": ("testserver", 80), "app": app}
    scope |= {"client": ("127.0.0.1", 1), "http_version": "1.1", "asgi": {"version": "3.0"}, "extensions": {}}
    asyncio.run(app(scope, receive, send))
    return seen


def changing(app: FastAPI) -> list[tuple[str, str]]:
    """Return every method and path with which something is sent to the application."""
    unsafe = {"POST", "PUT", "PATCH", "DELETE"}
    found = [(one.methods or set(), one.path or "") for one in iter_route_contexts(app.routes)]
    return [(method, path) for methods, path in found for method in methods & unsafe]


def filled(path: str) -> str:
    """Return the path with an id in each place."""
    parts = ["a" * 26 if one.startswith("{") else one for one in path.split("/")]
    return "/".join(["uk" if "{language}" in path and at == 1 else one for at, one in enumerate(parts)])


MEDIA = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B")


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("sized", ["with Content-Length", "chunked"])
def test_no_body_over_the_bound_is_taken_by_a_route_that_does_not_stream(app: FastAPI, media: str, sized: str) -> None:
    headers = {"content-type": media}
    headers |= {"content-length": str(MIB + 1)} if sized == "with Content-Length" else {"transfer-encoding": "chunked"}
    bounded = [(method, path) for method, path in changing(app) if path not in STREAMING]
    assert len(bounded) > 60
    for method, path in bounded:
        asked = ask(app, method, filled(path), CHUNKS + [b"a" * CHUNK] * 9, headers)
        assert (path, asked.status) == (path, 413)
        assert asked.taken <= MIB + CHUNK
        assert HEADERS.items() <= asked.headers.items()


def test_a_route_that_streams_is_asked_about_its_sender_before_its_body_is_taken(app: FastAPI) -> None:
    found = [(method, path) for method, path in changing(app) if path in STREAMING]
    assert {path for _, path in found} == STREAMING
    for method, path in found:
        asked = ask(app, method, filled(path), CHUNKS, {"content-type": "application/json"})
        assert asked.status in (400, 401, 503)
        assert asked.taken <= CHUNK


@pytest.mark.parametrize("path", ["/de/mailbox", "/x/uk/report", "/cases/a/b/files", "/api/v1/mailbox", "/mailbox"])
def test_a_path_that_only_ends_like_one_that_streams_is_bounded(app: FastAPI, path: str) -> None:
    assert ask(app, "POST", path, CHUNKS, {}).status == 413


def test_a_body_of_just_the_bound_is_taken(app: FastAPI) -> None:
    asked = ask(app, "POST", "/api/v1/mailbox", CHUNKS[:-1], {"content-type": "application/json"})
    assert (asked.status, asked.taken) == (422, MIB)


@pytest.mark.parametrize("path", ["/planted", "/api/v1/planted"])
def test_a_failure_carries_every_header_of_the_edge(app: FastAPI, path: str) -> None:
    @app.get(path, dependencies=[Public("planted")])
    def planted() -> None:
        """Fail in a way that nobody foresaw."""
        raise RuntimeError("planted")

    answer = TestClient(app, raise_server_exceptions=False).get(path)
    assert answer.status_code == 500
    assert HEADERS.items() <= dict(answer.headers).items()


def test_no_path_leads_to_the_host_that_a_request_claims(app: FastAPI) -> None:
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False, headers={"host": "evil.example"})
    paths = {filled(one.path or "/") for one in iter_route_contexts(app.routes)} | {"/static", "/uk", "//evil.example"}
    for path in sorted(paths):
        for spelled in (path, f"{path}/", path.rstrip("/") or "/", f"/{path}"):
            for method in ("GET", "POST", "HEAD", "DELETE"):
                where = client.request(method, f"{ORIGIN}{spelled}", headers={"host": "evil.example"})
                assert re.match(r"/(?![/\\])", where.headers.get("location", "/here")), spelled


def test_a_language_without_its_last_stroke_leads_to_its_first_page(app: FastAPI) -> None:
    for language in ("en", "ru", "uk"):
        answer = TestClient(app, follow_redirects=False).get(f"/{language}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{language}/")


# Origin, Sec-Fetch-Site, and whether a change with a cookie is looked at over TLS, and over plain HTTP.
SENDERS = (
    ("own", "same-origin", True, True),
    ("own", "none", True, True),
    ("own", "", True, True),
    ("own", "cross-site", False, False),
    ("own", "same-site", False, False),
    ("", "", True, True),
    ("", "cross-site", False, False),
    ("null", "same-origin", True, True),
    ("null", "", False, True),
    ("null", "none", False, False),
    ("null", "same-site", False, False),
    ("null", "cross-site", False, False),
    ("https://evil.example", "", False, False),
    ("https://evil.example", "same-origin", False, False),
)


@pytest.mark.parametrize(("origin", "site", "over_tls", "plain"), SENDERS)
def test_a_cookie_is_looked_at_only_for_a_form_of_our_own_pages(
    tmp_path: Path, origin: str, site: str, over_tls: bool, plain: bool
) -> None:
    for scheme, looked_at in (("https", over_tls), ("http", plain)):
        own = f"{scheme}://testserver"
        app = application(tmp_path / scheme, own)
        given = {"origin": own if origin == "own" else origin, "sec-fetch-site": site}
        headers = {name: value for name, value in given.items() if value}
        cookie = {"cookie": f"{app.state.settings.cookie}=unknown"}
        answer = TestClient(app, base_url=own).post("/api/v1/log/key", headers={**headers, **cookie})
        assert answer.status_code == (401 if looked_at else 400)
