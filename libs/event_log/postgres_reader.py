"""Reading a log on PostgreSQL: a read-only connection a thread, whole answers of one moment each."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from event_log.errors import LogClosed, SchemaMismatch
from event_log.postgres_rows import Connection, PostgresRows, connect, cut, end, name_of_any, raise_typed, usable
from event_log.protocol import NOTHING, Found, Recorded

COLUMNS = ", ".join(Recorded._fields)
NO_LIMIT = (1 << 63) - 1
"""A position or instant behind all others."""
_A_PAGE = 500

_EVENTS = f"SELECT {COLUMNS} FROM event WHERE "  # noqa: S608 - only constants
_UNTIL = " AND position <= %s AND recorded_at <= %s"
_HEAD = b"SELECT position FROM log_head"
_PAGE = f"{_EVENTS}position > %s AND position <= %s ORDER BY position LIMIT %s".encode()
_COUNT = b"SELECT count(*) FROM event WHERE position <= %s AND type = ANY(%s)"
_TYPED_PAGE = f"{_EVENTS}position > %s AND position <= %s AND type = ANY(%s) ORDER BY position LIMIT %s".encode()
_STREAM = f"{_EVENTS}stream = %s AND version > %s{_UNTIL} ORDER BY version".encode()
_STREAM_PAGE = _STREAM + b" LIMIT %s"
_STREAMS = (
    f"SELECT {COLUMNS} FROM unnest(%s::text[], %s::bigint[]) AS wanted(name, behind) "  # noqa: S608 - only constants
    f"JOIN event ON stream = name AND version > behind WHERE true{_UNTIL} ORDER BY stream, version"
).encode()
_CASES = f"{_EVENTS}case_id = ANY(%s){_UNTIL} ORDER BY position".encode()
_BY_ID = f"{_EVENTS}event_id = ANY(%s) ORDER BY position".encode()
_FIND = b"SELECT event_id, position, stream, version, fingerprint FROM event WHERE event_id = ANY(%s)"
_VERSIONS = b"SELECT name, version FROM stream WHERE name = ANY(%s)"
_CHECKPOINT = b"SELECT position FROM checkpoint WHERE consumer = %s"
_CHECKPOINTS = b"SELECT consumer, position FROM checkpoint ORDER BY consumer"
_LEAVES = b"SELECT leaf_hash FROM event WHERE position > %s AND position <= %s ORDER BY position"
_LAST_SIGNED = b"SELECT size, note FROM signed_checkpoint ORDER BY size DESC LIMIT 1"
_BYTES = (
    b"SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
    b"WHERE relkind = 'r' AND relnamespace = 'claimtrail'::regnamespace"
)
_NODES = b"SELECT hash FROM tree_node WHERE level = %s AND place >= %s AND place < %s ORDER BY place"


class Connections:
    """A connection for each thread, made when first needed and again when it broke."""

    def __init__(self, open_one: Callable[[], Connection]) -> None:
        self._open_one = open_one
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, Connection] = {}
        self._closed = False

    def connection(self) -> Connection:
        """This thread's connection. Raises: LogClosed; as connect."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None or self._closed or not usable(connection):
            connection = self._local.connection = self._new()
        return connection

    def _new(self) -> Connection:
        with self._lock:
            if self._closed:
                raise LogClosed
            for thread in [thread for thread in self._open if not thread.is_alive()]:
                self._open.pop(thread).close()
        connection = self._open_one()  # without the lock: a server that is away keeps no other thread waiting
        with self._lock:
            if self._closed:
                connection.close()
                raise LogClosed
            before = self._open.pop(threading.current_thread(), None)
            if before is not None:
                before.close()
            self._open[threading.current_thread()] = connection
            return connection

    def cut(self) -> None:
        """End all of them, also where a thread waits for an answer."""
        with self._lock:
            for connection in self._open.values():
                cut(connection)

    def in_use(self) -> list[Connection]:
        """All of them."""
        with self._lock:
            return list(self._open.values())

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            self._closed = True
            for connection in self._open.values():
                end(connection)
            self._open.clear()


