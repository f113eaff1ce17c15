"""Everything SQLite is told: tables, settings and statements.

The indexes are cut into pieces of stretches of positions; whereabouts.py says why, and in which stretches to look.
"""

from collections.abc import Sequence
from functools import cache

from event_log.marks import STRETCH_BITS

PIECE_BITS = 9
"""An index has its own pages for each 2**9 positions: so few that a group of commits changes only a dozen of them."""
_PIECES = 1 << (STRETCH_BITS - PIECE_BITS)
"""Pieces in a stretch; each costs a look-up half a microsecond."""

COLUMNS = (
    "position, stream, version, event_id, type, schema_version, case_id, org, actor, service, "
    "occurred_at, recorded_at, causation_id, traceparent, fingerprint, data, leaf_hash"
)

SCHEMA = f"""
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
DROP INDEX IF EXISTS event_by_id;
DROP INDEX IF EXISTS event_by_stream;
DROP INDEX IF EXISTS event_by_case;
CREATE UNIQUE INDEX IF NOT EXISTS id_in_piece ON event(position >> {PIECE_BITS}, event_id);
CREATE UNIQUE INDEX IF NOT EXISTS stream_in_piece ON event(position >> {PIECE_BITS}, stream, version);
CREATE INDEX IF NOT EXISTS case_in_piece ON event(position >> {PIECE_BITS}, case_id) WHERE case_id IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS event_is_never_changed BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS event_is_never_deleted BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TABLE IF NOT EXISTS checkpoint(consumer TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tree_node(
  level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_part(part INTEGER PRIMARY KEY, upto INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS key_words(slice INTEGER PRIMARY KEY, words BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS signed_checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
"""

WRITER_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged event survives a power cut
    "PRAGMA wal_autocheckpoint = 16000",  # sqlite_folding.py is there much sooner
    "PRAGMA cache_size = -32768",  # SQLite walks through all of it at most commits: docs/decisions/0023
    "PRAGMA secure_delete = FAST",  # the bytes of a destroyed key are overwritten
    "PRAGMA temp_store = MEMORY",
)

READER_SETTINGS = (
    "PRAGMA query_only = ON",
    "PRAGMA cache_size = -16384",
    "PRAGMA mmap_size = 67108864",
)

INSERT_EVENT = f"INSERT INTO event({COLUMNS}) VALUES({', '.join('?' * 17)})"
EVENTS_AT_ONCE = 100
EVENTS_ALIKE = 8
_OWN = (
    "stream, version, event_id, type, case_id, org, actor, occurred_at, causation_id, traceparent, fingerprint, data, "
    "leaf_hash"
)
_ALIKE = f"INSERT INTO event(position, recorded_at, service, schema_version, {_OWN}) VALUES"


def _insert_alike(count: int) -> str:
    """Events of which so many share ?1 to ?4: the position of the first, recorded_at, and planning.Shared."""
    own = ", ?" * (_OWN.count(",") + 1)  # each the next after the last; numbers would make SQLite search for them
    rows = [f"(?1 + {row}, ?2, ?3, ?4{own})" for row in range(count)]
    return _ALIKE + ", ".join(rows)


INSERT_ALIKE = {count: _insert_alike(count) for count in (EVENTS_AT_ONCE, 32, EVENTS_ALIKE)}
"""By the number of events, largest first. Half the price of a row is handing over its values: these take 13, not 17."""
INSERT_NODE = "INSERT INTO tree_node(level, place, hash) VALUES(?, ?, ?)"
INSERT_SIGNED = "INSERT OR REPLACE INTO signed_checkpoint(size, note) VALUES(?, ?)"
UPSERT_CHECKPOINT = (
    "INSERT INTO checkpoint(consumer, position) VALUES(?, ?) "
    "ON CONFLICT(consumer) DO UPDATE SET position = excluded.position"
)
LAST = "SELECT position, recorded_at FROM event ORDER BY position DESC LIMIT 1"
HEAD = "SELECT coalesce(max(position), 0) FROM event"
KEEP_PART = "INSERT OR REPLACE INTO key_part(part, upto) VALUES(?, ?)"
KEEP_WORDS = "INSERT OR REPLACE INTO key_words(slice, words) VALUES(?, ?)"
KEPT_PARTS = "SELECT part, upto FROM key_part ORDER BY part"
KEPT_WORDS = "SELECT words FROM key_words WHERE slice BETWEEN ? AND ? ORDER BY slice"
WORDS = "SELECT words FROM key_words WHERE slice = ?"
KEYS_AFTER = "SELECT position, stream, version, event_id, 0, 0, case_id FROM event WHERE position > ? ORDER BY position"
LEAVES = "SELECT leaf_hash FROM event WHERE position > ? AND position <= ? ORDER BY position"
NODES = "SELECT hash FROM tree_node WHERE level = ? AND place >= ? AND place < ? ORDER BY place"
CHECKPOINT = "SELECT position FROM checkpoint WHERE consumer = ?"
CHECKPOINTS = "SELECT consumer, position FROM checkpoint ORDER BY consumer"
LAST_SIGNED = "SELECT size, note FROM signed_checkpoint ORDER BY size DESC LIMIT 1"

