"""Reading a SQLite log: a read-only connection a thread, pages, never the whole log."""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from event_log import sql
from event_log.errors import DiskFull, LogBusy, LogClosed, LogError, LogUnavailable
from event_log.marks import STRETCH_BITS, number_of
from event_log.protocol import NOTHING, Found, Recorded
from event_log.stored_whereabouts import StoredWhereabouts
from event_log.whereabouts import Whereabouts

_BUSY_SECONDS = 10.0
_A_PAGE = 500
"""A stream with more events than so many in a stretch is read by the piece: so few are near when they are used."""

_by_position = itemgetter(0)
_recorded: Callable[[Any], Recorded] = partial(tuple.__new__, Recorded)  # `_make` without a call of Python for each row

K = TypeVar("K", str, bytes)
"""A stream's name, or an event or case id."""


def typed(error: sqlite3.Error, path: Path) -> LogError:
    """Our error for one of SQLite's."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = -1 if code is None else code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LogBusy(f"{path} is held by another program ({error}); try again when it is done")
    if primary == sqlite3.SQLITE_FULL:
        return DiskFull(f"no room to write {path} ({error}); nothing was written, make room and try again")
    return LogUnavailable(f"{path} cannot be used: {error}")


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read; the caller closes it.

    Raises: LogUnavailable.
    """
    last: sqlite3.Error | None = None
    # A log on read-only media has no journal beside it: then (and only then) it cannot change under us.
    attempts = ["mode=ro"] if Path(f"{path}-wal").exists() else ["mode=ro", "mode=ro&immutable=1"]
    for attempt in attempts:
        try:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?{attempt}",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            last = error
            continue
        try:
            for setting in sql.READER_SETTINGS:
                connection.execute(setting)
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        except sqlite3.Error as error:
            connection.close()
            last = error
            continue
        return connection
    assert last is not None
    raise typed(last, path) from last


