"""Everything SQLite is told: tables, settings and statements."""

from collections.abc import Sequence

COLUMNS = (
    "position, stream, version, event_id, type, schema_version, case_id, org, actor, service, "
    "occurred_at, recorded_at, causation_id, traceparent, fingerprint, data, leaf_hash"
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS event(
  position INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  case_id BLOB,
  org TEXT NOT NULL,
  actor TEXT NOT NULL,
  service TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  causation_id BLOB,
  traceparent TEXT,
  fingerprint BLOB,
  data BLOB NOT NULL,
  leaf_hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS event_by_id ON event(event_id);
CREATE UNIQUE INDEX IF NOT EXISTS event_by_stream ON event(stream, version);
CREATE INDEX IF NOT EXISTS event_by_case ON event(case_id, position) WHERE case_id IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS event_is_never_changed BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS event_is_never_deleted BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TABLE IF NOT EXISTS checkpoint(consumer TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tree_node(
  level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signed_checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
"""

WRITER_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged event survives a power cut
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA cache_size = -65536",
    "PRAGMA secure_delete = FAST",  # the bytes of a destroyed key are overwritten
    "PRAGMA temp_store = MEMORY",
)

READER_SETTINGS = (
    "PRAGMA query_only = ON",
    "PRAGMA cache_size = -16384",
    "PRAGMA mmap_size = 1073741824",
)

INSERT_EVENT = f"INSERT INTO event({COLUMNS}) VALUES({', '.join('?' * 17)})"
INSERT_NODE = "INSERT INTO tree_node(level, place, hash) VALUES(?, ?, ?)"
INSERT_SIGNED = "INSERT OR REPLACE INTO signed_checkpoint(size, note) VALUES(?, ?)"
UPSERT_CHECKPOINT = (
    "INSERT INTO checkpoint(consumer, position) VALUES(?, ?) "
    "ON CONFLICT(consumer) DO UPDATE SET position = excluded.position"
)
LAST = "SELECT position, recorded_at FROM event ORDER BY position DESC LIMIT 1"
HEAD = "SELECT coalesce(max(position), 0) FROM event"
VERSION = "SELECT coalesce(max(version), 0) FROM event WHERE stream = ?"
LEAVES = "SELECT leaf_hash FROM event WHERE position > ? AND position <= ? ORDER BY position"
NODES = "SELECT hash FROM tree_node WHERE level = ? AND place >= ? AND place < ? ORDER BY place"
CHECKPOINT = "SELECT position FROM checkpoint WHERE consumer = ?"
CHECKPOINTS = "SELECT consumer, position FROM checkpoint ORDER BY consumer"
LAST_SIGNED = "SELECT size, note FROM signed_checkpoint ORDER BY size DESC LIMIT 1"

NO_LIMIT = (1 << 63) - 1
"""A position or instant behind all others."""

_CHUNKS = (1, 8, 64, 512)


def chunks(values: Sequence[object]) -> list[tuple[list[object], str]]:
    """Cut values for IN (...) lists of few different lengths, so that statements are prepared once.

    A short chunk is filled up with its last value.
    """
    cut: list[tuple[list[object], str]] = []
    for start in range(0, len(values), _CHUNKS[-1]):
        part = list(values[start : start + _CHUNKS[-1]])
        length = next(size for size in _CHUNKS if size >= len(part))
        part += part[-1:] * (length - len(part))
        cut.append((part, ", ".join("?" * length)))
    return cut


def select_page(types: int) -> str:
    """Events between two positions, of so many types or of all (0)."""
    only = f" AND type IN ({', '.join('?' * types)})" if types else ""
    return f"SELECT {COLUMNS} FROM event WHERE position > ? AND position <= ?{only} ORDER BY position LIMIT ?"  # noqa: S608


SELECT_STREAM = (
    f"SELECT {COLUMNS} FROM event WHERE stream = ? AND version > ? AND position <= ? AND recorded_at <= ? "  # noqa: S608
    "ORDER BY version"
)
SELECT_CASE = f"SELECT {COLUMNS} FROM event WHERE case_id = ? AND position <= ? AND recorded_at <= ? ORDER BY position"  # noqa: S608


def select_streams(marks: str) -> str:
    """The events of many streams, stream by stream."""
    return (
        f"SELECT {COLUMNS} FROM event WHERE stream IN ({marks}) AND position <= ? AND recorded_at <= ? "  # noqa: S608
        "ORDER BY stream, version"
    )


def select_versions(marks: str) -> str:
    """The current versions of many streams."""
    return f"SELECT stream, max(version) FROM event WHERE stream IN ({marks}) GROUP BY stream"  # noqa: S608


def select_events(marks: str) -> str:
    """Events by their ids."""
    return f"SELECT {COLUMNS} FROM event WHERE event_id IN ({marks})"  # noqa: S608


def select_places(marks: str) -> str:
    """Where event ids stand."""
    return f"SELECT event_id, position, stream, version, fingerprint FROM event WHERE event_id IN ({marks})"  # noqa: S608
