"""A visitor: a small browser without scripts, and a client of the API.

Promises to send what a form holds, hidden fields included. Must never reach past HTTP.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from api.crypto.people import totp_code

# Seconds: how long a one-time code stands, and how long before its end it is not begun with.
STEP, MARGIN = 30, 6


class UnexpectedError(Exception):
    """An answer that the story did not expect: its status and its title."""


class Page(HTMLParser):
    """What a form's page holds: hidden fields, `data-` marks with their text, and the words of a receipt."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Gather a hidden field, or begin a mark."""
        known = {name: value or "" for name, value in attrs}
        if tag == "input" and known.get("type") == "hidden":
            self.hidden[known.get("name", "")] = known.get("value", "")
        for name, value in known.items():
            if name.startswith("data-"):
                self._open = name
                self.marks[name] = value

    def handle_data(self, data: str) -> None:
        """Take the text of the mark that was just begun."""
        if self._open and data.strip():
            self.marks[self._open] = self.marks[self._open] or data.strip()
            self._open = ""


@dataclass
class Visitor:
    """One person at one device: a cookie jar, and a token once there is one."""

    url: str
    login: str = ""
    role: str = ""
    passphrase: str = field(default="", repr=False)
    totp_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    member: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        """Open the connection."""
        self.http = httpx.Client(base_url=self.url, timeout=60, follow_redirects=False)

    def page(self, path: str) -> Page:
        """Get a page and read its form."""
        return Page(self._expect(self.http.get(path)).text)

    def submit(self, path: str, fields: Mapping[str, Any], files: Sequence[tuple[str, Any]] = ()) -> httpx.Response:
        """Send a form and return the answer, a page or a redirect."""
        sent = self.http.post(path, data=dict(fields), files=list(files) or None)
        return self._expect(sent)

    def api(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """Call the API and return what its JSON says, or the bytes of a document."""
        return _content(self._expect(self.try_api(method, path, body, **more)))

    def try_api(self, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        """Call the API and return the answer, whatever it is."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.http.request(method, f"/api/v1{path}", json=body, headers=headers | more.pop("headers", {}), **more)

    def code(self, step: int = 0) -> str:
        """Return the digits that the authenticator shows now, or so many steps of thirty seconds later."""
        return totp_code(self.totp_secret, time.time() + STEP * step)

    def enrol(self, path: str, fields: Mapping[str, str]) -> None:
        """Join (or found the group) with the passphrase and the seed that the page offers, then sign in."""
        offered = self.page(path)
        self.passphrase, self.totp_secret = offered.marks["data-passphrase"], offered.marks["data-totp-secret"]
        own = {"login": self.login, "initial": self.login[0], "language": "en", "totp_code": self.code()}
        answer = self.submit(path, {**offered.hidden, **own, **fields, "passphrase": self.passphrase})
        # The six words that they read out when they are called.
        self.words = Page(answer.text).marks.get("data-words", "")

    def sign_in(self) -> None:
        """Sign in on the page, and make a token for the API.

        Each takes a code, and a code works once: the one just past, then the present one. Near the end of a step the
        one just past would be too old before it is looked at.
        """
        left = STEP - time.time() % STEP
        time.sleep(left if left < MARGIN else 0)
        who = {"login": self.login, "passphrase": self.passphrase}
        self.submit("/sign-in", {**who, "code": self.code(-1)})
        self.token = str(self.api("POST", "/tokens", {**who, "code": self.code(), "days": 30, "signs": True})["token"])
        self.member = str(self.api("GET", "/me")["member"])

    def _expect(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code >= 400:
            raise UnexpectedError(
                f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {_title(answer)}"
            )
        return answer


def _title(answer: httpx.Response) -> str:
    found = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    return str(found.get("title", ""))


def _content(answer: httpx.Response) -> Any:
    if answer.content and answer.headers.get("content-type", "").startswith("application/json"):
        return answer.json()
    return answer.content
