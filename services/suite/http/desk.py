"""Events that come alone, kept together: who comes while one commit is on its way is in the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from interchange.arrival import Arrived, Refused
from session_capture.door import Answer

EVENTS_A_COMMIT = 1_000


class _Waiting(NamedTuple):
    event: Arrived | Refused
    answer: asyncio.Future[Answer]


class Desk:
    """Hands single events on, as many at once as have come; a thread and a commit for all of them, not for each."""

    def __init__(self, keep: Callable[[Sequence[Arrived | Refused]], Awaitable[list[Answer]]]) -> None:
        self._keep = keep
        self._queue: deque[_Waiting] = deque()
        self._carrier: asyncio.Task[None] | None = None

    async def take(self, event: Arrived | Refused) -> Answer:
        """Keep one event; durable when this returns.

        Raises:  what the door raises: nothing was kept then.
        """
        waiting = _Waiting(event, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._carrier is None:
            self._carrier = asyncio.create_task(self._carry())
        return await waiting.answer

    async def _carry(self) -> None:
        try:
            while self._queue:
                await self._carry_some([self._queue.popleft() for _ in range(min(len(self._queue), EVENTS_A_COMMIT))])
        finally:
            self._carrier = None
            for left in self._queue:  # the server stops: nobody carries them on
                left.answer.cancel()

    async def _carry_some(self, some: Sequence[_Waiting]) -> None:
        try:
            answers = await self._keep([each.event for each in some])
        except Exception as error:  # noqa: BLE001 -- every caller who waits must hear of it
            for each in some:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        except asyncio.CancelledError:
            for each in some:
                each.answer.cancel()
            raise
        for each, answer in zip(some, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(answer)
