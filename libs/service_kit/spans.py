"""Recent spans, kept beside the log, so many: traces without a collector. Ids, types and times only."""

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import Field, SQLModel

from event_log.protocol import Rows, RowsConnection
from service_kit.tables import create_tables

CHUNK = 100
WRITES_BETWEEN_PRUNES = 20


class KeptSpan(SQLModel, table=True):
    """One span."""

    __tablename__ = "span"

    span_id: str = Field(primary_key=True)
    trace_id: str = Field(index=True)
    parent_id: str | None
    name: str
    service: str
    kind: str
    started_at: int
    """Microseconds since the epoch, UTC."""
    ended_at: int = Field(index=True)
    attributes: str
    """As a JSON object."""


class KeptLink(SQLModel, table=True):
    """A span of a batch is linked to the spans that what is in the batch came of."""

    __tablename__ = "span_link"

    linked_trace: str = Field(primary_key=True)
    span_id: str = Field(primary_key=True, index=True)
    linked_span: str = Field(primary_key=True)


Span = tuple[str, str, str | None, str, str, str, int, int, str]
"""The values of a KeptSpan, in the order of _COLUMNS."""
Link = tuple[str, str, str]
"""The trace, the span that is linked to it, and the span of the trace that it is linked to."""
TABLES: tuple[type[SQLModel], ...] = (KeptSpan, KeptLink)
_COLUMNS = ("span_id", "trace_id", "parent_id", "name", "service", "kind", "started_at", "ended_at", "attributes")
_KEEP = f"INSERT INTO span({', '.join(_COLUMNS)}) VALUES({', '.join('?' * len(_COLUMNS))}) ON CONFLICT DO NOTHING"
_KEEP_LINK = "INSERT INTO span_link(linked_trace, span_id, linked_span) VALUES(?, ?, ?) ON CONFLICT DO NOTHING"
_OF = f"SELECT {', '.join(_COLUMNS)} FROM span WHERE trace_id IN ({{marks}})"  # noqa: S608 -- our own names
_LINKED = (
    f"SELECT {', '.join(f's.{name}' for name in _COLUMNS)}, l.linked_trace, l.linked_span FROM span_link l"  # noqa: S608 -- our own names
    " JOIN span s ON s.span_id = l.span_id WHERE l.linked_trace IN ({marks})"
)
_OLDEST_KEPT = "SELECT ended_at FROM span ORDER BY ended_at DESC LIMIT 1 OFFSET ?"
_FORGET_LINKS = "DELETE FROM span_link WHERE span_id IN (SELECT span_id FROM span WHERE ended_at <= ?)"
_FORGET = "DELETE FROM span WHERE ended_at <= ?"


class SpanStore:
    """Keeps the latest spans.

    Args:    write: runs rows in a transaction that nobody waits for. rows: a connection to read by. most: how many
             spans are kept.
    """

    def __init__(self, write: Callable[[Rows], None], rows: Callable[[], RowsConnection], most: int) -> None:
        self._write, self._rows, self._most = write, rows, most
        self._writes = 0

    def keep(self, spans: Sequence[Span], links: Sequence[Link]) -> None:
        """Keep these too; the oldest go when there are too many."""

        def write(rows: RowsConnection) -> None:
            rows.executemany(_KEEP, spans)
            rows.executemany(_KEEP_LINK, links)

        self._write(write)
        self._writes += 1
        if self._writes % WRITES_BETWEEN_PRUNES == 0:
            self._write(self._prune)

    def _prune(self, rows: RowsConnection) -> None:
        oldest = rows.execute(_OLDEST_KEPT, (self._most,)).fetchone()
        if oldest is not None:
            rows.execute(_FORGET_LINKS, oldest)
            rows.execute(_FORGET, oldest)

    def of(self, trace_ids: Collection[str]) -> list[dict[str, Any]]:
        """The spans of these traces, and those of batches that are linked to them, by time.

        `linked` lists to which spans of which traces: pairs of trace and span.
        """
        found: dict[str, dict[str, Any]] = {}
        wanted = sorted(trace_ids)
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            marks = ",".join("?" * len(chunk))
            for row in self._rows().execute(_OF.format(marks=marks), chunk):
                found[row[0]] = _span(row)
            for *row, linked_trace, linked_span in self._rows().execute(_LINKED.format(marks=marks), chunk):
                found.setdefault(row[0], _span(row))["linked"].append([linked_trace, linked_span])
        return sorted(found.values(), key=lambda span: (span["started_at"], span["span_id"]))


def _span(row: Sequence[Any]) -> dict[str, Any]:
    span = dict(zip(_COLUMNS, row, strict=True))
    return {**span, "attributes": orjson.loads(span["attributes"]), "linked": []}


def found_in_file(path: Path) -> SpanStore:
    """The spans that another process keeps in a file, to look at."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    return SpanStore(lambda _rows: None, lambda: connection, 0)


def in_file(path: Path, most: int) -> SpanStore:
    """The spans in a file of their own: what is lost of them in a crash is no loss."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    turn = threading.Lock()

    def write(rows: Rows) -> None:
        with turn:
            connection.execute("BEGIN IMMEDIATE")
            try:
                rows(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    write(create_tables(*TABLES))
    return SpanStore(write, lambda: connection, most)
