"""The relay: one more follower of the log, which sends what it reads to Kafka, in the log's order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple, TypeVar

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from event_log.protocol import Checkpoint, EventLog, Recorded
from service_kit.backoff import backoff
from service_kit.kafka.envelope import Envelope, Sent
from service_kit.kafka.intake import key_of
from service_kit.kafka.receipts import Partition
from service_kit.kafka.topics import TopicMap, check_there, connection, partition_of
from service_kit.lease import Leadership, LeaseLost
from service_kit.settings import Settings
from service_kit.telemetry import Telemetry

_log = structlog.get_logger(__name__)
NAME = "relay"
EVENTS_A_BATCH = 1_000
LONGEST_SLEEP = 0.5
LONGEST_BACKOFF = 2.0
BEATS_A_LEASE = 4
LARGEST_BATCH = 1_000_000
"""Below what brokers take by default, above what one event may be [bytes]."""
Given = TypeVar("Given")


def producer(settings: Settings) -> AIOKafkaProducer:
    """A producer that loses and doubles nothing as long as it lives."""
    return AIOKafkaProducer(
        **connection(settings), enable_idempotence=True, acks="all", max_batch_size=LARGEST_BATCH, linger_ms=0
    )


@asynccontextmanager
async def started(made: AIOKafkaProducer) -> AsyncIterator[AIOKafkaProducer]:
    """The producer, started, and stopped also when it could not start."""
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


class Relay:
    """Sends the log to Kafka while it leads; watches the leader while another copy does.

    Sent is: each event at least once, for each partition in the order of the log (what is sent again comes after).
    The checkpoint moves only over what the brokers acknowledged, and only while this copy leads.
    """

    def __init__(
        self,
        log: EventLog,
        envelope: Envelope,
        topics: TopicMap,
        settings: Settings,
        telemetry: Telemetry,
        *,
        holder: str,
        make_producer: Callable[[], AIOKafkaProducer] | None = None,
    ) -> None:
        self._eventlog, self._envelope, self._topics, self._settings = log, envelope, topics, settings
        self._telemetry = telemetry
        self._make_producer = make_producer or partial(producer, settings)
        self._leadership = Leadership(log, topics.prefix + NAME, holder, settings.lease_seconds)
        self._consumer = topics.prefix + NAME
        self._stop = asyncio.Event()
        self._working = ThreadPoolExecutor(1, "relay")
        self._leading = ThreadPoolExecutor(1, "relay-lease")
        self._tasks: list[asyncio.Task[None]] = []
        self.position = 0
        """What was acknowledged up to, as far as this copy knows."""
        self._faults: dict[str, str] = {}

    @property
    def fault(self) -> str | None:
        """The type of the fault that holds the relay up; None when it goes on."""
        return next(iter(self._faults.values()), None)

    def _went(self, what: str, error: Exception | None = None) -> None:
        """Note how the last attempt at one of its tasks went."""
        if error is None:
            self._faults.pop(what, None)
        else:
            self._faults[what] = type(error).__name__

    @property
    def leads(self) -> bool:
        """Whether this copy is the one that sends."""
        return self._leadership.leads

    def start(self) -> None:
        """Begin, in the running loop."""
        self._tasks = [asyncio.create_task(self._lead()), asyncio.create_task(self._run())]

    async def stop(self) -> None:
        """Finish the batch in hand, let the lease go."""
        self._stop.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._in(self._leading, self._leadership.let_go)
        except Exception as error:  # noqa: BLE001 -- then the others wait until the lease ends
            _log.warning("the relay's lease could not be let go of", error=type(error).__name__)
        self._working.shutdown(wait=False)
        self._leading.shutdown(wait=False)

    async def _in(self, executor: Executor, work: Callable[..., Given], *given: Any) -> Given:
        return await asyncio.get_running_loop().run_in_executor(executor, work, *given)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    async def _lead(self) -> None:
        """Keep the lease, or watch for it."""
        while not self._stop.is_set():
            try:
                await self._in(self._leading, self._leadership.beat if self.leads else self._leadership.take)
                self._went("leading")
            except Exception as error:  # noqa: BLE001 -- the store is away: nobody can take the lease meanwhile
                self._went("leading", error)
            self._telemetry.leads(NAME, self.leads)
            await self._pause(self._settings.lease_seconds / BEATS_A_LEASE)

    async def _run(self) -> None:
        faults = 0
        while not self._stop.is_set():
            if not self.leads:
                self._went("sending")
                await self._pause(0.1)
                continue
            try:
                await check_there([self._topics.name(topic) for topic in self._topics.topics], self._settings)
                async with started(self._make_producer()) as sending:
                    await self._follow(sending)
                faults = 0
            except LeaseLost:
                self._leadership.lost()
                _log.warning("another relay leads now")
            except Exception as error:  # noqa: BLE001 -- whatever it is: back to the checkpoint, and again
                faults += 1
                self._went("sending", error)
                pause = backoff(faults, LONGEST_BACKOFF)
                _log.error("the relay is held up", error=type(error).__name__, attempt=faults, again_in_seconds=pause)
                await self._pause(pause)

    async def _follow(self, sending: AIOKafkaProducer) -> None:
        await self._follow_from(sending, await self._in(self._working, self._eventlog.checkpoint, self._consumer))

    async def _follow_from(self, sending: AIOKafkaProducer, position: int) -> None:
        """Send what stands behind a position, until something stops us. Raises: LeaseLost, and every fault."""
        names = [self._topics.name(topic) for topic in self._topics.topics]
        partitions = {name: sorted(await sending.partitions_for(name)) for name in names}
        make = partial(self._make, sending, partitions)
        load = await self._in(self._working, make, position)
        self.position = position
        self._went("sending")
        while self.leads and not self._stop.is_set():
            if not load.rows:
                load = await self._in(self._working, self._wait, make, position)
                continue
            with self._telemetry.sending(load.rows):
                acknowledged = [await sending.send_batch(batch, to[0], partition=to[1]) for to, batch in load.batches]
            sent, position = load.rows, load.rows[-1].position
            load = await self._in(self._working, make, position)  # while the brokers answer
            await asyncio.gather(*acknowledged)
            await self._in(self._working, self._note, position)
            self.position = position
            self._telemetry.relayed(sent)

    def _make(self, sending: AIOKafkaProducer, partitions: Mapping[str, Sequence[int]], position: int) -> "_Load":
        """What stands behind a position, as the brokers take it."""
        rows = self._eventlog.read_all(position, EVENTS_A_BATCH)
        topics, envelope = self._topics, self._envelope
        load = _Load(rows, [])
        filling: dict[Partition, Any] = {}
        for row in rows:
            key = key_of(row, topics, envelope)
            topic = topics.name(topics.place(row).topic)
            to = topic, partition_of(key, partitions[topic])
            sent = envelope.send(row, key)
            if to not in filling or not _added(filling[to], sent):
                filling[to] = sending.create_batch()
                load.batches.append((to, filling[to]))
                if not _added(filling[to], sent):
                    raise MessageSizeTooLargeError(f"position {row.position} fits in no batch")
        return load

    def _wait(self, make: Callable[[int], "_Load"], position: int) -> "_Load":
        return make(position) if self._eventlog.wait(position, LONGEST_SLEEP) else _Load([], [])

    def _note(self, position: int) -> None:
        checkpoint = Checkpoint(self._consumer, position)
        self._eventlog.commit((), service=NAME, rows=self._leadership.held(), checkpoint=checkpoint)


class _Load(NamedTuple):
    """Events, and the batches that hold them: for each partition in order."""

    rows: Sequence[Recorded]
    batches: list[tuple[Partition, Any]]


def _added(batch: Any, sent: Sent) -> bool:
    added = batch.append(timestamp=None, key=sent.key, value=sent.value, headers=sent.headers)
    return added is not None
