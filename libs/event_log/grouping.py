"""Group commit: callers who come at the same time share one transaction, whatever the database."""

import threading
import time
from _thread import LockType
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from event_log.errors import CommitInsideCommit, LogClosed, ReadOnly
from event_log.protocol import Append, Checkpoint, Commit, Done, Guard, Rows

GROUP = 512
"""At most so many commits share a transaction."""
GROUP_EVENTS = 10_000
"""No further commit joins a transaction of so many events."""
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


class Job:
    """One caller's commit on its way through the writer."""

    __slots__ = ("answer", "appends", "checkpoint", "done", "error", "guards", "rows", "service", "waiting")

    def __init__(
        self,
        appends: Sequence[Append],
        service: str,
        rows: Rows | None,
        checkpoint: Checkpoint | None,
        guards: Sequence[Guard],
    ) -> None:
        self.appends = appends
        self.service = service
        self.rows = rows
        self.checkpoint = checkpoint
        self.guards = guards
        self.answer: Commit | None = None
        self.error: BaseException | None = None
        self.done: Done | None = None
        self.waiting: LockType | None = None

    def resolve(self) -> Callable[[], None] | None:
        """Tell the caller who waits; what is handed back is to be called once all of its group are told."""
        if self.waiting is not None:
            self.waiting.release()
        elif self.done is not None:
            return self.done(self.answer, self.error)
        return None

    def result(self) -> Commit:
        """The answer, once the job is done; raises its error."""
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


class GroupWriter(Protocol):
    """What writes groups of jobs; only one group is in work at a time."""

    uncovered_since: float | None
    """Since when there are events that this process has yet to sign; None: there are none."""

    def run(self, jobs: Sequence[Job]) -> None:
        """Do the jobs in one transaction and note each one's answer or error. Never raises."""

    def sign_due(self) -> float | None:
        """In how many seconds a checkpoint is due; None while none is."""

    def sign_now(self) -> None:
        """Sign what no checkpoint covers yet."""


class GroupCommit:
    """The committing half of protocol.EventLog. Who inherits it calls `_begin` once, and `_end` to stop."""

    def __init__(self) -> None:
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
        self._group_writer: GroupWriter | None = None
        self._thread: threading.Thread | None = None

    def _begin(self, writer: GroupWriter) -> None:
        self._group_writer = writer
        self._thread = threading.Thread(target=self._serve, name="event-log-writer", daemon=True)
        self._thread.start()

    def _end(self) -> bool:
        """Finish what was submitted; False where that was done before."""
        with self._gate:
            if self._closed:
                return False
            self._closed = True
        self._work.set()
        if self._thread is not None:
            self._thread.join()
        return True

    def commit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Commit:
        """See protocol.EventLog. A caller alone commits on its own thread, without a hand-over."""
        job = Job(appends, service, rows, checkpoint, guards)
        if self._answered > 1 or self._queue or not self._turn.acquire(blocking=False):
            if self._worker == threading.get_ident():
                raise CommitInsideCommit
            waiting = job.waiting = threading.Lock()
            waiting.acquire()
            self._enqueue(job)
            waiting.acquire()  # the writer's thread lets go of it
            return job.result()
        try:
            writer = self._writable()
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
        guards: Sequence[Guard] = (),
    ) -> Future[Commit]:
        """See protocol.EventLog."""
        future: Future[Commit] = Future()
        future.set_running_or_notify_cancel()
        done = answering(future)
        self.hand_over(appends, done, service=service, rows=rows, checkpoint=checkpoint, guards=guards)
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
        """See protocol.HandsOver."""
        job = Job(appends, service, rows, checkpoint, guards)
        job.done = done
        self._enqueue(job)

    def _enqueue(self, job: Job) -> None:
        with self._gate:
            self._writable()
            self._queue.append(job)
        if self._asleep:
            self._work.set()

    def _writable(self) -> GroupWriter:
        if self._closed:
            raise LogClosed
        if self._group_writer is None:
            raise ReadOnly
        return self._group_writer

    def _serve(self) -> None:
        """The writer's thread: everything that waits is one transaction; when idle, checkpoints are signed."""
        writer = self._group_writer
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

    def _sleep(self, writer: GroupWriter) -> None:
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
