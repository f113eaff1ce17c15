"""The relay sends the log to Kafka: all of it, in order, by one leader at a time."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from event_log.protocol import Recorded
from service_kit.kafka.envelope import Envelope
from service_kit.kafka.relay import Relay, producer
from service_kit.settings import Settings
from suite.distributed import members
from suite.installation import Installation
from suite.topics import LOG_TOPICS, topic_map
from support.distributed import all_messages, until
from support.histories import rich_history
from support.store import opened, send


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with opened(tmp_path) as made:
        send(made, rich_history())
        yield made


async def sent(store: Installation, settings: Settings) -> list[Recorded]:
    """What the topics hold, opened, in the order of each partition."""
    envelope = Envelope(store.key_ring.fingerprint_key())
    topics = topic_map(settings.prefix)
    messages = await all_messages(settings, [topics.name(topic) for topic in LOG_TOPICS])
    return [envelope.open(message) for message in messages]


async def relayed(store: Installation, *relays: Relay) -> None:
    await until(lambda: any(each.position == store.log.head() for each in relays), "everything is relayed")


def test_every_event_of_the_log_is_sent_as_it_is_stored(store: Installation, settings: Settings) -> None:
    async def run() -> None:
        relay = members.relay_of(store, settings, "one")
        relay.start()
        await relayed(store, relay)
        await relay.stop()
        there = await sent(store, settings)
        kept = store.log.read_all(0, 10_000)
        assert sorted(there) == [row._replace(fingerprint=None, leaf_hash=b"") for row in kept]

    asyncio.run(run())


def test_each_stream_is_in_one_partition_in_its_own_order(store: Installation, settings: Settings) -> None:
    async def run() -> None:
        relay = members.relay_of(store, settings, "one")
        relay.start()
        await relayed(store, relay)
        await relay.stop()
        versions: dict[str, list[int]] = {}
        for row in await sent(store, settings):
            versions.setdefault(row.stream, []).append(row.version)
        assert all(found == list(range(1, len(found) + 1)) for found in versions.values())

    asyncio.run(run())


def test_one_of_two_relays_sends_and_the_other_takes_over(store: Installation, settings: Settings) -> None:
    settings = replace(settings, lease_seconds=1.0)

    async def run() -> None:
        first = members.relay_of(store, settings, "first")
        first.start()
        await relayed(store, first)
        second = members.relay_of(store, settings, "second")
        second.start()
        await asyncio.sleep(1.5)
        assert (first.leads, second.leads) == (True, False)
        for task in first._tasks:  # as a dead process: it says nothing any more
            task.cancel()
        store.door.receive(events_more())
        await until(lambda: second.leads, "the second leads", patience=15)
        await relayed(store, second)
        await second.stop()
        there = [row.event_id for row in await sent(store, settings)]
        assert len(there) == len(set(there)) == store.log.head()

    asyncio.run(run())


def events_more() -> list[Any]:
    import orjson

    from interchange.cloudevents import read_event
    from support.visits import visit

    return [read_event(orjson.dumps(each)) for each in visit("s-more", patient="p-1")]


class Broken(AIOKafkaProducer):  # type: ignore[misc]  # its base is untyped
    """Fails at some batch, once."""

    left = 5

    async def send_batch(self, *given: Any, **more: Any) -> Any:
        Broken.left -= 1
        if Broken.left == 0:
            raise KafkaError("the broker went away")
        return await super().send_batch(*given, **more)


def test_after_any_error_the_relay_goes_back_to_what_was_acknowledged(
    store: Installation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service_kit.kafka.relay.AIOKafkaProducer", Broken)

    async def run() -> None:
        relay = members.relay_of(store, settings, "one")
        relay.start()
        await relayed(store, relay)
        await relay.stop()
        there = [row.position for row in await sent(store, settings)]
        assert set(there) == set(range(1, store.log.head() + 1))
        assert store.log.checkpoint(settings.prefix + "relay") == store.log.head()

    asyncio.run(run())


def test_a_frozen_leader_who_wakes_moves_no_checkpoint(store: Installation, settings: Settings) -> None:
    settings = replace(settings, lease_seconds=0.5)

    async def run() -> None:
        frozen = members.relay_of(store, settings, "frozen")
        assert await asyncio.to_thread(frozen._leadership.take)
        awake = members.relay_of(store, settings, "awake")
        awake.start()
        await relayed(store, awake)
        async with producer(settings) as sending:
            assert frozen.leads
            with pytest.raises(Exception, match="another copy leads"):
                await frozen._follow_from(sending, 0)
        assert store.log.checkpoint(settings.prefix + "relay") == store.log.head()
        await awake.stop()

    asyncio.run(run())
