"""The door over Kafka: what stands in clinic.events.v1 goes through the same door as everything else."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from event_log.protocol import Rows
from interchange.arrival import Arrived, Refused
from service_kit import names
from service_kit.kafka.copies import Copy
from service_kit.kafka.envelope import Message
from service_kit.kafka.receipts import Partition, Receipts, Stored, together
from service_kit.tables import RowWrites, upsert
from session_capture.door import Answer
from suite.distributed.clinic_messages import events_in
from suite.http.answers import told
from suite.installation import Installation
from suite.rejects import RejectedMessage

NAME = "session-capture-door"
ANSWERED = frozenset({"rejected", "conflict"})


_COLUMNS = tuple(RejectedMessage.model_fields)
_WAITING = f"SELECT {', '.join(_COLUMNS)} FROM rejected_message WHERE told = 0 ORDER BY rejected_at LIMIT ?"  # noqa: S608 -- our own names
_TOLD = "UPDATE rejected_message SET told = 1 WHERE topic = ? AND partition_number = ? AND at_offset = ? AND place = ?"


class ClinicDoor:
    """See kafka.intake.Handler: batches of clinics' messages through the door, with their offsets."""

    service = NAME

    def __init__(self, installation: Installation) -> None:
        self._door, self._log = installation.door, installation.log
        self.receipts = Receipts(installation.log, NAME)
        self._stored: dict[Partition, Stored] = {}

    def load(self, partitions: Collection[Partition]) -> Mapping[Partition, Stored]:
        """See Handler."""
        found = self.receipts.load(partitions)
        self._stored |= found
        return found

    def take(self, messages: Sequence[Message]) -> Mapping[Partition, Stored]:
        """See Handler."""
        partitions = {(message.topic, message.partition): message.offset + 1 for message in messages}
        if unknown := partitions.keys() - self._stored.keys():
            self.load(unknown)
        before = {partition: self._stored[partition] for partition in partitions}
        later = {each: Stored(offset, 0, before[each].turn + 1) for each, offset in partitions.items()}
        read = [(message, place, event) for message in messages for place, event in enumerate(events_in(message))]
        events: list[Arrived | Refused] = [event for _, _, event in read]

        def note(answers: Sequence[Answer]) -> Rows:
            refused = _rejects(read, answers)
            return together((self.receipts.advanced(before, later), refused))

        try:
            self._door.receive(events, note)
        except Exception:
            for partition in partitions:
                self._stored.pop(partition, None)
            raise
        self._stored |= later
        return later

    def copies(self, topic: str, most: int) -> list[Copy]:
        """See kafka.copies.Source: the rejects that their topic has not heard of."""
        rows = self._log.connection().execute(_WAITING, (most,)).fetchall()
        return [_copy(dict(zip(_COLUMNS, row, strict=True)), topic) for row in rows]


def _copy(row: Mapping[str, Any], topic: str) -> Copy:
    key = row["message_key"]
    place = (row["topic"], row["partition_number"], row["at_offset"], row["place"])
    headers = [(names.HEADER_CONTENT_TYPE, b"application/json")]
    return Copy(topic, None if key is None else bytes(key), reject_document(row), headers, (_TOLD, place))


def reject_document(row: Mapping[str, Any]) -> bytes:
    """A reject as its topic has it."""
    return orjson.dumps(
        {
            "topic": row["topic"],
            "partition": row["partition_number"],
            "offset": row["at_offset"],
            "place": row["place"],
            "id": row["event_id"],
            "source": row["source"],
            "outcome": row["outcome"],
            "errors": orjson.loads(row["errors"]),
        }
    )


def _rejects(read: Sequence[tuple[Message, int, Arrived | Refused]], answers: Sequence[Answer]) -> RowWrites | None:
    statement, now = upsert(RejectedMessage), time.time_ns() // 1000
    rows = [
        {
            "topic": message.topic,
            "partition_number": message.partition,
            "at_offset": message.offset,
            "place": place,
            "event_id": answer.id,
            "source": answer.source,
            "outcome": answer.outcome,
            "errors": orjson.dumps(told(answer)["errors"]).decode(),
            "message_key": message.key,
            "rejected_at": now,
            "told": 0,
        }
        for (message, place, _), answer in zip(read, answers, strict=True)
        if answer.outcome in ANSWERED
    ]
    return RowWrites((statement, statement.values(row)) for row in rows) if rows else None
