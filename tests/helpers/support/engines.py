"""The three engines of the log, for tests that run on each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from event_log.grouping import now
from event_log.memory import MemoryLog
from event_log.postgres import PostgresLog
from event_log.protocol import EventLog
from event_log.sqlite import SqliteLog

ENGINES = ("memory", "sqlite", "postgres")
"""What a fixture takes as its `params`."""


def opened(request: pytest.FixtureRequest, folder: Path, clock: Callable[[], int] = now) -> EventLog:
    """A new log of the engine that the fixture is asked for; the caller closes it."""
    match request.param:
        case "memory":
            return MemoryLog(clock=clock)
        case "sqlite":
            return SqliteLog(folder / "log.db", clock=clock)
        case _:
            return PostgresLog(request.getfixturevalue("log_database"), clock=clock)
