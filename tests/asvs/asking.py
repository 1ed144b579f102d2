"""Every route of the application, asked by name: with ids of the scene in its path, or of nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx import Response

from tests.pages.scene import Scene

ORIGIN = "http://testserver"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Route:
    """One method of one path's template."""

    method: str
    template: str

    def path(self, names: dict[str, str] | None = None) -> str:
        """Return the path with an id in each place, those of `names` first."""
        known = {"language": "uk", **(names or {})}
        return re.sub(r"\{(\w+)\}", lambda one: known.get(one[1], "a" * 26), self.template)

    def takes(self, path: str) -> bool:
        """Say whether a path is one of this template's: `/cases/search` is one of `/cases/{case_id}`, too."""
        parts = re.split(r"\{\w+\}", self.template)
        return re.fullmatch("[^/]+".join(map(re.escape, parts)), path) is not None


def routes(app: FastAPI) -> Iterator[Route]:
    """Yield every method of every route, HEAD left out."""
    for one in iter_route_contexts(app.routes):
        for method in sorted((one.methods or set()) - {"HEAD"}):
            yield Route(method, one.path or "/")


# What would leave the next question to be asked by nobody, or about nothing.
ENDING = {("POST", "/sign-out"), ("POST", "/cases/{case_id}/erase"), ("DELETE", "/api/v1/sessions/current")}


def staying(app: FastAPI) -> Iterator[Route]:
    """Yield every route but those that end the session of who asks, or the case that is asked about."""
    yield from (one for one in routes(app) if (one.method, one.template) not in ENDING)


def names(scene: Scene) -> dict[str, str]:
    """Return the scene's own ids for the places in a path."""
    case = scene.names["case"].rsplit("/", 1)[-1]
    return {"case_id": case, "desk_id": scene.names["north"], "mailbox_id": scene.names["report"], "profile": "wgeid"}


def client(scene: Scene, login: str = "", **headers: str) -> TestClient:
    """Return a browser that follows nothing, signed in as a member or nobody."""
    asking = TestClient(scene.staff.app, raise_server_exceptions=False, follow_redirects=False, headers=headers)
    if login:
        asking.cookies.set(scene.staff.app.state.settings.cookie, scene.staff.world.tokens[login])
    return asking


def bearer(scene: Scene, login: str) -> TestClient:
    """Return a client of the API with this member's session as its token."""
    return client(scene, "", authorization=f"Bearer {scene.staff.world.tokens[login]}")


def ask(asking: TestClient, route: Route, scene: Scene, **more: object) -> Response:
    """Ask one route, with the scene's ids in its path."""
    answer: Response = asking.request(route.method, route.path(names(scene)), **more)
    return answer
