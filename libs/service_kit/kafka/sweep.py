"""What Kafka lost: events that were sent, that are in no topic any more, and that nobody worked on.

A topic may be deleted and made anew, kept too short, or cut by an election; an offset does not tell. The log and the
inbox do: a round notes how far the relay has sent and where the topics end, waits until the service has come there in
every partition, and then works on what stands in the log up to there and not in the inbox.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from service_kit.kafka.receipts import Partition

_log = structlog.get_logger(__name__)
LOOKS_SECONDS = 1.0
"""How often it is looked whether the service has come to where the topics ended [s]."""

InTurn = Callable[..., Awaitable[Any]]
"""Calls a function between two batches of the service, and gives its answer."""


class Swept(Protocol):
    """The work that is looked through."""

    def sent(self) -> int:
        """How far the relay has sent the log."""

    def next_offsets(self) -> Mapping[Partition, int]:
        """Where the service, all its copies, goes on in each partition."""

    def sweep(self, upto: int) -> bool:
        """Work on a stretch of what nobody worked on up to a position. Returns: whether there is more."""


class Sweep:
    """Rounds over one service's work. Of its copies the one that has the first partition makes them.

    Two at once (one frozen and woken) do no harm: what is worked on is noted by event.
    """

    def __init__(self, work: Swept, topics: Sequence[str], seconds: float) -> None:
        self._work, self._topics, self._seconds = work, topics, seconds
        self._first = TopicPartition(min(topics), 0)

    async def run(self, client: Callable[[], AIOKafkaConsumer | None], in_turn: InTurn) -> None:
        """Rounds for ever."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self._round(client, in_turn)
            except Exception as error:  # noqa: BLE001 -- a server is away: the next round finds it all
                _log.debug("not looked through", error=type(error).__name__)

    async def _round(self, client: Callable[[], AIOKafkaConsumer | None], in_turn: InTurn) -> None:
        asking = client()
        if asking is None or self._first not in asking.assignment():
            return
        sent = await in_turn(self._work.sent)
        ends = await self._ends(asking)
        while not _come_to(ends, await in_turn(self._work.next_offsets)):
            await asyncio.sleep(LOOKS_SECONDS)
            if self._first not in asking.assignment():
                return
        while await in_turn(self._work.sweep, sent):
            await asyncio.sleep(0)

    async def _ends(self, client: AIOKafkaConsumer) -> dict[Partition, int]:
        """Where partitions end that still hold something."""
        known = [TopicPartition(topic, each) for topic in self._topics for each in client.partitions_for_topic(topic)]
        begin, end = await client.beginning_offsets(known), await client.end_offsets(known)
        return {(each.topic, each.partition): end[each] for each in known if end[each] > begin[each]}


def _come_to(ends: Mapping[Partition, int], reached: Mapping[Partition, int]) -> bool:
    return all(reached.get(partition, 0) >= end for partition, end in ends.items())
