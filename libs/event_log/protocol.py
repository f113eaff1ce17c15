"""The one contract every log engine keeps: what is appended, what comes back, how it is read."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, Self

NOTHING: Mapping[str, int] = MappingProxyType({})
"""No stream is at hand up to any version."""


class RowsCursor(Protocol):
    """What a statement on rows answers."""

    @property
    def description(self) -> Any:
        """A sequence for each column, its name first."""

    @property
    def rowcount(self) -> int:
        """How many rows one execution wrote."""

    def fetchone(self) -> Any:
        """The next row, a tuple; None behind the last."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class RowsConnection(Protocol):
    """What read models are written and read with: a sqlite3.Connection, or postgres_rows.PostgresRows.

    Statements are in the SQL that SQLite and PostgreSQL share, values at the marks `?`.
    """

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> RowsCursor:
        """Run one statement."""

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> RowsCursor:
        """Run one statement with each of these values."""


Rows = Callable[[RowsConnection], None]
"""Writes rows inside the commit's transaction; may be called again for the same commit, never commits."""


class NewEvent(NamedTuple):
    """An event to append: already canonical, already sealed."""

    event_id: bytes
    """16 bytes, unique in the whole log."""
    type: str
    schema_version: int
    data: bytes
    """Canonical JSON (RFC 8785); these very bytes are stored and hashed."""
    occurred_at: int
    """Microseconds since the epoch, UTC."""
    org: str
    actor: str
    case_id: bytes | None = None
    """16 bytes, for an event that belongs to one case."""
    causation_id: bytes | None = None
    traceparent: str | None = None
    fingerprint: bytes | None = None
    """A keyed hash of what arrived: tells a repetition from another event under the same id."""


class Recorded(NamedTuple):
    """An event as it is stored, in the order of the log's columns."""

    position: int
    """From 1, dense, in the order of commits."""
    stream: str
    version: int
    """From 1, without holes in its stream."""
    event_id: bytes
    type: str
    schema_version: int
    case_id: bytes | None
    org: str
    actor: str
    service: str
    occurred_at: int
    recorded_at: int
    """Microseconds since the epoch, UTC; never goes back along positions."""
    causation_id: bytes | None
    traceparent: str | None
    fingerprint: bytes | None
    data: bytes
    leaf_hash: bytes
    """SHA-256 over 0x00 and every column before it: the RFC 9162 leaf."""


class Append(NamedTuple):
    """Events for one stream, written together or not at all."""

    stream: str
    expected_version: int | None
    """The version the caller decided on; 0: the stream is new; None: at the end, whatever it is."""
    events: Sequence[NewEvent]


class Guard(NamedTuple):
    """A stream that a decision read, without appending to it: the decision holds only at this version."""

    stream: str
    version: int
    """0: the stream was not there."""


class Checkpoint(NamedTuple):
    """How far a consumer has come: it is done with every position up to this one."""

    consumer: str
    position: int


class Appended(NamedTuple):
    """Where the events of one append stand, in the order they were given."""

    stream: str
    first_version: int
    last_version: int
    first_position: int
    last_position: int
    repeated: bool
    """Nothing was written: every event was in the stream already."""
    positions: Sequence[int]
    written: int
    """How many events this call wrote; the others were there already, at positions below those."""


class Conflict(NamedTuple):
    """An append refused, or a guard found stale: fold the stream and decide again."""

    stream: str
    expected_version: int | None
    actual_version: int
    event_id: bytes | None = None
    """Set when this id is recorded in another stream, or elsewhere in this one than a repetition would be."""


class Commit(NamedTuple):
    """The answer to one commit, one result an append."""

    results: tuple[Appended | Conflict, ...]
    """None at all where a guard was stale."""
    stale: tuple[Conflict, ...] = ()
    """The guards whose streams were at other versions: nothing of the commit was written."""

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The refused appends and stale guards; empty when rows and checkpoint were applied too."""
        return self.stale + tuple(result for result in self.results if isinstance(result, Conflict))

    @property
    def written(self) -> int:
        """How many events this commit added to the log."""
        return sum(result.written for result in self.results if isinstance(result, Appended))


Done = Callable[[Commit | None, BaseException | None], Callable[[], None] | None]
"""Told the answer of a commit or its error, in the writer's thread: it must be quick and must not raise.

