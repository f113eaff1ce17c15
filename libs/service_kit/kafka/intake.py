"""One service's work on what Kafka brings: outcome, inbox and offsets in one transaction."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

import orjson
import structlog

from event_log.protocol import EventLog, Recorded, Rows
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
from service_kit.kafka.topics import TopicMap, partition_of
from service_kit.reading import Reader
from service_kit.runner import Mark, Runner
from service_kit.tables import RowWrites, upsert
from service_kit.telemetry import Telemetry

_log = structlog.get_logger(__name__)
ROWS_A_FILL = 2_000
SORTED_AGAIN = 20


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
    """See Handler. The work of one service, by the runner that knows how it is done."""

    def __init__(
        self, runner: Runner, read: Reader, envelope: Envelope, topics: TopicMap, telemetry: Telemetry
    ) -> None:
        self.service = runner.service.name
        self._runner, self._read, self._envelope, self._topics = runner, read, envelope, topics
        self._telemetry = telemetry
        self._log: EventLog = read.log
        self.receipts = Receipts(read.log, self.service)
        self._followed_to = runner.position
        """Up to there the service followed the log itself, before it came to work over Kafka."""
        self._stored: dict[Partition, Stored] = {}
        self._partitions: dict[str, Sequence[int]] = {}

    def know(self, topic: str, partitions: Sequence[int]) -> None:
        """Learn which partitions a topic has."""
        self._partitions[topic] = partitions

    def load(self, partitions: Collection[Partition]) -> Mapping[Partition, Stored]:
        """See Handler."""
        found = self.receipts.load(partitions)
        self._stored |= found
        return found

    def take(self, messages: Sequence[Message]) -> Mapping[Partition, Stored]:
        """See Handler."""
        batch = _Batch(self.service, messages, self._envelope)
        if unknown := batch.partitions.keys() - self._stored.keys():
            self.load(unknown)
        try:
            for partition, (first_offset, first_position) in batch.partitions.items():
                if first_offset != self._stored[partition].next_offset:
                    self._fill(partition, first_position)
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
        came_by = ", ".join(sorted({topic for topic, _ in before}))
        self._commit(rows, before, later, batch.parked(), came_by)
        self._stored |= later
        self._telemetry.parked(self.service, len(batch.refused))

    def _fill(self, partition: Partition, before_position: int | None) -> None:
        """Messages that should be there are not (kept too short, a topic made anew): their events are in the log."""
        upto = (before_position or self._log.head() + 1) - 1
        filled = 0
        for rows, reached in self._missing(partition, self._stored[partition].position, upto):
            before = self._stored[partition]
            later = Stored(before.next_offset, reached, before.turn + 1)
            self._commit(rows, {partition: before}, {partition: later}, None, partition[0])
            self._stored[partition] = later
            filled += len(rows)
        if filled:
            _log.warning("missing messages were read in the log", service=self.service, events=filled)

    def _missing(self, partition: Partition, after: int, upto: int) -> Iterator[tuple[list[Recorded], int]]:
        while after < upto:
            rows = self._log.read_all(after, ROWS_A_FILL, self._runner.service.listens_to, upto=upto)
            after = rows[-1].position if len(rows) == ROWS_A_FILL else upto
            yield [row for row in rows if self._goes_to(partition, row)], after

    def _goes_to(self, partition: Partition, row: Recorded) -> bool:
        topic, number = partition
        if self._topics.name(self._topics.place(row).topic) != topic:
            return False
        return partition_of(key_of(row, self._topics, self._envelope), self._partitions[topic]) == number

    def _commit(
        self,
        rows: Sequence[Recorded],
        before: Mapping[Partition, Stored],
        later: Mapping[Partition, Stored],
        parked: Rows | None,
        came_by: str,
    ) -> None:
        check, advance = self.receipts.checked(before), self.receipts.advanced(before, later)
        for _ in range(SORTED_AGAIN):
            fresh = self._fresh(rows)
            now = time.time_ns() // 1000
            last = together((advance, self.receipts.see([row.event_id for row in fresh], now), parked))
            self._runner.learn_dead()
            try:
                with self._telemetry.batch(self.service, fresh, came_by):
                    self._runner.process(fresh, Mark(last=last, others=check))
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
        self.partitions: dict[Partition, tuple[int, int | None]] = {}
        """The first offset and the first position of each."""
        self._reached: dict[Partition, tuple[int, int]] = {}
        for message in messages:
            self._open(message, envelope)

    def _open(self, message: Message, envelope: Envelope) -> None:
        partition = message.topic, message.partition
        position: int | None = None
        try:
            row = envelope.open(message)
            position = row.position
            self.rows.append(row)
        except NotOurs as error:
            self.refused.append((message, error.reason))
        first = self.partitions.get(partition)
        if first is None or first[1] is None:
            self.partitions[partition] = (message.offset if first is None else first[0], position)
        _, highest = self._reached.get(partition, (0, 0))
        self._reached[partition] = (message.offset + 1, max(highest, position or 0))

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
