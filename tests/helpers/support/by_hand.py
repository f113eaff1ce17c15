"""Copies of the adder and the partitions they are fed from, by hand: no broker."""

from collections.abc import Sequence
from typing import Any

from event_log.protocol import EventLog, Recorded
from service_kit.kafka.envelope import Envelope
from service_kit.kafka.intake import Intake, key_of
from service_kit.kafka.topics import Place, Topic, TopicMap, partition_of
from service_kit.reading import Reader
from service_kit.runner import Runner
from service_kit.telemetry import Telemetry
from support.adder import Adder, PlainCodec
from support.messages import Message

NUMBERS = Topic("numbers", "", "stream", frozenset({"Number"}))
TOPICS = TopicMap((NUMBERS,), lambda row: Place(NUMBERS, row.stream))
ENVELOPE = Envelope(b"k" * 32)
PARTITIONS = (0, 1, 2)


class Copy:
    """One copy of the adder, fed by hand."""

    def __init__(self, log: EventLog, adder: Adder) -> None:
        codec = PlainCodec()
        self.read = Reader(log, codec)
        self.runner = Runner(adder.service(), self.read, codec, Telemetry())
        self.intake = Intake(self.runner, self.read, ENVELOPE, Telemetry())
        self.intake.load([("numbers", each) for each in PARTITIONS])

    def take(self, messages: Sequence[Message]) -> None:
        self.intake.take(messages)


class Kafka:
    """The partitions of one topic, as a relay fills them."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.partitions: dict[int, list[Message]] = {each: [] for each in PARTITIONS}
        self.relayed = 0

    def relay(self, after: int | None = None) -> list[Message]:
        """Send what is new, or again what stands behind a position."""
        rows = self._log.read_all(self.relayed if after is None else after, 10_000, {"Number"})
        self.relayed = self._log.head()
        return [self.put(row) for row in rows]

    def lose(self) -> None:
        """Everything: the topic is made anew."""
        self.partitions = {each: [] for each in PARTITIONS}

    def put(self, row: Recorded) -> Message:
        sent = ENVELOPE.send(row, key_of(row, TOPICS, ENVELOPE))
        return self.append(partition_of(sent.key, PARTITIONS), sent.value, sent.headers, sent.key)

    def append(self, number: int, value: bytes | None, headers: Any = (), key: bytes | None = None) -> Message:
        message = Message("numbers", number, len(self.partitions[number]), key, value, list(headers))
        self.partitions[number].append(message)
        return message
