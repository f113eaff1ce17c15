"""What a commit becomes: positions, versions and leaves for new events, the same answer for repeated ones.

Pure: both engines plan here, one at a time under their writer's lock, and then store what was planned.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any

from event_log.leaf import MIDDLE, Leaves, measured
from event_log.protocol import Append, Appended, Commit, Conflict, Guard, NewEvent

ID_LENGTH = 16

Row = tuple[
    int,
    str,
    int,
    bytes,
    str,
    int,
    bytes | None,
    str,
    str,
    str,
    int,
    int,
    bytes | None,
    str | None,
    bytes | None,
    bytes,
    bytes,
]
"""One stored event, in the order of protocol.Recorded."""

Shared = tuple[str, int]
"""Of one event what those beside it mostly have too: service, schema_version."""

OWN = 13
"""The other values of an event: stream, version, event_id, type, case_id, org, actor, occurred_at, causation_id,
traceparent, fingerprint, data, leaf_hash. Its position and recorded_at are the draft's."""

Place = tuple[int, str, int]
"""Where a known event stands: position, stream, version."""


class Draft:
    """A transaction in the making: the events to insert and the heads of the streams after them.

    The events' values are kept flat, as a statement of many rows takes them: `OWN` of each in `values`, what it
    shares with others in `shared`.

    Args:
        head: the last position so far.
        recorded_at: for all new events [microseconds].
        version_of: a stream's current version.
        known: where those event ids of this transaction stand that are in the log already.
        distinct: none is known and none is given twice, so nothing need be looked up.
        leaves: makes them, and remembers from draft to draft.
        heads: versions planned before in the same transaction; they come before `version_of`, and are kept up.
    """

    def __init__(
        self,
        head: int,
        recorded_at: int,
        version_of: Callable[[str], int],
        known: dict[bytes, Place],
        *,
        distinct: bool = False,
        leaves: Leaves | None = None,
        heads: dict[str, int] | None = None,
    ) -> None:
        self.head = head
        self.recorded_at = recorded_at
        self.heads: dict[str, int] = {} if heads is None else heads
        self.values: list[object] = []
        self.shared: list[Shared] = []
        self.first_position = head + 1
        self._version_of = version_of
        self._known = known
        self._distinct = distinct
        self._refused = False
        self._memory = leaves or Leaves()

    @property
    def leaves(self) -> list[bytes]:
        """The leaves of the events."""
        return self.values[OWN - 1 :: OWN]  # type: ignore[return-value]  # the same

    @property
    def rows(self) -> list[Row]:
        """The events as they are stored."""
        return [self.row(number) for number in range(len(self.shared))]

    @property
    def size(self) -> int:
        """How much data the events hold [bytes]."""
        return sum(map(len, self.values[OWN - 2 :: OWN]))  # type: ignore[arg-type]  # values are flat, of many kinds

    @cached_property
    def types(self) -> list[str]:
        """The types of the events, once all are planned."""
        return self.values[3::OWN]  # type: ignore[return-value]  # values are flat, of many kinds

    def row(self, number: int) -> Row:
        """One event as it is stored, by its number in the draft, from 0."""
        service, schema_version = self.shared[number]
        own: list[Any] = self.values[number * OWN : (number + 1) * OWN]
        stream, version, event_id, type_, case_id, org, actor, occurred_at, cause, traceparent, mark, data, leaf = own
        return (
            self.first_position + number,
            stream,
            version,
            event_id,
            type_,
            schema_version,
            case_id,
            org,
            actor,
            service,
            occurred_at,
            self.recorded_at,
            cause,
            traceparent,
            mark,
            data,
            leaf,
        )

    @property
    def as_expected(self) -> bool:
        """Every event given was new, none was refused: each stands as far behind the head as it was given."""
        return self._distinct and not self._refused

    def add(self, appends: Sequence[Append], service: str, guards: Sequence[Guard] = ()) -> Commit:
        """Plan one commit. Raises: what an impossible event makes of it; then the draft is spoiled."""
        if guards and (stale := self._stale(guards)):
            self._refused = True
            return Commit((), stale)
        return self.add_all([(appends, service)])[0]

    def _stale(self, guards: Sequence[Guard]) -> tuple[Conflict, ...]:
        heads, version_of = self.heads, self._version_of
        return tuple(
            [
                Conflict(stream, expected, actual)
                for stream, expected in guards
                if (actual := heads[stream] if stream in heads else version_of(stream)) != expected
            ]
        )

    def add_all(self, commits: Sequence[tuple[Sequence[Append], str]]) -> list[Commit]:
        """Plan many commits, each its appends and its service. Raises: as `add`."""
        if self._distinct:
            return [Commit(tuple(results)) for results in self._write(commits)]
        return [Commit(tuple([self._append_knowing(one, service) for one in appends])) for appends, service in commits]

    def _write(self, commits: Sequence[tuple[Sequence[Append], str]]) -> list[list[Appended | Conflict]]:
        """Plan events none of which is known; in one loop, for the way into it is what single events pay most for."""
        heads, version_of, recorded_at = self.heads, self._version_of, self.recorded_at
        values, share = self.values, self.shared.append
        pack, join, contexts = MIDDLE.pack, b"".join, self._memory.contexts
        position = self.head
        answers: list[list[Appended | Conflict]] = []
        for appends, service in commits:
            results: list[Appended | Conflict] = []
            answers.append(results)
            for stream, expected, events in appends:
                actual = heads.get(stream)
                if actual is None:
                    actual = version_of(stream)
                if expected is not None and expected != actual:
                    self._refused = True
                    results.append(Conflict(stream, expected, actual))
                    continue
                name, first, version = measured(stream.encode()), position + 1, actual
                for (
                    event_id,
                    type_,
                    schema_version,
                    data,
                    occurred_at,
                    org,
                    actor,
                    case_id,
                    causation_id,
                    traceparent,
                    fingerprint,
                ) in events:
                    if len(event_id) != ID_LENGTH or (case_id is not None and len(case_id) != ID_LENGTH):
                        raise ValueError(f"event and case ids are {ID_LENGTH} bytes, in {stream}: {event_id!r}")
                    position += 1
                    version += 1
                    shared = contexts.get((service, type_, org, actor, schema_version))
                    if shared is None:
                        shared = self._memory.context(service, type_, org, actor, schema_version)
                    parent = b"" if traceparent is None else traceparent.encode()
                    leaf = sha256(
                        join(  # the same as leaf.leaf, in line: a tenth of the price of a commit
                            (
                                shared,
                                name,
                                pack(
                                    position,
                                    version,
                                    occurred_at,
                                    recorded_at,
                                    ID_LENGTH,
                                    -1 if case_id is None else ID_LENGTH,
                                    -1 if causation_id is None else len(causation_id),
                                    -1 if traceparent is None else len(parent),
                                    -1 if fingerprint is None else len(fingerprint),
                                    len(data),
                                ),
                                event_id,
                                case_id or b"",
                                causation_id or b"",
                                parent,
                                fingerprint or b"",
                                data,
                            )
                        )
                    ).digest()
                    share((service, schema_version))
                    values += (
                        stream,
                        version,
                        event_id,
                        type_,
                        case_id,
                        org,
                        actor,
                        occurred_at,
                        causation_id,
                        traceparent,
                        fingerprint,
                        data,
                        leaf,
                    )
                self.head = position
                heads[stream] = version
                positions = range(first, position + 1)
                results.append(Appended(stream, actual + 1, version, first, position, False, positions, len(positions)))
        return answers

    def _append_knowing(self, append: Append, service: str) -> Appended | Conflict:
        """Plan one append some of whose events may be in the log already, or twice in this draft."""
        stream, expected, events = append
        actual = self.heads.get(stream)
        if actual is None:
            actual = self._version_of(stream)
        known = self._known
        fresh: dict[bytes, NewEvent] = {}
        for event in events:
            place = known.get(event.event_id)
            if place is None:
                fresh.setdefault(event.event_id, event)
            elif place[1] != stream:
                return Conflict(stream, expected, actual, event.event_id)
        if expected is not None and (fresh or not events):
            misplaced = self._misplaced(append, expected, actual, len(fresh))
            if misplaced is not None:
                return misplaced
        ((written,),) = self._write([([Append(stream, None, tuple(fresh.values()))], service)])
        assert isinstance(written, Appended)
        for number, event_id in enumerate(fresh):
            known[event_id] = (written.first_position + number, stream, actual + 1 + number)
        if len(fresh) == len(events):
            return written
        places = [known[event.event_id] for event in events]
        positions = tuple([place[0] for place in places])
        versions = [place[2] for place in places]
        return Appended(
            stream,
            min(versions),
            max(versions),
            min(positions),
            max(positions),
            not fresh,
            positions,
            len(fresh),
        )

    def _misplaced(self, append: Append, expected: int, actual: int, fresh: int) -> Conflict | None:
        """New events follow `expected` and at most those of this very append: anything between is a conflict."""
        known = self._known
        following = expected
        unseen = fresh
        for event in append.events:
            place = known.get(event.event_id)
            if place is None:
                unseen -= 1
            elif place[2] > expected:
                following += 1
                if place[2] != following or unseen != fresh:
                    return Conflict(append.stream, expected, actual, event.event_id)
        return None if following == actual else Conflict(append.stream, expected, actual)
