"""Through the whole suite: correct visits are not held, and each planted mistake leads to its finding alone."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interchange.cloudevents import read_event
from suite.installation import Installation
from suite.simulator import MISTAKES, NO_MISTAKES, Planted, Simulation, lines, planted, visits
from support.store import claims, opened

PLANTED = {name: 0.7 / len(MISTAKES) for name in MISTAKES}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with opened(tmp_path) as installation:
        yield installation


def _assessed(store: Installation, settings: Simulation) -> dict[str, dict[str, Any]]:
    store.door.receive([read_event(line) for line in lines(settings)])
    store.dispatcher.work_off()
    return {claim["claim_id"]: claim for claim in claims(store)}


def _blocking(claim: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in claim["findings"] if finding["severity"] != "advice"}


def test_correct_visits_have_no_blocking_finding(store: Installation) -> None:
    found = _assessed(store, Simulation(clinics=4, days=16, seed=21, mistake_rates=NO_MISTAKES))
    assert len(found) > 650
    assert {claim_id: _blocking(claim) for claim_id, claim in found.items() if _blocking(claim)} == {}
    assert {claim["status"] for claim in found.values()} <= {"ready", "paid", "denied", "partially_paid", "void"}


def test_on_5000_visits_each_planted_mistake_is_found_by_its_rule_and_nothing_else_blocks(store: Installation) -> None:
    settings = Simulation(clinics=8, days=47, seed=22, mistake_rates=PLANTED)
    found, plants = _assessed(store, settings), list(planted(settings))
    assert sum(1 for _ in visits(settings)) > 5_000
    wrong = [complaint for plant in plants for complaint in _complaints(plant, found[plant.claim_id])]
    assert wrong == []
    counted = Counter(plant.mistake_id for plant in plants if _finds(plant, found[plant.claim_id]))
    assert counted == Counter(plant.mistake_id for plant in plants)
    assert set(counted) == set(PLANTED)
    clean = found.keys() - {plant.claim_id for plant in plants}
    assert len(clean) > 1_000
    assert Counter(rule for claim_id in clean for rule in _blocking(found[claim_id])) == Counter()


def _finds(plant: Planted, claim: dict[str, Any]) -> bool:
    return any((each["rule"], each["severity"]) == (plant.rule, plant.severity) for each in claim["findings"])


def _complaints(plant: Planted, claim: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if not _finds(plant, claim):
        yield plant.mistake_id, {(finding["rule"], finding["severity"]) for finding in claim["findings"]}
    if more := _blocking(claim) - {plant.rule}:
        yield plant.mistake_id, more
