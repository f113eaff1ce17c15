"""A distributed suite in one process, over one store: a relay, copies of every service, and Kafka between them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from service_kit.kafka.consumer import Consumer
from service_kit.kafka.copies import Copier, Source
from service_kit.kafka.relay import Relay, producer, started
from service_kit.kafka.topics import Topic
from service_kit.settings import Settings
from suite.distributed import members
from suite.installation import Installation
from suite.topics import CLINIC, DEAD_LETTERS, REJECTS

PATIENCE = 60.0


class Plant:
    """What runs."""

    def __init__(self, store: Installation, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.relays: list[Relay] = []
        self.consumers: list[Consumer] = []
        self.copiers: list[Copier] = []

    async def start(self, *, copies: int = 1, relays: int = 1) -> None:

        for number in range(relays):
            self.relays.append(members.relay_of(self.store, self.settings, f"relay-{number}"))
            self.relays[-1].start()
        for _ in range(copies):
            await self.add_copies()

    async def add_copies(self) -> list[Consumer]:
        """One more copy of every service."""
        door, rejects = members.door_of(self.store, self.settings)
        made = [door]
        self._copy("door", {REJECTS: rejects})
        for service in members.services().values():
            consumer, letters = members.consumer_of(self.store, service, self.settings)
            self._copy(service.name, {DEAD_LETTERS: letters})
            made.append(consumer)
        await asyncio.gather(*(each.start() for each in made))
        self.consumers += made
        return made

    def _copy(self, name: str, sources: dict[Topic, Source]) -> None:
        self.copiers.append(members.copier_of(self.store, self.settings, name, sources))
        self.copiers[-1].start()

    async def stop(self) -> None:
        await asyncio.gather(*(each.stop() for each in (*self.relays, *self.consumers, *self.copiers)))


@asynccontextmanager
async def plant(store: Installation, settings: Settings, *, copies: int = 1, relays: int = 1) -> AsyncIterator[Plant]:
    made = Plant(store, settings)
    try:
        await made.start(copies=copies, relays=relays)
        yield made
    finally:
        await made.stop()


async def until(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Wait for something to become true; how long it took [s]."""
    began = time.monotonic()
    while not await asyncio.to_thread(true):
        assert time.monotonic() - began < patience, f"not within {patience:.0f} s: {what}"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


ToSend = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
"""Key, value, headers."""


async def tell(settings: Settings, messages: Sequence[ToSend]) -> None:
    """Send to the clinics' topic."""
    async with started(producer(settings)) as sending:
        topic = settings.prefix + CLINIC.name
        sent = [await sending.send(topic, value, key, headers=headers) for key, value, headers in messages]
        await asyncio.gather(*sent)


async def all_messages(settings: Settings, topics: Sequence[str]) -> list[Any]:
    """Every message in these topics now, by partition and offset."""
    client = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, auto_offset_reset="earliest")
    await client.start()
    found: list[Any] = []
    try:
        partitions = [TopicPartition(topic, each) for topic in topics for each in range(settings.partitions)]
        client.assign(partitions)
        for partition, end in (await client.end_offsets(partitions)).items():
            while await client.position(partition) < end:
                found += (await client.getmany(partition, timeout_ms=500)).get(partition, [])
        return found
    finally:
        await client.stop()
