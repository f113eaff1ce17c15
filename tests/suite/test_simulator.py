"""The stream itself: the same everywhere, only what the contract knows, believable, and in constant memory."""

import os
import subprocess
import sys
from collections import Counter
from datetime import datetime
from itertools import pairwise

import orjson
import pytest

from interchange.arrival import Refused
from interchange.cloudevents import read_event
from suite.simulator import (
    DEFAULT_RATES,
    MISTAKES,
    NO_MISTAKES,
    Simulation,
    lines,
    mistake_rates,
    planted,
    simulate,
    visits,
)
from suite.simulator.npi import check_digit, npi

FULL = {name: 0.8 / len(MISTAKES) for name in MISTAKES}
WORLD = Simulation(clinics=4, days=22, seed=11, mistake_rates=FULL)
CLEAN = Simulation(clinics=4, days=20, seed=12, mistake_rates=NO_MISTAKES)

_HASH_OF_STREAM = """
import hashlib
from suite.simulator import Simulation, lines
digest = hashlib.sha256()
for line in lines(Simulation(clinics=3, days=8, seed=5)):
    digest.update(line)
print(digest.hexdigest())
"""

_PEAK_OF_MEMORY = """
from datetime import date
from resource import RUSAGE_SELF, getrusage
from suite.simulator import Simulation, lines
sessions = early = 0
for line in lines(Simulation(clinics=4, days=430, seed=1, start=date(2025, 1, 1))):
    sessions += b"session.opened" in line
    if sessions == 3_000 and not early:
        early = getrusage(RUSAGE_SELF).ru_maxrss
print(early, getrusage(RUSAGE_SELF).ru_maxrss, sessions)
"""


def _hash_under(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", _HASH_OF_STREAM], env=environment, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_the_same_seed_makes_the_same_bytes_whatever_the_hash_seed() -> None:
    assert _hash_under("1") == _hash_under("4711")


def test_another_seed_makes_other_bytes() -> None:
    first, second = (b"".join(lines(Simulation(clinics=1, days=2, seed=seed))) for seed in (1, 2))
    assert first != second


def test_every_event_is_understood_by_the_contract() -> None:
    refused = [(line, read) for line in lines(WORLD) if isinstance(read := read_event(line), Refused)]
    assert refused == []


def test_every_contract_type_that_clinics_and_payers_send_occurs() -> None:
    kinds = {event["type"].removeprefix("claimtrail.") for world in (WORLD, CLEAN) for event in simulate(world)}
    assert kinds == {
        "organization.configured.v1", "payer.policy.published.v1", "clinician.credentialed.v1", "patient.registered.v1",
        "coverage.verified.v1", "plan.certified.v1", "progress.reported.v1", "session.opened.v1",
        "interval.recorded.v1", "interval.started.v1", "interval.stopped.v1", "note.recorded.v1", "session.signed.v1",
        "session.amended.v1", "session.voided.v1", "remittance.received.v1",
    }  # fmt: skip


def test_an_id_comes_again_with_the_same_content_unless_a_conflict_is_planted() -> None:
    contents: dict[tuple[str, str], set[bytes]] = {}
    for event in simulate(CLEAN):
        contents.setdefault((event["source"], event["id"]), set()).add(orjson.dumps(event))
    assert all(len(known) == 1 for known in contents.values())


def test_invented_identifiers_have_a_right_check_digit_and_differ() -> None:
    numbers = [npi(number) for number in range(20_000)]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 10 and check_digit(number[:9]) == int(number[9]) for number in numbers)


def test_clinicians_are_never_one_on_one_with_two_patients_in_clean_clinics() -> None:
    taken: dict[str, list[tuple[datetime, datetime, str]]] = {}
    for visit in visits(CLEAN):
        for interval in visit.intervals:
            if interval["contact"] == "one_on_one" and "activity" not in interval:
                span = (datetime.fromisoformat(interval["start"]), datetime.fromisoformat(interval["end"]))
                taken.setdefault(interval["performer"]["id"], []).append((*span, visit.session_id))
    assert sum(map(len, taken.values())) > 1_500
    for spans in taken.values():
        spans.sort()
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def test_sessions_of_clean_clinics_are_of_a_believable_length() -> None:
    lengths = [visit.outline.length for visit in visits(CLEAN) if not visit.twin]
    assert 30 <= sum(lengths) / len(lengths) <= 60
    assert max(lengths) <= 90


