"""Which cases a fact or a visit concerns: asked for many at once, the same as one by one, on every database."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from claim_validation.views import CaseSubject, cases_of, cases_of_each
from event_log.protocol import EventLog
from service_kit.outcome import Outcome
from service_kit.tables import RowWrites, create_tables, short_key, upsert
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


def test_rows_of_an_older_store_are_found_too_and_once(log: EventLog) -> None:
    """There a subject's key did not stand near those of its organization."""
    patient, cases = PATIENTS[0], [id_text(bytes([number]) * 16) for number in range(4)]
    shown = Outcome()
    for case in cases[:3]:
        row = CaseSubject.row(patient, FIRST, case)
        shown.show(upsert(CaseSubject), {**row, "subject": short_key(patient)})
    for case in cases[2:]:  # the third was assessed once more
        shown.show(upsert(CaseSubject), CaseSubject.row(patient, FIRST, case))
    log.commit((), service="test", rows=RowWrites(shown.rows))
    assert list(cases_of(log.connection(), patient, FIRST, FIRST)) == cases
    assert cases_of_each(log.connection(), [(patient, FIRST, FIRST), (PATIENTS[1], FIRST, FIRST)]) == [cases, []]


def test_subjects_of_one_organization_stand_near_each_other() -> None:
    orgs = [[f"patient/org-{org}/p-{number}" for number in range(50)] for org in range(8)]
    keys = sorted(
        (CaseSubject.row(each, FIRST, id_text(bytes(16)))["subject"], org) for org in range(8) for each in orgs[org]
    )
    assert [org for _, org in keys] == sorted((org for _, org in keys), key=[org for _, org in keys].index)
    assert len({key for key, _ in keys}) == 400
    assert all(0 <= key < 1 << 63 for key, _ in keys)
