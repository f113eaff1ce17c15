"""What the routes share: the installation, its limits, and whether it could lately be written."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import anyio
import orjson
from anyio import CapacityLimiter
from fastapi import Depends, Request
from starlette.responses import Response

from event_log.errors import LogError
from interchange.arrival import Arrived, Refused
from session_capture.door import Answer
from suite.http.desk import Desk
from suite.http.problems import NOT_READY, Problem
from suite.installation import Installation

Given = TypeVar("Given")
Made = TypeVar("Made")

CALLERS_AT_ONCE = 256
"""So many callers wait at the door at once; they are answered together, by one commit [threads]."""
FAULT_REMEMBERED = 10.0
"""How long a store that could not be written counts as not ready, unless a later write succeeds [s]."""


class Json(Response):
    """An answer whose content is JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes."""
        return orjson.dumps(content)


class House:
    """One running suite, as its routes see it."""

    def __init__(self, installation: Installation, *, body_limit: int) -> None:
        self.installation, self.body_limit = installation, body_limit
        self._callers = CapacityLimiter(CALLERS_AT_ONCE)
        self._failed_at: float | None = None
        self.desk = Desk(self.keep)
        self.checks: dict[str, Callable[[], str]] = {}
        """What else must go on for the suite to be ready, where it is run: each says `ok`, or in words what is not."""

    async def keep(self, events: Sequence[Arrived | Refused]) -> list[Answer]:
        """Keep the events; durable when this returns.

        Raises:  what the door raises: nothing was kept then.
        """
        return await self.in_thread(self.keep_now, events)

    async def in_thread(self, work: Callable[[Given], Made], given: Given) -> Made:
        """Do what may wait for the store on a thread that may wait."""
        return await anyio.to_thread.run_sync(work, given, limiter=self._callers)

    def keep_now(self, events: Sequence[Arrived | Refused]) -> list[Answer]:
        """The same, on a thread that may wait."""
        try:
            answers = self.installation.door.receive(events)
        except (LogError, sqlite3.Error):
            self._failed_at = time.monotonic()
            raise
        self._failed_at = None
        return answers

    @property
    def lately_failed(self) -> bool:
        """Whether the last write failed, and not long ago."""
        failed = self._failed_at
        return failed is not None and time.monotonic() - failed < FAULT_REMEMBERED


async def house_of(request: Request) -> House:
    """The house that this request came to.

    Raises:  Problem: 503 as long as there is none: the store could not be opened yet.
    """
    house: House | None = getattr(request.app.state, "house", None)
    if house is None:
        raise Problem(NOT_READY, "The store could not be opened yet.", headers={"Retry-After": "5"})
    return house


TheHouse = Annotated[House, Depends(house_of)]
