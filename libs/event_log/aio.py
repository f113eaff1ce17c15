"""Committing from a coroutine: the answers of one group commit wake the event loop once, not once each."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import cast

from event_log.protocol import Append, Checkpoint, Commit, Done, EventLog, Guard, HandsOver, Rows

_Waiting = asyncio.Future[Commit]


class _Bridge:
    """Carries answers from the writer's thread into one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._answers: deque[tuple[_Waiting, Commit | None, BaseException | None]] = deque()
        self._called = False

        self.wake = self._wake
        """One object, so that a group calls it once."""

    def carry(self, waiting: _Waiting, answer: Commit | None, error: BaseException | None) -> Callable[[], None]:
        """Called in the writer's thread."""
        self._answers.append((waiting, answer, error))
        return self.wake

    def _wake(self) -> None:
        """Called in the writer's thread, once all answers of a group are here."""
        if not self._called:
            self._called = True
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._called = False  # first: what comes from here on calls again
        while self._answers:
            waiting, answer, error = self._answers.popleft()
            if waiting.done():
                continue  # its coroutine was cancelled; the commit stands
            if answer is not None:
                waiting.set_result(answer)
            elif error is not None:
                waiting.set_exception(error)


class _Here(threading.local):
    """The bridge into the event loop that runs in this thread."""

    bridge: _Bridge | None = None


_here = _Here()


def _tell(done: Done, answer: Future[Commit]) -> None:
    error = answer.exception()
    wake = done(answer.result() if error is None else None, error)
    if wake is not None:
        wake()


async def commit(
    log: EventLog,
    appends: Sequence[Append],
    *,
    service: str,
    rows: Rows | None = None,
    checkpoint: Checkpoint | None = None,
    guards: Sequence[Guard] = (),
) -> Commit:
    """EventLog.commit without blocking the event loop. A cancelled caller's commit may still be written."""
    loop = asyncio.get_running_loop()
    bridge = _here.bridge
    if bridge is None or bridge.loop is not loop:
        bridge = _here.bridge = _Bridge(loop)
    waiting: _Waiting = loop.create_future()
    done = partial(bridge.carry, waiting)
    if hasattr(log, "hand_over"):  # an isinstance of the protocol would cost a tenth of the commit
        cast("HandsOver", log).hand_over(
            appends, done, service=service, rows=rows, checkpoint=checkpoint, guards=guards
        )
    else:
        answer = log.submit(appends, service=service, rows=rows, checkpoint=checkpoint, guards=guards)
        answer.add_done_callback(partial(_tell, done))
    return await waiting
