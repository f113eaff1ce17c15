"""The HTTP API as one app over an installation."""

import importlib.metadata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.responses import Response
from starlette.types import Lifespan

from suite.http import (
    appeals,
    claims,
    events,
    figures,
    health,
    middleware,
    operations,
    outbox,
    payers,
    questions,
    reference,
    reference_page,
)
from suite.http.bodies import limit_from_environment
from suite.http.house import House, Json
from suite.http.parameters import known_parameters
from suite.installation import Installation

_DESCRIPTION = """Send clinic events, see the claims that come of them, and replay how each came to be.

Every answer that is no success is a problem document (RFC 9457): `errors` names each field, its value and what would be
right. Unknown and repeated parameters are refused. `X-Request-Id` names a request in the logs."""
_SILENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""FastAPI's own telemetry tells paths and queries, which may be about a patient, and counts requests a second time."""
_TAGS = [
    {"name": "events", "description": "What clinics and payers send."},
    {"name": "claims", "description": "The claims and their histories."},
    {"name": "appeals", "description": "What is to be done about denials, and by when."},
    {"name": "payers", "description": "Payers' files, what fits no claim, and what denials add up to."},
    {"name": "questions", "description": "The rules alone; nothing is stored."},
    {"name": "operations", "description": "What stands still."},
    {"name": "health", "description": "For those who watch."},
]


def create_app(
    installation: Installation, *, start_services: bool = True, hosts: frozenset[str] | None = None
) -> FastAPI:
    """The app; whoever made the installation closes it, after the app has stopped.

    Args:    start_services: let the services follow the log while the app runs.
             hosts: the names it answers to, in lower case; None = any.
    Raises:  ValueError: CLAIMTRAIL_MAX_BODY_BYTES is no number of bytes.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if start_services:
            installation.dispatcher.start()
        try:
            yield
        finally:
            if start_services:
                await anyio.to_thread.run_sync(installation.dispatcher.stop)

    parts = (events, claims, appeals, payers, outbox, figures, questions, operations, health, reference_page)
    app = assembled([part.router for part in parts], lifespan, hosts=hosts)
    app.state.house = House(installation, body_limit=limit_from_environment())
    return app


def assembled(
    routers: Sequence[APIRouter],
    lifespan: Lifespan[FastAPI] | None = None,
    *,
    hosts: frozenset[str] | None = None,
    measures: middleware.Measures | None = None,
) -> FastAPI:
    """An app of these routes, with all that stands around every request; its house moves in later."""
    app = FastAPI(
        title="Claimtrail",
        version=importlib.metadata.version("claimtrail"),
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry=_SILENT,
    )
    middleware.install(app, hosts, measures)
    for router in routers:  # the events' own route looks at its parameters by itself
        app.include_router(router, dependencies=[] if router is events.router else [Depends(known_parameters)])
    app.add_api_route("/openapi.json", _openapi, include_in_schema=False)
    app.openapi = _schema_of(app)  # type: ignore[method-assign]  # FastAPI's own way to change it
    return app


async def _openapi(request: Request) -> Response:
    return Json(reference.document(request.app))


def _schema_of(app: FastAPI) -> Any:
    return lambda: reference.document(app)
