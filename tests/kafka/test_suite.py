"""The same events end in the same claims, embedded and by Kafka: shuffled, doubled, with two copies of each service."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.replay import replay
from service_kit.dead_letters import dead_letters
from service_kit.settings import Settings
from suite.installation import Installation
from support.distributed import plant, until
from support.histories import rich_history
from support.simulated import simulated, told
from support.store import send


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "store") as made:
        yield made


@pytest.fixture
def calm(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "calm") as made:
        yield made


async def distributed(store: Installation, events: list[dict[str, Any]], settings: Settings, expected: Any) -> None:
    dice = random.Random(7)
    delivered = [*events, *dice.sample(events, len(events) // 5)]
    dice.shuffle(delivered)
    async with plant(store, settings, copies=2):
        for start in range(0, len(delivered), 50):
            await asyncio.to_thread(send, store, delivered[start : start + 50], work=False)
        await until(lambda: told(store) == expected, "the claims are the same")


def test_a_history_with_everything_in_it_ends_in_the_same_claims(
    store: Installation, calm: Installation, settings: Settings
) -> None:
    send(calm, rich_history())
    asyncio.run(distributed(store, rich_history(), settings, told(calm)))
    assert dead_letters(store.log.connection()) == []
    assert replay(store.read, store.codec).different == 0


def test_simulated_visits_end_in_the_same_claims(store: Installation, calm: Installation, settings: Settings) -> None:
    events = simulated(visits=120, seed=5)
    send(calm, events)
    asyncio.run(distributed(store, events, settings, told(calm)))
    assert dead_letters(store.log.connection()) == []
