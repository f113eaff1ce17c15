"""A group member goes on where the database says, and shares its turn with others of its process."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from aiokafka import TopicPartition

from event_log.errors import LogUnreachable
from service_kit.kafka.consumer import Consumer
from service_kit.kafka.envelope import Message as MessageLike
from service_kit.kafka.receipts import Partition, Stored
from service_kit.settings import Settings
from support.messages import Message

SETTINGS = Settings(bootstrap="127.0.0.1:9")
PARTITION = TopicPartition("numbers", 0)


class Client:
    """What a consumer asks of aiokafka's."""

    def __init__(self) -> None:
        self.paused: set[TopicPartition] = set()
        self.sought: dict[TopicPartition, int] = {}

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused -= set(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought[partition] = offset


class Handler:
    """Work that takes a moment, over a database that may be away."""

    def __init__(self) -> None:
        self.away = False
        self.worked: list[tuple[float, float]] = []

    def load(self, partitions: Collection[Partition]) -> Mapping[Partition, Stored]:
        if self.away:
            raise LogUnreachable("the database is away")
        return dict.fromkeys(partitions, Stored(7))

    def take(self, messages: Sequence[MessageLike]) -> Mapping[Partition, Stored]:
        began = time.monotonic()
        time.sleep(0.05)
        self.worked.append((began, time.monotonic()))
        return {(each.topic, each.partition): Stored(each.offset + 1) for each in messages}


def consumer(handler: Handler, client: Client, turn: asyncio.Lock | None = None) -> Consumer:
    made = Consumer(handler, ["numbers"], "group", SETTINGS, turn=turn)
    made._subscriber.consumer = client  # type: ignore[assignment]  # as much of one as is asked
    return made


def test_nothing_is_fetched_before_the_database_has_said_where_to_go_on() -> None:
    async def run() -> None:
        handler, client = Handler(), Client()
        member = consumer(handler, client)
        handler.away = True
        await member.assigned([PARTITION])
        assert (client.paused, client.sought, member.fault) == ({PARTITION}, {}, "LogUnreachable")
        handler.away = False
        await member._place()
        assert (client.paused, client.sought, member.fault) == (set(), {PARTITION: 7}, None)

    asyncio.run(run())


def test_consumers_with_one_turn_do_not_work_at_once() -> None:
    async def run() -> list[tuple[float, float]]:
        turn, handler, client = asyncio.Lock(), Handler(), Client()
        members = [consumer(handler, client, turn) for _ in range(3)]
        batches: list[Any] = [[Message("numbers", 0, number, None, b"", [])] for number in range(3)]
        await asyncio.gather(*(each._handle(batch) for each, batch in zip(members, batches, strict=True)))
        return sorted(handler.worked)

    worked = asyncio.run(run())
    assert len(worked) == 3
    assert all(ended <= began for (_, ended), (began, _) in pairwise(worked))
