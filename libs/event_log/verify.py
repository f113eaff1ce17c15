"""Has anybody changed the log? Every stored byte is hashed again and held against the tree and what was signed.

The log is read once from the first event to the last, in constant memory, from its tables themselves: nothing
remembered is trusted. What is checked, and who is caught by it:

- each event's columns against its leaf: any change to a row, and rows that changed places;
- positions one by one, recording times, versions of each stream: rows taken out or put in;
- leaves against the kept tree nodes: leaves that were made again (the block of 256 is named);
- the root against every signed checkpoint, in the database and in the file beside it: a tree made again as well
  (the events since the last checkpoint that held are named), and a log whose end was cut off;
- the database's own structure: an index that hides events from readers.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from event_log import treehead
from event_log.errors import LogError, LogMissing, LogUnreachable
from event_log.leaf import context, leaf, measured
from event_log.merkle import FAN, STEP, Growth
from event_log.notes import BadNote, Verifier
from event_log.sqlite_source import SqliteSource

Progress = Callable[[int, int], None]
"""Called with (events checked, events in all) now and then."""


class Source(Protocol):
    """Where a log is read from, as it was at one moment. Every method may raise LogError."""

    def begin(self) -> int:
        """Take the view; how many events there are in it, for whoever watches."""

    def events(self) -> Iterator[list[tuple[Any, ...]]]:
        """By position, 256 at a time: the columns, texts as bytes, and whether all are of the kinds they should be."""

    def checkpoints(self) -> Iterator[tuple[Any, Any]]:
        """Size and note of every stored checkpoint, by size."""

    def node(self, level: int, place: int) -> bytes | None:
        """One stored tree node."""

    def last_place(self, level: int) -> int | None:
        """The last stored node of a level."""

    def hole(self) -> int | None:
        """The position of an event whose version does not follow the one before it in its stream."""

    def damage(self) -> str | None:
        """What is wrong with the database's own structure."""

    def close(self) -> None:
        """Let go of it."""


class Verification(NamedTuple):
    """What was checked and what was found."""

    ok: bool
    size: int
    """Events in the log (checked, up to the first bad one)."""
    root: bytes
    """The root over the events checked."""
    signed_by: str | None
    """The key all checkpoints were held against; None: roots were compared, signatures not."""
    checkpoints_checked: int
    covered_upto: int
    """The last position under a checkpoint that holds."""
    uncovered: tuple[int, int] | None
    """First and last position no checkpoint covers yet."""
    first_bad_position: int | None
    """Where the log is not what was written, as exactly as can be known; the start of `bad_range` at least."""
    bad_range: tuple[int, int] | None
    """The change is within these positions."""
    reason: str | None


