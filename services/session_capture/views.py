"""The read model of sessions: where each stands, for `status` and for the next revision."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from event_log.protocol import RowsConnection
from service_kit.tables import row_key

_WAITING = text("waits_for IS NOT NULL")


class SessionRow(SQLModel, table=True):
    """One session: what is awaited, and what was last said of it. No patient data."""

    __tablename__ = "session"
    __table_args__ = (
        Index("session_waits", "waits_for", "first_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    key: bytes = Field(primary_key=True)
    """Row key of the stream."""
    stream: str
    org: str
    clinic: str | None
    session_id: str
    waits_for: str | None
    """`opened` (parked), `signed` (unsigned), or nothing."""
    first_at: str
    """When its earliest fact happened, ISO 8601."""
    revision: int
    case_id: str | None
    head: str | None
    """What that case is one of, as JSON."""
    decision: str | None
    """The event id of what was last said of it."""
    left: str
    """The cases it left, separated by spaces."""


_COLUMNS = tuple(SessionRow.model_fields)
_QUOTED = ", ".join(f'"{name}"' for name in _COLUMNS)  # `left` means something else in SQL
_SELECT = f"SELECT {_QUOTED} FROM session"  # noqa: S608 -- names of our own columns
CHUNK = 500


def session_rows(connection: RowsConnection, streams: Collection[str]) -> dict[str, dict[str, Any]]:
    """The rows of these sessions, by stream; new sessions have none."""
    found: dict[str, dict[str, Any]] = {}
    for chunk in _chunks(map(row_key, streams)):
        marks = ",".join("?" * len(chunk))
        for values in connection.execute(f"{_SELECT} WHERE key IN ({marks})", chunk):
            row = dict(zip(_COLUMNS, values, strict=True))
            found[row["stream"]] = row
    return found


class Waiting(NamedTuple):
    """Sessions that wait for the same: how many, and the oldest of them."""

    sessions: int
    oldest: list[dict[str, Any]]


def waiting_sessions(connection: RowsConnection, waits_for: str, most: int) -> Waiting:
    """The sessions that wait to be `opened` or `signed`, at most so many of them, oldest first."""
    (count,) = connection.execute("SELECT count(*) FROM session WHERE waits_for = ?", (waits_for,)).fetchone()
    rows = connection.execute(
        f"{_SELECT} WHERE waits_for IS NOT NULL AND waits_for = ? ORDER BY first_at, stream LIMIT ?", (waits_for, most)
    )
    return Waiting(count, [dict(zip(_COLUMNS, row, strict=True)) for row in rows])


def _chunks(items: Iterable[bytes]) -> Iterable[list[bytes]]:
    whole = list(items)
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))
