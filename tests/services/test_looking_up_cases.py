"""Which cases a fact or a visit concerns: asked for many at once, the same as one by one, on every database."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from claim_validation.views import CaseSubject, cases_of, cases_of_each
from event_log.protocol import EventLog
from service_kit.outcome import Outcome
from service_kit.tables import RowWrites, create_tables, upsert
from support.engines import ENGINES, opened
from therapy_domain.identity import id_text

FIRST = date(2026, 1, 5)
PATIENTS = [f"patient/org-1/p-{number}" for number in range(7)]


@pytest.fixture(params=ENGINES)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    with opened(request, tmp_path) as made:
        made.ensure_schema(create_tables(CaseSubject))
        yield made


@pytest.mark.parametrize("count", [0, 1, 7, 8, 65, 300])
def test_many_are_answered_as_each_alone(log: EventLog, count: int) -> None:
    chance = random.Random(count)

    def day() -> date:
        return FIRST + timedelta(chance.randrange(30))

    shown = Outcome()
    for _ in range(120):
        shown.show(upsert(CaseSubject), CaseSubject.row(chance.choice(PATIENTS), day(), id_text(chance.randbytes(16))))
    log.commit((), service="test", rows=RowWrites(shown.rows))
    asked = [(chance.choice([*PATIENTS, "patient/org-1/nobody"]), day(), day()) for _ in range(count)]
    found = cases_of_each(log.connection(), asked)
    assert found == [list(cases_of(log.connection(), *each)) for each in asked]
    assert count < 7 or any(found)
