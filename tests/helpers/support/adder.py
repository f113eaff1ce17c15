"""A service that adds up numbers, told to fail when asked: what transports are tried with."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import orjson
from sqlmodel import Field, SQLModel

from event_log.protocol import Append, EventLog, NewEvent, Recorded
from service_kit import dead_letters
from service_kit.codec import Seen
from service_kit.dispatcher import Dispatcher
from service_kit.errors import Transient
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folder, Reader
from service_kit.runner import Runner
from service_kit.service import Service
from service_kit.tables import create_tables, upsert
from service_kit.telemetry import Telemetry


class Said(NamedTuple):
    kind: str
    case: str
    value: int


class PlainCodec:
    def encode(self, made: Made) -> NewEvent:
        return NewEvent(
            made.event_id, made.event.kind, 1, orjson.dumps(list(made.event)), made.occurred_at, made.org, made.actor,
            None, made.causation_id, made.traceparent,
        )  # fmt: skip

    def decode(self, recorded: Recorded) -> Any:
        kind, case, value = orjson.loads(recorded.data)
        if value == 666:
            raise ValueError("this body names a patient")
        return Said(kind, case, value)


class Total(SQLModel, table=True):
    __tablename__ = "total"
    case_key: str = Field(primary_key=True)
    total: int


class ConnectionLost(Transient):
    pass


SUM: Folder[int] = Folder("sum", 0, lambda state, seen: state + seen.event.value)


class Adder:
    """Adds up the numbers of each case; told to fail for some."""

    def __init__(self) -> None:
        self.poisoned: set[str] = set()
        self.flaky: dict[str, int] = {}
        self.worked: list[tuple[str, int]] = []
        self.before_work: Callable[[], None] = lambda: None

    def route(self, seen: Seen, _read: Reader) -> Iterable[str]:
        return (seen.event.case,)

    def work(self, case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        self.before_work()
        if self.flaky.get(case, 0):
            self.flaky[case] -= 1
            raise ConnectionLost
        if case in self.poisoned:
            raise ValueError("a reason with a patient's name in it")
        self.worked.append((case, len(events)))
        outcome = Outcome()
        total, version = read.fold(f"in/{case}", SUM).state, read.fold(f"out/{case}", SUM).version
        made = Made(Said("Added", case, total), uuid5(NAMESPACE_URL, f"{case} {total}").bytes, "org", 1)
        outcome.append(f"out/{case}", expected=version, events=[made])
        outcome.show(upsert(Total), {"case_key": case, "total": total})
        return outcome

    def service(self) -> Service:
        return Service("adder", frozenset({"Number"}), self.route, self.work, tables=(Total,))


class House:
    """A log, an adder and what runs it."""

    def __init__(self, log: EventLog) -> None:
        self.log, self.adder = log, Adder()
        log.ensure_schema(create_tables(*dead_letters.TABLES, Total))
        self.number = 0
        self.restart()

    def restart(self) -> None:
        codec = PlainCodec()
        self.runner = Runner(self.adder.service(), Reader(self.log, codec), codec, Telemetry())
        self.dispatcher = Dispatcher(self.log, [self.runner])

    def tell(self, *numbers: tuple[str, int]) -> None:
        for case, value in numbers:
            self.number += 1
            body = orjson.dumps(["Number", case, value])
            new = NewEvent(self.number.to_bytes(16, "big"), "Number", 1, body, 1, "org", "")
            self.log.commit([Append(f"in/{case}", None, [new])], service="test")

    def totals(self) -> dict[str, int]:
        return dict(self.log.connection().execute("SELECT case_key, total FROM total").fetchall())

    def letters(self) -> list[dict[str, Any]]:
        return dead_letters.dead_letters(self.log.connection())
