"""The one writer of a SQLite log: plans, stores and signs what all its callers hand in, many in one transaction."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from event_log import sql, sqlite_reader, stored_whereabouts, treehead
from event_log.errors import LogUnavailable, RowsEndedTransaction
from event_log.grouping import Job
from event_log.heads import bounded
from event_log.leaf import Leaves
from event_log.marks import number_of
from event_log.merkle import Growth
from event_log.notes import Signer
from event_log.planning import Draft
from event_log.protocol import Commit, Participant, Rows
from event_log.sqlite_folding import Folding
from event_log.sqlite_insert import insert
from event_log.tail import Tail
from event_log.whereabouts import Whereabouts

SIGN_EVENTS = 10_000
SIGN_SECONDS = 10.0
KEEP_WHEREABOUTS = 1 << 18
"""After so many events the whereabouts of keys are stored again."""


class _JobFailed(Exception):
    """One job of a group cannot be done; the others can."""


class Writer:
    """Writes groups of jobs. Its callers see to it that only one group is in work at a time."""

    def __init__(self, path: Path, clock: Callable[[], int], signer: Signer | None, notes: Path) -> None:
        self.path = path
        self._clock = clock
        self._signer = signer
        self._notes = notes
        self._versions: dict[str, int] = {}
        self.where = Whereabouts()
        self.tail = Tail()
        self._leaves = Leaves()
        self._folding = Folding(path)
        self.participants: list[Participant] = []
        self.uncovered_since: float | None = None
        self._connection = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
        try:
            for setting in sql.WRITER_SETTINGS:
                self._connection.execute(setting)
            self._connection.executescript(sql.SCHEMA)
            self._load()
            self._load_whereabouts()
        except BaseException:
            self._connection.close()
            raise

    def _load(self) -> None:
        """Take up the log where the last transaction left it; reads a few hundred rows at most."""
        last = self._connection.execute(sql.LAST).fetchone()
        self.head: int = last[0] if last else 0
        self._recorded_at: int = last[1] if last else 0
        self._growth = Growth.of(self, self.head)
        signed = self._connection.execute(sql.LAST_SIGNED).fetchone()
        self.signed_size: int = signed[0] if signed else 0
        self.uncovered_since = time.monotonic() if self.head > self.signed_size else None
        self._versions = {}

    def _load_whereabouts(self) -> None:
        execute = self._connection.execute
        kept = stored_whereabouts.kept(self._connection)
        self._kept_upto = self.where.load(kept, lambda upto: execute(sql.KEYS_AFTER, (upto,)))
        execute("PRAGMA shrink_memory")  # the pages that were gone through are not come back to

    def nodes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """Kept tree nodes (see merkle.NodeSource)."""
        return sqlite_reader.nodes(self._connection, level, start, count)

    def known_version(self, stream: str) -> int | None:
        """A stream's version if it is remembered."""
        return self._versions.get(stream)

    def run(self, jobs: Sequence[Job]) -> None:
        """Do the jobs in one transaction and note each one's answer or error. Never raises."""
        try:
            self._attempt(jobs)
        except BaseException as error:  # noqa: BLE001 - the callers who wait must hear of anything
            self._undo()
            failure = sqlite_reader.typed(error, self.path) if isinstance(error, sqlite3.Error) else error
            for job in jobs:
                job.answer, job.error = None, failure

    def _undo(self) -> None:
        """Back to what the file says: after a failed transaction nothing else is certain."""
        try:
            self.tail.clear()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._load()
        except sqlite3.Error:
            self._versions = {}

    def _attempt(self, jobs: Sequence[Job]) -> None:
        try:
            self._together(jobs)
        except _JobFailed as failed:
            self._rollback()
            if len(jobs) == 1:
                jobs[0].answer, jobs[0].error = None, self._cause(failed)
            else:
                self._one_by_one(jobs)

    def _cause(self, error: BaseException) -> BaseException:
        """What the caller is told: its own exception, or ours where the database gave up inside its rows."""
        cause = error.__cause__ if isinstance(error, _JobFailed) and error.__cause__ else error
        if isinstance(cause, sqlite3.OperationalError):
            told = sqlite_reader.typed(cause, self.path)
            return cause if isinstance(told, LogUnavailable) else told
        return cause

    def _rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _together(self, jobs: Sequence[Job]) -> None:
        """All jobs in one transaction, their events in one statement."""
        try:
            draft = self._draft(jobs, self.head, self._now())
            for job, answer in zip(jobs, self._planned(draft, jobs), strict=True):
                job.answer = answer
        except sqlite3.Error:
            raise
        except Exception as error:
            raise _JobFailed from error
        growth, made = self._growth.add(draft.leaves)
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        written = self._participate()
        self._insert(draft, made)
        for job in jobs:
            self._follow_up(job)
        self._commit(draft.head, draft.recorded_at, growth, draft.heads, written)
        self.tail.add([draft])

    @staticmethod
    def _planned(draft: Draft, jobs: Sequence[Job]) -> list[Commit]:
        if any(job.guards for job in jobs):
            return [draft.add(job.appends, job.service, job.guards) for job in jobs]
        return draft.add_all([(job.appends, job.service) for job in jobs])

    def _one_by_one(self, jobs: Sequence[Job]) -> None:
        """Still one transaction, but each job apart: one that fails takes nothing with it."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        written = self._participate()
        head, growth = self.head, self._growth
        recorded_at, heads = self._now(), dict[str, int]()
        drafts: list[Draft] = []
        for job in jobs:
            job.answer = job.error = None
            execute("SAVEPOINT job")
            try:
                draft = self._draft([job], head, recorded_at)
                draft.heads.update(heads)
                job.answer = draft.add(job.appends, job.service, job.guards)
                grown, made = growth.add(draft.leaves)
                self._insert(draft, made)
                self._follow_up(job)
            except Exception as error:
                if not self._connection.in_transaction:
                    raise  # the database gave up: everybody's commit is lost
                execute("ROLLBACK TO job")
                job.answer, job.error = None, self._cause(error)
            else:
                head, growth = draft.head, grown
                heads.update(draft.heads)
                drafts.append(draft)
            execute("RELEASE job")
        self._commit(head, recorded_at, growth, heads, written)
        self.tail.add(drafts)

    def _now(self) -> int:
        return max(self._recorded_at, self._clock())

    def _draft(self, jobs: Sequence[Job], head: int, recorded_at: int) -> Draft:
        """A plan that knows which of the jobs' ids are in the log, and the versions of their streams."""
        appends = [append for job in jobs for append in job.appends]
        event_ids, suspects, versions, wanted = self.where.expect(appends, head, self._versions)
        found = sqlite_reader.find(self._connection, suspects) if suspects else {}
        if wanted:
            versions.update(sqlite_reader.versions(self._connection, wanted))
        for job in jobs:
            if job.guards:
                self._learn_guarded([guard.stream for guard in job.guards], versions)
        distinct = not found and len(set(event_ids)) == len(event_ids)
        known = {event_id: (place.position, place.stream, place.version) for event_id, place in found.items()}
        return Draft(head, recorded_at, versions.__getitem__, known, distinct=distinct, leaves=self._leaves)

    def _learn_guarded(self, streams: Sequence[str], versions: dict[str, int]) -> None:
        """Add the versions of guarded streams; what had to be looked up is remembered."""
        remembered, missing = self._versions, list[str]()
        for stream in streams:
            if stream not in versions:
                version = remembered.get(stream)
                if version is None:
                    missing.append(stream)
                else:
                    versions[stream] = version
        if missing:
            wanted = [(stretch, stream) for stream in missing for stretch in self.where.stretches(number_of(stream))]
            found = dict.fromkeys(missing, 0) | sqlite_reader.versions(self._connection, wanted)
            versions.update(found)
            remembered.update(found)

    def _insert(self, draft: Draft, made: Sequence[tuple[int, int, bytes]]) -> None:
        """Store what was planned; the whereabouts learn of it first, so that no reader misses it."""
        if draft.shared:
            if not draft.as_expected:
                self.where.add(draft.rows)
            insert(self._connection, draft)
        if made:
            self._connection.executemany(sql.INSERT_NODE, made)

    def _participate(self) -> list[Callable[[], None]]:
        written = [participant.write(self._connection) for participant in self.participants]
        return [done for done in written if done is not None]

    def _follow_up(self, job: Job) -> None:
        """Rows and checkpoint of a job none of whose appends was refused."""
        if job.rows is None and job.checkpoint is None:
            return
        if job.answer is None or job.answer.conflicts:
            return
        if job.rows is not None:
            try:
                job.rows(self._connection)
            except Exception as error:
                raise _JobFailed from error
            if not self._connection.in_transaction:
                raise _JobFailed from RowsEndedTransaction()
        if job.checkpoint is not None:
            self._connection.execute(sql.UPSERT_CHECKPOINT, job.checkpoint)

    def _commit(
        self,
        head: int,
        recorded_at: int,
        growth: Growth,
        heads: dict[str, int],
        written: Sequence[Callable[[], None]],
    ) -> None:
        due = head - self.signed_size >= SIGN_EVENTS or self.sign_due() == 0.0
        note = self._sign(growth) if due else None
        kept_upto = self._keep_whereabouts(head) if head - self._kept_upto >= KEEP_WHEREABOUTS else None
        self._connection.execute("COMMIT")
        events = head - self.head
        if events:
            self._recorded_at = recorded_at
            if self.uncovered_since is None:
                self.uncovered_since = time.monotonic()
        self.head, self._growth = head, growth
        self._kept_upto = kept_upto or self._kept_upto
        self._remember(heads)
        for done in written:
            done()
        if note is not None:
            self._publish(note)
        self._folding.committed(self._connection, events)

    def _keep_whereabouts(self, head: int) -> int:
        """Store the whereabouts inside the open transaction, from the part last stored on."""
        stored_whereabouts.keep(self._connection, self.where.keep(self._kept_upto, head))
        return head

    def _remember(self, heads: dict[str, int]) -> None:
        self._versions.update(heads)
        self._versions = bounded(self._versions)

    def _sign(self, growth: Growth) -> tuple[int, str] | None:
        """Sign the tree inside the open transaction; publish it only once that is durable."""
        if self._signer is None:
            return None
        size = growth.size
        note = treehead.sign(size, growth.root(), self._signer)
        self._connection.execute(sql.INSERT_SIGNED, (size, note))
        return size, note

    def _publish(self, signed: tuple[int, str]) -> None:
        self.signed_size, note = signed
        self.uncovered_since = None if self.signed_size == self.head else time.monotonic()
        treehead.append_note(self._notes, note)

    def sign_due(self) -> float | None:
        """In how many seconds a checkpoint is due; None while every event is under one."""
        if self._signer is None or self.uncovered_since is None:
            return None
        return max(0.0, self.uncovered_since + SIGN_SECONDS - time.monotonic())

    def sign_now(self) -> None:
        """Sign what no checkpoint covers yet."""
        if self._signer is None or self.head == self.signed_size:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            note = self._sign(self._growth)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._undo()
            self.uncovered_since = time.monotonic()  # the next turn tries again
            return
        if note is not None:
            self._publish(note)

    def create(self, make: Rows) -> None:
        """Run a caller's schema in a transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            make(self._connection)
            if self._connection.in_transaction:  # executescript commits on its own
                self._connection.execute("COMMIT")
        except BaseException:
            self._rollback()
            raise

    def scrub(self) -> None:
        """Empty the write-ahead file, so that overwritten bytes are nowhere."""
        self._folding.empty(self._connection)

    def close(self) -> None:
        """Let go of the file."""
        if self.head - self._kept_upto >= KEEP_WHEREABOUTS // 4:
            with contextlib.suppress(sqlite3.Error):  # it can be made again from the events
                self._connection.execute("BEGIN IMMEDIATE")  # all of it or nothing: who believed a half missed keys
                self._keep_whereabouts(self.head)
                self._connection.execute("COMMIT")
        self._folding.end()
        self._connection.close()
