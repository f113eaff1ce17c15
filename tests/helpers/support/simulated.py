"""Simulated visits, as they are sent over Kafka, and what must come of them."""

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from audit.replay import replay
from service_kit.dead_letters import dead_letters
from suite.installation import Installation
from suite.simulator import Simulation, simulate
from suite.ticking import tell
from support.distributed import ToSend
from support.store import claims, send

STRUCTURED = [("content-type", b"application/cloudevents+json")]


def simulated(visits: int, seed: int) -> list[dict[str, Any]]:
    settings = Simulation(
        clinics=2,
        days=max(2, visits // 20),
        seed=seed,
        visits_per_clinic_day=10,
        organizations=1,
        remittance_rate=0.8,
        remittance_days=(1, 3),
    )
    return [orjson.loads(orjson.dumps(each)) for each in simulate(settings)]


def told(store: Installation) -> list[Any]:
    """What must be the same: lines, modifiers, findings, statuses, money, appeals."""
    appeals = store.log.connection().execute("SELECT appeal_id, status, file_by FROM appeal ORDER BY appeal_id")
    return [claims(store), appeals.fetchall()]


def embedded(folder: Path, events: list[dict[str, Any]]) -> list[Any]:
    with Installation(folder / "calm") as calm:
        send(calm, events)
        tell(calm, datetime.now().astimezone().date())  # as the clock of the separate processes does
        return told(calm)


def delivered(events: list[dict[str, Any]], seed: int) -> list[ToSend]:
    """Shuffled, and a fifth of them twice."""
    dice = random.Random(seed)
    all_of_them = [*events, *dice.sample(events, len(events) // 5)]
    dice.shuffle(all_of_them)
    return [(each["subject"].encode(), orjson.dumps(each), STRUCTURED) for each in all_of_them]


def contradictions(messages: list[ToSend]) -> int:
    """How many of the messages say something else under an id that an earlier one has."""
    first: dict[tuple[str, str], bytes] = {}
    told = [(orjson.loads(body), body) for _, body, _ in messages]
    return sum(first.setdefault((each["source"], each["id"]), body) != body for each, body in told)


def nothing_is_lost_or_doubled(store: Installation, events: list[dict[str, Any]]) -> None:
    facts = store.log.connection().execute("SELECT count(*) FROM event WHERE type LIKE 'claimtrail.%'").fetchone()
    assert facts == (len({(each["source"], each["id"]) for each in events}),)
    assert dead_letters(store.log.connection()) == []
    assert replay(store.read, store.codec).different == 0
