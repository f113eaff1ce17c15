"""What audit tells of the whole installation: how old what waits is, what could not be done, what claims there are."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from appeals.views import appeals_list
from service_kit import names
from suite.distributed.gauges import Gauge, claims, office, standing
from suite.installation import Installation, service_names
from suite.ticking import tell
from support.billing import CLEAN, ON, acknowledgment, sent, taken
from support.remittances import NECESSITY, answered
from support.store import claims as listed
from support.store import send
from support.visits import reference, visit


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "store") as made:
        yield made


def told(store: Installation, name: str) -> dict[str, float]:
    """The gauges of that name, by the one attribute that they have."""
    found: list[Gauge] = [each for each in (*standing(store), *claims(store)) if each.name == name]
    return {next(iter(each.attributes.values()), ""): each.value for each in found}


def test_in_an_empty_store_nothing_waits(store: Installation) -> None:
    for name in (names.METRIC_UNPROCESSED_AGE, names.METRIC_UNRELAYED_AGE, names.METRIC_UNSIGNED_AGE):
        assert set(told(store, name).values()) == {0.0}
    assert set(told(store, names.METRIC_UNPROCESSED_AGE)) == set(service_names())


def test_what_no_service_came_to_grows_old(store: Installation) -> None:
    send(store, [*reference(), *visit()], work=False)
    time.sleep(0.05)
    ages = told(store, names.METRIC_UNPROCESSED_AGE)
    assert ages["session-capture"] >= 0.05
    assert told(store, names.METRIC_UNRELAYED_AGE)[""] >= 0.05
    assert told(store, names.METRIC_UNSIGNED_AGE)[""] >= 0.05
    store.dispatcher.work_off()
    assert set(told(store, names.METRIC_UNPROCESSED_AGE).values()) == {0.0}
    store.log.sign()
    assert told(store, names.METRIC_UNSIGNED_AGE)[""] == 0.0


def test_claims_are_counted_by_status_also_where_there_is_none(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    counted = told(store, names.METRIC_CLAIMS)
    assert sum(counted.values()) == 1
    assert counted["denied"] == 0


def test_dead_letters_and_what_waits_behind_them_are_counted_by_service(
    store: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    (counting,) = [each for each in store.dispatcher.runners if each.service.name == "unit-calculation"]
    monkeypatch.setattr(counting.casework, "service", replace(counting.service, work=_fail))
    send(store, [*reference(), *visit()])
    assert told(store, names.METRIC_OPEN_DEAD_LETTERS)["unit-calculation"] == 1
    assert told(store, names.METRIC_HELD_EVENTS)["unit-calculation"] >= 1
    assert told(store, names.METRIC_OPEN_DEAD_LETTERS)["appeals"] == 0


def waiting(store: Installation, today: date) -> dict[str, float]:
    return {each.name: each.value for each in office(store, today)}


def test_the_clock_is_behind_until_it_tells_the_day(store: Installation) -> None:
    monday = date(2026, 3, 2)
    assert waiting(store, monday)[names.METRIC_CLOCK_BEHIND] == 1
    tell(store, monday)
    assert waiting(store, monday)[names.METRIC_CLOCK_BEHIND] == 0
    assert waiting(store, monday + timedelta(2))[names.METRIC_CLOCK_BEHIND] == 2


def test_an_appeal_is_due_three_days_before_its_last_day_and_lapses_behind_it(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    send(store, [answered(listed(store)[0]["claim_id"], "denied", "2026-04-11", NECESSITY)])
    (appeal,) = appeals_list(store.read.rows())
    last = date.fromisoformat(appeal["file_by"])
    assert waiting(store, last - timedelta(4))[names.METRIC_APPEALS_DUE] == 0
    assert waiting(store, last - timedelta(3))[names.METRIC_APPEALS_DUE] == 1
    tell(store, last + timedelta(1))
    after = waiting(store, last + timedelta(1))
    assert (after[names.METRIC_APPEALS_DUE], after[names.METRIC_APPEALS_LAPSED]) == (0, 1)


def test_answers_that_fit_no_claim_and_files_that_were_not_written_are_counted(
    store: Installation, tmp_path: Path
) -> None:
    send(store, CLEAN)
    sent(store, tmp_path / "outbox")
    before = waiting(store, ON)
    assert (before[names.METRIC_UNMATCHED], before[names.METRIC_UNWRITTEN]) == (0, 0)
    taken(store, "999", acknowledgment(77, accepted=False))
    store.log.commit([], rows=lambda rows: rows.execute("UPDATE claim_file SET written = ?", (False,)), service="test")
    after = waiting(store, ON)
    assert (after[names.METRIC_UNMATCHED], after[names.METRIC_UNWRITTEN]) == (1, 1)


def _fail(*_given: object) -> None:
    raise ValueError("broken")
