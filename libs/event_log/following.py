"""Reading a log that another process writes, with the same knowledge of where keys stand as the writer has."""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from event_log import sql, stored_whereabouts
from event_log.heads import bounded
from event_log.protocol import NOTHING, Recorded
from event_log.sqlite import SqliteLog
from event_log.sqlite_reader import SqliteReading
from event_log.whereabouts import Whereabouts
from event_log.window import Window

_A_PAGE = 2_000


class FollowingLog(SqliteReading):
    """Sees the log as it was at its last `refresh`, but for a `read_all` to its end, which asks the file.

    Raises: LogMissing, LogUnavailable.
    """

    def __init__(self, path: Path) -> None:
        where = Whereabouts()
        super().__init__(path, where)
        self._following = where
        self._turn = threading.Lock()
        self._upto = 0
        self._heads: dict[str, int] = {}
        self._window = Window()
        with self._reading() as connection:
            kept = stored_whereabouts.kept(connection)
        where.load(kept, self._keys_after)

    def _keys_after(self, position: int) -> Iterable[tuple[Any, ...]]:
        rows = self._rows(sql.KEYS_AFTER, (position,))
        self._upto = rows[-1][0] if rows else position  # type: ignore[assignment]  # a row of the driver is untyped
        return rows

    def refresh(self) -> None:
        """Take notice of what was written since."""
        with self._turn:
            for new in self._new():
                self._following.add(new)
                self._window.add(new)
                self._heads.update({row.stream: row.version for row in new})
                self._upto = new[-1].position
            self._heads = bounded(self._heads)

    def _new(self) -> Iterator[list[Recorded]]:
        while new := super().read_all(self._upto, _A_PAGE):
            yield new
            if len(new) < _A_PAGE:
                return

    def head(self) -> int:
        """The last position, and everything up to it is seen from now on."""
        self.refresh()
        return self._upto

    def read_all(
        self, after: int, limit: int, types: Collection[str] | None = None, upto: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        found = None if upto is None else self._window.read(after, limit, types, upto)
        return super().read_all(after, limit, types, upto) if found is None else found

    def read_streams(
        self,
        streams: Collection[str],
        upto: int | None = None,
        as_of: int | None = None,
        *,
        behind: Mapping[str, int] = NOTHING,
    ) -> dict[str, list[Recorded]]:
        """See protocol.EventLog."""
        if upto is not None or as_of is not None:
            return super().read_streams(streams, upto, as_of, behind=behind)
        known = {stream: self._window.of_stream(stream, behind.get(stream, 0)) for stream in streams}
        others = [stream for stream, rows in known.items() if rows is None]
        asked = super().read_streams(others, behind=behind) if others else {}
        return {stream: asked[stream] if rows is None else rows for stream, rows in known.items()}

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
