"""A member at a browser without scripts: pages are read, forms are found on them, and sent with what they hold."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from api.main import create_app
from api.settings import Settings
from tests.world import World, make_world

Typed = Mapping[str, str | Sequence[str]]
LIMIT = 100_000


@dataclass
class Form:
    """One form of a page: where it goes, and what it holds before anything is typed."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: bool = False
    id: str = ""

    def put(self, name: str, value: str) -> None:
        """Add a value."""
        self.fields.setdefault(name, []).append(value)


class Seen(HTMLParser):
    """A page as a browser sees it: its elements, its forms with their values, and its words."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._select, self._area, self._first = "", "", False
        self._at = Form("")
        self.feed(source)

    @property
    def text(self) -> str:
        """Return what stands on the page, in one line."""
        return " ".join(" ".join(self.words).split())

    def all(self, *tags: str) -> list[dict[str, str]]:
        """Return the attributes of all elements of these kinds."""
        return [given for tag, given in self.elements if tag in tags]

    def form(self, action: str) -> Form:
        """Return the first form that goes to `action`, a regular expression."""
        return next(one for one in self.forms if re.fullmatch(action, one.action))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given["action"], files="enctype" in given, id=given.get("id", "")))
        elif tag == "button" and "formaction" in given:
            # The same form, sent elsewhere.
            self.forms.append(Form(given["formaction"], self._owner(given).fields))
        elif self.forms and "name" in given and tag in ("input", "select", "textarea"):
            self._control(tag, given)
        elif tag == "option" and self._select and (self._first or "selected" in given):
            self._at.fields[self._select] = [given["value"]]
            self._first = False

    def _owner(self, given: dict[str, str]) -> Form:
        """Return the form that a control belongs to: the one it names, or the last that began."""
        return next((one for one in self.forms if one.id and one.id == given.get("form")), self.forms[-1])

    def _control(self, tag: str, given: dict[str, str]) -> None:
        kind, self._at = given.get("type", "text"), self._owner(given)
        if tag == "select":
            self._select, self._first = given["name"], True
        elif tag == "textarea":
            self._area = given["name"]
            self._at.put(self._area, "")
        elif kind != "file" and (kind not in ("checkbox", "radio") or "checked" in given):
            self._at.put(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area:
            # The first line end after a text area begins is not a part of its text.
            self._at.fields[self._area][-1] += data.removeprefix("\n")


@dataclass
class Person:
    """One person at one browser: the page that was seen last, and its status."""

    client: TestClient
    answer: Response = field(init=False)

    def get(self, path: str) -> Seen:
        """Go to a page, following where it leads."""
        return self._see(self.client.get(path))

    def send(self, action: str, typed: Typed | None = None, files: Mapping[str, object] | None = None) -> Seen:
        """Fill in the form of the page seen last that goes to `action`, send it, and follow where it leads."""
        form = Seen(self.answer.text).form(action)
        filled = {**form.fields, **{name: _many(value) for name, value in (typed or {}).items()}}
        sent = {"files": files or {"none": ("", b"")}} if form.files else {}
        return self._see(self.client.post(form.action, data=filled, **sent))

    def post(self, path: str, typed: Typed | None = None) -> Seen:
        """Send to a path what no form may have offered."""
        return self._see(self.client.post(path, data={name: _many(value) for name, value in (typed or {}).items()}))

    @property
    def status(self) -> int:
        """Return the status of the answer seen last."""
        return int(self.answer.status_code)

    @property
    def path(self) -> str:
        """Return where the browser stands."""
        return str(self.answer.url.path)

    def _see(self, answer: Response) -> Seen:
        self.answer = answer
        return Seen(answer.text if answer.headers.get("content-type", "").startswith("text/html") else "")


@dataclass
class Group:
    """The application with its group."""

    world: World
    app: FastAPI

    def stranger(self) -> Person:
        """Return somebody who is not signed in."""
        client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=True)
        return Person(client)

    def member(self, login: str) -> Person:
        """Return a member of the cast with the session that the world made."""
        person = self.stranger()
        person.client.cookies.set(self.app.state.settings.cookie, self.world.tokens[login])
        return person


def group(url: str, folder: Path) -> Group:
    """Return the whole application over a founded group, taking files of up to 100,000 bytes."""
    world = make_world(url, folder)
    settings = Settings(folder / "data", folder / "secrets", url, "http://testserver", upload_limit=LIMIT)
    return Group(world, create_app(settings, world.store))


def _many(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
