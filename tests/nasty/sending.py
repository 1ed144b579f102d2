"""Each input to each field of each operation, form and header: a part of all pairs, another part each input.

With `LASTHEARD_TORTURE=1` all pairs.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from httpx import Response

from api.catalogue.text import REORDERING
from api.describing import PREFIX
from tests.nasty.corpus import RAW, TEXTS
from tests.pages.browsing import Form, Seen
from tests.receiving.browser import encoded
from tests.routes.calling import Office

TORTURE = "LASTHEARD_TORTURE" in os.environ
# Of the pairs of an input and a field, every so-manieth; where a passphrase is stretched, fewer.
STRIDE, SLOW = (1, 40) if TORTURE else (60, 180)
# No multiple of the number of addresses: else one of them would get all of some inputs.
OF_FORMS, OF_HEADERS = (1, 1) if TORTURE else (12, 13)
STRETCHING = re.compile(r"/(sessions|recoveries|tokens|me/.*|founding|members)$")
SIGNS_OUT = "DELETE /sessions/current"
MARK = "\ufffc nasty \ufffc"
WHO: Sequence[tuple[str, str]] = (
    (r"/(inbox|imports)", "ines"),
    (r"/log", "otto"),
    (r"/recovery", "tina"),
    (r"/intake", "ines"),
    (r"/(members|invitations|erasures)", "ada"),
    (r"/counts", "ann"),
    (r".*/(disclosures|readiness)", "leo"),
)


@dataclass
class Finding:
    """What went wrong, in which answers; `sent` counts the requests and `inputs` names what was sent at all."""

    wrong: list[str] = field(default_factory=list)
    sent: int = 0
    inputs: set[str] = field(default_factory=set)


def chosen(place: int, stride: int) -> Iterator[tuple[str, str, bool]]:
    """Yield the inputs whose turn it is at a field: name, what is sent, and whether it is raw JSON."""
    every = [(name, text, False) for name, text in TEXTS.items()] + [(name, text, True) for name, text in RAW.items()]
    yield from (one for number, one in enumerate(every) if (number + place) % stride == 0)


def send_to_the_api(office: Office, names: Mapping[str, str]) -> Finding:
    """Send to every field of every operation."""
    document, found, place = office.client.get("/api/openapi.json").json(), Finding(), 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if f"{method.upper()} {path.removeprefix(PREFIX)}" == SIGNS_OUT:
                continue
            for where in _places(operation):
                place += 1
                for name, text, raw in chosen(place, SLOW if STRETCHING.search(path) else STRIDE):
                    if raw and where[0] != "body":
                        continue
                    answer = _ask(office, path, method, operation, names, where, text, raw)
                    look(found, f"{method} {path} {where} <- {name}", answer, "" if raw else text)
                    found.inputs.add(name)
                    if str(answer.status_code) not in operation["responses"]:
                        found.wrong.append(f"{method} {path} {where} <- {name}: {answer.status_code} is not described")
    return found


def _places(operation: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield where something can stand: path, query, header, each field of the body, and a field that is not there."""
    for one in operation.get("parameters", ()):
        yield one["in"], one["name"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        yield "body", ()
        yield "body", ("planted",)
        yield from (("body", leaf) for leaf in _leaves(body["example"]))


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from _leaves(one, (*path, key))


def _ask(
    office: Office,
    path: str,
    method: str,
    operation: Mapping[str, Any],
    names: Mapping[str, str],
    where: tuple[str, Any],
    text: str,
    raw: bool,
) -> Response:
    """Send one request that is good but for one place."""
    kind, at = where
    nasty = encoded({"q": text[:300] if kind == "path" else text[:3000]})[2:].decode()
    given = {one["name"]: one for one in operation.get("parameters", ())}
    known = {name: names.get(name, "0" * 26) for name, one in given.items() if one["in"] == "path"}
    query = {name: str(one.get("example", "")) for name, one in given.items() if one["in"] == "query"}
    url = path.format_map(known | ({at: nasty.replace("+", "%20") or "%20"} if kind == "path" else {}))
    asked = "&".join(f"{name}={nasty if (kind, at) == ('query', name) else value}" for name, value in query.items())
    headers = {"if-match": b'"999999"', "content-type": b"application/json", "authorization": _token(office, path)}
    headers |= {at: _bytes(text)} if kind == "header" else {}
    body = operation.get("requestBody", {}).get("content", {})
    content = _body(body["application/json"]["example"], where, text, raw) if "application/json" in body else b"x"
    return office.client.request(
        method,
        f"{url}?{asked}" if asked else url,
        content=content if body else None,
        headers=headers,
    )


def _token(office: Office, path: str) -> bytes:
    login = next((who for pattern, who in WHO if re.match(PREFIX + pattern, path)), "carl")
    return f"Bearer {office.world.tokens[login]}".encode()


def _bytes(text: str) -> bytes:
    return text[:2000].encode("utf-8", "surrogatepass")


def _body(example: Any, where: tuple[str, Any], text: str, raw: bool) -> bytes:
    if where[0] != "body":
        return json.dumps(example).encode()
    if where[1] == ("planted",):
        return (
            json.dumps({**example, text if not raw else "planted": MARK})
            .replace(json.dumps(MARK), _value(text, raw))
            .encode()
        )
    marked = _put(example, where[1])
    return json.dumps(marked).replace(json.dumps(MARK), _value(text, raw)).encode()


def _value(text: str, raw: bool) -> str:
    return text if raw else json.dumps(text)


def _put(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return MARK
    if isinstance(value, dict):
        return {key: _put(one, path[1:]) if key == path[0] else one for key, one in value.items()}
    return [_put(one, path[1:]) if number == path[0] else one for number, one in enumerate(value)]


def look(found: Finding, what: str, answer: Response, text: str) -> None:
    """Note a failure, what was typed in a refusal, and letters turned round or markup on a page."""
    found.sent += 1
    said = answer.text
    if answer.status_code >= 500:
        found.wrong.append(f"{what}: {answer.status_code}")
    if "Traceback" in said or "<script>alert" in said or "onerror=alert(1)>" in said:
        found.wrong.append(f"{what}: markup or a stack")
    page = "text/html" in answer.headers.get("content-type", "")
    if page and REORDERING.search(outside_of_fields(said)):
        found.wrong.append(f"{what}: letters are turned round on the page")
    if not page and answer.status_code >= 400 and len(text) > 5 and text in said:
        found.wrong.append(f"{what}: echoed")


def outside_of_fields(html: str) -> str:
    """Return a page without what stands in the fields of a form: there people see what they typed."""
    return re.sub(r'<textarea.*?</textarea>|value="[^"]*"', "", html, flags=re.S)


HEADERS = ("authorization", "cookie", "accept-language", "content-type", "origin", "host", "sec-fetch-site", "if-match")
HEADERS += (
    "idempotency-key",
    "accept",
    "user-agent",
    "referer",
    "x-forwarded-for",
    "x-forwarded-host",
    "content-length",
)
ADDRESSES = (
    ("GET", f"{PREFIX}/me"),
    ("POST", f"{PREFIX}/invitations"),
    ("GET", "/cases"),
    ("GET", "/"),
    ("POST", "/sign-in"),
)


def send_in_headers(office: Office) -> Finding:
    """Send in every header, to the API and to pages."""
    found, token = Finding(), f"Bearer {office.world.tokens['ada']}".encode()
    for place, (name, (method, path)) in enumerate((name, one) for name in HEADERS for one in ADDRESSES):
        for number, (kind, text) in enumerate(TEXTS.items()):
            if (number + place) % OF_HEADERS == 0 and not (path == "/sign-in" and number % 8):
                headers = {"authorization": token, "content-type": b"application/json", name: _bytes(text)}
                answer = office.client.request(
                    method, path, content=b"{}" if method == "POST" else None, headers=headers
                )
                look(found, f"{name} of {method} {path} <- {kind}", answer, text)
                found.inputs.add(kind)
    return found


# Whose pages hold forms; what ends a session, a seat or a case has tests of its own.
FORMS: Mapping[str, Sequence[str]] = {
    "": ("/en/report", "/en/return", "/sign-in", "/lost", "/join"),
    "ada": ("/members", "/me/device"),
    "otto": ("/members",),
    "tina": ("/steps/recovery", "/me"),
    "ines": ("/inbox", "/members"),
    "carl": (
        "/desks",
        "/cases/{case_id}",
        "/cases/{case_id}/add/person",
        "/cases/{case_id}/add/act",
        "/cases/{case_id}/add/consent",
        "/cases/{case_id}/add/custody",
        "/cases/{case_id}/add/statement",
        "/cases/{case_id}/grants",
        "/cases/{case_id}/end",
        "/cases/{case_id}/reports/dossier",
    ),
}
ENDING = ("/sign-out", "/suspend", "/revoke", "/remove", "/decline", "/erase")
STRETCHED = ("/sign-in", "/lost", "/join", "/passphrase", "/code", "/device", "/tokens")
KEPT = ("version", "entry", "receipt")
URL = {"content-type": "application/x-www-form-urlencoded"}


def send_to_forms(office: Office, names: Mapping[str, str]) -> Finding:
    """Fill in every form that these pages hold."""
    found, place = Finding(), 0
    for login, paths in FORMS.items():
        cookie = {"cookie": f"{office.app.state.settings.cookie}={office.world.tokens[login]}"} if login else {}
        for path in paths:
            page = Seen(office.client.get(path.format_map(names), headers=cookie).text)
            for form in page.forms:
                if form.action.endswith(ENDING):
                    continue
                slow = form.action.endswith(STRETCHED)
                place += not slow
                for name, text, raw in chosen(place, SLOW if slow else OF_FORMS):
                    if not raw:
                        _fill(found, office, form, cookie, name, text)
    return found


def _fill(found: Finding, office: Office, form: Form, cookie: Mapping[str, str], name: str, text: str) -> None:
    kept = {
        each: values[0] for each, values in form.fields.items() if each in ("version", "entry", "receipt") and values
    }
    # Half of them with the version and the receipt that the form holds, so that they get further than these.
    typed = {**dict.fromkeys(form.fields, text), **(kept if found.sent % 2 else {text: text})}
    answer = office.client.post(form.action, content=encoded(typed), headers={**URL, **cookie})
    look(found, f"{form.action} <- {name}", answer, text)
    found.inputs.add(name)