class Readers:
    """One read-only connection for each thread that reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, sqlite3.Connection] = {}
        self._closed = False

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or self._closed:
            connection = self._local.connection = self._new()
        return connection

    def _new(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise LogClosed
            for thread in [thread for thread in self._open if not thread.is_alive()]:
                self._open.pop(thread).close()
            connection = open_reader(self.path)
            self._open[threading.current_thread()] = connection
            return connection

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            self._closed = True
            for connection in self._open.values():
                connection.close()
            self._open.clear()


class SqliteReading:
    """The reading half of the protocol, on any SQLite log."""

    def __init__(self, path: Path, where: Whereabouts | None = None) -> None:
        self.path = path
        self._readers = Readers(path)
        self._where = where

    def connection(self) -> sqlite3.Connection:
        """This thread's read-only connection; the log closes it."""
        return self._readers.connection()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._readers.connection()
        except sqlite3.ProgrammingError as error:
            if self._readers._closed:  # noqa: SLF001 - the two live in one file
                raise LogClosed from error
            raise
        except sqlite3.Error as error:
            raise typed(error, self.path) from error

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._reading() as connection, closing(connection.cursor()) as cursor:
            return cursor.execute(statement, values).fetchall()

    def _events(self, statement: str, values: Sequence[object]) -> list[Recorded]:
        with self._reading() as connection, closing(connection.cursor()) as cursor:
            return list(map(_recorded, cursor.execute(statement, values)))

    def head(self) -> int:
        """The last position, 0 for an empty log."""
        ((head,),) = self._rows(sql.HEAD)
        return head  # type: ignore[return-value]  # a row of the driver

    def read_all(
        self, after: int, limit: int, types: Collection[str] | None = None, upto: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        if types is not None and not types:
            return []
        wanted = tuple(types or ())
        last = sql.NO_LIMIT if upto is None else upto
        return self._events(sql.select_page(len(wanted)), (after, last, *wanted, limit))

    def count(self, types: Collection[str], upto: int) -> int:
        """See protocol.EventLog."""
        ((found,),) = self._rows(sql.select_count(len(types)), (upto, *types))
        return found  # type: ignore[return-value]  # a row of the driver

    def read_stream(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        return self._of_stream(self._stretches([stream], upto), after_version, upto, as_of)

    def read_pages(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[list[Recorded]]:
        """See protocol.EventLog."""
        stretches, some, is_long = self._stretches([stream], upto), 1, False
        while stretches:
            these, stretches = stretches[:some], stretches[some:]
            found = 0
            for page in (
                self._by_piece(these[0], after_version, upto, as_of)
                if is_long
                else [self._of_stream(these, after_version, upto, as_of)]
            ):
                if page:
                    found += len(page)
                    yield page
            is_long = found > _A_PAGE
            some = 1 if is_long else some * 4

    def _by_piece(
        self, where: tuple[int, str], after_version: int, upto: int | None, as_of: int | None
    ) -> Iterator[list[Recorded]]:
        stretch, stream = where
        for piece in sql.pieces(stretch):
            yield self._events(sql.STREAM_IN_PIECE, (piece, stream, after_version, *_until(upto, as_of)))

    def _of_stream(
        self, stretches: Sequence[tuple[int, str]], after_version: int, upto: int | None, as_of: int | None
    ) -> list[Recorded]:
        """What of a stream is in these stretches, which are in order."""
        found: list[Recorded] = []
        for part, count in sql.chunks([(stretch, stream, after_version) for stretch, stream in stretches]):
            found.extend(self._events(sql.select_streams(count), (*part, *_until(upto, as_of))))
        found.sort(key=_by_position)  # it nearly always is
        return found

    def read_streams(
        self,
        streams: Collection[str],
        upto: int | None = None,
        as_of: int | None = None,
        *,
        behind: Mapping[str, int] = NOTHING,
    ) -> dict[str, list[Recorded]]:
        """See protocol.EventLog."""
        found: dict[str, list[Recorded]] = {stream: [] for stream in streams}
        wanted = [(stretch, stream, behind.get(stream, 0)) for stretch, stream in self._stretches(list(found), upto)]
        for part, count in sql.chunks(wanted):
            for event in self._events(sql.select_streams(count), (*part, *_until(upto, as_of))):
                found[event.stream].append(event)
        for events in found.values():
            events.sort(key=_by_position)
        return found

    def read_cases(
        self, case_ids: Collection[bytes], upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        found: list[Recorded] = []
        for part, count in sql.chunks(self._stretches(list(dict.fromkeys(case_ids)), upto)):
            found.extend(self._events(sql.select_cases(count), (*part, *_until(upto, as_of))))
        found.sort(key=_by_position)
        return found

    def read_events(self, event_ids: Collection[bytes]) -> list[Recorded]:
        """See protocol.EventLog."""
        found: list[Recorded] = []
        wanted = self._stretches(list(dict.fromkeys(event_ids)), None)
        for part, count in sql.chunks(wanted):
            found.extend(self._events(sql.select_events(count), part))
        return sorted(found)

    def find(self, event_ids: Collection[bytes]) -> dict[bytes, Found]:
        """See protocol.EventLog."""
        where = self._where
        wanted = self._stretches(list(event_ids), None) if where is None else where.suspects(event_ids)
        with self._reading() as connection:
            return find(connection, wanted)

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """See protocol.EventLog."""
        wanted = self._stretches(list(streams), None)
        with self._reading() as connection:
            return dict.fromkeys(streams, 0) | versions(connection, wanted)

    def _stretches(self, keys: Sequence[K], upto: int | None) -> list[tuple[int, K]]:
        """Where to look for these keys, up to a position; a reader without whereabouts of its own asks the stored."""
        last = -1 if upto is None else max(upto, 0) >> STRETCH_BITS
        with self._reading() as connection:
            where = self._where or StoredWhereabouts(connection, self.head())
            return [(stretch, key) for key in keys for stretch in where.stretches(number_of(key), last)]

    def checkpoint(self, consumer: str) -> int:
        """See protocol.EventLog."""
        rows = self._rows(sql.CHECKPOINT, (consumer,))
        return rows[0][0] if rows else 0  # type: ignore[return-value]  # a row of the driver

    def checkpoints(self) -> dict[str, int]:
        """See protocol.EventLog."""
        return dict(self._rows(sql.CHECKPOINTS))  # type: ignore[arg-type]  # a row of the driver

    def stored_bytes(self) -> int:
        """What the log and the rows beside it take on the disk, with the write-ahead file."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def last_signed(self) -> tuple[int, str] | None:
        """Size and note of the last signed checkpoint."""
        rows = self._rows(sql.LAST_SIGNED)
        return rows[0] if rows else None  # type: ignore[return-value]  # a row of the driver

    def nodes(self, level: int, start: int, count: int) -> list[bytes]:
        """Kept tree nodes (see merkle.NodeSource)."""
        with self._reading() as connection:
            return nodes(connection, level, start, count)


def _until(upto: int | None, as_of: int | None) -> tuple[int, int]:
    return sql.NO_LIMIT if upto is None else upto, sql.NO_LIMIT if as_of is None else as_of


def find(connection: sqlite3.Connection, wanted: Sequence[tuple[int, bytes]]) -> dict[bytes, Found]:
    """Which of these ids, each in the stretch named, are there."""
    found: dict[bytes, Found] = {}
    for part, count in sql.chunks(wanted):
        for event_id, *place in connection.execute(sql.select_places(count), part):
            found[event_id] = Found._make(place)
    return found


def versions(connection: sqlite3.Connection, wanted: Sequence[tuple[int, str]]) -> dict[str, int]:
    """The last version of those streams that are in the stretches named, the last one counting."""
    found: dict[str, int] = {}
    for part, count in sql.chunks(wanted):
        for stream, version in connection.execute(sql.select_versions(count), part):
            if version is not None and version > found.get(stream, 0):
                found[stream] = version
    return found


def nodes(connection: sqlite3.Connection, level: int, start: int, count: int) -> list[bytes]:
    """Kept tree nodes: the leaves from the events themselves, the others from their table."""
    if level == 0:
        rows = connection.execute(sql.LEAVES, (start, start + count)).fetchall()
    else:
        rows = connection.execute(sql.NODES, (level, start, start + count)).fetchall()
    return [node for (node,) in rows]
