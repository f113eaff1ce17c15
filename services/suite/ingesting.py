"""Files of clinic events into the store: in batches, in constant memory, each line with its outcome."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from interchange.arrival import Arrived, Fault, Refused
from interchange.cloudevents import read_event
from interchange.csv_rows import CsvRefused, read_csv
from interchange.lines import BrokenFile, Line, read_lines
from service_kit.dead_letters import dead_letters
from service_kit.dispatcher import Progress
from session_capture.door import Answer, Door
from suite.installation import Installation

EVENTS_A_BATCH = 1_000
EVENTS_BETWEEN_WORK = 2_500
"""So much is read in before the services have their turn: enough that a session is mostly whole when they look at it,
little enough that they find it still in memory."""
NOT_THE_FIRST = "the content that was first sent under this id and source, or an id that is new in its source"
OUTCOMES = ("accepted", "duplicate", "parked", "conflict", "rejected")


class Source(NamedTuple):
    """Where events come from: a file or standard input, and what to call it."""

    name: str
    opened: BinaryIO


class Trouble(NamedTuple):
    """A line that did not go in: rejected, or in conflict with what is known."""

    file: str
    line: int
    raw: bytes
    """As it stands in the file, without its line feed."""
    answer: Answer

    def faults(self) -> Sequence[Fault]:
        """What is wrong with it; a conflict is a fault of its id."""
        if self.answer.outcome == "conflict":
            return ({"path": "$.id", "value": self.answer.id, "expected": NOT_THE_FIRST},)
        return self.answer.errors

    def as_json(self) -> dict[str, Any]:
        """With the keys that every door answers with, and the place."""
        answer = self.answer
        return {
            "file": self.file,
            "line": self.line,
            "id": answer.id,
            "source": answer.source,
            "outcome": answer.outcome,
            "errors": list(self.faults()),
        }


class Damage(NamedTuple):
    """A file that could be read up to a line only."""

    file: str
    after_line: int
    reason: str


@dataclass(slots=True)
class Taken:
    """What came of an ingestion."""

    counts: Counter[str] = field(default_factory=Counter)
    files: dict[str, Counter[str]] = field(default_factory=dict)
    damaged: list[Damage] = field(default_factory=list)
    seconds: float = 0.0
    """From the first line read to the last claim assessed."""
    dead_letters: int = 0
    """Cases that wait for a person in the whole store, afterwards."""

    @property
    def events(self) -> int:
        """All events read."""
        return self.counts.total()

    @property
    def rate(self) -> float:
        """Events a second, from reading to assessed claims."""
        return self.events / self.seconds if self.seconds else 0.0

    @property
    def clean(self) -> bool:
        """Whether everything is in: accepted, duplicate or parked."""
        return not (self.counts["rejected"] or self.counts["conflict"] or self.damaged)

    def as_json(self) -> dict[str, Any]:
        """The summary, without the troubles: they may be many."""
        return {
            "events": self.events,
            "counts": {word: self.counts[word] for word in OUTCOMES},
            "files": [
                {"file": name, "counts": {word: counts[word] for word in OUTCOMES}}
                for name, counts in self.files.items()
            ],
            "damaged": [damage._asdict() for damage in self.damaged],
            "dead_letters": self.dead_letters,
            "seconds": round(self.seconds, 3),
            "events_per_second": round(self.rate),
        }


class _Read(NamedTuple):
    """One event of a line."""

    line: int
    raw: bytes
    event: Arrived | Refused


Tell = Callable[[Trouble], None]
Reached = Callable[[Source, int], None]
"""Called with the source in hand and the number of events read so far."""


def ingest(
    installation: Installation,
    sources: Iterable[Source],
    *,
    csv: bool = False,
    tell: Tell = lambda _trouble: None,
    reached: Reached = lambda _source, _events: None,
    working_off: Progress = lambda _position, _head: None,
) -> Taken:
    """Take everything in and work it off, reading and services by turns: threads would fight over the interpreter.

    An assisted installation works on both cores.

    Args:    sources: each is read to its end; a damaged one up to the damage. csv: they are timesheets.
             tell: hears of every line that did not go in. working_off: hears how far the services are, once
             all is read.
    Raises:  what the log raises when it cannot be written; what was answered for by then is kept.
    """
    taken, began = Taken(), time.perf_counter()
    due = EVENTS_A_BATCH  # the assistant has something to do early

    def batch_is_in(source: Source, events: int) -> None:
        nonlocal due
        reached(source, events)
        if events >= due:
            installation.take_turn()
            due = events + EVENTS_BETWEEN_WORK

    for source in sources:
        _take(installation.door, source, taken, csv=csv, tell=tell, reached=batch_is_in)
    installation.work_off(working_off)
    taken.seconds = time.perf_counter() - began
    taken.dead_letters = len(dead_letters(installation.read.rows()))
    return taken


def _take(door: Door, source: Source, taken: Taken, *, csv: bool, tell: Tell, reached: Reached) -> None:
    """One source, batch by batch; while the disk keeps one batch the next is read."""
    counts = taken.files.setdefault(source.name, Counter())
    batch: list[_Read] = []
    handed_in: tuple[list[_Read], Callable[[], list[Answer]]] | None = None

    def settle() -> None:
        nonlocal handed_in
        if handed_in is None:
            return
        (reads, answered), handed_in = handed_in, None
        answers = answered()
        words = Counter([answer.outcome for answer in answers])
        counts.update(words)
        taken.counts.update(words)
        if words["rejected"] or words["conflict"]:
            _tell(source, reads, answers, tell)
        reached(source, taken.events)

    def hand_in() -> None:
        nonlocal batch, handed_in
        settle()
        handed_in = batch, door.hand_in([read.event for read in batch])
        batch = []

    try:
        for read in _timesheet(source) if csv else _envelopes(source):
            batch.append(read)
            if len(batch) == EVENTS_A_BATCH:
                hand_in()
    except BrokenFile as error:
        taken.damaged.append(Damage(source.name, error.lines_read, error.reason))
    finally:
        settle()
    if batch:
        hand_in()
        settle()


def _envelopes(source: Source) -> Iterator[_Read]:
    """A batch is read line by line, then each line as an event: taking turns a processor is slow at both."""
    lines: list[Line] = []
    try:
        for line in read_lines(source.opened):
            lines.append(line)
            if len(lines) == EVENTS_A_BATCH:
                yield from map(_read, lines)
                lines = []
    except BrokenFile:
        yield from map(_read, lines)  # what came before the damage is whole
        raise
    yield from map(_read, lines)


def _read(line: Line) -> _Read:
    event = read_event(line.raw) if line.fault is None else Refused(None, None, (line.fault,))
    return _Read(line.number, line.raw, event)


def _timesheet(source: Source) -> Iterator[_Read]:
    for row in read_csv(read_lines(source.opened, keep_blank=True)):
        yield _Read(row.row, row.raw, row.refused if isinstance(row, CsvRefused) else row.arrived)


def _tell(source: Source, batch: Sequence[_Read], answers: Sequence[Answer], tell: Tell) -> None:
    for read, answer in zip(batch, answers, strict=True):
        if answer.outcome in ("rejected", "conflict"):
            tell(Trouble(source.name, read.line, read.raw, answer))


def sentence(fault: Fault) -> str:
    """A fault in words: where, what it is, what would be right."""
    value = "nothing" if fault["value"] is None else _quoted(fault["value"])
    return f"{fault['path']}: {value} is not accepted; expected {fault['expected']}"


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) and not value.startswith("<") else str(value)
