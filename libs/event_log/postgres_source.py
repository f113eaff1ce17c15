"""A log on PostgreSQL as `verify` reads it: one snapshot of the tables, texts as their bytes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.types.string import ByteaBinaryLoader

from event_log.errors import LogUnavailable
from event_log.merkle import FAN
from event_log.postgres_reader import COLUMNS
from event_log.postgres_rows import connect, name_of_any, typed
from event_log.sqlite_source import HOLES

_SCAN = f"SELECT {COLUMNS}, true FROM event ORDER BY position".encode()  # noqa: S608 - only constants
_BLOCKS_AT_ONCE = 16
_COUNTS = {
    "event_by_id": ("event_id", "SELECT event_id FROM event ORDER BY event_id"),
    "event_by_stream": ("stream", "SELECT stream, version FROM event ORDER BY stream, version"),
    "event_by_type": ("type", "SELECT type, position FROM event ORDER BY type, position"),
    "event_by_case": (
        "case_id",
        "SELECT case_id, position FROM event WHERE case_id IS NOT NULL ORDER BY case_id, position",
    ),
}
"""Of each index the column whose values it leads to, and the query that only it answers."""
_STREAMS = b"""
SELECT count(*) FROM (SELECT stream AS name, max(version) AS version FROM event GROUP BY stream) AS told
FULL JOIN stream USING (name) WHERE coalesce(told.version, 0) <> coalesce(stream.version, 0)
"""


class PostgresSource:
    """See verify.Source. Raises: LogUnreachable, LogUnavailable."""

    def __init__(self, url: str) -> None:
        self._database = name_of_any(url)
        self._connection = connect(url, read_only=True)
        self._connection.adapters.register_loader("text", ByteaBinaryLoader)

    def begin(self) -> int:
        """See verify.Source."""
        self._run(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._run(b"SET LOCAL statement_timeout = 0")
        ((total,),) = self._all(b"SELECT count(*) FROM event")
        return int(total)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            told = typed(error, self._database)
            said = error.diag.message_primary or type(error).__name__
            raise (LogUnavailable(said) if told is error else told) from error

    def _run(self, statement: bytes) -> None:
        with self._telling():
            self._connection.execute(statement)

    def _all(self, statement: bytes, values: Sequence[object] = ()) -> list[Any]:
        with self._telling():
            return self._connection.cursor(binary=True).execute(statement, values).fetchall()

    def events(self) -> Iterator[list[tuple[Any, ...]]]:
        """See verify.Source."""
        with self._telling(), self._connection.cursor("verify", binary=True) as cursor:
            cursor.execute(_SCAN)
            while rows := cursor.fetchmany(FAN * _BLOCKS_AT_ONCE):
                for start in range(0, len(rows), FAN):
                    yield rows[start : start + FAN]

    def checkpoints(self) -> Iterator[tuple[Any, Any]]:
        """See verify.Source."""
        yield from self._all(b"SELECT size, note FROM signed_checkpoint ORDER BY size")

    def node(self, level: int, place: int) -> bytes | None:
        """See verify.Source."""
        found = self._all(b"SELECT hash FROM tree_node WHERE level = %s AND place = %s", (level, place))
        return found[0][0] if found else None

    def last_place(self, level: int) -> int | None:
        """See verify.Source."""
        ((last,),) = self._all(b"SELECT max(place) FROM tree_node WHERE level = %s", (level,))
        return None if last is None else int(last)

    def hole(self) -> int | None:
        """See verify.Source."""
        ((hole,),) = self._all(HOLES.encode())
        return None if hole is None else int(hole)

    def damage(self) -> str | None:
        """See verify.Source: what each index leads to, and what the tables beside the events say of them."""
        ((events,),) = self._all(b"SELECT count(*) FROM event")
        ((head,),) = self._all(b"SELECT position FROM log_head")
        if head != events:
            return f"log_head says {head} events, there are {events}"
        ((streams,),) = self._all(_STREAMS)
        if streams:
            return f"{streams} rows of the table stream do not say their stream's last version"
        columns = ", ".join(f"count({column})" for column, _ in _COUNTS.values())
        (wanted,) = self._all(f"SELECT {columns} FROM event".encode())  # noqa: S608 - only constants
        for setting in (b"enable_seqscan", b"enable_bitmapscan", b"enable_sort"):
            self._run(b"SET LOCAL " + setting + b" = off")
        for (index, (_, keys)), there in zip(_COUNTS.items(), wanted, strict=True):
            ((found,),) = self._all(f"SELECT count(*) FROM ({keys}) AS keys".encode())  # noqa: S608 - only constants
            if found != there:
                return f"the index {index} leads to {found} of {there} events"
        return None

    def close(self) -> None:
        """See verify.Source."""
        self._connection.close()
