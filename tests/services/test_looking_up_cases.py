"""Which cases a fact or a visit concerns: asked for many at once, the same as one by one, on every database."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from claim_validation.views import CaseSubject, cases_of, cases_of_each
from event_log.memory import MemoryLog
from event_log.postgres import PostgresLog
from event_log.protocol import EventLog
from event_log.sqlite import SqliteLog
from service_kit.outcome import Outcome
from service_kit.tables import RowWrites, create_tables, upsert
from therapy_domain.identity import id_text

FIRST = date(2026, 1, 5)
PATIENTS = [f"patient/org-1/p-{number}" for number in range(7)]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    opened: EventLog
    match request.param:
        case "memory":
            opened = MemoryLog()
        case "sqlite":
            opened = SqliteLog(tmp_path / "log.sqlite")
        case _:
            opened = PostgresLog(request.getfixturevalue("log_database"))
    with opened:
        opened.ensure_schema(create_tables(CaseSubject))
        yield opened


@pytest.mark.parametrize("count", [0, 1, 7, 8, 65, 300])
def test_many_are_answered_as_each_alone(log: EventLog, count: int) -> None:
    chance = random.Random(count)
    day = lambda: FIRST + timedelta(chance.randrange(30))  # noqa: E731 -- a die
    shown = Outcome()
    for _ in range(120):
        shown.show(upsert(CaseSubject), CaseSubject.row(chance.choice(PATIENTS), day(), id_text(chance.randbytes(16))))
    log.commit((), service="test", rows=RowWrites(shown.rows))
    asked = [(chance.choice([*PATIENTS, "patient/org-1/nobody"]), day(), day()) for _ in range(count)]
    found = cases_of_each(log.connection(), asked)
    assert found == [list(cases_of(log.connection(), *each)) for each in asked]
    assert count < 7 or any(found)