NO_LIMIT = (1 << 63) - 1
"""A position or instant behind all others."""

_CHUNKS = (1, 4, 16, 64, 512)
NOWHERE = -1
"""A stretch no event is in."""

Wanted = tuple[int, str] | tuple[int, bytes] | tuple[int, str, int]
"""A stretch, and the key to look for there; of a stream also the version to read on from."""


def chunks(wanted: Sequence[Wanted]) -> list[tuple[list[object], int]]:
    """Cut what is wanted into the values of statements of few different lengths, prepared once each."""
    cut: list[tuple[list[object], int]] = []
    for start in range(0, len(wanted), _CHUNKS[-1]):
        part = wanted[start : start + _CHUNKS[-1]]
        length = next(size for size in _CHUNKS if size >= len(part))
        values: list[object] = []
        for one in part:
            values += one
        values += (NOWHERE, *part[-1][1:]) * (length - len(part))
        cut.append((values, length))
    return cut


@cache
def select_page(types: int) -> str:
    """Events between two positions, of so many types or of all (0)."""
    only = f" AND type IN ({', '.join('?' * types)})" if types else ""
    return f"SELECT {COLUMNS} FROM event WHERE position > ? AND position <= ?{only} ORDER BY position LIMIT ?"  # noqa: S608 -- our own words


def select_count(types: int) -> str:
    """How many events up to a position are of so many types."""
    return f"SELECT count(*) FROM event WHERE position <= ? AND type IN ({', '.join('?' * types)})"  # noqa: S608 -- our own words


def _many(count: int, *names: str) -> str:
    """So many of what is wanted, each with the pieces of its stretch."""
    one = f"({', '.join('?' * len(names))})"
    return (
        f"WITH wanted({', '.join(names)}) AS (VALUES {', '.join([one] * count)}), "
        f"part(number) AS (VALUES {', '.join([f'({number})' for number in range(_PIECES)])})"
    )


_PIECE = f"event.position >> {PIECE_BITS} = wanted.stretch * {_PIECES} + part.number"


def _wanted(count: int, column: str, *more: str) -> str:
    """Events whose key is among so many."""
    where = f"{_PIECE} AND event.{column} = wanted.key"
    many = _many(count, "stretch", "key", *more)
    return f"{many} SELECT {{}} FROM wanted CROSS JOIN part CROSS JOIN event ON {where}"  # noqa: S608 -- our own words


@cache
def select_streams(count: int) -> str:
    """The events of many streams: unsorted, for a sorter would copy them whole."""
    wanted = _wanted(count, "stream", "behind").format(COLUMNS)
    return f"{wanted} WHERE version > wanted.behind AND position <= ? AND recorded_at <= ?"


STREAM_IN_PIECE = (
    f"SELECT {COLUMNS} FROM event WHERE position >> {PIECE_BITS} = ? AND stream = ? AND version > ? "  # noqa: S608 -- our own words
    "AND position <= ? AND recorded_at <= ? ORDER BY version"
)


def pieces(stretch: int) -> range:
    """The pieces of a stretch."""
    return range(stretch * _PIECES, (stretch + 1) * _PIECES)


@cache
def select_cases(count: int) -> str:
    """The events of many cases, unsorted."""
    return (
        _wanted(count, "case_id").format(COLUMNS) + " WHERE case_id IS NOT NULL AND position <= ? AND recorded_at <= ?"
    )


@cache
def select_versions(count: int) -> str:
    """The last version of each stream in each piece where it may have one."""
    last = f"SELECT max(version) FROM event WHERE {_PIECE} AND stream = key"  # noqa: S608 -- our own words
    return f"{_many(count, 'stretch', 'key')} SELECT key, ({last}) FROM wanted CROSS JOIN part"  # noqa: S608 -- our own words


@cache
def select_events(count: int) -> str:
    """Events by their ids."""
    return _wanted(count, "event_id").format(COLUMNS)


@cache
def select_places(count: int) -> str:
    """Where event ids stand."""
    return _wanted(count, "event_id").format("event_id, position, stream, version, fingerprint")
