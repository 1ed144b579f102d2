"""The description of the API (OpenAPI 3.1): every operation with an example, and every refusal that it may answer.

Promises that what is described is what the application does, since it is made from the routes, their guards and the
table of problems. Must never describe a page, nor name anybody real.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from api.describing.examples import example
from api.describing.refusals import asks_for_a_version, refusals
from api.guards import PublicGuard, guard_of
from api.problems import FAILURE, MEDIA, PRECONDITION, PROBLEMS, Problem
from api.routes.creation import KEY, LONGEST_KEY, creates

Node = dict[str, Any]
PREFIX = "/api/v1"
PROBLEM: Node = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457): one sentence for a person, a stable code at the end of `type`.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
TAG: Node = {"ETag": {"description": "The version of the case.", "schema": {"type": "string"}, "example": '"7"'}}
SEEN: Node = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of the case as it was seen.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "example": '"7"',
}
ONCE: Node = {
    "name": KEY.title(),
    "in": "header",
    "required": False,
    "description": "A name of the client's own: the same request sent again under it is answered again, and done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    "example": "5f0c7c1e-invitation",
}


class Application(FastAPI):
    """An application that describes itself at `/api/openapi.json`, once it is asked."""

    def openapi(self) -> Node:
        """Return the description, made once."""
        self.openapi_schema = self.openapi_schema or describe(self)
        return self.openapi_schema


def describe(app: FastAPI) -> Node:
    """Return the description of an application's API."""
    document = get_openapi(title="Lastheard", version="1", openapi_version="3.1.0", routes=app.routes)
    parts = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        parts.pop(name, None)
    parts["Problem"] = PROBLEM
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for route, method, operation in _operations(app, document):
        _say(document, route, operation, f"{method} {route.path.removeprefix(PREFIX)}")
    return document


def _operations(app: FastAPI, document: Node) -> Iterator[tuple[Any, str, Node]]:
    for route in iter_route_contexts(app.routes):
        for method in getattr(route, "methods", None) or ():
            operation = document["paths"].get(route.path, {}).get(method.lower())
            if operation:
                yield route, method, operation


def _say(document: Node, route: Any, operation: Node, name: str) -> None:
    operation["operationId"] = name
    operation["security"] = [] if isinstance(guard_of(route), PublicGuard) else [{"token": []}]
    given = [one for one in operation.pop("parameters", []) if one["name"].lower() != "if-match"]
    given += [SEEN] if asks_for_a_version(route.dependant) else []
    given += [ONCE] if creates(route) else []
    operation |= {"parameters": given} if given else {}
    for one in given:
        one.setdefault("example", example(document, one["schema"], name, one["name"]))
    operation["responses"] = {**_answered(document, route, operation, name), **_refused(route, operation)}
    for media in operation.get("requestBody", {}).get("content", {}).values():
        media["example"] = example(document, media["schema"], name, "")


def _answered(document: Node, route: Any, operation: Node, name: str) -> Node:
    found = {code: one for code, one in operation["responses"].items() if code.startswith("2")}
    for code, one in found.items():
        one["description"] = _first_line(operation, code)
        if asks_for_a_version(route.dependant) or "CaseView" in str(one):
            one["headers"] = TAG
        for media, said in one.get("content", {}).items():
            if media == "application/json":
                said["example"] = example(document, said["schema"], name, "")
    return found


def _first_line(operation: Node, code: str) -> str:
    return "Done; there is nothing to say." if code == "204" else str(operation.get("description", "")).split(";")[0]


def _refused(route: Any, operation: Node) -> Node:
    by_status: dict[int, list[Problem]] = {}
    stale = PRECONDITION if asks_for_a_version(route.dependant) else None
    for kind in refusals(route, operation):
        row = PROBLEMS[kind]
        row = stale if stale and row.code == stale.code else row
        by_status.setdefault(row.status, []).append(row)
    by_status.setdefault(FAILURE.status, []).append(FAILURE)
    return {str(status): _problem(rows) for status, rows in sorted(by_status.items())}


def _problem(rows: list[Problem]) -> Mapping[str, Any]:
    examples = {one.code: {"value": _body(one)} for one in rows}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return {"description": " ".join(one.sentence for one in rows), "content": {MEDIA: content}}


def _body(one: Problem) -> Node:
    said: Node = {"type": f"/problems/{one.code}", "title": one.sentence, "status": one.status}
    return said | ({"fields": {"receipt": "malformed"}} if one.code == "invalid" else {})
