"""Commits as the arguments of the one function that appends them, and its answer as theirs.

postgres_1.sql says what the arguments and answers are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from event_log.grouping import Job
from event_log.planning import ID_LENGTH
from event_log.postgres_wire import (
    ARRAY_OF,
    BYTEA,
    INT4,
    INT8,
    TEXT,
    Prepared,
    bigint,
    bigints,
    blobs,
    flags,
    ints,
    numbers,
    texts,
)
from event_log.protocol import Appended, Commit, Conflict, NewEvent

_KINDS = (
    *(TEXT, INT4, INT4, TEXT, INT8, INT4, INT8, INT4, INT8, INT4),
    *(TEXT, TEXT, TEXT, TEXT, INT8),
    *(INT4, BYTEA, BYTEA, INT8, BYTEA, TEXT, BYTEA, BYTEA, INT4),
)
_MARKS = ", ".join(f"${number}" for number in range(1, len(_KINDS) + 2))
_STATEMENT = (
    "SELECT start, plain, bases, stale, refusals, positions, versions, writes "  # noqa: S608 - only constants
    f"FROM claimtrail.append({_MARKS})"
).encode()


def append_statement() -> Prepared:
    """The call, for one connection after the other."""
    return Prepared(b"claimtrail append", _STATEMENT, [*(ARRAY_OF[kind] for kind in _KINDS), INT8])


class Answer(NamedTuple):
    """What the function answers."""

    start: int
    plain: bool
    bases: list[int | None]
    stale: list[int | None]
    refusals: list[int | None]
    positions: list[int | None]
    versions: list[int | None]
    writes: list[bool]

    @classmethod
    def read(cls, row: Sequence[bytes | None]) -> "Answer":
        """From the columns as they came."""
        start, plain, bases, stale, refusals, positions, versions, writes = row
        return cls(
            0 if start is None else int.from_bytes(start, "big"),
            plain == b"\x01",
            numbers(bases),
            numbers(stale),
            numbers(refusals),
            numbers(positions),
            numbers(versions),
            flags(writes),
        )


class Call:
    """The commits of one call.

    Raises: ValueError, TypeError: an event that cannot be stored.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._names: dict[str, int] = {}
        self._contexts: dict[tuple[str, str, str, str, int], int] = {}
        self._append_names: list[int] = []
        self._expected: list[int | None] = []
        self._sizes: list[int] = []
        self._guard_names: list[int] = []
        self._guard_versions: list[int] = []
        self._event_contexts: list[int] = []
        self.ids: list[bytes] = []
        self._events: list[NewEvent] = []
        for job in jobs:
            self._add(job)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to ask of the function."""
        return not self._names and not any(job.checkpoint for job in self._jobs)

    def _add(self, job: Job) -> None:
        names, sizes = self._names, self._sizes
        for guard in job.guards:
            self._guard_names.append(names.setdefault(guard.stream, len(names) + 1))
            self._guard_versions.append(guard.version)
        for stream, expected, events in job.appends:
            self._append_names.append(names.setdefault(stream, len(names) + 1))
            self._expected.append(expected)
            sizes.append(len(events))
            self._add_events(stream, events, job.service)

    def _add_events(self, stream: str, events: Sequence[NewEvent], service: str) -> None:
        contexts, add_id, add_context = self._contexts, self.ids.append, self._event_contexts.append
        for event in events:
            event_id, case_id = event.event_id, event.case_id
            if len(event_id) != ID_LENGTH or (case_id is not None and len(case_id) != ID_LENGTH):
                raise ValueError(f"event and case ids are {ID_LENGTH} bytes, in {stream}: {event_id!r}")
            if event.data.__class__ is not bytes or event.occurred_at.__class__ is not int:
                raise TypeError(f"an event's data is bytes, its occurred_at a number, in {stream}")
            key = (service, event.type, event.org, event.actor, event.schema_version)
            number = contexts.get(key)
            if number is None:
                _check_context(key, stream)
                number = contexts[key] = len(contexts) + 1
            add_id(event_id)
            add_context(number)
        self._events += events

    def values(self, clock: int | None) -> list[bytes | None]:
        """The arguments, in order. Raises: as the call itself."""
        jobs = self._jobs
        columns: Sequence[Sequence[Any]] = list(zip(*self._events, strict=True)) or [()] * len(NewEvent._fields)
        _, _, _, datas, occurred, _, _, cases, causes, traces, fingerprints = columns
        shared: Sequence[Sequence[Any]] = list(zip(*self._contexts, strict=True)) or [()] * 5
        services, types, orgs, actors, schema_versions = shared
        checkpoints = [job.checkpoint for job in jobs]
        firsts = self._firsts()
        return [
            texts(list(self._names)),
            ints([len(job.guards) for job in jobs]),
            ints([len(job.appends) for job in jobs]),
            texts([None if each is None else each.consumer for each in checkpoints]),
            bigints([None if each is None else each.position for each in checkpoints]),
            ints(self._guard_names),
            bigints(self._guard_versions),
            ints(self._append_names),
            bigints(self._expected),
            ints(self._sizes),
            texts(services),
            texts(types),
            texts(orgs),
            texts(actors),
            bigints(schema_versions),
            ints(self._event_contexts),
            blobs(self.ids),
            blobs(cases),
            bigints(occurred),
            blobs(causes),
            texts(traces),
            blobs(fingerprints),
            blobs(datas),
            None if firsts is None else ints(firsts),
            None if clock is None else bigint(clock),
        ]

    def _firsts(self) -> list[int] | None:
        """For each event the first one with its id, from 1; None when all ids differ."""
        if len(set(self.ids)) == len(self.ids):
            return None
        seen: dict[bytes, int] = {}
        return [seen.setdefault(event_id, number) for number, event_id in enumerate(self.ids, 1)]

    def commits(self, answer: Answer) -> list[Commit]:
        """What each commit is answered."""
        told = _Telling(self.ids, answer)
        return [told.commit(job) for job in self._jobs]


def _check_context(key: tuple[str, str, str, str, int], stream: str) -> None:
    *texts, schema_version = key
    if schema_version.__class__ is not int or any(text.__class__ is not str for text in texts):
        raise TypeError(f"service, type, org and actor are texts, schema_version is a number, in {stream}")


class _Telling:
    """Goes through an answer, commit by commit."""

    def __init__(self, ids: Sequence[bytes], answer: Answer) -> None:
        self._ids, self._answer = ids, answer
        self._guard = self._append = self._event = 0
        self._position = answer.start
        """The last position so far."""

    def commit(self, job: Job) -> Commit:
        stale = []
        for stream, expected in job.guards:
            met = None if self._answer.plain else self._answer.stale[self._guard]
            if met is not None:
                stale.append(Conflict(stream, expected, met))
            self._guard += 1
        if stale:
            self._append += len(job.appends)
            self._event += sum(len(append.events) for append in job.appends)
            return Commit((), tuple(stale))
        return Commit(tuple([self._result(*append) for append in job.appends]))

    def _result(self, stream: str, expected: int | None, events: Sequence[NewEvent]) -> Appended | Conflict:
        answer, number, first = self._answer, self._append, self._event
        self._append, self._event = number + 1, first + len(events)
        base = answer.bases[number]
        assert base is not None
        refusal = None if answer.plain else answer.refusals[number]
        if refusal is not None:
            return Conflict(stream, expected, base, self._ids[refusal - 1] if refusal else None)
        count = len(events)
        if answer.plain or not answer.positions or all(answer.writes[first : first + count]):
            start = self._position + 1
            self._position += count
            return Appended(
                stream, base + 1, base + count, start, self._position, False, range(start, start + count), count
            )
        return self._known(stream, first, count)

    def _known(self, stream: str, first: int, count: int) -> Appended:
        """An append of which some was there already."""
        answer = self._answer
        positions: list[int] = answer.positions[first : first + count]  # type: ignore[assignment]  # all are set
        versions: list[int] = answer.versions[first : first + count]  # type: ignore[assignment]  # all are set
        written = sum(answer.writes[first : first + count])
        self._position += written
        return Appended(
            stream,
            min(versions),
            max(versions),
            min(positions),
            max(positions),
            not written,
            tuple(positions),
            written,
        )
