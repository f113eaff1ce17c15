"""Reading a log that another process writes, with the same knowledge of where keys stand as the writer has."""

import threading
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from event_log import sql, stored_whereabouts
from event_log.heads import bounded
from event_log.sqlite import SqliteLog
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
        self._heads: dict[str, int] = {}
        with self._reading() as connection:
            kept = stored_whereabouts.kept(connection)
        where.load(kept, self._keys_after)

    def _keys_after(self, position: int) -> Iterable[tuple[Any, ...]]:
        rows = self._rows(sql.KEYS_AFTER, (position,))
        self._upto = rows[-1][0] if rows else max(position, self._upto)  # type: ignore[assignment]  # a row of the driver is untyped
        return rows

    def refresh(self) -> None:
        """Take notice of what was written since."""
        with self._turn:
            new = self._keys_after(self._upto)
            self._following.add(new)
            self._heads.update({stream: version for _, stream, version, *_ in new})
            self._heads = bounded(self._heads)

    def head(self) -> int:
        """The last position, and everything up to it is seen from now on."""
        self.refresh()
        return self._upto

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """See protocol.EventLog; of streams that were written since this log was opened they are at hand."""
        heads = self._heads
        known = {stream: heads[stream] for stream in streams if stream in heads}
        others = [stream for stream in streams if stream not in known]
        return super().versions(others) | known if others else known


class WholeLog(SqliteLog):
    """A log opened to read all of it: keys are looked up in memory, for a few megabytes read at opening."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, read_only=True)
        self._followed = FollowingLog(path)
        self._where = self._followed._where  # noqa: SLF001 -- the two live in one file

    def head(self) -> int:
        """See protocol.EventLog; everything up to it is seen from now on."""
        return self._followed.head()

    def close(self) -> None:
        """See protocol.EventLog."""
        self._followed._readers.close()  # noqa: SLF001 -- the two live in one file
        super().close()
