"""What every route answers: headers, cookies, methods, kinds; whatever was asked, and by whom."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, select, text

from api.edge import HEADERS
from api.main import create_app
from api.models.tables import Table
from api.settings import Settings
from tests.asvs.asking import UNSAFE, ask, client, names, routes, staying
from tests.ground.test_edge import application
from tests.pages.scene import Scene
from tests.world import make_world, one_time_code, passphrase

ROLES = ("", "ada", "otto", "tina", "ines", "carl", "ann", "leo")
# What a reading may add to: the log, which says that it was read, and the session's own last visit.
GROWS = {"log_leaf", "log_head", "session", "session_key"}
EVIL = "https://evil.example"
KINDS = ("text/html; charset=utf-8", "application/json", "application/problem+json", "text/plain; charset=utf-8")
KINDS += ("text/css; charset=utf-8", "image/svg+xml", "application/pdf")


@pytest.fixture(autouse=True)
def still_signed_in(request: pytest.FixtureRequest) -> Iterator[None]:
    """Carl's session outlives every test: one that ended it would leave the next ones to be asked by nobody."""
    yield
    if "scene" in request.fixturenames:
        scene = request.getfixturevalue("scene")
        assert client(scene, "carl").get(scene.names["case"]).status_code == 200


def rows(scene: Scene) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the database holds, but for what a reading adds to."""
    with scene.staff.world.store.reading() as db:
        tables = [one for one in Table.metadata.sorted_tables if one.name not in GROWS]
        return {one.name: sorted((tuple(map(repr, row)) for row in db.execute(select(one))), key=str) for one in tables}


def test_every_answer_carries_every_header_whoever_asks(scene: Scene) -> None:
    asked = 0
    for login in ("", "carl"):
        asking = client(scene, login)
        for route in [one for one in routes(scene.staff.app) if one.method == "GET"]:
            answer = ask(asking, route, scene)
            assert HEADERS.items() <= dict(answer.headers).items(), route
            assert answer.status_code < 500 or answer.status_code == 503, route
            asked += 1
    assert asked > 100
    assert "'unsafe" not in HEADERS["content-security-policy"]
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(
        HEADERS["content-security-policy"].split("; ")
    )


def test_every_answer_says_what_it_is(scene: Scene) -> None:
    for login in ("", "carl"):
        for route in staying(scene.staff.app):
            answer = ask(client(scene, login), route, scene)
            kind = answer.headers.get("content-type", "")
            assert (
                kind in KINDS or not answer.content or "attachment" in answer.headers.get("content-disposition", "")
            ), (
                route,
                kind,
            )


def test_no_answer_is_opened_to_another_origin(scene: Scene) -> None:
    for origin in (EVIL, "null"):
        for route in staying(scene.staff.app):
            answer = ask(client(scene, "carl", origin=origin), route, scene)
            assert not [one for one in answer.headers if one.startswith("access-control")], route


def test_what_changes_something_is_refused_to_another_site_and_changes_nothing(scene: Scene) -> None:
    before, asked = rows(scene), 0
    for headers in (
        {"origin": EVIL},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
    ):
        asking = client(scene, "carl", **headers)
        for route in [one for one in routes(scene.staff.app) if one.method in UNSAFE]:
            answer = ask(asking, route, scene, json={"login": "x"})
            assert 400 <= answer.status_code < 500 or answer.status_code == 503, route
            asked += 1
    assert asked > 200
    assert rows(scene) == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_the_api_takes_no_form_that_a_page_elsewhere_could_send(scene: Scene, kind: str) -> None:
    before, asking, asked = rows(scene), client(scene, "carl"), 0
    described = scene.staff.app.openapi()["paths"]
    body = json.dumps({"reason": "verify-fact", "words": "x", "profile": "wgeid", "role": "lawyer"})
    for route in [one for one in routes(scene.staff.app) if one.method in UNSAFE]:
        kinds = (
            described.get(route.template, {}).get(route.method.lower(), {}).get("requestBody", {}).get("content", {})
        )
        if set(kinds) == {"application/json"}:
            assert ask(asking, route, scene, content=body, headers={"content-type": kind}).status_code >= 400, route
            asked += 1
    assert asked > 25
    assert rows(scene) == before


def test_a_reading_changes_nothing_whoever_reads(scene: Scene) -> None:
    before = rows(scene)
    for login in ROLES:
        for route in [one for one in routes(scene.staff.app) if one.method == "GET"]:
            ask(client(scene, login), route, scene)
            client(scene, login).head(route.path(names(scene)))
    assert rows(scene) == before


def test_no_reading_sets_a_cookie(scene: Scene) -> None:
    for login in ("", "carl"):
        for route in [one for one in routes(scene.staff.app) if one.method == "GET"]:
            assert "set-cookie" not in ask(client(scene, login), route, scene).headers, route


def test_a_method_that_a_path_does_not_have_is_refused(scene: Scene) -> None:
    known = list(routes(scene.staff.app))
    for path in sorted({route.path(names(scene)) for route in known}):
        methods = {route.method for route in known if route.takes(path)}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} - methods:
            assert client(scene).request(method, path).status_code == 405, (method, path)


def test_trace_is_answered_nowhere(scene: Scene) -> None:
    assert client(scene).request("TRACE", "/uk/", headers={"x-planted": "seen"}).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/redoc",
        "/openapi.json",
        "/metrics",
        "/debug",
        "/.git/HEAD",
        "/.env",
        "/static/",
        "/static",
        "/static/../main.py",
        "/static/%2e%2e/main.py",
        "/static/style.css.map",
        "/lastheard.db",
        "/cases/" + "a" * 26 + "/x.css",
        "/uk/report/x.css",
        "/uk/mailbox/style.css",
    ],
)
def test_what_is_not_meant_to_be_served_is_not(scene: Scene, path: str) -> None:
    for login in ("", "carl"):
        answer = client(scene, login).get(path)
        assert answer.status_code in (303, 404), path
        assert answer.headers["cache-control"] == "no-store"


def test_nothing_names_a_version(scene: Scene, tmp_path: Path) -> None:
    for path in ("/uk/", "/nowhere", "/api/v1/nowhere", "/sign-in", "/health"):
        answer = client(scene).get(path)
        assert not {"server", "x-powered-by", "via"} & set(answer.headers)
        assert not re.search(r"(?i)fastapi|starlette|uvicorn|python/|0\.1\.0", answer.text)


@pytest.mark.parametrize("path", ["/planted", "/api/v1/planted"])
def test_a_failure_says_nothing_of_itself(tmp_path: Path, path: str) -> None:
    from api.guards import Public

    app = application(tmp_path)

    @app.get(path, dependencies=[Public("planted")])
    def planted() -> None:
        """Fail with something to tell."""
        raise RuntimeError("SELECT planted FROM secrets")

    answer = TestClient(app, raise_server_exceptions=False).get(f"{path}?q=planted-query")
    assert answer.status_code == 500
    assert not re.search(r"(?i)planted|select|traceback|runtimeerror|\.py", answer.text)
    assert TestClient(app).get("/uk/").status_code == 200


def signed_in(folder: Path, origin: str) -> tuple[TestClient, str, str]:
    """Sign in on the page as Carl; return the browser, the Set-Cookie header and the answer's text."""
    url = f"sqlite:///{folder / 'x.db'}"
    world = make_world(url, folder)
    app = create_app(Settings(folder / "data", folder / "secrets", url, origin), world.store)
    browser = TestClient(app, base_url=origin, follow_redirects=False, headers={"origin": origin})
    browser.cookies.set(app.state.settings.cookie, "p" * 43)
    for step in (-1, 0, 1):
        typed = {"login": "carl", "passphrase": passphrase("carl"), "code": one_time_code(world.secrets["carl"], step)}
        answer = browser.post("/sign-in", data=typed)
        if answer.status_code == 303:
            return browser, answer.headers["set-cookie"], answer.text + answer.headers["location"]
    raise AssertionError("no code was taken")


