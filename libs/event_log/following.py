"""Reading a log that another process writes, with the same knowledge of where keys stand as the writer has."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

from event_log import sql, stored_whereabouts
from event_log.errors import ReadOnly
from event_log.protocol import Append, Checkpoint, Commit, Participant, Rows
from event_log.sqlite_reader import SqliteReading
from event_log.whereabouts import Whereabouts


class FollowingLog(SqliteReading):
    """Sees the log as it was at its last `refresh`, but for `read_all`, which asks the file.

    Raises: LogMissing, LogUnavailable.
    """

    def __init__(self, path: Path) -> None:
        where = Whereabouts()
        super().__init__(path, where)
        self._following = where
        self._turn = threading.Lock()
        self._upto = 0
        with self._reading() as connection:
            kept = stored_whereabouts.kept(connection)
        where.load(kept, self._keys_after)

    def _keys_after(self, position: int) -> Iterable[tuple[Any, ...]]:
        rows = self._rows(sql.KEYS_AFTER, (position,))
        self._upto = rows[-1][0] if rows else max(position, self._upto)  # type: ignore[assignment]
        return rows

    def refresh(self) -> None:
        """Take notice of what was written since."""
        with self._turn:
            self._following.add(self._keys_after(self._upto))

    def head(self) -> int:
        """The last position, and everything up to it is seen from now on."""
        self.refresh()
        return self._upto


class WholeLog(FollowingLog):
    """A log to read all of, see protocol.EventLog: looks keys up in memory, for a few megabytes read at opening."""

    def commit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> Commit:
        """Raises:  ReadOnly."""
        del appends, service, rows, checkpoint
        raise ReadOnly

    def submit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> Future[Commit]:
        """Raises:  ReadOnly."""
        del appends, service, rows, checkpoint
        raise ReadOnly

    def wait(self, after: int, timeout: float) -> bool:
        """See protocol.EventLog; it does not sleep."""
        del timeout
        return self.head() > after

    def ensure_schema(self, create: Rows) -> None:
        """Raises:  ReadOnly."""
        del create
        raise ReadOnly

    def join(self, participant: Participant) -> None:
        """Raises:  ReadOnly."""
        del participant
        raise ReadOnly

    def scrub(self) -> None:
        """Raises:  ReadOnly."""
        raise ReadOnly

    def close(self) -> None:
        """Let go of the file."""
        self._readers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
