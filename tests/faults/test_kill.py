"""Killing the process at any moment loses no acknowledged event and doubles nothing."""

import os
import random
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from audit.replay import replay
from event_log.verify import verify
from interchange.cloudevents import read_event
from service_kit.dead_letters import dead_letters
from suite.installation import Installation
from support.store import claims, send
from support.visits import DAY, reference, visit

VISITS = 1000
PATIENTS = 60


def history() -> list[dict[str, Any]]:
    """Enough visits that a process is never done before it is killed."""
    events: list[dict[str, Any]] = reference("p-0")
    for patient in range(1, PATIENTS):
        events += reference(f"p-{patient}")[2:]
    for number in range(VISITS):
        day = (date.fromisoformat(DAY) + timedelta(days=number // PATIENTS)).isoformat()
        events += visit(f"s-{number}", patient=f"p-{number % PATIENTS}", day=day)
    return events


class Blow(NamedTuple):
    """When to kill: after so many answers, and so many seconds more."""

    answers: int
    seconds: float


def run_and_kill(store: Path, file: Path, first: int, blow: Blow | None) -> int:
    """Run a process and kill it, or let it finish; how many lines were answered."""
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-m", "support.victim", str(store), str(file), str(first)]
    answered = first
    answers, killer = 0, None
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    ) as victim:
        assert victim.stdout is not None
        for line in victim.stdout:
            if line.strip() == "done":
                break
            answered, answers = int(line), answers + 1
            if blow is not None and answers == blow.answers:
                killer = threading.Timer(blow.seconds, victim.send_signal, [signal.SIGKILL])
                killer.start()
    if killer is not None:
        killer.cancel()
    return answered


def torment(folder: Path, seed: int, kills: int) -> None:
    """Kill that many times, then let it finish, and hold the result against an undisturbed run."""
    dice = random.Random(seed)
    events = history()
    file, store = folder / "events.jsonl", folder / "store"
    file.write_bytes(b"\n".join(orjson.dumps(each) for each in events))
    answered = 0
    for _ in range(kills):
        answered = run_and_kill(store, file, answered, Blow(dice.randint(1, 5), dice.uniform(0.0, 0.02)))
    assert answered < len(events), "the process was done before it was killed often enough: send more events"
    with Installation(store) as survivor:
        facts = [read_event(orjson.dumps(each)).fact_id for each in events[:answered]]  # type: ignore[union-attr]  # none is refused
        assert len(survivor.log.find(facts)) == len(facts), "every acknowledged event is there"
    assert run_and_kill(store, file, answered, None) == len(events)
    assert verify(store / "log.sqlite").reason is None
    with Installation(store) as survivor, Installation(folder / "calm") as calm:
        send(calm, events)
        assert claims(survivor) == claims(calm)
        assert dead_letters(survivor.log.connection()) == []
        types = "SELECT type, count(*) FROM event WHERE type LIKE 'claimtrail.%' GROUP BY type ORDER BY type"
        assert survivor.log.connection().execute(types).fetchall() == calm.log.connection().execute(types).fetchall()
        assert replay(survivor.read, survivor.codec).different == 0


def test_twenty_kills_under_load_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    torment(tmp_path, seed=20260302, kills=20)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(25))
def test_five_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    torment(tmp_path, seed, kills=20)