What it hands back is called once, after all commits of the same transaction were told (and may be the same for many).
"""


class Found(NamedTuple):
    """Where a known event id stands."""

    position: int
    stream: str
    version: int
    fingerprint: bytes | None


class Participant(Protocol):
    """Somebody who writes along with every commit, before its events (the key ring does)."""

    def write(self, connection: RowsConnection) -> Callable[[], None] | None:
        """Write what waits; what is handed back is called once the transaction is durable."""


class EventLog(Protocol):
    """An append-only log of events in streams, with read-model rows and checkpoints in the same transaction.

    Safe to use from many threads. Reads see every commit that was answered before they began.

    Repetition: the same event ids appended to the same stream again get the same answer, whatever
    `expected_version` says, and are not written again; some known ones before new ones are allowed, as long
    as nobody else wrote to the stream after `expected_version`.
    """

    def commit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Commit:
        """Write events, rows and checkpoint in one transaction, durable when this returns.

        A refused append (`Conflict`) refuses its own stream only; the commit's other appends are written.
        Then `rows` and `checkpoint` are NOT applied: the caller folds and decides the refused stream again,
        and commits once more (what was written already is answered as repeated).

        A stale guard refuses the whole commit: nothing of it is written, not even its other appends. Guards are
        held against the log as it is before the commit's own appends; nobody appends between them and the commit.

        Raises: whatever `rows` raises (nothing of this commit is written; commits of others are not touched);
            LogBusy, DiskFull, LogUnavailable (nothing is written, the log stays usable); LogClosed; ReadOnly.
        """

    def submit(
        self,
        appends: Sequence[Append],
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Future[Commit]:
        """The same without waiting: handed to the group commit. One thread's submissions keep their order."""

    def head(self) -> int:
        """The last position, 0 for an empty log."""

    def read_all(
        self, after: int, limit: int, types: Collection[str] | None = None, upto: int | None = None
    ) -> list[Recorded]:
        """Events with after < position <= upto in order, at most `limit`, of these types only when given.

        With `types`, fewer than `limit` means all of them up to `upto`: pass `head()` to know how far.
        """

    def count(self, types: Collection[str], upto: int) -> int:
        """How many events of these types there are up to a position, without reading what they say."""

    def read_stream(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """One stream by version; `upto` a position, `as_of` an instant of recording [us], both inclusive."""

    def read_pages(
        self, stream: str, after_version: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[list[Recorded]]:
        """The same page by page, none empty: for a stream that may be long, whose events are done with as they come.

        Each page is read when it is asked for; what is appended meanwhile may be in the last.
        """

    def read_streams(
        self,
        streams: Collection[str],
        upto: int | None = None,
        as_of: int | None = None,
        *,
        behind: Mapping[str, int] = NOTHING,
    ) -> dict[str, list[Recorded]]:
        """Many streams in few queries; a stream without events has an empty list.

        Args:    behind: of a stream that is named here only what follows this version is read.
        """

    def read_cases(
        self, case_ids: Collection[bytes], upto: int | None = None, as_of: int | None = None
    ) -> list[Recorded]:
        """Every event that carries one of these case ids, by position."""

    def read_events(self, event_ids: Collection[bytes]) -> list[Recorded]:
        """The events with these ids, by position; unknown ids are left out."""

    def find(self, event_ids: Collection[bytes]) -> dict[bytes, Found]:
        """Where these ids stand; unknown ids are left out. Cheap when nothing is known."""

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """The current version of each stream, 0 for a new one."""

    def checkpoint(self, consumer: str) -> int:
        """How far this consumer has come, 0 when it never committed."""

    def checkpoints(self) -> dict[str, int]:
        """How far every consumer has come."""

    def wait(self, after: int, timeout: float) -> bool:
        """Sleep until there is an event behind `after`; False when `timeout` [s] passed first."""

    def connection(self) -> RowsConnection:
        """This thread's read-only connection to the rows that commits wrote. Do not close it."""

    def ensure_schema(self, create: Rows) -> None:
        """Let a caller create its own tables beside the log's, in one transaction; run at every opening."""

    def join(self, participant: Participant) -> None:
        """Let somebody write along with every commit from now on."""

    def scrub(self) -> None:
        """Make sure that overwritten bytes are gone from the files too (after destroying a key)."""

    def lease(self, name: str) -> bool:
        """Whether what only one process at a time may do under this name (run a service) may be done here.

        Held from the first yes on until `close`, or until its connection is lost, which is told by a no; ask again
        before every step.
        """

    def close(self) -> None:
        """Finish what was submitted, sign a last checkpoint, let go of the files. Again does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class WritesAside(Protocol):
    """A log that other processes write too: what they must agree on (a new key) is written before it is used."""

    def aside(self, write: Rows) -> None:
        """Write rows in a transaction of their own, now; durable no later than the next commit.

        Raises: what `write` raises; nothing is written then.
        """


class HandsOver(Protocol):
    """A log that can tell a commit's answer without a future: what aio.commit is quickest on."""

    def hand_over(
        self,
        appends: Sequence[Append],
        done: Done,
        *,
        service: str,
        rows: Rows | None = None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> None:
        """EventLog.submit without a future: `done` is called with the answer."""
