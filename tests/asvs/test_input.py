"""What is put in: texts that look like something else, numbers out of range, files with strange names, raw HTTP."""

import json
import socket
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.settings import MIB
from tests.asvs.asking import UNSAFE, ask, bearer, client, routes
from tests.browser.serving import on_loopback
from tests.ground.test_edge import application
from tests.pages.scene import Scene
from tests.pages.test_staff import links

LITERAL = (
    "{{7*7}}",
    "{% for x in y %}",
    "{0.__class__}",
    "%s %(x)s",
    "**bold** [a](b)",
    "$(id) `id`",
    "<%= 7 %>",
    "${7*7}",
)
NUMBERS = (-1, 0, 2**31, 2**63, 2**64, 10**30, -(10**30), 1.5, True, "5", None)
NAMES = (
    'a"b.jpg',
    "a\r\nX-Planted: 1.jpg",
    "../../etc/passwd",
    "..\\..\\x.exe",
    "\u202egpj.exe",
    "a\x00b.png",
    "x" * 4000,
)
NAMES += ("фото матері.jpg", "page.html", "image.svg", "run.php", "run.py", "CON", ".htaccess")


def test_what_looks_like_a_template_a_format_or_markup_is_shown_as_it_was_typed(scene: Scene) -> None:
    carl = scene.staff.member("carl")
    carl.get(f"{scene.names['case']}/add/statement")
    carl.send(f"{scene.names['case']}/entries/statement", {"text": " ".join(LITERAL), "reason": "verify-fact"})
    shown = carl.get(scene.names["case"])
    assert [one for one in LITERAL if one not in shown.text] == []
    refused = client(scene).post("/uk/report", data={"story": " ".join(LITERAL)}, files={"none": ("", b"")})
    assert refused.status_code == 422
    assert "49" not in refused.text.replace("&#49", "")


def test_every_address_on_a_page_is_of_this_site(scene: Scene) -> None:
    told = scene.staff.stranger()
    told.get("/uk/report")
    hostile = "javascript:alert(1) data:text/html,x //evil.example \\\\evil.example https:evil.example"
    told.send("/uk/report", {"story": hostile, "about_name": hostile})
    seen = 0
    for login, path in (("ines", "/inbox"), ("carl", "/today"), ("carl", scene.names["case"]), ("", "/uk/report")):
        person = scene.staff.member(login) if login else scene.staff.stranger()
        pages = [person.get(path), *(person.get(one) for one in links(person.get(path), "/inbox/")[:3])]
        for page in pages:
            for name in ("href", "src", "action", "formaction"):
                found = [given[name] for _, given in page.elements if name in given]
                assert [one for one in found if not one.startswith(("/", "#", "data:image/")) or one[:2] == "//"] == []
                seen += len(found)
    assert seen > 60


def test_a_name_is_the_same_however_its_letters_are_put_together(scene: Scene) -> None:
    from api.catalogue.text import clean_text

    name = "Йосип Їжакевич"
    assert clean_text(unicodedata.normalize("NFD", name), 100) == unicodedata.normalize("NFC", name)
    for path in ("/uk/%252e%252e/sign-in", "/cases/%2500", "/static/%252e%252e/main.py", "/cases/%00"):
        assert client(scene, "carl").get(path).status_code in (404, 422), path