class PostgresReading:
    """The reading half of the protocol.

    Args:    url: of the database, as libpq takes it.
    """

    def __init__(self, url: str) -> None:
        self.database = name_of_any(url)
        self._connections = Connections(lambda: connect(url, read_only=True))
        self._rows_connection = PostgresRows(self._connections.connection, self.database)

    def connection(self) -> PostgresRows:
        """See protocol.EventLog; whichever thread uses it gets a connection of its own."""
        return self._rows_connection

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Our errors for the driver's."""
        try:
            yield
        except psycopg.errors.UndefinedTable as error:
            raise SchemaMismatch(self.database) from error
        except psycopg.Error as error:
            raise_typed(error, self.database)

    def _rows(self, statement: bytes, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._telling():
            cursor = self._connections.connection().cursor(binary=True)
            return cursor.execute(statement, values, prepare=True).fetchall()

    def _events(self, statement: bytes, values: Sequence[Any]) -> list[Recorded]:
        return list(map(Recorded._make, self._rows(statement, values)))

    def head(self) -> int:
        """The last position, 0 for an empty log."""
        ((head,),) = self._rows(_HEAD)
        return int(head)

    def read_all(
        self, after: int, limit: int, types: Collection[str] | None = None, upto: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        last = NO_LIMIT if upto is None else upto
        if types is None:
            return self._events(_PAGE, (after, last, limit))
        return self._events(_TYPED_PAGE, (after, last, list(types), limit)) if types else []

    def count(self, types: Collection[str], upto: int) -> int:
        """See protocol.EventLog."""
        ((found,),) = self._rows(_COUNT, (upto, list(types)))
        return int(found)

    def read_stream(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        return self._events(_STREAM, (stream, after_version, *_until(upto, as_of)))

    def read_pages(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[list[Recorded]]:
        """See protocol.EventLog."""
        while page := self._events(_STREAM_PAGE, (stream, after_version, *_until(upto, as_of), _A_PAGE)):
            yield page
            if len(page) < _A_PAGE:
                return
            after_version = page[-1].version

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
        if found:
            versions = [behind.get(stream, 0) for stream in found]
            for event in self._events(_STREAMS, (list(found), versions, *_until(upto, as_of))):
                found[event.stream].append(event)
        return found

    def read_cases(
        self, case_ids: Collection[bytes], upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog."""
        return self._events(_CASES, (list(case_ids), *_until(upto, as_of))) if case_ids else []

    def read_events(self, event_ids: Collection[bytes]) -> list[Recorded]:
        """See protocol.EventLog."""
        return self._events(_BY_ID, (list(event_ids),)) if event_ids else []

    def find(self, event_ids: Collection[bytes]) -> dict[bytes, Found]:
        """See protocol.EventLog."""
        rows = self._rows(_FIND, (list(event_ids),)) if event_ids else ()
        return {event_id: Found._make(place) for event_id, *place in rows}

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """See protocol.EventLog."""
        found = dict.fromkeys(streams, 0)
        if found:
            found.update(self._rows(_VERSIONS, (list(found),)))
        return found

    def checkpoint(self, consumer: str) -> int:
        """See protocol.EventLog."""
        rows = self._rows(_CHECKPOINT, (consumer,))
        return int(rows[0][0]) if rows else 0

    def checkpoints(self) -> dict[str, int]:
        """See protocol.EventLog."""
        return dict(self._rows(_CHECKPOINTS))

    def stored_bytes(self) -> int:
        """What the log and the rows beside it take on the server's disk."""
        ((size,),) = self._rows(_BYTES)
        return int(size)

    def last_signed(self) -> tuple[int, str] | None:
        """Size and note of the last signed checkpoint."""
        rows = self._rows(_LAST_SIGNED)
        return (rows[0][0], rows[0][1]) if rows else None

    def nodes(self, level: int, start: int, count: int) -> list[bytes]:
        """Kept tree nodes (see merkle.NodeSource)."""
        if level == 0:
            return [leaf for (leaf,) in self._rows(_LEAVES, (start, start + count))]
        return [node for (node,) in self._rows(_NODES, (level, start, start + count))]


def _until(upto: int | None, as_of: int | None) -> tuple[int, int]:
    return NO_LIMIT if upto is None else upto, NO_LIMIT if as_of is None else as_of
