"""Around every request: an id, headers that browsers heed, a line in the log, and no fault that gets out."""

import time
import traceback
import uuid
from typing import Any, Protocol

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suite.http.problems import WRONG_HOST, Problem
from suite.http.troubles import as_problem, of_group

_log = structlog.get_logger(__name__)

REQUEST_ID = "request_id"
FOR_WATCHERS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered under any host's name: who watches a process asks for its address, and nothing there is about a patient."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ANOTHER_HOST = "The header `Host` names none of the hosts that are served here."
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Measures(Protocol):
    """Is told of every answer: see service_kit.telemetry.Telemetry."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""


class Around:
    """The outermost layer. Logs name the route, never the query or the body: those may be about a patient."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None = None, measures: Measures | None = None) -> None:
        self.app, self._hosts, self._measures = app, hosts, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})[REQUEST_ID] = request_id
        began, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if self._is_for_another(scope):
                await Problem(WRONG_HOST, _ANOTHER_HOST).response(request_id)(scope, receive, send_on)
            else:
                await self.app(scope, receive, send_on)
        except ClientDisconnect:
            _log.info("the client went away", request_id=request_id, route=_route(scope))
        except Exception as wrapped:  # noqa: BLE001 -- whatever it is, the caller hears of it without its innards
            error = of_group(wrapped)
            if isinstance(error, ClientDisconnect):
                return
            _tell(error, request_id, scope)
            if not status:
                await as_problem(error).response(request_id)(scope, receive, send_on)
        finally:
            seconds = time.perf_counter() - began
            if self._measures is not None and status:
                method = scope["method"] if scope["method"] in METHODS else "_OTHER"
                self._measures.answered(method, _route(scope), status, seconds)
            _log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=_route(scope),
                status=status,
                milliseconds=round(seconds * 1000, 1),
            )

    def _is_for_another(self, scope: Scope) -> bool:
        """Whether the host asked for is not ours: a page of another site cannot make a browser read claims so."""
        if self._hosts is None or scope["path"] in FOR_WATCHERS:
            return False
        host = Headers(scope=scope).get("host", "")
        name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
        return name.lower() not in self._hosts


def install(app: FastAPI, hosts: frozenset[str] | None = None, measures: Measures | None = None) -> None:
    """Let every exception end in a problem document, and answer for these hosts only (None: for any)."""
    app.add_middleware(Around, hosts=hosts, measures=measures)
    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    return as_problem(error, request.scope).response(request.scope["state"][REQUEST_ID])


def _route(scope: Scope) -> str:
    """The route's template: `/v1/claims/{claim_id}`, never what stood in the braces."""
    return getattr(scope.get("route"), "path", "unmatched")


def _tell(error: Exception, request_id: str, scope: Scope) -> None:
    """Where it went wrong: the type and the place, never the message, which may hold what was sent."""
    frames = traceback.extract_tb(error.__traceback__)
    places: list[Any] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} in {frame.name}" for frame in frames[-4:]]
    _log.error(
        "request failed", request_id=request_id, route=_route(scope), error=type(error).__name__, at=places[::-1]
    )