def bodies(scene: Scene) -> list[tuple[Any, dict[str, Any]]]:
    """Return each operation that takes JSON, with the example of its body."""
    described, found = scene.staff.app.openapi(), []
    for route in routes(scene.staff.app):
        operation = described["paths"].get(route.template, {}).get(route.method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content:
            found.append((route, content))
    return found


def example(content: dict[str, Any]) -> dict[str, Any]:
    given = content.get("example") or next(iter(content.get("examples", {"": {"value": {}}}).values())).get("value", {})
    return dict(given)


def test_a_number_out_of_range_or_of_another_kind_is_refused_and_never_a_failure(scene: Scene) -> None:
    asked = 0
    for route, content in bodies(scene):
        given = example(content)
        for name in [one for one, value in given.items() if isinstance(value, int)]:
            for number in NUMBERS:
                answer = ask(bearer(scene, "carl"), route, scene, json={**given, name: number})
                assert answer.status_code < 500 or answer.status_code == 503, (route, number)
                asked += 1
    assert asked > 40
    for query in ("limit", "after", "before", "month", "page", "cursor"):
        for number in (*NUMBERS[:6], "1" + "0" * 4999, "١", "-", "NaN"):
            for path in (
                "/api/v1/cases",
                "/api/v1/log",
                "/api/v1/inbox",
                "/cases",
                "/log",
                "/retention",
                "/api/v1/retention",
            ):
                for login in ("carl", "otto"):
                    answer = client(scene, login).get(path, params={query: str(number)})
                    assert answer.status_code < 500, (path, query, number)


def test_every_text_that_the_api_takes_is_bounded_and_no_body_takes_more_than_it_names(scene: Scene) -> None:
    schemas = scene.staff.app.openapi()["components"]["schemas"]
    taken = {one["schema"].get("$ref", "").split("/")[-1] for _, one in bodies(scene)} - {""}
    assert len(taken) > 25
    assert [name for name in taken if schemas[name].get("additionalProperties") is not False] == []
    assert [f"{name}: {one}" for name in taken for one in unbounded(schemas[name])] == []
    assert unbounded({"properties": {"x": {"type": "string"}}}) == ["string"]


def unbounded(schema: object) -> list[str]:
    """Return the texts of a schema that have no bound of any kind."""
    if isinstance(schema, list):
        return [found for one in schema for found in unbounded(one)]
    if not isinstance(schema, dict):
        return []
    bounds = {"maxLength", "enum", "const", "pattern", "format"}
    here = ["string"] if schema.get("type") == "string" and not bounds & set(schema) else []
    inner = [value for name, value in schema.items() if name not in ("example", "examples", "default")]
    return here + [found for one in inner for found in unbounded(one)]


def test_a_field_that_nobody_named_is_refused_by_every_body(scene: Scene) -> None:
    asked = 0
    for route, content in bodies(scene):
        sent = {**example(content), "role": "administrator", "owner": "x", "is_admin": True, "version_": 1}
        sent = {name: value for name, value in sent.items() if name not in ("role",) or "role" in example(content)}
        answer = ask(bearer(scene, "carl"), route, scene, json=sent)
        assert 400 <= answer.status_code < 500 or answer.status_code == 503, route
        assert "is_admin" not in answer.text
        asked += 1
    assert asked > 25


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "a", "text": "b"}',
        b'\xef\xbb\xbf{"text": "a"}',
        '{"text": "a"}'.encode("utf-16"),
        b'{"text": NaN}',
        b'{"text": Infinity}',
        b'{"text": 1e999}',
        b'{"text": "\\ud800"}',
        b'{"text": "\\u0000"}',
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b"",
        b"null",
        b"\xff\xfe",
    ],
)
def test_a_body_that_two_readers_could_read_differently_is_never_a_failure(scene: Scene, body: bytes) -> None:
    for path in ("/api/v1/mailbox", "/api/v1/sessions", f"/api/v1/inbox/{scene.names['report']}/questions"):
        answer = bearer(scene, "ines").post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code < 500, (path, body[:20])


def test_what_is_given_twice_is_read_the_same_each_time(scene: Scene) -> None:
    asking = client(scene, "carl")
    first = [asking.get("/api/v1/retention?month=2030-01&month=1999-01").text for _ in range(3)]
    assert len(set(first)) == 1
    forms = [
        client(scene).post("/sign-in", content="login=a&login=b", headers={"content-type": FORM}) for _ in range(2)
    ]
    assert {one.status_code for one in forms} == {401}


FORM = "application/x-www-form-urlencoded"


