"""An intake works in two processes. Killing either at any moment loses nothing, and what the other does is whole."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from audit.replay import replay
from event_log.verify import verify
from service_kit.dead_letters import dead_letters
from suite.installation import Installation
from suite.simulator import Simulation, lines
from support.store import claims

EVENTS = 6_000
TO_START = 10.0
"""Within so many seconds an intake has its second process, or is done."""


def intake(store: Path, file: Path) -> subprocess.Popen[bytes]:
    command = [Path(sys.executable).with_name("claimtrail"), "ingest", "--data", store, file]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def assistant_of(process: subprocess.Popen[bytes]) -> int | None:
    """The second process's id, once there is one."""
    until = time.monotonic() + TO_START
    while process.poll() is None and time.monotonic() < until:
        with suppress(FileNotFoundError):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            if children:
                return int(children[0])
        time.sleep(0.01)
    return None


def kill_first(process: subprocess.Popen[bytes]) -> None:
    process.kill()


def kill_assistant(process: subprocess.Popen[bytes]) -> None:
    assistant = assistant_of(process)
    if assistant is not None:
        with suppress(ProcessLookupError):
            os.kill(assistant, signal.SIGKILL)


def kill_both(process: subprocess.Popen[bytes]) -> None:
    kill_assistant(process)
    kill_first(process)


def torment(folder: Path, seed: int, blows: list[Callable[[subprocess.Popen[bytes]], None]]) -> None:
    """Strike an intake with each of the blows, then let it finish; hold the result against an undisturbed one."""
    dice = random.Random(seed)
    file, store, calm = folder / "events.jsonl", folder / "store", folder / "calm"
    events = [line for line, _ in zip(lines(Simulation(clinics=4, days=60, seed=seed)), range(EVENTS), strict=False)]
    file.write_bytes(b"".join(events))
    began = time.monotonic()
    ends = intake(calm, file).wait(timeout=120)
    assert ends in (0, 1), "all was taken in, but what simulated clinics sent wrong"
    took = time.monotonic() - began
    struck = 0
    for blow in blows:
        process = intake(store, file)
        time.sleep(dice.uniform(0.2, took))
        blow(process)
        code = process.wait(timeout=120)
        assert code in ((ends,) if blow is kill_assistant else (ends, -signal.SIGKILL))
        struck += code == -signal.SIGKILL
    assert struck > 0, "every intake was done before it was struck"
    assert intake(store, file).wait(timeout=120) == ends
    assert verify(store / "log.sqlite").reason is None
    with Installation(store) as survivor, Installation(calm) as undisturbed:
        assert set(survivor.log.checkpoints().values()) == {survivor.log.head()}
        assert claims(survivor) == claims(undisturbed)
        assert dead_letters(survivor.log.connection()) == []
        types = "SELECT type, count(*) FROM event WHERE type LIKE 'claimtrail.%' GROUP BY type ORDER BY type"
        kept, expected = (each.log.connection().execute(types).fetchall() for each in (survivor, undisturbed))
        assert kept == expected
        assert replay(survivor.read, survivor.codec).different == 0


BLOWS = [kill_first, kill_assistant, kill_both]


def test_either_process_of_an_intake_may_be_killed(tmp_path: Path) -> None:
    torment(tmp_path, seed=7, blows=BLOWS * 2)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(20))
def test_either_process_of_an_intake_may_be_killed_three_hundred_times(tmp_path: Path, seed: int) -> None:
    torment(tmp_path, seed, blows=BLOWS * 5)
