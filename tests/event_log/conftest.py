from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from event_log.protocol import EventLog, NewEvent
from support.engines import ENGINES, opened

MakeEvent = Callable[..., NewEvent]


class Clock:
    """Microseconds that stand still until somebody moves them."""

    def __init__(self) -> None:
        self.now = 1_767_225_600_000_000

    def __call__(self) -> int:
        return self.now


def make_event(number: int, **changes: object) -> NewEvent:
    values: dict[str, object] = {
        "event_id": number.to_bytes(16, "big"),
        "type": "claimtrail.session.opened.v1",
        "schema_version": 1,
        "data": b'{"number":%d}' % number,
        "occurred_at": 1_767_225_600_000_000 + number,
        "org": "org-1",
        "actor": "device:tablet-7",
    }
    return NewEvent(**(values | changes))  # type: ignore[arg-type]  # fields by name


@pytest.fixture(scope="session")
def numbered() -> MakeEvent:
    """numbered(7) is always the same event."""
    return make_event


@pytest.fixture
def event() -> MakeEvent:
    """Each call another event."""
    numbers = itertools.count(1)
    return lambda **changes: make_event(next(numbers), **changes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=ENGINES)
def log(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[EventLog]:
    with opened(request, tmp_path, clock) as engine:
        yield engine