class _Bad(Exception):
    def __init__(self, reason: str, first: int | None = None, last: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.first = first
        self.last = first if last is None else last


class _Signed(NamedTuple):
    size: int
    root: bytes
    source: str


def verify(
    path: Path, public_key: str | None = None, progress: Progress | None = None, notes: Path | None = None
) -> Verification:
    """Check a SQLite log, also while it is being written (up to its head when this began).

    Args:
        path: the database file; it is only read.
        public_key: the log's public key (vkey text), from where an attacker of this machine cannot reach.
        progress: told how far it is.
        notes: the file of checkpoints, when not beside the log.
    Raises: LogMissing; BadNote when `public_key` is none.
    """
    verifier = None if public_key is None else Verifier.parse(public_key)
    beside = path.with_name(f"{path.name}.checkpoints.txt") if notes is None else notes
    return _verify(lambda: SqliteSource(path), verifier, progress, beside)


def verify_postgres(
    url: str, public_key: str | None = None, progress: Progress | None = None, notes: Path | None = None
) -> Verification:
    """The same for a log on PostgreSQL.

    Args:
        url: of the database; it is only read.
        notes: a file of checkpoints that its processes published; None: only those in the database are held against.
    Raises: LogUnreachable, LogUnavailable; BadNote when `public_key` is none.
    """
    from event_log.postgres_source import PostgresSource  # here: who has a file needs no driver

    verifier = None if public_key is None else Verifier.parse(public_key)
    return _verify(lambda: PostgresSource(url), verifier, progress, notes)


def _verify(
    opened: Callable[[], Source], verifier: Verifier | None, progress: Progress | None, notes: Path | None
) -> Verification:
    check = _Check(verifier, progress)
    try:
        with closing(opened()) as source:
            check.run(source, notes)
    except _Bad as bad:
        return check.result(bad)
    except (LogMissing, LogUnreachable):
        raise  # that says nothing of the log
    except LogError as error:
        at = check.size + 1
        return check.result(_Bad(f"the database is damaged: {error}", at, at))
    return check.result(None)


_CONTEXTS = 4096


class _Check:
    """One run over the log."""

    def __init__(self, verifier: Verifier | None, progress: Progress | None) -> None:
        self._verifier = verifier
        self._progress = progress
        self._growth = Growth()
        self._held = 0
        self._distrusted: str | None = None
        self._contexts: dict[tuple[Any, ...], bytes] = {}
        self._signed = 0
        self._recorded_at = 0
        self.size = 0

    def run(self, source: Source, notes: Path | None) -> None:
        length = notes.stat().st_size if notes is not None and notes.exists() else 0
        total = source.begin()
        signed = merge(self._stored(source), self._noted(notes, length), key=attrgetter("size"))
        upcoming = next(signed, None)
        for block in self._blocks(source):
            start = self.size
            while upcoming is not None and upcoming.size < start + len(block):
                try:
                    self._hold(upcoming, self._growth.add(block[: max(0, upcoming.size - start)])[0])
                except _Bad as bad:
                    raise self._narrowed(bad, source, block) from None
                upcoming = next(signed, None)
            self._growth, made = self._growth.add(block)
            self.size += len(block)
            for level, place, node in made:
                self._check_node(source, level, place, node)
            if self._progress is not None and self.size % 8192 < FAN:
                self._progress(self.size, total)
        while upcoming is not None and upcoming.size <= self.size:
            self._hold(upcoming, self._growth)
            upcoming = next(signed, None)
        if upcoming is not None:
            raise _Bad(
                f"cut: {upcoming.source} was signed for {upcoming.size} events, the log has {self.size}",
                self.size + 1,
                upcoming.size,
            )
        self._check_end(source)
        self._check_structure(source)
        if self._distrusted is not None:
            raise _Bad(self._distrusted)
        if self._progress is not None:
            self._progress(self.size, total)

    def _blocks(self, source: Source) -> Iterator[list[bytes]]:
        """The leaves, made again from the columns, 256 at a time."""
        expected = 1
        for rows in source.events():
            leaves: list[bytes] = []
            for row in rows:
                if row[0] != expected:
                    self._flush(leaves)
                    raise _Bad(f"position {expected} is missing, {row[0]} stands in its place", expected)
                reason = self._fault(row)
                if reason is not None:
                    self._flush(leaves)
                    raise _Bad(reason, expected)
                leaves.append(row[16])
                expected += 1
            yield leaves

    def _shared(self, *key: Any) -> bytes:
        """leaf.context, remembered; what is no integer but equal to one is told by its type."""
        found = self._contexts.get(key)
        if found is None:
            if len(self._contexts) >= _CONTEXTS:
                self._contexts.clear()
            found = self._contexts[key] = context(*key)
        return found

    def _flush(self, leaves: list[bytes]) -> None:
        """Count what was good before the fault."""
        self._growth, _ = self._growth.add(leaves)
        self.size += len(leaves)

    def _fault(self, row: tuple[Any, ...]) -> str | None:
        """What is wrong with this row by itself, or None."""
        _, stream, _, _, type_, schema_version, _, org, actor, service, _, recorded_at = row[:12]
        traceparent, stored, right_kinds = row[13], row[16], row[17]
        try:
            made = leaf(self._shared(service, type_, org, actor, schema_version), measured(stream), row, traceparent)
        except (TypeError, ValueError, struct.error, OverflowError):
            return "a column holds a value of a wrong kind"
        if made != stored or not right_kinds:
            return "the stored columns do not give the stored leaf hash"
        if recorded_at < self._recorded_at:
            return "recorded before the event in front of it"
        self._recorded_at = recorded_at
        return None

    def _narrowed(self, bad: _Bad, source: Source, block: list[bytes]) -> _Bad:
        """A checkpoint disagrees inside this block: if its stored node does too, the change is in the block."""
        for level, place, node in self._growth.add(block)[1]:
            found = source.node(level, place) if level == STEP else None
            if found is not None and found != node:
                return _Bad(bad.reason, max(self.size, self._signed) + 1, bad.last)
        return bad

    def _check_node(self, source: Source, level: int, place: int, node: bytes) -> None:
        found = source.node(level, place)
        if found != node:
            first = max(place << level, self._signed if self._signed < self.size else 0) + 1
            raise _Bad(
                f"the leaves from {first} to {(place + 1) << level} do not give the stored tree node"
                if found is not None
                else f"the stored tree lacks its node over the positions up to {(place + 1) << level}",
                first,
                (place + 1) << level,
            )

    def _check_end(self, source: Source) -> None:
        for level in range(STEP, 64, STEP):
            last = source.last_place(level)
            if last is not None and (last + 1) << level > self.size:
                raise _Bad(
                    f"cut: the stored tree covers {(last + 1) << level} events, the log has {self.size}",
                    self.size + 1,
                    (last + 1) << level,
                )

    def _check_structure(self, source: Source) -> None:
        """Versions without holes in every stream, and what stands beside the events agrees with them."""
        hole = source.hole()
        if hole is not None:
            raise _Bad("its version does not follow the one before it in its stream", hole)
        damage = source.damage()
        if damage is not None:
            raise _Bad(f"the events are whole, but the database's structure is damaged: {damage}")

    def _stored(self, source: Source) -> Iterator[_Signed]:
        for size, note in source.checkpoints():
            name = f"the stored checkpoint {size}"
            head = self._open(note if isinstance(note, bytes) else b"", name)
            if head is not None and head.size != size:
                self._distrust(f"{name} is one of {head.size} events")
            elif head is not None:
                yield head

    def _noted(self, notes: Path | None, length: int) -> Iterator[_Signed]:
        """The checkpoints of the file, which were published before our view of the log began."""
        if notes is None:
            return
        last = 0
        for number, note in enumerate(treehead.notes_in(notes, length), 1):
            head = self._open(note.encode(), f"checkpoint {number} of {notes.name}")
            if head is not None and head.size < last:
                self._distrust(f"cut once: {head.source} counts {head.size} events, one before it {last}")
            elif head is not None:
                last = head.size
                yield head

    def _open(self, note: bytes, source: str) -> _Signed | None:
        try:
            text = note.decode()
            by = self._verifier
            head = treehead.unverified(text) if by is None else treehead.verified(text, by)
        except (BadNote, UnicodeDecodeError) as error:
            self._distrust(f"{source} cannot be trusted: {error}")
            return None
        return _Signed(head.size, head.root, source)

    def _distrust(self, reason: str) -> None:
        """A checkpoint is bad in itself: said at the end, if the events have nothing worse to tell."""
        self._distrusted = self._distrusted or reason

    def _hold(self, signed: _Signed, growth: Growth) -> None:
        if signed.root != growth.root() or signed.size != growth.size:
            raise _Bad(
                f"{signed.source}, over {signed.size} events, was signed for other events than stored now",
                self._signed + 1,
                signed.size,
            )
        self._held += 1
        self._signed = signed.size

    def result(self, bad: _Bad | None) -> Verification:
        uncovered = (self._signed + 1, self.size) if self.size > self._signed else None
        bad_range = None
        if bad is not None and bad.first is not None and bad.last is not None:
            bad_range = (bad.first, bad.last)
        return Verification(
            ok=bad is None,
            size=self.size,
            root=self._growth.root(),
            signed_by=None if self._verifier is None else self._verifier.name,
            checkpoints_checked=self._held,
            covered_upto=self._signed,
            uncovered=uncovered,
            first_bad_position=None if bad is None else bad.first,
            bad_range=bad_range,
            reason=None if bad is None else bad.reason,
        )
