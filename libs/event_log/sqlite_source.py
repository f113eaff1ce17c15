"""A SQLite log as `verify` reads it: from the file itself, texts as their bytes, whatever kinds of values are in it."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from event_log import sql
from event_log.errors import LogMissing, LogUnavailable
from event_log.merkle import FAN
from event_log.sqlite_reader import open_reader

_KINDS = " + ".join(
    [f"(typeof({name}) = 'text')" for name in ("stream", "type", "org", "actor", "service")]
    + [f"(typeof({name}) = 'blob')" for name in ("event_id", "data", "leaf_hash")]
    + [f"(typeof({name}) IN ('blob', 'null'))" for name in ("case_id", "causation_id", "fingerprint")]
    + ["(typeof(traceparent) IN ('text', 'null'))", "(typeof(schema_version) = 'integer')"]
)
_SCAN = f"SELECT {sql.COLUMNS}, {_KINDS} = 13 FROM event NOT INDEXED ORDER BY position"  # noqa: S608 - only constants
HOLES = """
SELECT min(position) FROM (
  SELECT position, version,
    lag(version, 1, 0) OVER along AS version_before, lag(position, 1, 0) OVER along AS position_before
  FROM event WINDOW along AS (PARTITION BY stream ORDER BY version)
) AS versions WHERE version <> version_before + 1 OR position <= position_before
"""
"""The first event whose version does not follow the one before it in its stream."""


class SqliteSource:
    """See verify.Source: one view of the log, whatever is written meanwhile.

    Raises: LogMissing, LogUnavailable.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise LogMissing(path)
        self._connection = open_reader(path)
        self._connection.text_factory = bytes

    def begin(self) -> int:
        """See verify.Source."""
        self._connection.execute("BEGIN")
        ((total,),) = self._all(sql.HEAD)
        return int(total)

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise LogUnavailable(str(error)) from error

    def events(self) -> Iterator[list[tuple[Any, ...]]]:
        """See verify.Source."""
        try:
            cursor = self._connection.execute(_SCAN)
            while rows := cursor.fetchmany(FAN):
                yield rows
        except sqlite3.Error as error:
            raise LogUnavailable(str(error)) from error

    def checkpoints(self) -> Iterator[tuple[Any, Any]]:
        """See verify.Source."""
        yield from self._all("SELECT size, note FROM signed_checkpoint ORDER BY size")

    def node(self, level: int, place: int) -> bytes | None:
        """See verify.Source."""
        found = self._all(sql.NODES, (level, place, place + 1))
        return found[0][0] if found else None

    def last_place(self, level: int) -> int | None:
        """See verify.Source."""
        ((last,),) = self._all("SELECT max(place) FROM tree_node WHERE level = ?", (level,))
        return last if isinstance(last, int) else None

    def hole(self) -> int | None:
        """See verify.Source."""
        ((hole,),) = self._all(HOLES)
        return hole if isinstance(hole, int) else None

    def damage(self) -> str | None:
        """See verify.Source: SQLite's own check of indexes against the table."""
        found: bytes = self._all("PRAGMA integrity_check(1)")[0][0]
        return None if found == b"ok" else found.decode(errors="replace")

    def close(self) -> None:
        """See verify.Source."""
        self._connection.close()
