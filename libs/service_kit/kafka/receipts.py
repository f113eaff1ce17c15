"""What is noted in the transaction that holds the work: offsets, each under a fence, and the ids of seen events.

A partition's row has a turn, which every transaction of its owner counts up and asks for. So of two copies that both
believe to own a partition exactly one gets its work in; the other, woken from a freeze or cut off, changes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlmodel import Field, SQLModel

from event_log.protocol import Checkpoint, EventLog, RowsConnection
from service_kit.service import Service

CHUNK = 100
EVENTS_AT_ONCE = 500


class PartitionOffset(SQLModel, table=True):
    """How far one service has come in one partition."""

    __tablename__ = "partition_offset"

    service: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    partition_number: int = Field(primary_key=True)
    next_offset: int
    position: int
    """The log position of the furthest event that was worked on there."""
    turn: int


class SeenEvent(SQLModel, table=True):
    """The inbox: an event that a service worked on."""

    __tablename__ = "seen_event"

    service: str = Field(primary_key=True)
    event_id: bytes = Field(primary_key=True)
    seen_at: int = Field(index=True)
    """Microseconds since the epoch."""


class ParkedMessage(SQLModel, table=True):
    """A message that is no event of this log, kept as it came. One row a service and offset."""

    __tablename__ = "parked_message"

    service: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    partition_number: int = Field(primary_key=True)
    at_offset: int = Field(primary_key=True)
    reason: str
    message_key: bytes | None
    headers: bytes
    """As JSON: pairs of a name and the value's hexadecimal digits."""
    body: bytes | None
    parked_at: int
    copied: int = 0
    """1 = told to the dead-letter topic."""


TABLES: tuple[type[SQLModel], ...] = (PartitionOffset, SeenEvent, ParkedMessage)

Partition = tuple[str, int]
"""A topic, as Kafka knows it, and the number of a partition."""


class Stored(NamedTuple):
    """A partition's row."""

    next_offset: int = 0
    position: int = 0
    turn: int = 0


class Overtaken(Exception):
    """Another copy has worked on this partition meanwhile: nothing of this transaction may stay."""

    code = "overtaken"

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        super().__init__(f"{partition[0]}/{partition[1]} was worked on by another copy meanwhile")


class SeenMeanwhile(Exception):
    """An event of the batch was worked on by another transaction meanwhile: sort the batch again."""

    code = "seen-meanwhile"


_FIND = "SELECT topic, partition_number, next_offset, position, turn FROM partition_offset WHERE service = ?"
_MAKE = (
    "INSERT INTO partition_offset(service, topic, partition_number, next_offset, position, turn)"
    " VALUES(?, ?, ?, 0, ?, 0) ON CONFLICT DO NOTHING"
)
_CHECK = "UPDATE partition_offset SET turn = turn WHERE service = ? AND topic = ? AND partition_number = ? AND turn = ?"
_ADVANCE = (
    "UPDATE partition_offset SET next_offset = ?, position = ?, turn = turn + 1"
    " WHERE service = ? AND topic = ? AND partition_number = ? AND turn = ?"
)
_SEEN = "SELECT event_id FROM seen_event WHERE service = ? AND event_id IN ({marks})"
_SEE = "INSERT INTO seen_event(service, event_id, seen_at) VALUES {rows} ON CONFLICT DO NOTHING"
_PRUNE = (
    "DELETE FROM seen_event WHERE service = ? AND event_id IN"
    " (SELECT event_id FROM seen_event WHERE service = ? AND seen_at < ? LIMIT ?)"
)


def over_kafka(log: EventLog) -> set[str]:
    """Who has partitions: the services that work over Kafka, and the door."""
    return {name for (name,) in log.connection().execute("SELECT DISTINCT service FROM partition_offset")}


def reached(log: EventLog, services: Iterable[Service]) -> dict[str, int]:
    """How far the services that work over Kafka have come: they are done with everything up to that position."""
    there = over_kafka(log)
    return {each.name: Receipts(log, each.name).done(each.listens_to) for each in services if each.name in there}


