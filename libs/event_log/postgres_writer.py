"""Writing to a log on PostgreSQL: what the callers of one process hand in, in one transaction, by one function call."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psycopg
from psycopg.pq import TransactionStatus

from event_log.errors import LogBusy, LogError, SchemaMismatch
from event_log.grouping import Job
from event_log.postgres_call import Answer, Call, append_statement
from event_log.postgres_notary import Notary
from event_log.postgres_rows import (
    Connection,
    PostgresRows,
    connect,
    cut,
    name_of_any,
    passes_at_once,
    raise_typed,
    typed,
    usable,
)
from event_log.protocol import Commit, Participant, Rows

ATTEMPTS = 5
"""How often a commit is begun again that met a deadlock, or whose refused streams changed under it."""

AFTER_YOU_SECONDS = 0.01
"""Who had to give way in a deadlock lets the other go first."""


class _RowsFailed(Exception):
    """A caller's rows could not be written; its cause says why."""


class _Again(Exception):
    """Others were in the way: the same once more may go through."""


class Aside:
    """Rows in transactions of their own, each on disk no later than the next commit of the log.

    The server writes one journal in order: what was committed here before is in it before a commit that waits for
    the disk. So these need not wait. A crash in between takes them back: who goes on after it must look again.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._database = name_of_any(url)
        self._turn = threading.Lock()
        self._open: Connection | None = None

    def run(self, write: Rows) -> None:
        """Write them. Raises: what `write` raises; nothing is written then."""
        with self._turn:
            if self._open is not None and not usable(self._open):
                self._open.close()
                self._open = None
            if self._open is None:
                self._open = connect(self._url)
                self._open.execute(b"SET synchronous_commit TO off")
            connection = self._open
            try:
                write(PostgresRows(lambda: connection, self._database, in_transaction=True))
                connection.commit()
            except BaseException:
                if not connection.closed:
                    with suppress(psycopg.Error):
                        connection.rollback()
                raise

    def cut(self) -> None:
        """End the connection, also where a thread waits for an answer on it."""
        if (connection := self._open) is not None:
            cut(connection)

    def in_use(self) -> list[Connection]:
        """The connection, where there is one."""
        connection = self._open
        return [] if connection is None else [connection]

    def close(self) -> None:
        """Let go of the connection."""
        with self._turn:
            if self._open is not None:
                self._open.close()


class Writer:
    """Writes groups of jobs. Its callers see to it that only one group is in work at a time."""

    uncovered_since: float | None = None
    """Other processes write too: the notary looks for itself what is to be signed."""

    def __init__(self, url: str, clock: Callable[[], int] | None) -> None:
        self._url, self._clock = url, clock
        self._database = name_of_any(url)
        self.participants: list[Participant] = []
        self.notary: Notary | None = None
        self._statement = append_statement()
        self._open: Connection = connect(url)
        self._rows = PostgresRows(lambda: self._open, self._database, in_transaction=True)

    def connection(self) -> Connection:
        """The writer's connection, made again when it broke. Raises: as connect."""
        if not usable(self._open):
            self._open.close()
            self._open = connect(self._url)
        return self._open

    def run(self, jobs: Sequence[Job]) -> None:
        """Do the jobs in one transaction and note each one's answer or error. Never raises."""
        try:
            self._together(jobs)
        except BaseException as error:  # noqa: BLE001 - the callers who wait must hear of anything
            self._rollback()
            if len(jobs) > 1 and not isinstance(error, LogError):
                for job in jobs:  # whose fault it was is found out one by one
                    self.run([job])
                return
            for job in jobs:
                job.answer, job.error = None, self._cause(error)

    def _cause(self, error: BaseException) -> BaseException:
        """What the caller is told: its own exception, or ours for the database's."""
        cause = error.__cause__ if isinstance(error, _RowsFailed) and error.__cause__ else error
        return typed(cause, self._database) if isinstance(cause, psycopg.Error) else cause

    def _rollback(self) -> None:
        if self._open.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
            self._open.pgconn.exec_(b"ROLLBACK")  # the driver's own would have the server forget our statement

    def _together(self, jobs: Sequence[Job]) -> None:
        """All jobs in one transaction.

        Rows are written before it is known whether their commits are refused, so that the lock on the log's head,
        which the append takes last, is held for a moment only. Where one is refused all is undone, and done again
        without its rows.
        """
        call = Call(jobs)
        held_back: set[Job] = set()
        for attempt in range(ATTEMPTS):
            try:
                commits, written = self._attempt(call, jobs, held_back)
            except _Again:
                time.sleep(AFTER_YOU_SECONDS * (attempt + 1))
                continue
            refused = {job for job, commit in zip(jobs, commits, strict=True) if job.rows and commit.conflicts}
            if refused != held_back:
                self._rollback()
                held_back = refused
                continue
            if self._open.info.transaction_status != TransactionStatus.IDLE:
                self._open.commit()
            for job, commit in zip(jobs, commits, strict=True):
                job.answer, job.error = commit, None
            for done in written:
                done()
            return
        raise LogBusy(f"{self._database}: others wrote the same streams or rows at every attempt; try again")

    def _attempt(
        self, call: Call, jobs: Sequence[Job], held_back: set[Job]
    ) -> tuple[list[Commit], list[Callable[[], None]]]:
        self.connection()
        try:
            written = [done for each in self.participants if (done := each.write(self._rows)) is not None]
            for job in jobs:
                if job.rows is not None and job not in held_back:
                    self._write_rows(job.rows)
            return self._append(call, jobs), written
        except (psycopg.Error, LogBusy) as error:
            if not passes_at_once(error):
                raise
            self._rollback()
            raise _Again from error

    def _write_rows(self, rows: Rows) -> None:
        try:
            rows(self._rows)
        except Exception as error:
            if passes_at_once(error):
                raise
            raise _RowsFailed from error

    def _append(self, call: Call, jobs: Sequence[Job]) -> list[Commit]:
        if call.empty:
            return [Commit(()) for _ in jobs]
        values = call.values(None if self._clock is None else self._clock())
        try:
            row = self._statement.row(self._open, values)
        except (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName) as error:
            raise SchemaMismatch(self._database) from error
        return call.commits(Answer.read(row))

    def sign_due(self) -> float | None:
        """In how many seconds the notary looks for something to sign; None where this process signs nothing."""
        return None if self.notary is None else self.notary.due()

    def sign_now(self) -> None:
        """Sign what no checkpoint covers yet, if it is this process's turn."""
        if self.notary is not None:
            self.notary.attend()

    def create(self, make: Rows) -> None:
        """Run a caller's schema in a transaction; one process at a time."""
        try:
            self.connection()
            self._rows.execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", ("claimtrail schema",))
            make(self._rows)
            self._open.commit()
        except BaseException:
            self._rollback()
            raise

    def scrub(self) -> None:
        """Rewrite the table of keys. Where this role may not, its owner must, by hand."""
        try:
            self.connection().execute(b"VACUUM (FULL) data_key")
        except psycopg.errors.InsufficientPrivilege:
            return
        except psycopg.Error as error:
            raise_typed(error, self._database)

    def cut(self) -> None:
        """End the connection, also where a thread waits for an answer on it."""
        cut(self._open)

    def in_use(self) -> list[Connection]:
        """The connection."""
        return [self._open]

    def close(self) -> None:
        """Let go of the connection."""
        self._open.close()
