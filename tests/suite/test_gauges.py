"""What audit tells of the whole installation: how old what waits is, what could not be done, what claims there are."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service_kit import names
from suite.distributed.gauges import Gauge, claims, standing
from suite.installation import Installation, service_names
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
    monkeypatch.setattr(counting, "service", replace(counting.service, work=_fail))
    send(store, [*reference(), *visit()])
    assert told(store, names.METRIC_OPEN_DEAD_LETTERS)["unit-calculation"] == 1
    assert told(store, names.METRIC_HELD_EVENTS)["unit-calculation"] >= 1
    assert told(store, names.METRIC_OPEN_DEAD_LETTERS)["appeals"] == 0


def _fail(*_given: object) -> None:
    raise ValueError("broken")
