"""What only one process at a time may do: advisory locks of one session, gone with its connection."""

import threading
import time
from contextlib import suppress

import psycopg

from event_log.postgres_rows import Connection, connect, cut

SURE_SECONDS = 1.0
"""A lease that was held so lately is not looked at again."""
_TAKE = b"SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"


class Leases:
    """The leases of one log. Safe to use from many threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._held: set[str] = set()
        self._missed: set[str] = set()
        """Leases lost with their connection, of which nobody was told yet."""
        self._sure_at = 0.0

    def take(self, name: str) -> bool:
        """Whether the lease of this name is ours, taken now if nobody has it.

        One that was lost is refused once before it is taken again. Raises: as connect.
        """
        with self._lock:
            self._look()
            if name in self._held:
                return True
            if name in self._missed:  # others may have had it meanwhile: who asks must notice that it was lost
                self._missed.remove(name)
                return False
            try:
                row = self._connected().execute(_TAKE, (f"claimtrail lease {name}",), prepare=True).fetchone()
            except psycopg.Error:
                self._lost()
                return False
            self._sure_at = time.monotonic()
            if row is not None and row[0]:
                self._held.add(name)
                return True
            return False

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._url, read_only=True)
        return self._connection

    def _look(self) -> None:
        """Make sure that the connection, and with it every lease, is still there."""
        if self._connection is None or time.monotonic() < self._sure_at + SURE_SECONDS:
            return
        try:
            self._connection.execute(b"SELECT 1")
            self._sure_at = time.monotonic()
        except psycopg.Error:
            self._lost()

    def _lost(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
        self._missed |= self._held
        self._held.clear()

    def cut(self) -> None:
        """End the connection, also where a thread waits for an answer on it."""
        if (connection := self._connection) is not None:
            cut(connection)

    def in_use(self) -> list[Connection]:
        """The connection, where there is one."""
        connection = self._connection
        return [] if connection is None else [connection]

    def close(self) -> None:
        """Let go of all, at once for whoever waits."""
        with self._lock:
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.execute(b"SELECT pg_advisory_unlock_all()")
            self._lost()
