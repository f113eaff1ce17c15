"""What a handler hands back: events to append and rows to show. The runtime commits both in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from event_log.protocol import Guard
from service_kit.tables import Statement


class Made(NamedTuple):
    """An event that a service wants in the log, not yet encoded."""

    event: Any
    """What the codec knows how to encode."""
    event_id: bytes
    org: str
    occurred_at: int
    """Microseconds since the epoch, UTC."""
    actor: str = ""
    """Who said so; empty = the service itself."""
    case_id: bytes | None = None
    causation_id: bytes | None = None
    """Empty = the latest of the events the handler was given."""
    traceparent: str | None = None
    """Empty = goes on from the causing event's."""
    seal_for: str | None = None
    """Whose key seals the personal fields."""
    fingerprint: bytes | None = None
    as_came: bytes | None = None
    """The canonical form of the data as it came, of an event from outside: nulls and all."""


class Planned(NamedTuple):
    """Events for one stream, decided on its state at `expected`."""

    stream: str
    expected: int | None
    events: Sequence[Made]


class Row(NamedTuple):
    """One execution of a statement; the runtime gathers those of the same statement."""

    statement: Statement
    values: tuple[Any, ...]


@dataclass(slots=True)
class Outcome:
    """What came of the work on one case."""

    appends: list[Planned] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)

    def append(self, stream: str, *, expected: int | None, events: Iterable[Made]) -> None:
        """Append these events, if the stream still stands at `expected`; nothing for no events."""
        made = tuple(events)
        if made:
            self.appends.append(Planned(stream, expected, made))

    def guard(self, stream: str, version: int) -> None:
        """What comes of it holds only while this stream, which was read, stands at this version."""
        self.guards.append(Guard(stream, version))

    def show(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Execute a statement of a read model with these values."""
        self.rows.append(Row(statement, statement.values(values)))
