"""The suite as processes of their own: two copies of each, killed at work, end in the same claims as embedded."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from audit.replay import replay
from service_kit.dead_letters import dead_letters
from service_kit.settings import Settings
from suite.installation import Installation
from suite.simulator import Simulation, simulate
from support import postgres
from support.command import run
from support.distributed import ToSend, tell
from support.fleet import SERVICES, Fleet, fleet, until
from support.store import claims, send

STRUCTURED = [("content-type", b"application/cloudevents+json")]


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture
def processes(settings: Settings, database: str, tmp_path: Path) -> Iterator[Fleet]:
    with fleet(tmp_path, settings, database) as made:
        yield made


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
        return told(calm)


def delivered(events: list[dict[str, Any]], seed: int) -> list[ToSend]:
    """Shuffled, and a fifth of them twice."""
    dice = random.Random(seed)
    all_of_them = [*events, *dice.sample(events, len(events) // 5)]
    dice.shuffle(all_of_them)
    return [(each["subject"].encode(), orjson.dumps(each), STRUCTURED) for each in all_of_them]


def nothing_is_lost_or_doubled(store: Installation, events: list[dict[str, Any]]) -> None:
    facts = store.log.connection().execute("SELECT count(*) FROM event WHERE type LIKE 'claimtrail.%'").fetchone()
    assert facts == (len({(each["source"], each["id"]) for each in events}),)
    assert dead_letters(store.log.connection()) == []
    assert replay(store.read, store.codec).different == 0


def one_trace_leads_from_the_clinic_to_the_appeal(processes: Fleet, appeal: str) -> None:
    """Also where some of its processes were killed: the trace goes on in the events."""
    data = processes.folder / "data"
    told = run("trace", appeal.partition("-A")[0], "--data", data, "--json",
               env={"CLAIMTRAIL_DATABASE_URL": processes.database}).json  # fmt: skip
    (whole, *_) = [each for each in told["traces"] if any(event["type"] == "AppealOpened" for event in each["events"])]
    assert {event["service"] for event in whole["events"]} == set(SERVICES)
    worked = {span["service"] for span in whole["spans"] if span["trace_id"] == whole["trace_id"]}
    assert worked <= set(SERVICES)
    assert len(worked) >= 3
    assert "patient" not in orjson.dumps(whole["spans"]).decode()


@pytest.mark.timeout(240)
def test_killed_while_they_work_they_end_in_the_same_claims(
    processes: Fleet, settings: Settings, tmp_path: Path
) -> None:
    events = simulated(visits=160, seed=8)
    expected = embedded(tmp_path, events)
    messages = delivered(events, seed=8)
    processes.start(*SERVICES, *SERVICES, "relay", "relay")
    until(processes.ready, "all are ready")
    third = len(messages) // 3
    asyncio.run(tell(settings, messages[:third]))
    for service in (*SERVICES, "relay"):
        processes.replace(next(each for each in processes.members if each.service == service))
    asyncio.run(tell(settings, messages[third:]))
    with processes.store() as store:
        until(lambda: told(store) == expected, "the claims are the same")
        nothing_is_lost_or_doubled(store, events)
        one_trace_leads_from_the_clinic_to_the_appeal(processes, expected[1][0][0])
    ended = processes.stop()
    assert {code for _, _, code in ended} == {0}
    assert max(seconds for _, seconds, _ in ended) < 10
