"""Whatever order a simulated clinic's day arrives in, the claims are the same, and every decision replays."""

import random
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.replay import replay
from service_kit.dead_letters import dead_letters
from suite.simulator import DEFAULT_RATES, Simulation, simulate
from support.store import claims, opened, send

RATES = {mistake: rate * 4 for mistake, rate in DEFAULT_RATES.items() if mistake != "COM-001"}
"""Without conflicts: of two contents under one id the first to arrive stays, which is a matter of order."""


@cache
def history(seed: int) -> tuple[dict[str, Any], ...]:
    settings = Simulation(clinics=2, days=4, seed=seed, visits_per_clinic_day=6, mistake_rates=RATES, late_rate=0.1)
    return tuple(simulate(settings))


def told(events: list[dict[str, Any]], batch: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        for start in range(0, len(events), batch):
            send(store, events[start : start + batch])
        assert dead_letters(store.log.connection()) == []
        assert replay(store.read, store.codec).differences == []
        return [claim for claim in claims(store) if claim["status"] != "void"]


@cache
def in_order(seed: int) -> list[dict[str, Any]]:
    events = list({(each["source"], each["id"]): each for each in history(seed)}.values())
    return told(sorted(events, key=lambda each: each["time"]), 10_000)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(1, 3), shuffle=st.integers(0, 2**32), batch=st.sampled_from([40, 10_000]))
def test_shuffling_and_repeating_a_simulated_history_ends_in_the_same_claims(
    seed: int, shuffle: int, batch: int
) -> None:
    dice = random.Random(shuffle)
    events = [*history(seed), *dice.choices(history(seed), k=50)]
    dice.shuffle(events)
    assert told(events, batch) == in_order(seed)
