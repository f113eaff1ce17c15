"""The log in one SQLite file: any number of readers, one writing process, group commit."""

import fcntl
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Self

from event_log.errors import CommitInsideCommit, LogClosed, LogInUse, LogMissing, ReadOnly
from event_log.notes import Signer
from event_log.protocol import Append, Checkpoint, Commit, Done, Participant, Recorded, Rows
from event_log.sqlite_reader import SqliteReading, typed
from event_log.sqlite_writer import Job, Writer

GROUP = 512
"""At most so many commits share a transaction."""
GROUP_EVENTS = 10_000
"""No further commit joins a transaction of so many events."""
_POLL_SECONDS = 0.01
_GATHER_SECONDS = 0.00005


def now() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


def answering(future: Future[Commit]) -> Done:
    """What gives a future its answer."""

    def done(answer: Commit | None, error: BaseException | None) -> None:
        if answer is not None:
            future.set_result(answer)
        else:
            future.set_exception(error)

    return done


def notes_beside(path: Path) -> Path:
    """Where the signed checkpoints of this log are also written, so that a cut log is noticed."""
    return path.with_name(f"{path.name}.checkpoints.txt")


class SqliteLog(SqliteReading):
    """See protocol.EventLog. One process writes; others open it with `read_only=True`.

    Args:
        path: the database file, made when it is not there.
        signer: signs checkpoints; without one the log has hashes, but no signatures.
        clock: microseconds since the epoch, for `recorded_at`.
        read_only: do not write, take no lock.
    Raises: LogInUse, LogMissing (read_only), LogUnavailable.
    """

    def __init__(
        self,
        path: Path,
        *,
        signer: Signer | None = None,
        clock: Callable[[], int] = now,
        read_only: bool = False,
    ) -> None:
        super().__init__(path)
        self._closed = False
        self._waiters = 0
        self._woken = threading.Condition()
        self._turn = threading.Lock()
        self._queue: deque[Job] = deque()
        self._gate = threading.Lock()
        self._work = threading.Event()
        self._asleep = False
        self._answered = 0
        self._worker = 0
        self._writer: Writer | None = None
        if read_only:
            if not path.exists():
                raise LogMissing(path)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(path)
        try:
            self._writer = Writer(path, clock, signer, notes_beside(path))
        except BaseException as error:
            os.close(self._lock)
            if isinstance(error, sqlite3.Error):
                raise typed(error, path) from error
            raise
        self._where = self._writer.where
        self._thread = threading.Thread(target=self._serve, name="event-log-writer", daemon=True)
        self._thread.start()

    def commit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> Commit:
        """See protocol.EventLog. A caller alone commits on its own thread, without a hand-over."""
        job = Job(appends, service, rows, checkpoint)
        if self._answered > 1 or self._queue or not self._turn.acquire(blocking=False):
            if self._worker == threading.get_ident():
                raise CommitInsideCommit
            waiting = job.waiting = threading.Lock()
            waiting.acquire()
            self._enqueue(job)
            waiting.acquire()  # the writer's thread lets go of it
            return job.result()
        try:
            writer = self._writing()
            self._worker = threading.get_ident()
            idle = writer.uncovered_since is None
            writer.run([job])
        finally:
            self._worker = 0
            self._turn.release()
        self._announce()
        if idle and writer.uncovered_since is not None:
            self._work.set()  # the writer's thread has a checkpoint to sign later
        return job.result()

    def submit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> Future[Commit]:
        """See protocol.EventLog."""
        future: Future[Commit] = Future()
        future.set_running_or_notify_cancel()
        done = answering(future)
        self.hand_over(appends, done, service=service, rows=rows, checkpoint=checkpoint)
        return future

    def hand_over(
        self,
        appends: Sequence[Append],
        done: Done,
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """See protocol.HandsOver."""
        job = Job(appends, service, rows, checkpoint)
        job.done = done
        self._enqueue(job)

    def _enqueue(self, job: Job) -> None:
        with self._gate:
            self._writing()
            self._queue.append(job)
        if self._asleep:
            self._work.set()

    def _writing(self) -> Writer:
        if self._closed:
            raise LogClosed
        if self._writer is None:
            raise ReadOnly
        return self._writer

    def _serve(self) -> None:
        """The writer's thread: everything that waits is one transaction; when idle, checkpoints are signed."""
        writer = self._writer
        assert writer is not None
        while True:
            self._sleep(writer)
            self._gather()
            if self._closed and not self._queue:
                return
            with self._turn:
                jobs = self._take()
                self._worker = threading.get_ident()
                if jobs:
                    writer.run(jobs)
                if writer.sign_due() == 0.0:
                    writer.sign_now()
                self._worker = 0
            self._announce()
            self._answered = len(jobs) or self._answered
            wake = {job.resolve() for job in jobs}
            for once in wake:
                if once is not None:
                    once()

    def _sleep(self, writer: Writer) -> None:
        """Until there is something to do. Who queues a job looks at `_asleep` after, we at the queue after it."""
        self._asleep = True
        while not self._queue and not self._closed:
            due = writer.sign_due()
            if due == 0.0:
                break
            self._work.wait(due)
            self._work.clear()
        self._asleep = False

    def _gather(self) -> None:
        """Callers just answered together come again together: a moment's patience, as long as more and more do."""
        seen = 0
        while seen < len(self._queue) < min(self._answered, GROUP) and not self._closed:
            seen = len(self._queue)
            time.sleep(_GATHER_SECONDS)

    def _take(self) -> list[Job]:
        """What waits, as much as one transaction should hold."""
        queue = self._queue
        jobs: list[Job] = []
        events = 0
        while queue and len(jobs) < GROUP and events < GROUP_EVENTS:
            job = queue.popleft()
            events += sum([len(append[2]) for append in job.appends])
            jobs.append(job)
        return jobs

    def _announce(self) -> None:
        if self._waiters:
            with self._woken:
                self._woken.notify_all()

    def head(self) -> int:
        """See protocol.EventLog."""
        return super().head() if self._writer is None or self._closed else self._writer.head

    def read_all(
        self, after: int, limit: int, types: Collection[str] | None = None, upto: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog; what was just written is at hand."""
        if self._writer is not None and not self._closed:
            found = self._writer.tail.read(after, limit, types, self._writer.head if upto is None else upto)
            if found is not None:
                return found
        return super().read_all(after, limit, types, upto)

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """See protocol.EventLog; remembered by the writer for the streams it wrote lately."""
        if self._writer is None:
            return super().versions(streams)
        known = {stream: self._writer.known_version(stream) for stream in streams}
        asked = super().versions([stream for stream, version in known.items() if version is None])
        return {stream: asked[stream] if version is None else version for stream, version in known.items()}

    def read_streams(
        self, streams: Collection[str], upto: int | None = None, as_of: int | None = None
    ) -> dict[str, list[Recorded]]:
        """See protocol.EventLog; all streams as of one moment, even while the whereabouts learn of a new one."""
        if upto is None and self._writer is not None:
            upto = self._writer.head
        return super().read_streams(streams, upto, as_of)

    def wait(self, after: int, timeout: float) -> bool:
        """See protocol.EventLog; a read-only log looks again every 10 ms."""
        end = time.monotonic() + timeout
        if self._writer is None:
            return self._poll(after, end)
        with self._woken:
            self._waiters += 1
            try:
                while self._writer.head <= after:
                    left = end - time.monotonic()
                    if left <= 0 or self._closed:
                        return False
                    self._woken.wait(left)
            finally:
                self._waiters -= 1
        return True

    def _poll(self, after: int, end: float) -> bool:
        seen = None
        while True:
            ((version,),) = self._rows("PRAGMA data_version")
            if version != seen and self.head() > after:
                return True
            seen = version
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL_SECONDS, left))

    def ensure_schema(self, create: Rows) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._writing().create(create)

    def join(self, participant: Participant) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._writing().participants.append(participant)

    def scrub(self) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._writing().scrub()

    def sign(self) -> None:
        """Sign a checkpoint over everything written so far."""
        with self._turn:
            self._writing().sign_now()

    def close(self) -> None:
        """See protocol.EventLog."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
        self._work.set()
        if self._writer is not None:
            self._thread.join()
            with self._turn:
                self._writer.sign_now()
        self._readers.close()
        with self._woken:
            self._woken.notify_all()
        if self._writer is not None:
            self._writer.close()
            os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _lock(path: Path) -> int:
    """Hold the lock file beside the log as long as this process writes. Raises: LogInUse."""
    file = path.with_name(f"{path.name}.lock")
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 100).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise LogInUse(path, holder) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
    return descriptor