def test_no_two_notes_of_a_patient_are_alike() -> None:
    notes: dict[str, list[set[str]]] = {}
    for visit in visits(CLEAN):
        items = visit.items
        text = f"{items['exercises']} {items['skilled_guidance']} {items['patient_response']}"
        notes.setdefault(visit.episode.patient_id, []).append(set(text.split()))
    likeness = [
        len(one & other) / len(one | other)
        for words in notes.values()
        for place, one in enumerate(words)
        for other in words[:place]
    ]
    assert len(likeness) > 1_000
    assert max(likeness) < 0.8


def test_progress_is_reported_before_the_tenth_treatment_day() -> None:
    since: Counter[str] = Counter()
    sent = Simulation(
        clinics=4, days=40, seed=3, mistake_rates=NO_MISTAKES, late_rate=0, duplicate_rate=0, shuffle_window=0
    )
    for event in simulate(sent):
        if event["type"] == "claimtrail.session.opened.v1":
            since[event["data"]["patient_id"]] += 1
        elif event["type"] == "claimtrail.progress.reported.v1":
            since[event["subject"].rpartition("-")[0]] = 0
        assert max(since.values(), default=0) < 12  # two sessions a day count as one treatment day


def test_mistakes_are_planted_near_their_rates() -> None:
    settings = Simulation(clinics=6, days=60, seed=9, mistake_rates={"DOC-006": 0.05, "TIM-004": 0.03})
    seen = sum(1 for _ in visits(settings))
    found = Counter(plant.mistake_id for plant in planted(settings))
    assert seen > 4_000
    assert found["DOC-006"] / seen == pytest.approx(0.05, rel=0.25)
    assert found["TIM-004"] / seen == pytest.approx(0.03, rel=0.25)
    assert set(found) == {"DOC-006", "TIM-004"}


def test_default_mistakes_are_in_eight_visits_of_a_hundred() -> None:
    assert sum(DEFAULT_RATES.values()) == pytest.approx(0.08)
    settings = Simulation(clinics=6, days=60, seed=10)
    seen = sum(1 for _ in visits(settings))
    assert sum(1 for _ in planted(settings)) / seen == pytest.approx(0.085, rel=0.2)


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_every_mistake_can_be_planted_alone(mistake: str) -> None:
    settings = Simulation(clinics=2, days=8, seed=4, mistake_rates={mistake: 0.2})
    found = Counter(plant.mistake_id for plant in planted(settings))
    assert found[mistake] > 0
    assert set(found) <= {mistake, mistake.partition("/")[0]}


def test_clean_clinics_have_no_mistakes_planted() -> None:
    assert list(planted(CLEAN)) == []


def test_delivery_can_be_plain() -> None:
    plain = Simulation(clinics=2, days=5, seed=1, late_rate=0, duplicate_rate=0, shuffle_window=0)
    ids = [(event["source"], event["id"]) for event in simulate(plain) if "session" in event["type"]]
    conflicts = sum(plant.mistake_id == "COM-001" for plant in planted(plain))
    assert len(ids) - len(set(ids)) == conflicts == 0


def test_delivery_adds_and_drops_nothing_but_repetitions() -> None:
    mixed = Simulation(clinics=3, days=10, seed=2, late_rate=0.3, duplicate_rate=0.2, shuffle_window=64)
    plain = Simulation(clinics=3, days=10, seed=2, late_rate=0, duplicate_rate=0, shuffle_window=0)
    assert {orjson.dumps(event) for event in simulate(mixed)} == {orjson.dumps(event) for event in simulate(plain)}


def test_twenty_thousand_visits_need_no_more_memory_than_three_thousand() -> None:
    done = subprocess.run([sys.executable, "-c", _PEAK_OF_MEMORY], capture_output=True, check=True)
    early, late, sessions = map(int, done.stdout.split())
    assert sessions > 20_000
    assert late < early * 1.1


@pytest.mark.parametrize(
    "wrong",
    [
        {"clinics": 0},
        {"late_rate": 1.5},
        {"mistake_rates": {"DOC-999": 0.1}},
        {"mistake_rates": {"DOC-006": 0.9, "DOC-005": 0.9}},
        {"remittance_days": (9, 3)},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"at least|share from 0 to 1|unknown mistakes|over 1|shorter first"):
        Simulation(**{"clinics": 1, "days": 1, "seed": 1, **wrong})  # type: ignore[arg-type]  # wrong on purpose


def test_rates_are_read_from_text() -> None:
    assert mistake_rates("none") == {}
    assert mistake_rates("default") == DEFAULT_RATES
    assert mistake_rates("DOC-006=0.05, TIM-004=0.01") == {"DOC-006": 0.05, "TIM-004": 0.01}