class Receipts:
    """The offsets and the inbox of one service."""

    def __init__(self, log: EventLog, service: str) -> None:
        self._log, self.service = log, service
        self._sweeps = f"{service} over Kafka"

    def load(self, partitions: Collection[Partition]) -> dict[Partition, Stored]:
        """The rows of these partitions; made where they are not there yet.

        A service that followed the log itself before begins behind what it has done there.
        """
        done = self._log.checkpoint(self.service)
        known = self.known()
        new = [(self.service, *each, done) for each in sorted(partitions) if each not in known]
        if new:

            def make(rows: RowsConnection) -> None:
                rows.executemany(_MAKE, new)

            self._log.commit((), service=self.service, rows=make)
            known = self.known()
        return {each: known[each] for each in partitions}

    def known(self) -> dict[Partition, Stored]:
        """The rows of all partitions that any copy ever had."""
        rows = self._log.connection().execute(_FIND, (self.service,)).fetchall()
        return {(topic, number): Stored(*rest) for topic, number, *rest in rows}

    def forget_offsets(self, rows: RowsConnection) -> None:
        """Take the rows of all partitions away: whoever still works over Kafka is Overtaken."""
        rows.execute("DELETE FROM partition_offset WHERE service = ?", (self.service,))

    def checked(self, stored: Mapping[Partition, Stored]) -> Callable[[RowsConnection], None]:
        """Raises Overtaken in the transaction, unless these partitions stand as we know them. They stay locked."""
        asked = [(each, (self.service, *each, stored[each].turn)) for each in sorted(stored)]

        def check(rows: RowsConnection) -> None:
            for partition, values in asked:
                if rows.execute(_CHECK, values).rowcount != 1:
                    raise Overtaken(partition)

        return check

    def advanced(
        self, stored: Mapping[Partition, Stored], later: Mapping[Partition, Stored]
    ) -> Callable[[RowsConnection], None]:
        """The same, and moves them on."""
        asked = [
            (each, (later[each].next_offset, later[each].position, self.service, *each, stored[each].turn))
            for each in sorted(later)
        ]

        def advance(rows: RowsConnection) -> None:
            for partition, values in asked:
                if rows.execute(_ADVANCE, values).rowcount != 1:
                    raise Overtaken(partition)

        return advance

    def seen(self, event_ids: Sequence[bytes]) -> set[bytes]:
        """Which of these events the service worked on already."""
        found: set[bytes] = set()
        rows = self._log.connection()
        for start in range(0, len(event_ids), CHUNK):
            chunk = event_ids[start : start + CHUNK]
            asked = _SEEN.format(marks=",".join("?" * len(chunk)))
            found.update(bytes(event_id) for (event_id,) in rows.execute(asked, (self.service, *chunk)))
        return found

    def see(self, event_ids: Sequence[bytes], now: int) -> Callable[[RowsConnection], None]:
        """Notes these events as worked on. Raises SeenMeanwhile in the transaction where one is noted already."""
        ordered = sorted(event_ids)

        def note(rows: RowsConnection) -> None:
            for start in range(0, len(ordered), CHUNK):
                chunk = ordered[start : start + CHUNK]
                values: list[Any] = [value for event_id in chunk for value in (self.service, event_id, now)]
                written = rows.execute(_SEE.format(rows=",".join(["(?, ?, ?)"] * len(chunk))), values)
                if written.rowcount != len(chunk):
                    raise SeenMeanwhile

        return note

    def swept(self) -> int:
        """Up to there everything was worked on, whatever came of its messages."""
        return self._log.checkpoint(self._sweeps)

    def done(self, types: Collection[str]) -> int:
        """Up to there the service has worked on every event of the types that it listens to."""
        head = self._log.head()
        done = max(self.swept(), self._log.checkpoint(self.service))
        while done < head:
            rows = self._log.read_all(done, EVENTS_AT_ONCE, types, upto=head)
            seen = self.seen([row.event_id for row in rows])
            if unseen := next((row for row in rows if row.event_id not in seen), None):
                return unseen.position - 1
            done = rows[-1].position if len(rows) == EVENTS_AT_ONCE else head
        return head

    def sweeps_to(self, position: int) -> Checkpoint:
        """What `swept` is from now on, noted with a commit."""
        return Checkpoint(self._sweeps, position)

    def prune(self, before: int, most: int = 10_000) -> int:
        """Forget events seen before a moment [us], at most so many; how many were forgotten."""
        forgotten = 0

        def forget(rows: RowsConnection) -> None:
            nonlocal forgotten
            forgotten = rows.execute(_PRUNE, (self.service, self.service, before, most)).rowcount

        self._log.commit((), service=self.service, rows=forget)
        return forgotten


def together(parts: Iterable[Callable[[RowsConnection], None] | None]) -> Callable[[RowsConnection], None]:
    """Several callbacks as one, in their order."""
    chosen = [part for part in parts if part is not None]

    def write(rows: RowsConnection) -> None:
        for part in chosen:
            part(rows)

    return write
