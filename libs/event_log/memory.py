"""The log in memory, for tests: plain lists and dictionaries, rows in an in-memory SQLite database."""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Self

from event_log.errors import LogClosed, RowsEndedTransaction
from event_log.grouping import answering, now
from event_log.merkle import Growth
from event_log.planning import Draft, Place
from event_log.protocol import (
    NOTHING,
    Append,
    Checkpoint,
    Commit,
    Done,
    Found,
    Guard,
    Participant,
    Recorded,
    Rows,
)


class MemoryLog:
    """See protocol.EventLog. Everything is gone when it is closed.

    All threads share one connection to the rows, so a reader may see rows of a commit still in work.
    """

    def __init__(self, *, clock: Callable[[], int] = now) -> None:
        self._clock = clock
        self._turn = threading.RLock()
        self._woken = threading.Condition(self._turn)
        self._events: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = defaultdict(list)
        self._cases: dict[bytes, list[Recorded]] = defaultdict(list)
        self._places: dict[bytes, Place] = {}
        self._checkpoints: dict[str, int] = {}
        self._participants: list[Participant] = []
        self._growth = Growth()
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._closed = False
        self._rows = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)

    def commit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Commit:
        """See protocol.EventLog."""
        with self._turn:
            if self._closed:
                raise LogClosed
            before = self._events[-1].recorded_at if self._events else 0
            draft = Draft(len(self._events), max(before, self._clock()), self._version, _Overlay(self._places))
            answer = draft.add(appends, service, guards)
            self._write_rows(None if answer.conflicts else rows)
            if checkpoint is not None and not answer.conflicts:
                self._checkpoints[checkpoint.consumer] = checkpoint.position
            self._store([Recorded._make(row) for row in draft.rows])
            return answer

    def _version(self, stream: str) -> int:
        return len(self._streams.get(stream, ()))

    def _write_rows(self, rows: Rows | None) -> None:
        self._rows.execute("BEGIN IMMEDIATE")
        try:
            written = [participant.write(self._rows) for participant in self._participants]
            if rows is not None:
                rows(self._rows)
            _still_open(self._rows)
            self._rows.execute("COMMIT")
        except BaseException:
            if self._rows.in_transaction:
                self._rows.execute("ROLLBACK")
            raise
        for done in written:
            if done is not None:
                done()

    def _store(self, events: Sequence[Recorded]) -> None:
        self._growth, made = self._growth.add([event.leaf_hash for event in events])
        self._nodes.update({(level, place): node for level, place, node in made})
        for event in events:
            self._events.append(event)
            self._streams[event.stream].append(event)
            self._places[event.event_id] = (event.position, event.stream, event.version)
            if event.case_id is not None:
                self._cases[event.case_id].append(event)
        self._woken.notify_all()

    def submit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Future[Commit]:
        """See protocol.EventLog; done when this returns."""
        future: Future[Commit] = Future()

        self.hand_over(appends, answering(future), service=service, rows=rows, checkpoint=checkpoint, guards=guards)
        return future

    def hand_over(
        self,
        appends: Sequence[Append],
        done: Done,
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> None:
        """See protocol.HandsOver; done when this returns."""
        try:
            answer = self.commit(appends, service=service, rows=rows, checkpoint=checkpoint, guards=guards)
        except LogClosed:
            raise
        except Exception as error:  # noqa: BLE001 - the caller is told
            done(None, error)
        else:
            done(answer, None)

    def head(self) -> int:
        """See protocol.EventLog."""
        return len(self._events)

    def read_all(
        self, after: int, limit: int, types: Collection[str] | None = None, upto: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        with self._turn:
            found: list[Recorded] = []
            for position in range(max(after, 0), len(self._events) if upto is None else upto):
                if position >= len(self._events) or len(found) >= limit:
                    break
                event = self._events[position]
                if types is None or event.type in types:
                    found.append(event)
            return found

    def count(self, types: Collection[str], upto: int) -> int:
        """See protocol.EventLog."""
        with self._turn:
            return len([event for event in self._events[: max(upto, 0)] if event.type in types])

    def read_stream(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        with self._turn:
            return _until(self._streams.get(stream, [])[max(after_version, 0) :], upto, as_of)

    def read_pages(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[list[Recorded]]:
        """See protocol.EventLog; what is in memory is one page."""
        if page := self.read_stream(stream, after_version, upto, as_of):
            yield page

    def read_streams(
        self,
        streams: Collection[str],
        upto: int | None = None,
        as_of: int | None = None,
        *,
        behind: Mapping[str, int] = NOTHING,
    ) -> dict[str, list[Recorded]]:
        """See protocol.EventLog."""
        return {stream: self.read_stream(stream, behind.get(stream, 0), upto, as_of) for stream in streams}

    def read_cases(
        self, case_ids: Collection[bytes], upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        with self._turn:
            found = [event for case_id in set(case_ids) for event in self._cases.get(case_id, [])]
            return _until(sorted(found), upto, as_of)

    def read_events(self, event_ids: Collection[bytes]) -> list[Recorded]:
        """See protocol.EventLog."""
        with self._turn:
            places = {self._places[event_id][0] for event_id in event_ids if event_id in self._places}
            return [self._events[position - 1] for position in sorted(places)]

    def find(self, event_ids: Collection[bytes]) -> dict[bytes, Found]:
        """See protocol.EventLog."""
        return {
            event.event_id: Found(event.position, event.stream, event.version, event.fingerprint)
            for event in self.read_events(event_ids)
        }

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """See protocol.EventLog."""
        with self._turn:
            return {stream: self._version(stream) for stream in streams}

    def checkpoint(self, consumer: str) -> int:
        """See protocol.EventLog."""
        return self._checkpoints.get(consumer, 0)

    def checkpoints(self) -> dict[str, int]:
        """See protocol.EventLog."""
        return dict(sorted(self._checkpoints.items()))

    def wait(self, after: int, timeout: float) -> bool:
        """See protocol.EventLog."""
        with self._woken:
            self._woken.wait_for(lambda: len(self._events) > after or self._closed, timeout)
            return len(self._events) > after

    def connection(self) -> sqlite3.Connection:
        """See protocol.EventLog; here it is the one connection of all."""
        return self._rows

    def nodes(self, level: int, start: int, count: int) -> list[bytes]:
        """Kept tree nodes (see merkle.NodeSource)."""
        with self._turn:
            if level == 0:
                return [event.leaf_hash for event in self._events[start : start + count]]
            places = range(start, start + count)
            return [self._nodes[level, place] for place in places if (level, place) in self._nodes]

    def ensure_schema(self, create: Rows) -> None:
        """See protocol.EventLog."""
        with self._turn:
            create(self._rows)

    def join(self, participant: Participant) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._participants.append(participant)

    def scrub(self) -> None:
        """See protocol.EventLog; nothing is kept in files."""

    def lease(self, name: str) -> bool:
        """See protocol.EventLog; nobody else is there."""
        del name
        return True

    def close(self) -> None:
        """See protocol.EventLog."""
        with self._turn:
            if not self._closed:
                self._closed = True
                self._rows.close()
                self._woken.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _still_open(rows: sqlite3.Connection) -> None:
    if not rows.in_transaction:
        raise RowsEndedTransaction


def _until(events: Sequence[Recorded], upto: int | None, as_of: int | None) -> list[Recorded]:
    return [
        event
        for event in events
        if (upto is None or event.position <= upto) and (as_of is None or event.recorded_at <= as_of)
    ]


class _Overlay(dict[bytes, Place]):
    """The known places, with additions of a draft that may be thrown away."""

    def __init__(self, known: dict[bytes, Place]) -> None:
        super().__init__()
        self._known = known

    def get(self, event_id: bytes, default: Place | None = None) -> Place | None:  # type: ignore[override]  # narrower than a dict
        """Where the event stands, in the draft or in the log."""
        return super().get(event_id) or self._known.get(event_id, default)

    def __missing__(self, event_id: bytes) -> Place:
        return self._known[event_id]