@pytest.mark.parametrize("origin", ["https://desk.example", "http://testserver"])
def test_the_sessions_cookie_is_as_narrow_as_a_cookie_can_be(tmp_path: Path, origin: str) -> None:
    browser, header, text_ = signed_in(tmp_path, origin)
    value, *flags = header.split("; ")
    name, _, token = value.partition("=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(flags)
    assert not [one for one in flags if one.lower().startswith(("domain", "max-age", "expires"))]
    assert (("Secure" in flags), name) == ((True, "__Host-lastheard") if "https" in origin else (False, "lastheard"))
    assert len(header) < 4096
    # 32 random bytes, in no body and in no address; a cookie that was planted before is not taken over.
    assert len(token) >= 43
    assert token != "p" * 43
    assert token not in text_
    browser.cookies.clear()
    browser.cookies.set(name, token)
    assert token not in browser.get("/today").text


def test_signing_out_ends_the_session_here_and_in_the_browser(tmp_path: Path) -> None:
    browser, header, _ = signed_in(tmp_path, "https://desk.example")
    name, token = header.split("; ")[0].split("=", 1)
    browser.cookies.clear()
    browser.cookies.set(name, token)
    assert browser.get("/today").status_code == 200
    ended = browser.post("/sign-out")
    assert ended.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert "Secure" in ended.headers["set-cookie"]
    assert "Max-Age=0" in ended.headers["set-cookie"]
    browser.cookies.clear()
    browser.cookies.set(name, token)
    for route in routes(browser.app):
        if route.method == "GET" and route.template.startswith(
            ("/today", "/cases", "/me", "/inbox", "/log", "/members")
        ):
            answer = browser.get(route.path())
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), route
        if route.method == "GET" and route.template in ("/api/v1/me", "/api/v1/cases", "/api/v1/members"):
            assert browser.get(route.path()).status_code == 401


