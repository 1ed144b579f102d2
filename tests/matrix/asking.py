"""Asking: one request for each operation and subject, and the cell that its answer makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from httpx import Response

from api.guards import PublicGuard
from tests.matrix.people import SUBJECTS, Scene, Subject
from tests.matrix.requests import API, PAGES, Ask
from tests.routes.operations import Operation

PREFIX = "/api/v1"
YES, ASKED, NO, UNSEEN, SIGN_IN = "yes", "form", "no", "unseen", "sign in"
MEND = "give it a row in tests/matrix/requests.py: a request that only the right to it decides"
REFUSED = {"forbidden": NO, "not-found": UNSEEN, "session-ended": SIGN_IN}
FORM = {"content-type": "application/x-www-form-urlencoded"}
# What ends a session gets a spare one.
ENDS = {"DELETE /sessions/current", "DELETE /sessions/{session_id}", "POST /sign-out"}
ENDS |= {"POST /me/sessions/{session_id}/end"}
Row = Mapping[str, str]


@dataclass(frozen=True)
class SurpriseError(Exception):
    """An answer that the table has no word for."""

    what: str


def row(scene: Scene, one: Operation, pages: bool, subjects: Sequence[Subject] = SUBJECTS) -> Row:
    """Return the cells of an operation by the head of the column."""
    asked, cells = (PAGES if pages else API).get(str(one), Ask()), dict[str, str]()
    for who in subjects:
        known = next((cells[str(other)] for other in subjects if other.role == who.role and str(other) in cells), None)
        cells[str(who)] = known if asked.slow and known else cell(scene, one, who, pages)
    return cells


def cell(scene: Scene, one: Operation, who: Subject, pages: bool) -> str:
    """Return the word for what happens when `who` asks for an operation."""
    asked = (PAGES if pages else API).get(str(one), Ask())
    answer = send(scene, one, who, asked, pages)
    found = _of_a_page(one, answer) if pages else _of_the_api(one, who, asked, answer)
    if asked.used and found == YES:
        scene.renew()
    return found


def send(scene: Scene, one: Operation, who: Subject, asked: Ask, pages: bool) -> Response:
    """Send the request and return the answer."""
    names = {**scene.names, "session_id": "0" * 64, "member_id": scene.names["carl"]}
    token = scene.office.world.tokens[who.login] if who.login else ""
    if who.login and str(one) in ENDS:
        token, names["session_id"] = _spare(scene, one, who, token)
    names |= {name: text.format_map(names) for name, text in asked.names.items()}
    path = one.path.format_map(names) + (f"?{asked.query.format_map(names)}" if asked.query else "")
    return _sent(scene, one, path, token, _filled(asked.body, names), asked, pages)


def _spare(scene: Scene, one: Operation, who: Subject, token: str) -> tuple[str, str]:
    """Return the secret to ask with and the id of a session to be ended: a spare one, either way."""
    secret, session_id = scene.spare(who.login)
    return (token if "{session_id}" in one.path else secret), session_id


def _sent(scene: Scene, one: Operation, path: str, token: str, body: Any, asked: Ask, pages: bool) -> Response:
    client = scene.office.client
    if pages:
        cookie = {"cookie": f"{scene.office.app.state.settings.cookie}={token}"} if token else {}
        return client.request(one.method, path, headers={**cookie, **FORM}, content=b"nothing=")
    headers = {**asked.headers, **({"authorization": f"Bearer {token}"} if token else {})}
    said = {"content": body} if isinstance(body, bytes) else {"json": body}
    return client.request(one.method, PREFIX + path, headers=headers, **said)


def _filled(body: Any, names: Mapping[str, str]) -> Any:
    match body:
        case str():
            return body.format_map(names) if "{" in body else body
        case dict():
            return {_filled(key, names): _filled(one, names) for key, one in body.items()}
        case list():
            return [_filled(one, names) for one in body]
        case _:
            return body


def _of_the_api(one: Operation, who: Subject, asked: Ask, answer: Response) -> str:
    problem = answer.json()["type"].rpartition("/")[2] if answer.status_code >= 400 else ""
    if problem in REFUSED:
        return REFUSED[problem]
    if answer.status_code not in asked.through:
        raise SurpriseError(f"{one} by {who}: {answer.status_code} {answer.text[:200]}; {MEND}")
    return YES


def _of_a_page(one: Operation, answer: Response) -> str:
    match answer.status_code:
        case 303 if answer.headers["location"] == "/sign-in" and "set-cookie" not in answer.headers:
            return SIGN_IN
        case 200 | 303:
            return YES
        case 401 if isinstance(one.guard, PublicGuard):
            return ASKED
        case 401:
            return SIGN_IN
        case 403:
            return NO
        case 404:
            return UNSEEN
        case 409 | 422 | 503:
            return ASKED
        case _:
            raise SurpriseError(f"{answer.request.url.path}: {answer.status_code}")
