"""Folding a SQLite log's write-ahead file into its database beside the commits, not inside of one.

SQLite lets the commit that fills the write-ahead file copy it: some hundredths of a second for whoever commits then.
Here a thread of its own copies while commits go on (SQLite's passive checkpoint hinders neither writers nor readers).
What they write meanwhile is little; the next commit copies that, and with it the file can begin anew.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path

PAGES = 4_000
"""About so many pages are written between two rounds."""
_PAGES_A_COMMIT = 6
_EVENTS_A_PAGE = 3
_ROUNDS = 2
"""The first copies thousands of pages, the second those that were written meanwhile."""


class Folding:
    """Copies the write-ahead file of one log; told of every commit by the log's writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages = 0
        self._copied = False
        self._round: threading.Thread | None = None
        self._one_at_a_time = threading.Lock()

    def committed(self, connection: sqlite3.Connection, events: int) -> None:
        """Count a commit of so many events; `connection` is the writer's, outside a transaction."""
        self._pages += _PAGES_A_COMMIT + events // _EVENTS_A_PAGE
        if self._copied:
            self._copied = False
            self._fold(connection)
        elif self._pages >= PAGES and (self._round is None or not self._round.is_alive()):
            self._pages = 0
            self._round = threading.Thread(target=self._copy, name="event-log-folding", daemon=True)
            self._round.start()

    def empty(self, connection: sqlite3.Connection) -> None:
        """Copy everything and leave the write-ahead file empty, so that overwritten bytes are nowhere."""
        with self._one_at_a_time:  # SQLite refuses a second at the same time
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def end(self) -> None:
        """Wait for a round under way."""
        if self._round is not None:
            self._round.join()

    def _copy(self) -> None:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(self._path)) as connection:
            for _ in range(_ROUNDS):
                self._fold(connection)
        self._copied = True

    def _fold(self, connection: sqlite3.Connection) -> None:
        with (
            self._one_at_a_time,
            contextlib.suppress(sqlite3.Error),
        ):  # it is tried again; a commit hears of a full disk
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