def test_over_tls_two_years_of_tls_are_asked_for_and_elsewhere_nothing_is(tmp_path: Path) -> None:
    told = TestClient(application(tmp_path / "a", "https://desk.example")).get("/uk/").headers
    assert told["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    for origin in ("http://abc.onion", "http://testserver"):
        folder = tmp_path / origin[-4:]
        assert "strict-transport-security" not in TestClient(application(folder, origin)).get("/uk/").headers


def test_json_is_json_and_a_callback_has_no_effect(scene: Scene) -> None:
    asking = client(scene)
    plain, called = asking.get("/api/v1/cases"), asking.get("/api/v1/cases?callback=run&jsonp=run")
    assert plain.content == called.content
    assert plain.headers["content-type"] == "application/problem+json"
    json.loads(plain.content)


def test_what_is_static_is_the_same_with_and_without_a_session(scene: Scene) -> None:
    assert client(scene).get("/static/style.css").content == client(scene, "carl").get("/static/style.css").content


def test_every_page_of_the_group_can_be_signed_out_of(scene: Scene) -> None:
    for login, path in (("carl", "/today"), ("carl", "/cases"), ("carl", "/me"), ("ada", "/members"), ("otto", "/log")):
        assert 'action="/sign-out"' in client(scene, login).get(path).text, path
    assert 'action="/sign-out"' in client(scene, "carl").get(scene.names["case"]).text


def test_the_database_of_the_scene_is_looked_at_whole(scene: Scene) -> None:
    before = rows(scene)
    assert set(before) | GROWS == set(inspect(scene.staff.world.store.engine).get_table_names()) - {"alembic_version"}
    with scene.staff.world.store.writing() as db:
        db.execute(text("UPDATE invitation SET sealed = x'00'"))
    changed = rows(scene) != before
    assert changed or not before["invitation"]
