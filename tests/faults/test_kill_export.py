"""Killing an export at any moment sends nothing twice and leaves no file half."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.replay import replay
from billing.claim_files import recorded_file
from billing.views import claim_files, unwritten
from event_log.verify import verify
from interchange.claim_file import open_claims
from suite.installation import Installation
from support.billing import ADDRESS
from support.store import claims, send
from support.visits import DAY, reference, visit

CLAIMS = 160
CLAIMS_A_FILE = 2


def history() -> list[dict[str, Any]]:
    """Clean visits, a patient each."""
    events = reference("p-0", address=ADDRESS)
    for number in range(CLAIMS):
        if number:
            events += reference(f"p-{number}", address=ADDRESS)[2:]
        day = (date.fromisoformat(DAY) + timedelta(days=number // 4)).isoformat()
        hour, half = 8 + number % 4 // 2, 30 * (number % 2)
        minutes = (("97112", f"{hour:02d}:{half:02d}", f"{hour:02d}:{half + 28}"),)
        events += visit(f"s-{number}", patient=f"p-{number}", day=day, minutes=minutes)
    return events


@contextmanager
def victim() -> Iterator[Callable[[Path, Path, float | None], int]]:
    """What exports once, and is killed after so many seconds; how it ended."""
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-m", "support.exporting_victim"]
    environment = {**os.environ, "PYTHONPATH": paths}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given, told = process.stdin, process.stdout

        def once(store: Path, outbox: Path, seconds: float | None) -> int:
            given.write(f"{store} {outbox} {CLAIMS_A_FILE}\n")
            given.flush()
            _, child = told.readline().split()
            if seconds is not None:
                time.sleep(seconds)
                os.kill(int(child), signal.SIGKILL)
            _, status = told.readline().split()
            return int(status)

        yield once
        given.close()


def whole_or_not_there(outbox: Path, store: Path) -> int:
    """Every file under its own name is as it is recorded; how many there are."""
    found = sorted(outbox.glob("*.837")) if outbox.exists() else []
    with Installation(store, read_only=True) as installation:
        recorded = {row["name"]: row["sha256"] for row in claim_files(installation.read.rows())}
    for path in found:
        assert sha256(path.read_bytes()).hexdigest() == recorded[path.name]
    return len(found)


def torment(folder: Path, seed: int, kills: int) -> None:
    dice = random.Random(seed)
    store, outbox = folder / "store", folder / "outbox"
    with Installation(store) as installation:
        send(installation, history())
        assert Counter(claim["status"] for claim in claims(installation)) == {"ready": CLAIMS}
    killed, files = 0, 0
    with victim() as once:
        for _ in range(kills):
            killed += once(store, outbox, dice.uniform(0.0, 0.25)) == signal.SIGKILL
            files = whole_or_not_there(outbox, store)
        assert killed > kills // 2
        assert files < CLAIMS // CLAIMS_A_FILE, "everything was out before it was killed often enough: send more claims"
        assert once(store, outbox, None) == 0
    assert whole_or_not_there(outbox, store) == CLAIMS // CLAIMS_A_FILE
    assert [path for path in outbox.iterdir() if path.suffix != ".837"] == []
    sent = Counter[str]()
    for path in outbox.glob("*.837"):
        with path.open("rb") as source:
            sent.update(claim.claim_id for _, claim in open_claims(source).claims())
    assert set(sent.values()) == {1}
    assert len(sent) == CLAIMS
    assert verify(store / "log.sqlite").reason is None
    with Installation(store) as installation:
        assert {claim["status"] for claim in claims(installation)} == {"submitted"}
        assert {len(claim["submissions"]) for claim in claims(installation)} == {1}
        assert unwritten(installation.read.rows()) == []
        numbers = [row["number"] for row in claim_files(installation.read.rows())]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        listed = [each.claim_id for number in numbers for each in recorded_file(installation.read, number).claims]
        assert Counter(listed) == sent
        assert replay(installation.read, installation.codec).different == 0


def test_killing_an_export_sends_nothing_twice_and_leaves_nothing_half(tmp_path: Path) -> None:
    torment(tmp_path, seed=20260309, kills=12)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(25))
def test_three_hundred_kills_send_nothing_twice_and_leave_nothing_half(tmp_path: Path, seed: int) -> None:
    torment(tmp_path, seed, kills=12)
