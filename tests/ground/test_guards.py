"""Every route has exactly one guard; the set of public routes is pinned; a forgotten guard stops the program."""

from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from api import pages, routes
from api.access.caller import Caller
from api.guards import CallerGuard, CaseGuard, Public, PublicGuard, Requires, guard_of, require_guards
from api.policy.actions import Action
from api.routes import health

PUBLIC = {
    "GET /",
    "GET /away",
    "GET /health",
    "GET /en",
    "GET /ru",
    "GET /uk",
    "GET /{language}/",
    "GET /{language}/report",
    "POST /{language}/report",
    "GET /{language}/sent",
    "GET /{language}/return",
    "POST /{language}/mailbox",
    "GET /found",
    "POST /found",
    "GET /join",
    "POST /join",
    "GET /sign-in",
    "POST /sign-in",
    "GET /lost",
    "POST /lost",
    "GET /recover",
    "POST /recover",
    "POST /recover/finish",
    "POST /api/v1/recovery/claims",
    "POST /api/v1/recovery/sessions",
    "GET /api/v1/offers",
    "POST /api/v1/founding",
    "POST /api/v1/members",
    "POST /api/v1/sessions",
    "POST /api/v1/recoveries",
    "GET /api/v1/receipts/new",
    "POST /api/v1/reports",
    "POST /api/v1/mailbox",
    "POST /api/v1/mailbox/letters",
    "POST /api/v1/mailbox/consents",
    "POST /api/v1/mailbox/erasure",
}


def application() -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(health.router)
    app.include_router(routes.router, prefix="/api/v1")
    app.include_router(pages.router)
    return app


def test_every_route_is_guarded() -> None:
    assert require_guards(application().routes) > 80


def test_the_public_routes_are_these_and_no_others() -> None:
    found = set()
    for context in iter_route_contexts(application().routes):
        if isinstance(guard_of(context), PublicGuard):
            found |= {f"{method} {context.path}" for method in context.methods or ()}
    assert found == PUBLIC


def test_no_two_routes_answer_the_same_request() -> None:
    found = [
        f"{method} {one.path}" for one in iter_route_contexts(application().routes) for method in one.methods or ()
    ]
    assert sorted(set(found)) == sorted(found)


def test_every_action_that_a_route_names_has_a_rule_and_every_rule_a_route_or_a_service() -> None:
    guards = [guard_of(context) for context in iter_route_contexts(application().routes)]
    used = {one.action for one in guards if isinstance(one, CallerGuard | CaseGuard)}
    assert used <= set(Action)
    assert set(Action) - used <= {Action.CASE_CREATE}


def planted(*dependencies: object) -> FastAPI:
    router = APIRouter()

    @router.get("/forgotten", dependencies=list(dependencies))
    def forgotten() -> None:
        """Answer anyone."""

    app = application()
    app.include_router(router)
    return app


def test_a_forgotten_guard_stops_the_program() -> None:
    with pytest.raises(RuntimeError, match="/forgotten has 0 guards"):
        require_guards(planted().routes)


def test_a_doubled_guard_stops_the_program() -> None:
    with pytest.raises(RuntimeError, match="/forgotten has 2 guards"):
        require_guards(planted(Public("x"), Requires(Action.CASE_LIST)).routes)


def test_a_program_without_routes_does_not_pass_for_guarded() -> None:
    with pytest.raises(RuntimeError):
        require_guards([])


def test_a_guard_in_a_parameter_counts_as_one() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/x")
    def handler(caller: Annotated[Caller, Requires(Action.CASE_LIST)]) -> None:
        """Answer a member."""

    assert require_guards(app.routes) == 1
