"""One service's work on what Kafka brings: outcome, inbox and offsets in one transaction."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import orjson
import structlog

from event_log.protocol import Checkpoint, EventLog, Recorded, Rows
from service_kit.kafka.envelope import Envelope, Message, NotOurs, left_in_log
from service_kit.kafka.receipts import (
    Overtaken,
    ParkedMessage,
    Partition,
    Receipts,
    SeenMeanwhile,
    Stored,
    together,
)
from service_kit.kafka.topics import TopicMap
from service_kit.reading import Reader
from service_kit.runner import Mark, Runner
from service_kit.tables import RowWrites, upsert
from service_kit.telemetry import Telemetry

_log = structlog.get_logger(__name__)
EVENTS_A_SWEEP = 2_000
SORTED_AGAIN = 20


class LeftKafka(Exception):
    """The service follows the log itself again; a copy over Kafka that still runs has to be stopped."""

    code = "left-kafka"

    def __init__(self, service: str) -> None:
        self.service = service
        super().__init__(f"{service} has left Kafka: stop its copies, or start them anew to come back")


class Handler(Protocol):
    """What a consumer hands its batches to, always in one and the same thread."""

    def load(self, partitions: Collection[Partition]) -> Mapping[Partition, Stored]:
        """Where to go on in these partitions."""

    def take(self, messages: Sequence[Message]) -> Mapping[Partition, Stored]:
        """Do the work on a batch, durably when this returns.

        Returns: where to go on in its partitions.
        Raises:  Overtaken: another copy works on one of them now. Faults of the store. Nothing was done then.
        """


class Intake:
    """See Handler, and sweep.Swept. The work of one service, by the runner that knows how it is done.

    Args:    relay: the relay's checkpoint.
    """

    def __init__(
        self, runner: Runner, read: Reader, envelope: Envelope, telemetry: Telemetry, *, relay: str = "relay"
    ) -> None:
        self.service = runner.service.name
        self._runner, self._read, self._envelope, self._relay = runner, read, envelope, relay
        self._telemetry = telemetry
        self._log: EventLog = read.log
        self.receipts = Receipts(read.log, self.service)
        self._followed_to = runner.position
        """Up to there the service followed the log itself, before it came to work over Kafka."""
        self._stored: dict[Partition, Stored] = {}
        self._over_kafka = False
        """Whether this copy has worked over Kafka."""

    def load(self, partitions: Collection[Partition]) -> Mapping[Partition, Stored]:
        """See Handler. Raises: LeftKafka."""
        if self._over_kafka and not self.receipts.known():
            raise LeftKafka(self.service)
        found = self.receipts.load(partitions)
        self._over_kafka |= bool(found)
        self._stored |= found
        return found

    def take(self, messages: Sequence[Message]) -> Mapping[Partition, Stored]:
        """See Handler."""
        batch = _Batch(self.service, messages, self._envelope)
        if unknown := set(batch.partitions) - self._stored.keys():
            self.load(unknown)
        try:
            self._work(batch)
        except Exception:
            for partition in batch.partitions:
                self._stored.pop(partition, None)  # what was committed is not sure: it is looked up again
            raise
        return {partition: self._stored[partition] for partition in batch.partitions}

    def _work(self, batch: "_Batch") -> None:
        before = {partition: self._stored[partition] for partition in batch.partitions}
        later = batch.later(before)
        rows = [row for row in self._whole(batch.rows) if row.type in self._runner.service.listens_to]
        advance = together((self.receipts.advanced(before, later), batch.parked()))
        self._commit(rows, Mark(last=advance, others=self.receipts.checked(before)), batch.topics())
        self._stored |= later
        self._telemetry.parked(self.service, len(batch.refused))

    def sent(self) -> int:
        """See Swept."""
        return self._log.checkpoint(self._relay)

    def next_offsets(self) -> Mapping[Partition, int]:
        """See Swept."""
        return {partition: at.next_offset for partition, at in self.receipts.known().items()}

    def sweep(self, upto: int) -> bool:
        """See Swept."""
        lost, more = self._work_on(upto)
        if lost:
            _log.warning("what Kafka lost is read in the log", service=self.service, events=lost)
            self._telemetry.recovered(self.service, lost)
        return more

    def leave(self, upto: int) -> int:
        """Work on everything up to a position, then work over Kafka no more: the service follows the log from there.

        Returns: how many events nobody had worked on.
        """
        count, more = self._work_on(upto)
        while more:
            events, more = self._work_on(upto)
            count += events
        self._log.commit(
            (), service=self.service, rows=self.receipts.forget_offsets, checkpoint=Checkpoint(self.service, upto)
        )
        return count

    def _work_on(self, upto: int) -> tuple[int, bool]:
        """A stretch of what nobody worked on up to a position: how many events, and whether there is more."""
        after = max(self.receipts.swept(), self._followed_to)
        rows = self._log.read_all(after, EVENTS_A_SWEEP, self._runner.service.listens_to, upto=upto)
        reached = rows[-1].position if len(rows) == EVENTS_A_SWEEP else upto
        if reached <= after:
            return 0, False
        left = self._fresh(rows)
        self._commit(left, Mark(self.receipts.sweeps_to(reached)), "")
        return len(left), reached < upto

    def _commit(self, rows: Sequence[Recorded], mark: Mark, came_by: str) -> None:
        """Work on those of the events that nobody worked on yet, and note it with the mark."""
        for _ in range(SORTED_AGAIN):
            fresh = self._fresh(rows)
            see = self.receipts.see([row.event_id for row in fresh], time.time_ns() // 1000)
            self._runner.casework.learn_dead()
            try:
                with self._telemetry.batch(self.service, fresh, came_by):
                    self._runner.process(fresh, mark._replace(last=together((mark.last, see))))
            except SeenMeanwhile:
                continue
            return
        raise SeenMeanwhile

    def _fresh(self, rows: Sequence[Recorded]) -> list[Recorded]:
        """What was not worked on yet, each event once, by position."""
        found = {row.event_id: row for row in rows if row.position > self._followed_to}
        for event_id in self.receipts.seen(list(found)):
            del found[event_id]
        return sorted(found.values())

    def _whole(self, rows: Sequence[Recorded]) -> list[Recorded]:
        """The rows, those with the data that were too large for Kafka too."""
        large = [row.event_id for row in rows if left_in_log(row)]
        return [row for row in rows if not left_in_log(row)] + (self._log.read_events(large) if large else [])


class _Batch:
    """The messages of one batch, opened."""

    def __init__(self, service: str, messages: Sequence[Message], envelope: Envelope) -> None:
        self._service = service
        self.rows: list[Recorded] = []
        self.refused: list[tuple[Message, str]] = []
        self._reached: dict[Partition, tuple[int, int]] = {}
        """Behind the last offset of each partition, and its highest position."""
        for message in messages:
            self._open(message, envelope)

    @property
    def partitions(self) -> Collection[Partition]:
        """Whose messages these are."""
        return self._reached.keys()

    def topics(self) -> str:
        """The topics they came by."""
        return ", ".join(sorted({topic for topic, _ in self._reached}))

    def _open(self, message: Message, envelope: Envelope) -> None:
        partition = message.topic, message.partition
        _, highest = self._reached.get(partition, (0, 0))
        try:
            row = envelope.open(message)
            highest = max(highest, row.position)
            self.rows.append(row)
        except NotOurs as error:
            self.refused.append((message, error.reason))
        self._reached[partition] = (message.offset + 1, highest)

    def later(self, before: Mapping[Partition, Stored]) -> dict[Partition, Stored]:
        """The partitions' rows once this batch is worked on."""
        return {
            partition: Stored(offset, max(before[partition].position, position), before[partition].turn + 1)
            for partition, (offset, position) in self._reached.items()
        }

    def parked(self) -> Rows | None:
        """Writes the refused messages as they came."""
        if not self.refused:
            return None
        now, statement = time.time_ns() // 1000, upsert(ParkedMessage)
        return RowWrites(
            (statement, statement.values(parked_row(self._service, message, reason, now)))
            for message, reason in self.refused
        )


def parked_row(service: str, message: Message, reason: str, now: int) -> dict[str, Any]:
    """The row of a message that is kept as it came."""
    headers = [[name, value.hex() if value is not None else None] for name, value in message.headers]
    return {
        "service": service,
        "topic": message.topic,
        "partition_number": message.partition,
        "at_offset": message.offset,
        "reason": reason,
        "message_key": message.key,
        "headers": orjson.dumps(headers),
        "body": message.value,
        "parked_at": now,
        "copied": 0,
    }


def key_of(row: Recorded, topics: TopicMap, envelope: Envelope) -> bytes:
    """The key of an event's message: the case id, or the keyed hash of its stream's name."""
    place = topics.place(row)
    return place.keyed_by.encode() if place.topic.keyed_by == "case" else envelope.key_of_stream(place.keyed_by)


__all__ = ["Handler", "Intake", "Overtaken", "key_of", "parked_row"]
