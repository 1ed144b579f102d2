"""Every operation of the API, and every route of the pages, as the application itself has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api import pages, routes
from api.guards import FRAMEWORK_ROUTES, guard_of


@dataclass(frozen=True)
class Operation:
    """A method at a path, with the guard that stands before it and the status of its success."""

    method: str
    path: str
    guard: Any
    route: Any

    def __str__(self) -> str:
        """Return `METHOD /path`."""
        return f"{self.method} {self.path}"


@cache
def operations() -> tuple[Operation, ...]:
    """Return the operations of the JSON API; paths without `/api/v1`."""
    return tuple(found(routes.router))


@cache
def page_routes() -> tuple[Operation, ...]:
    """Return the routes of the pages."""
    return tuple(found(pages.router))


def found(router: Any) -> Iterator[Operation]:
    """Yield what a router answers."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    for one in iter_route_contexts(app.routes):
        if one.path not in FRAMEWORK_ROUTES and hasattr(one, "dependant"):
            for method in sorted(one.methods or ()):
                yield Operation(method, one.path, guard_of(one), one)
