"""Services in a process of their own over a log that another process writes: reads from the file, commits by a pipe."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, Self

import structlog

from event_log.following import FollowingLog
from event_log.protocol import Append, Checkpoint, Commit, EventLog, Guard, Participant, Rows
from service_kit.tables import RowWrites

_log = structlog.get_logger(__name__)


MOST_UNANSWERED = 1_000
"""Appends whose answers may wait in the pipe, some 80 bytes each. It holds 200 kB: were it full, each end would wait
for the other to read."""


class Errand(NamedTuple):
    """A commit on its way to the process that writes."""

    appends: Sequence[Append]
    service: str
    rows: RowWrites | None
    checkpoint: Checkpoint | None
    guards: Sequence[Guard] = ()


class WriterIsGone(Exception):
    """The process that writes the log ended."""

    code = "writer-is-gone"


class _Answer(Future[Commit]):
    """An answer that is received when it is asked for; those before it on the way."""

    def __init__(self, receive: Callable[[], None], appends: int) -> None:
        super().__init__()
        self._receive, self.appends = receive, appends

    def result(self, timeout: float | None = None) -> Commit:
        """The answer; see `RemoteLog.commit` for what is raised."""
        while not self.done():
            self._receive()
        return super().result(timeout)


class RemoteLog(FollowingLog):
    """A log to follow here and to write elsewhere. For one thread."""

    def __init__(self, path: Path, errands: "Connection[Any, Any]") -> None:
        super().__init__(path)
        self._errands = errands
        self._unanswered: deque[_Answer] = deque()

    def commit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Commit:
        """See protocol.EventLog; `rows` must be `RowWrites`.

        Raises:  what the writing process raised; WriterIsGone.
        """
        return self.submit(appends, service=service, rows=rows, checkpoint=checkpoint, guards=guards).result()

    def submit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Future[Commit]:
        """See protocol.EventLog. Who asks for the answer waits for it; the writing process answers in order."""
        assert rows is None or isinstance(rows, RowWrites), "a closure cannot travel to another process"
        while sum(each.appends for each in self._unanswered) > MOST_UNANSWERED:
            self._receive()
        try:
            self._errands.send(Errand(appends, service, rows, checkpoint, guards))
        except (EOFError, OSError) as error:
            raise WriterIsGone from error
        future = _Answer(self._receive, len(appends))
        self._unanswered.append(future)
        return future

    def _receive(self) -> None:
        """The next answer to its errand."""
        try:
            answer = self._errands.recv()
        except (EOFError, OSError) as error:
            raise WriterIsGone from error
        future = self._unanswered.popleft()
        if isinstance(answer, Exception):
            future.set_exception(answer)
            return
        assert isinstance(answer, Commit)
        if answer.written:
            self.refresh()
        future.set_result(answer)

    def wait(self, after: int, timeout: float) -> bool:
        """See protocol.EventLog. Whoever runs services here sleeps on its orders instead."""
        del timeout
        return self.head() > after

    def ensure_schema(self, create: Rows) -> None:
        """The writing process makes the tables."""
        del create

    def join(self, participant: Participant) -> None:
        """Nobody writes along from here."""
        del participant

    def scrub(self) -> None:
        """The writing process scrubs."""

    def lease(self, name: str) -> bool:
        """See protocol.EventLog; the writing process is alone, and runs other services."""
        del name
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._readers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Clerk:
    """Runs the errands of one such process, in a thread of the process that writes."""

    def __init__(self, log: EventLog, errands: "Connection[Any, Any]") -> None:
        self._log, self._errands = log, errands
        self._thread = threading.Thread(target=self._serve, name="clerk", daemon=True)

    def start(self) -> None:
        """Begin; ends by itself when the other process does."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the other process to have hung up."""
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                errand: Errand = self._errands.recv()
            except (EOFError, OSError):
                return
            answer: Commit | Exception
            try:
                answer = self._log.commit(
                    errand.appends,
                    service=errand.service,
                    rows=errand.rows,
                    checkpoint=errand.checkpoint,
                    guards=errand.guards,
                )
            except Exception as error:  # noqa: BLE001 -- it is the other process's to deal with
                answer = error
            try:
                self._errands.send(answer)
            except OSError:
                return
