"""Copies for plain Kafka tools of what the database keeps: dead letters, parked messages, rejects.

The row is written with the work; the copy is sent afterwards and noted, so that it is sent at least once.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

import orjson
import structlog
from aiokafka import AIOKafkaProducer

from event_log.protocol import EventLog, RowsConnection
from service_kit import names
from service_kit.kafka.envelope import Envelope, Headers
from service_kit.kafka.intake import key_of
from service_kit.kafka.relay import started
from service_kit.kafka.topics import TopicMap
from service_kit.lease import Leadership

_log = structlog.get_logger(__name__)
AT_ONCE = 500
LOOKS_SECONDS = 1.0

_LETTERS = (
    "SELECT id, event_id, error_type, reason, attempts FROM dead_letter WHERE service = ? AND copied = 0"
    " ORDER BY position LIMIT ?"
)
_LETTER_COPIED = "UPDATE dead_letter SET copied = 1 WHERE id = ? AND attempts = ?"
_PARKED = (
    "SELECT topic, partition_number, at_offset, reason, message_key, headers, body FROM parked_message"
    " WHERE service = ? AND copied = 0 ORDER BY parked_at LIMIT ?"
)
_PARKED_COPIED = (
    "UPDATE parked_message SET copied = 1 WHERE service = ? AND topic = ? AND partition_number = ? AND at_offset = ?"
)


class Copy(NamedTuple):
    """One message to send, and how to note that it was."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    done: tuple[str, Sequence[Any]]
    """A statement on one row, and its values."""


Source = Callable[[str, int], list[Copy]]
"""Given the topic and how many at most: what is to be copied there."""


class DeadLetterCopies:
    """One service's dead letters and parked messages."""

    def __init__(self, log: EventLog, service: str, envelope: Envelope, topics: TopicMap) -> None:
        self._log, self._service, self._envelope, self._topics = log, service, envelope, topics

    def copies(self, topic: str, most: int) -> list[Copy]:
        """See Source."""
        return self._letters(topic, most) or self._parked(topic, most)

    def _letters(self, topic: str, most: int) -> list[Copy]:
        letters = self._log.connection().execute(_LETTERS, (self._service, most)).fetchall()
        events = {row.event_id: row for row in self._log.read_events([bytes.fromhex(each[1]) for each in letters])}
        made = []
        for letter_id, event_id, error_type, reason, attempts in letters:
            row = events[bytes.fromhex(event_id)]
            sent = self._envelope.send(row, key_of(row, self._topics, self._envelope))
            headers = [
                *sent.headers,
                *self._told(names.HEADER_LETTER, letter_id, reason),
                (names.HEADER_ERROR, error_type.encode()),
                (names.HEADER_ATTEMPTS, b"%d" % attempts),
            ]
            made.append(Copy(topic, sent.key, sent.value, headers, (_LETTER_COPIED, (letter_id, attempts))))
        return made

    def _parked(self, topic: str, most: int) -> list[Copy]:
        made = []
        rows = self._log.connection().execute(_PARKED, (self._service, most)).fetchall()
        for origin, partition, offset, reason, key, headers, body in rows:
            told = self._told(names.HEADER_ORIGIN, f"{origin}/{partition}/{offset}", reason)
            kept = [(name, bytes.fromhex(value)) for name, value in orjson.loads(headers) if value is not None]
            done = (_PARKED_COPIED, (self._service, origin, partition, offset))
            made.append(Copy(topic, _bytes(key), _bytes(body), kept + told, done))
        return made

    def _told(self, name: str, value: str, reason: str) -> Headers:
        return [
            (names.HEADER_SERVICE, self._service.encode()),
            (name, value.encode()),
            (names.HEADER_REASON, reason.encode()),
        ]


async def _sent(sending: AIOKafkaProducer, copy: Copy) -> asyncio.Future[Any]:
    acknowledged: asyncio.Future[Any] = await sending.send(copy.topic, copy.value, copy.key, headers=copy.headers)
    return acknowledged


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


class Copier:
    """Sends what its sources have, now and then; of several copies with the same sources one at a time."""

    def __init__(
        self,
        log: EventLog,
        sources: Sequence[tuple[str, Source]],
        make_producer: Callable[[], AIOKafkaProducer],
        leadership: Leadership,
    ) -> None:
        self._eventlog, self._sources, self._make_producer = log, sources, make_producer
        self._leadership = leadership
        self._working = ThreadPoolExecutor(1, "copies")
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Send what is in hand, and end."""
        self._stop.set()
        if self._task is not None:
            await self._task
        self._working.shutdown(wait=False)

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                await self._copy_all()
            except Exception as error:  # noqa: BLE001 -- the database or Kafka is away: later
                _log.warning("copies have to wait", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), LOOKS_SECONDS)

    async def _copy_all(self) -> None:
        if not await self._in_thread(self._found) or not await self._in_thread(self._leadership.take):
            return
        try:
            async with started(self._make_producer()) as sending:
                while (found := await self._in_thread(self._found)) and await self._in_thread(self._leadership.beat):
                    await asyncio.gather(*[await _sent(sending, copy) for copy in found])
                    await self._in_thread(self._note, found)
        finally:
            await self._in_thread(self._leadership.let_go)

    def _found(self) -> list[Copy]:
        return [copy for topic, source in self._sources for copy in source(topic, AT_ONCE)]

    def _note(self, copies: Sequence[Copy]) -> None:
        def write(rows: RowsConnection) -> None:
            for each in copies:
                rows.execute(*each.done)

        self._eventlog.commit((), service="copies", rows=write)

    async def _in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._working, work, *given)
