"""The suite as processes of their own: two copies of each, killed at work, end in the same claims as embedded."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from service_kit.settings import Settings
from suite.standing import lag
from support import postgres
from support.command import run
from support.distributed import tell
from support.fleet import SERVICES, Fleet, fleet, until
from support.simulated import contradictions, delivered, embedded, nothing_is_lost_or_doubled, simulated, told
from support.store import claims


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture
def processes(settings: Settings, database: str, tmp_path: Path) -> Iterator[Fleet]:
    with fleet(tmp_path, settings, database) as made:
        yield made


def one_trace_leads_from_the_clinic_to_the_appeal(processes: Fleet, appeal: str) -> None:
    """Also where some of its processes were killed: the trace goes on in the events."""
    data = processes.folder / "data"
    told = run("trace", appeal.partition("-A")[0], "--data", data, "--json",
               env=processes.environment).json  # fmt: skip
    (whole, *_) = [each for each in told["traces"] if any(event["type"] == "AppealOpened" for event in each["events"])]
    assert set(SERVICES) <= {event["service"] for event in whole["events"]}
    worked = {span["service"] for span in whole["spans"] if span["trace_id"] == whole["trace_id"]}
    assert worked <= {*SERVICES, "claim-validation"}
    assert len(worked) >= 3
    batches = {span["service"] for each in told["traces"] for span in each["spans"] if span["linked"]}
    assert {"relay", "claim-validation"} <= batches
    with processes.store() as store:
        patients = {claim["patient_id"].encode() for claim in claims(store)}
    assert not any(patient in orjson.dumps(told["traces"]) for patient in patients)


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
        until(lambda: lag(store) == 0, "all is worked on, also what changes nothing")
        status = run("status", "--json", "--data", processes.folder / "data", env=processes.environment).json
        assert {each["lag"] for each in status["services"]} == {0}
        assert status["kafka"] == {
            "relayed": store.log.head(),
            "head": store.log.head(),
            "parked_messages": 0,
            "rejected_messages": contradictions(messages),
        }
        one_trace_leads_from_the_clinic_to_the_appeal(processes, expected[1][0][0])
    ended = processes.stop()
    assert [each for each in ended if each[2] != 0] == []
    assert max(seconds for _, seconds, _ in ended) < 10
