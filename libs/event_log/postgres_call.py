"""Commits as the arguments of the one function that appends them, and its answer as theirs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from event_log.grouping import Job
from event_log.planning import ID_LENGTH
from event_log.protocol import Appended, Commit, Conflict, NewEvent

_ARGUMENTS = (
    "%b::text[], %b::int[], %b::int[], %b::text[], %b::bigint[], %b::int[], %b::bigint[], %b::int[], %b::bigint[], "
    "%b::int[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::int[], %b::bytea[], %b::bytea[], "
    "%b::bigint[], %b::bytea[], %b::text[], %b::bytea[], %b::bytea[], %b::int[], %b::bigint"
)
APPEND = (
    "SELECT start, plain, bases, stale, refusals, positions, versions, writes "  # noqa: S608 - only constants
    f"FROM claimtrail.append({_ARGUMENTS})"
).encode()
"""The call; postgres_1.sql says what its arguments and answers are."""


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
            if event.data.__class__ is not bytes:
                raise TypeError(f"an event's data is bytes, in {stream}")
            key = (service, event.type, event.org, event.actor, event.schema_version)
            number = contexts.get(key)
            if number is None:
                _check_context(key, stream)
                number = contexts[key] = len(contexts) + 1
            add_id(event_id)
            add_context(number)
        self._events += events

    def values(self, clock: int | None) -> tuple[Any, ...]:
        """The arguments, in order."""
        jobs, events = self._jobs, self._events
        columns: Sequence[Sequence[Any]] = list(zip(*events, strict=True)) or [()] * len(NewEvent._fields)
        _, _, _, datas, occurred, _, _, cases, causes, traces, fingerprints = map(list, columns)
        shared: Sequence[Sequence[Any]] = list(zip(*self._contexts, strict=True)) or [()] * 5
        return (
            list(self._names),
            [len(job.guards) for job in jobs],
            [len(job.appends) for job in jobs],
            [job.checkpoint.consumer if job.checkpoint else None for job in jobs],
            [job.checkpoint.position if job.checkpoint else None for job in jobs],
            self._guard_names,
            self._guard_versions,
            self._append_names,
            self._expected,
            self._sizes,
            *map(list, shared),
            self._event_contexts,
            self.ids,
            cases,
            occurred,
            causes,
            traces,
            fingerprints,
            datas,
            self._firsts(),
            clock,
        )

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
