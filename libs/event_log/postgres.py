"""The log in PostgreSQL 15 or newer: any number of writing processes, group commit within each."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from event_log.grouping import GroupCommit
from event_log.notes import Signer
from event_log.postgres_leases import Leases
from event_log.postgres_lost import Lost
from event_log.postgres_notary import Notary
from event_log.postgres_reader import PostgresReading
from event_log.postgres_rows import cut
from event_log.postgres_writer import Aside, Writer
from event_log.protocol import Participant, Rows

_FIRST_POLL_SECONDS, _LAST_POLL_SECONDS = 0.02, 0.1


class PostgresLog(GroupCommit, PostgresReading):
    """See protocol.EventLog. The schema must be there (postgres_schema.py, or `claimtrail migrate`).

    Args:
        url: of the database, as libpq takes it.
        signer: signs checkpoints; of the processes that have one, one at a time does.
        notes: the file that this process also writes its checkpoints to, so that a cut log is noticed.
        clock: microseconds since the epoch, for `recorded_at`; without one the server's clock counts.
        read_only: do not write.
    Raises: LogUnreachable, LogUnavailable.
    """

    def __init__(
        self,
        url: str,
        *,
        signer: Signer | None = None,
        notes: Path | None = None,
        clock: Callable[[], int] | None = None,
        read_only: bool = False,
    ) -> None:
        GroupCommit.__init__(self)
        PostgresReading.__init__(self, url)
        self._leases = Leases(url)
        self._aside = Aside(url)
        self._lost = Lost()
        self._writer: Writer | None = None
        if read_only:
            return
        self._writer = Writer(url, clock)
        if signer is not None:
            self._writer.notary = Notary(self._writer.connection, self, signer, notes)
        self._begin(self._writer)

    def _written_by(self) -> Writer:
        self._writable()
        assert self._writer is not None
        return self._writer

    def wait(self, after: int, timeout: float) -> bool:
        """See protocol.EventLog; a commit of this process wakes at once, others are seen within a tenth of a second."""
        end = time.monotonic() + timeout
        pause = _FIRST_POLL_SECONDS
        with self._woken:
            self._waiters += 1
        try:
            while not self._closed:
                if self.head() > after:
                    return True
                left = end - time.monotonic()
                if left <= 0:
                    return False
                with self._woken:
                    self._woken.wait(min(pause, left))
                pause = min(2 * pause, _LAST_POLL_SECONDS)
            return False
        finally:
            with self._woken:
                self._waiters -= 1

    def lease(self, name: str) -> bool:
        """See protocol.EventLog."""
        self._writable()
        return self._leases.take(name)

    def aside(self, write: Rows) -> None:
        """See protocol.WritesAside."""
        self._writable()
        self._aside.run(write)

    def ensure_schema(self, create: Rows) -> None:
        """See protocol.EventLog; this role must be allowed to create tables."""
        with self._turn:
            self._written_by().create(create)

    def join(self, participant: Participant) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._written_by().participants.append(participant)

    def scrub(self) -> None:
        """See protocol.EventLog. Backups and archived write-ahead files are out of reach."""
        with self._turn:
            self._written_by().scrub()

    def sign(self) -> None:
        """Sign a checkpoint over everything written so far, by whichever process."""
        with self._turn:
            self._sign(self._written_by())

    def break_off(self) -> None:
        """End every connection: who waits for an answer that got lost on its way is told LogUnreachable."""
        for part in (self._writer, self._aside, self._leases, self._connections):
            if part is not None:
                part.cut()

    def break_off_lost(self) -> int:
        """End the connections whose question or answer got lost on its way: who waits there is told LogUnreachable.

        To be called now and then, always by the same thread. Returns: how many.
        """
        own = self._connections.connection()
        parts = (self._writer, self._aside, self._leases, self._connections)
        every = [each for part in parts if part is not None for each in part.in_use() if each is not own]
        lost = self._lost.among(every, self._rows)
        for connection in lost:
            cut(connection)
        return len(lost)

    def close(self) -> None:
        """See protocol.EventLog."""
        if not self._end():
            return
        if self._writer is not None:
            with self._turn:
                self._sign(self._writer)
            self._writer.close()
        self._leases.close()
        self._aside.close()
        self._connections.close()
        with self._woken:
            self._woken.notify_all()

    @staticmethod
    def _sign(writer: Writer) -> None:
        if writer.notary is not None:
            writer.notary.attend(last=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
