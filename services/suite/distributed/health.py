"""`/healthz`, `/readyz` and `/metrics` of a separate process: does it live, can it work, how does it stand."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import Response

from suite.http import shapes
from suite.http.health import FINE, readiness
from suite.http.house import Json
from suite.http.reference import problems

ASKED_SECONDS = 2.0
"""How often each server is asked [s]."""
AGAIN_SECONDS = 0.5
"""How soon one is asked again that did not answer [s]."""
GIVEN_UP_SECONDS = 8.0
"""A question without an answer for so long is given up: it, or its answer, got lost on the way [s]."""
REMEMBERED_SECONDS = 6.0
"""An answer counts for so long: without one the process is not ready within 10 s [s]."""

Check = Callable[[], str]
"""`ok`, or in words what is not."""


class Probe:
    """Asks a server now and then whether it is there.

    Args:    give_up: called when a question is given up.
    """

    def __init__(self, what: str, ask: Callable[[], Awaitable[object]], give_up: Callable[[], None]) -> None:
        self._what, self._ask, self._give_up = what, ask, give_up
        self._answered: float | None = None
        self._fault = "not asked yet"

    def __call__(self) -> str:
        """See Check."""
        if self._answered is not None and time.monotonic() - self._answered < REMEMBERED_SECONDS:
            return FINE
        return f"{self._what} does not answer: {self._fault}"

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            try:
                async with asyncio.timeout(GIVEN_UP_SECONDS):
                    await self._ask()
                self._answered, pause = time.monotonic(), ASKED_SECONDS
            except Exception as error:  # noqa: BLE001 -- whatever it is, the server did not answer
                self._fault, pause = type(error).__name__, AGAIN_SECONDS
                if isinstance(error, TimeoutError):
                    self._give_up()
            await asyncio.sleep(pause)


class Health:
    """The checks of one process, which come as its parts do."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def watch(
        self,
        name: str,
        what: str,
        ask: Callable[[], Awaitable[object]],
        give_up: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask this server from now on, and say how it answers."""
        probe = Probe(what, ask, give_up)
        self.checks[name] = probe
        self._tasks.append(asyncio.create_task(probe.run()))

    async def stop(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)


router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive?", response_model=shapes.Alive, responses=problems(422))
async def alive() -> Response:
    """Answers as long as the process does; asks nobody."""
    return Json({"status": "alive"})


@router.get("/readyz", summary="Can it work?", response_model=shapes.Ready, responses=problems(422, 503))
async def ready(request: Request) -> Response:
    """Whether Kafka and the database answer, and the work goes on."""
    health: Health = request.app.state.health
    return readiness({name: check() for name, check in health.checks.items()})


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """How it stands, as Prometheus reads it."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
