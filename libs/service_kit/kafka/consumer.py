"""A consumer: FastStream brings batches, a handler works on them in a thread, offsets come from the database.

FastStream takes batches with manual acknowledgement and hands over the messages as they are: its own parsing would lose
what it cannot read. Where to go on is what the handler's transactions noted; Kafka's group offsets only show the lag.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.security import BaseSecurity, SASLScram512

from service_kit.backoff import backoff
from service_kit.kafka.intake import Handler
from service_kit.kafka.receipts import Overtaken, Partition, Stored
from service_kit.kafka.sweep import Sweep
from service_kit.kafka.topics import REQUEST_SECONDS, check_there, connection
from service_kit.settings import Settings

_log = structlog.get_logger(__name__)
IDLE_MILLISECONDS = 50
LONGEST_BACKOFF = 2.0
LONGEST_BATCH_SECONDS = 1800
LOOKS_SECONDS = 2.0
"""How often the watchdog looks at the consumer [s]."""
ANSWER_SECONDS = 4.0
PLACED_SECONDS = 2.0
"""The group waits so long for us to find out where to go on; after that it is found out while we are a member [s]."""
REVOKED_SECONDS = 60.0
"""Partitions that were taken away must be dealt again within this time [s]."""
Made = TypeVar("Made")


def _security(settings: Settings) -> BaseSecurity | None:
    words = connection(settings)
    if settings.protocol == "PLAINTEXT":
        return None
    context = words.get("ssl_context")
    if settings.protocol.startswith("SASL"):
        return SASLScram512(words["sasl_plain_username"], words["sasl_plain_password"], context, context is not None)
    return BaseSecurity(context, use_ssl=True)


class Consumer:
    """One group member over some topics.

    Args:    handler: does the work, always in one thread of this consumer.
             sweep: finds what Kafka lost, now and then.
             turn: held while it works; consumers that share one work in turn.
    """

    def __init__(
        self,
        handler: Handler,
        topics: Sequence[str],
        group: str,
        settings: Settings,
        *,
        sweep: Sweep | None = None,
        turn: asyncio.Lock | None = None,
    ) -> None:
        self._handler, self._topics, self.group, self._settings, self._sweep = handler, topics, group, settings, sweep
        self._working = ThreadPoolExecutor(1, f"work-{group}")
        self._turn = turn or asyncio.Lock()
        self._busy = False
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self._unplaced: set[Partition] = set()
        """Partitions that we have, but do not know yet where to go on in; nothing is fetched there."""
        self._reached: dict[Partition, Stored] = {}
        """What is to be shown to Kafka."""
        self._took = time.monotonic()
        self._faults = 0
        """One after another."""
        self.fault: str | None = None
        """The type of the fault that holds the work up; None when it goes on."""
        self.lag = 0
        """Messages that wait in this copy's partitions."""
        self.restarts = 0
        """How often the watchdog had to start the consumer anew."""
        self._make()

    def _make(self) -> None:
        self._joined: float | None = None
        self._revoked_at: float | None = None
        self._answered: float | None = None
        self._broker = KafkaBroker(
            self._settings.brokers(),
            security=_security(self._settings),
            graceful_timeout=self._settings.drain_seconds,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            client_id=self.group,
            request_timeout_ms=int(REQUEST_SECONDS * 1000),
        )
        self._subscriber = self._broker.subscriber(
            *self._topics,
            batch=True,
            max_records=self._settings.batch,
            batch_timeout_ms=IDLE_MILLISECONDS,
            group_id=self.group,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=int(self._settings.session_seconds * 1000),
            heartbeat_interval_ms=int(self._settings.session_seconds * 300),
            rebalance_timeout_ms=int(self._settings.session_seconds * 1000) + 20_000,
            max_poll_interval_ms=LONGEST_BATCH_SECONDS * 1000,
            listener=_Listener(self),
            parser=self._as_it_is,
            decoder=_the_records,
        )
        self._subscriber(self._handle)

    async def _as_it_is(self, records: tuple[ConsumerRecord, ...]) -> KafkaAckableMessage:
        consumer = self._client
        assert consumer is not None
        return KafkaAckableMessage(
            body=b"", headers={}, message_id="", correlation_id="", raw_message=records, consumer=consumer
        )

    @property
    def _client(self) -> AIOKafkaConsumer | None:
        return self._subscriber.consumer

    async def start(self) -> None:
        """Join the group; when the brokers or the topics are not there, as soon as they are."""
        self._tasks.append(asyncio.create_task(self._watch()))
        if self._sweep is not None:
            self._tasks.append(asyncio.create_task(self._sweep.run(lambda: self._client, self._in_turn)))
        await self._join()

    async def _join(self) -> None:
        faults = 0
        while not self._stopping:
            try:
                await check_there(self._topics, self._settings)
                await self._broker.start()
                self._joined, self.fault = time.monotonic(), None
                break
            except Exception as error:  # noqa: BLE001 -- whatever it is, we come again
                faults += 1
                self.fault = type(error).__name__
                _log.warning("kafka cannot be used", group=self.group, error=self.fault, attempt=faults)
                await self._leave()
                self._make()
                await asyncio.sleep(backoff(faults, LONGEST_BACKOFF))
        self._took = time.monotonic()

    async def stop(self) -> None:
        """Finish the batch in hand, leave the group."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await self._leave()
        self._working.shutdown(wait=False)

    async def _leave(self) -> None:
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(self._leave_well(), self._settings.drain_seconds + 1)

    async def _leave_well(self) -> None:
        if (client := self._client) is not None and self.answers:
            async with self._turn:
                await self._show(client)
        await self._broker.stop()

    @property
    def answers(self) -> bool:
        """Whether the brokers answered lately, and this copy is a member of its group."""
        return self._answered is not None and time.monotonic() - self._answered < ANSWER_SECONDS + 2 * LOOKS_SECONDS

    async def _in_thread(self, work: Callable[..., Made], *given: Any) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._working, work, *given)

    async def _in_turn(self, work: Callable[..., Made], *given: Any) -> Made:
        """Between two batches, in the thread that works on them."""
        async with self._turn:
            return await self._in_thread(work, *given)

    async def _handle(self, records: Sequence[ConsumerRecord]) -> None:
        client = self._client
        if client is None:
            return
        self._busy = True
        try:
            await self._work_on(client, records)
        finally:
            self._busy = False

    async def _work_on(self, client: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
        batch: list[ConsumerRecord] = []
        try:
            async with self._turn:
                self._took = time.monotonic()
                mine = client.assignment()
                batch = [each for each in records if TopicPartition(each.topic, each.partition) in mine]
                if batch:
                    self._reached |= await self._in_thread(self._handler.take, batch)
        except Overtaken as error:
            _log.warning("another copy was quicker", group=self.group, partition=error.partition[1])
            await self._held_up(None, lambda: self._go_back(client, batch))
        except Exception as error:  # noqa: BLE001 -- whatever it is, nothing was done: the batch comes again
            await self._held_up(error, lambda: self._go_back(client, batch))
        else:
            self._faults, self.fault = 0, None
            self._took = time.monotonic()

    async def _held_up(self, error: Exception | None, again: Callable[[], Awaitable[None]]) -> None:
        """Try once more, when the fault has had time to pass, until it is well."""
        while not self._stopping:
            if error is not None:
                self._faults += 1
                self.fault = type(error).__name__
                pause = backoff(self._faults, LONGEST_BACKOFF)
                _log.error("held up", group=self.group, error=self.fault, attempt=self._faults, again_in_seconds=pause)
                await asyncio.sleep(pause)
            try:
                await again()
            except Exception as still:  # noqa: BLE001 -- still away
                error = still
            else:
                return

    async def _go_back(self, client: AIOKafkaConsumer, batch: Sequence[ConsumerRecord]) -> None:
        """To where the database says, in the batch's partitions."""
        partitions = {(each.topic, each.partition) for each in batch}
        self._seek(client, await self._in_turn(self._handler.load, partitions))

    @staticmethod
    def _seek(client: AIOKafkaConsumer, stored: Mapping[Partition, Stored]) -> None:
        mine = client.assignment()
        for (topic, number), at in stored.items():
            partition = TopicPartition(topic, number)
            if partition in mine:
                client.seek(partition, at.next_offset)

    async def _show(self, client: AIOKafkaConsumer) -> None:
        """Tell Kafka how far we are, for those who look there; nothing hangs on it."""
        mine = client.assignment()
        offsets = {TopicPartition(*partition): at.next_offset for partition, at in self._reached.items()}
        shown = {partition: offset for partition, offset in offsets.items() if partition in mine}
        self._reached.clear()
        if shown:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(client.commit(shown), ANSWER_SECONDS)

    async def assigned(self, partitions: Collection[TopicPartition]) -> None:
        """These partitions are ours now: go on where the database says.

        While it is away we are a member all the same, and the group does not wait for us.
        """
        self._unplaced = {(each.topic, each.partition) for each in partitions}
        self.fault = None
        if (client := self._client) is not None:
            client.pause(*partitions)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._place(), PLACED_SECONDS)
        self._revoked_at = None
        self._took = time.monotonic()

    async def _place(self) -> None:
        """Go to where the database says in the partitions that are new to us."""
        client, wanted = self._client, set(self._unplaced)
        if client is None or not wanted:
            return
        try:
            stored = await self._in_turn(self._handler.load, wanted)
        except Exception as error:  # noqa: BLE001 -- the store is away: the watch tries again
            self.fault = type(error).__name__
            return
        self._seek(client, stored)
        client.resume(*(TopicPartition(*each) for each in wanted if TopicPartition(*each) in client.assignment()))
        self._reached |= stored
        self._unplaced -= wanted
        self.fault = None

    async def revoked(self) -> None:
        """Our partitions are dealt anew: the batch in hand ends first, if it can."""
        self._revoked_at = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.session_seconds):
                async with self._turn:
                    if (client := self._client) is not None:
                        await self._show(client)

    async def _watch(self) -> None:
        """Look after the consumer: does it answer, how far behind is it, does it still fetch?"""
        while not self._stopping:
            await asyncio.sleep(LOOKS_SECONDS)
            try:
                await asyncio.wait_for(self._look(), ANSWER_SECONDS)
                self._answered = time.monotonic()
            except Exception as error:  # noqa: BLE001 -- it does not answer, for whatever reason
                _log.debug("no answer from kafka", group=self.group, error=type(error).__name__)
            if self._is_stalled() or await self._is_cut_off():
                await self._restart()

    async def _look(self) -> None:
        client = self._client
        if client is None:
            raise KafkaError("no consumer")
        await self._place()
        mine = client.assignment()
        if not mine:
            await client.topics()
            self.lag = 0
            return
        ends = await client.end_offsets(list(mine))
        self.lag = sum([max(0, end - await client.position(each)) for each, end in ends.items()])
        await self._show(client)

    def _is_stalled(self) -> bool:
        now = time.monotonic()
        if self._revoked_at is not None and now - self._revoked_at > REVOKED_SECONDS:
            return True
        idle = self.lag > 0 and self.fault is None and not self._busy
        return idle and now - self._took > self._settings.stalled_seconds

    async def _is_cut_off(self) -> bool:
        """Whether others reach the brokers, and our client has not for too long."""
        heard = max(self._joined or 0.0, self._answered or 0.0)
        if self._joined is None or time.monotonic() - heard < self._settings.stalled_seconds:
            return False
        try:
            await asyncio.wait_for(check_there(self._topics, self._settings), ANSWER_SECONDS)
        except Exception:  # noqa: BLE001 -- nobody reaches them
            return False
        return True

    async def _restart(self) -> None:
        """aiokafka has been seen to stop fetching without a word (aio-libs/aiokafka#1154)."""
        self.restarts += 1
        _log.error("the consumer took nothing for too long: it is started anew", group=self.group, lag=self.lag)
        await self._leave()
        self._make()
        await self._join()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Passes on what the group's coordinator says."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Before partitions are dealt anew."""
        del revoked
        await self._consumer.revoked()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """After they were dealt."""
        await self._consumer.assigned(assigned)


async def _the_records(message: KafkaAckableMessage) -> Any:
    return message.raw_message
