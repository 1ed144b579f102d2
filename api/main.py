"""The application: wires store, guards, problems, routes and pages, then checks that every route is guarded.

Promises not to start with a forgotten guard or a store of another version. Must never import content.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.telemetry import TelemetryConfig
from starlette.staticfiles import StaticFiles

from api import audit, journal, pages, problems, routes
from api.describing import Application
from api.edge import Edge
from api.errors import Refused
from api.guards import require_guards
from api.journal import Tally
from api.routes import health
from api.sealed import schema
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, open_store
from api.services import operating, retaining
from api.services.shelter import shelter
from api.services.stretching import Stretcher
from api.settings import Settings, settings_for

PAUSE = 600
TELEMETRY_OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def open_for(settings: Settings) -> Store:
    """Return the store of these settings; raises SecretMissing or StoreVersion."""
    store = open_store(settings.database, settings.data, SecretFiles(settings.secrets))
    schema.require_current(store.engine)
    return store


def create_app(settings: Settings, store: Store | None = None) -> FastAPI:
    """Return the application on its store; raises RuntimeError where a route has no guard."""
    app = Application(
        title="Lastheard",
        openapi_url="/api/openapi.json",
        # The framework's own documentation pages load scripts from a third party.
        docs_url=None,
        redoc_url=None,
        # A redirect to the other spelling of a path would name whatever host the request claims.
        redirect_slashes=False,
        telemetry=TELEMETRY_OFF,
        lifespan=_lifespan,
    )
    app.state.settings, app.state.store = settings, store or open_for(settings)
    app.state.stretcher = Stretcher(app.state.store.deployment)
    app.state.tally = Tally()
    problems.install(app)
    app.include_router(health.router)
    app.include_router(routes.router, prefix="/api/v1")
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=Path(pages.__file__).parent / "static"))
    require_guards(app.routes)
    # Around the whole stack, not within it: the framework answers a failure outside all that is added to it.
    app.middleware_stack = Edge(
        app.build_middleware_stack(), settings.body_limit, settings.secure, pages.STREAMED, _refuse, app.state.tally
    )
    return app


def _refuse(request: Request, kind: type[Refused]) -> Response:
    return problems.answer(request, problems.PROBLEMS[kind])


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    audit.publish(app.state.store)
    journal.note("started")
    timer = asyncio.create_task(_keep_time(app.state.store, app.state.tally))
    yield
    timer.cancel()
    # A run that has begun ends first: what it destroys, it destroys whole.
    with suppress(asyncio.CancelledError):
        await timer
    app.state.store.close()
    app.state.tally.write()
    journal.note("stopped")


async def _keep_time(store: Store, tally: Tally) -> None:
    """Make the daily retention run in every worker that lives long enough; a refusal is named, and tried again."""
    while True:
        tally.turn()
        try:
            await run_sync(retaining.retain_daily, store)
            await run_sync(operating.remember_log, store)
        except Exception as error:
            # Class only: the text of an exception may carry content.
            journal.note("retention-refused", logging.ERROR, error=type(error).__name__)
        await asyncio.sleep(PAUSE)


def from_environment() -> FastAPI:
    """Return the application for a worker process that the command started."""
    shelter()
    return create_app(settings_for(Path(os.environ["LASTHEARD_DATA"])))