def sent_file(scene: Scene, name: str) -> dict[str, str]:
    """Put a file into the case under this name, and return the headers with which it is handed over."""
    asking, case = bearer(scene, "carl"), scene.names["case"].rsplit("/", 1)[-1]
    seen = asking.get(f"/api/v1/cases/{case}").headers["etag"]
    where = f"/api/v1/cases/{case}/files"
    payload = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    told = {"if-match": seen, "content-type": "image/svg+xml"}
    made = asking.post(where, params={"title": name}, content=payload, headers=told)
    if made.status_code >= 400:
        return {"refused": str(made.status_code)}
    answer = asking.get(f"{where}/{made.json()['file']}")
    assert answer.content == payload
    return dict(answer.headers)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_handed_over_and_never_shown_whatever_its_name(scene: Scene, name: str) -> None:
    blobs = scene.staff.world.store.blobs
    headers = sent_file(scene, name)
    if "refused" in headers:
        assert headers["refused"] in ("400", "422")
    else:
        assert headers["content-disposition"].startswith("attachment")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-type"] == "application/octet-stream"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "x-planted" not in headers
        assert not set(headers["content-disposition"]) & set("\r\n\x00\u202e")
    assert {path.name.isalnum() and len(path.name) for path in blobs.iterdir()} == {26}


def test_an_upload_over_the_limit_is_refused_with_and_without_a_length(scene: Scene) -> None:
    asking, case = bearer(scene, "carl"), scene.names["case"].rsplit("/", 1)[-1]
    seen = asking.get(f"/api/v1/cases/{case}").headers["etag"]
    limit = scene.staff.app.state.settings.upload_limit
    for content in (b"x" * (limit + 1), iter([b"x" * limit, b"x"])):
        answer = asking.post(
            f"/api/v1/cases/{case}/files", params={"title": "x"}, content=content, headers={"if-match": seen}
        )
        assert answer.status_code == 413


def said(port: int, *pieces: bytes) -> bytes:
    """Send raw bytes to a server and return all that it answers."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        for piece in pieces:
            line.sendall(piece)
        line.settimeout(2)
        heard = b""
        try:
            while chunk := line.recv(65536):
                heard += chunk
        except TimeoutError:
            pass
        return heard


HOST = b"Host: x\r\n"
SMUGGLED = {
    "two lengths": b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nlogin=",
    "length and chunks": b"POST /sign-in HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /planted HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown encoding": b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length : 0\r\n\r\n",
    "a folded line": b"GET /uk/ HTTP/1.1\r\n" + HOST + b"X-A: b\r\n c\r\n\r\n",
    "a bare return": b"GET /uk/ HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
    "no host": b"GET /uk/ HTTP/1.1\r\n\r\n",
    "a negative length": b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "a line without an end": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
}


@pytest.mark.parametrize("trick", SMUGGLED)
def test_a_request_with_two_ends_is_refused(trick: str, tmp_path: Path) -> None:
    with on_loopback(application(tmp_path)) as url:
        port = int(url.rsplit(":", 1)[1])
        heard = said(port, SMUGGLED[trick])
        assert heard.count(b"HTTP/1.1 ") <= 1
        assert b"planted" not in heard
        assert b" 500 " not in heard
        assert said(port, b"GET /away HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_no_search_or_path_is_a_pattern(scene: Scene) -> None:
    for typed in (".*", "(a+)+$", "[", "\\", "%", "_", "' OR 1=1 --", '"; DROP TABLE member; --', "*" * 300):
        for path in ("/cases", "/api/v1/cases"):
            for name in ("facility", "owner", "since", "after"):
                assert client(scene, "ines").get(path, params={name: typed}).status_code in (404, 422), (path, name)
        found = searched(scene, typed)
        assert found.status_code == 422 or found.json()["found"] == 0, typed


def test_what_stands_in_a_case_is_found_by_itself_and_by_no_pattern_of_it(scene: Scene) -> None:
    """The same questions as above, to show that the search which answers them is the one that finds."""
    assert searched(scene, "Бунятов").json()["found"] == 1
    for typed in ("%тов", ".*тов", "*тов", "_______", "' OR 'a'='a"):
        found = searched(scene, typed)
        assert found.status_code == 422 or found.json()["found"] == 0, typed


def searched(scene: Scene, typed: str) -> Any:
    """Ask the one search that there is, as its box does."""
    body = {"line": typed, "reason": "verify-fact"}
    return bearer(scene, "ines").post("/api/v1/cases/search", json=body)


def test_the_bound_of_a_body_is_one_for_all_that_is_not_a_file(scene: Scene) -> None:
    assert scene.staff.app.state.settings.body_limit == MIB
    answer = TestClient(scene.staff.app).post("/api/v1/mailbox", content=json.dumps({"receipt": "x" * (MIB + 1)}))
    assert answer.status_code == 413
    assert UNSAFE
