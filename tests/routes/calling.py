"""Clients of the API in process: each member of a founded group with a session, and one who has none."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from api.main import create_app
from api.settings import Settings
from tests.world import World, make_world

API = "/api/v1"
LIMIT = 100_000


@dataclass
class Office:
    """A founded group behind the API."""

    world: World
    app: FastAPI

    def __post_init__(self) -> None:
        """Keep one client for all: nobody's cookies stand in it."""
        self.client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)

    def call(
        self,
        login: str,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Response:
        """Send a request as a member, or as nobody where `login` is empty."""
        token = {"authorization": f"Bearer {self.world.tokens[login]}"} if login else {}
        sent: Response = self.client.request(
            method, API + path, json=body, headers={**token, **(headers or {})}, **more
        )
        return sent

    def seen(self, login: str, case: str) -> dict[str, str]:
        """Return the header that says which version of a case was seen."""
        return {"If-Match": self.call(login, "GET", f"/cases/{case}").headers["etag"]}

    def make_case(self, title: str = "Taken from a cell") -> str:
        """Report, and accept into a new case of the North desk."""
        words = self.call("", "GET", "/receipts/new?language=en").json()["receipt"]
        about = {"story": "They came at night.", "about_name": "Ostap Loboday"}
        sent = {"receipt": words, "language": "en", "about": about, "consents": {"count": "yes"}}
        assert self.call("", "POST", "/reports", sent).status_code == 201
        waiting = [one for one in self.call("ines", "GET", "/inbox").json()["lines"] if not one["accepted"]]
        coding = [{"entity": "case", "values": {"title": title}}]
        body = {"desk": self.world.desks["North"], "coding": coding}
        answer = self.call("ines", "POST", f"/inbox/{waiting[-1]['mailbox_id']}/acceptance", body)
        return str(answer.json()["case"])


def make_office(url: str, folder: Path) -> Office:
    """Return the application over the whole cast."""
    world = make_world(url, folder)
    settings = Settings(folder / "data", folder / "secrets", url, "http://testserver", upload_limit=LIMIT)
    return Office(world, create_app(settings, world.store))
