"""Bad networks and wrong clocks under load; `make torture`."""

import random
import time
from pathlib import Path

import pytest

from support.servers import missing
from support.torture import Blow, Site, under_load
from support.wire import Wire

pytestmark = [pytest.mark.torture, pytest.mark.timeout(1800)]
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def slow(struck: Site, dice: random.Random) -> None:
    """Whatever is sent arrives two seconds later, either way."""
    _chosen(struck, dice).latency = 2.0
    time.sleep(dice.uniform(2.0, 12.0))


def narrow(struck: Site, dice: random.Random) -> None:
    """A kilobyte a second."""
    _chosen(struck, dice).rate = 1_000
    time.sleep(dice.uniform(2.0, 12.0))


def swallowing(struck: Site, dice: random.Random) -> None:
    """Connections stand, and nothing comes through; what was on its way is lost for good."""
    _chosen(struck, dice).swallows = True
    time.sleep(dice.uniform(2.0, 20.0))


def cut(struck: Site, dice: random.Random) -> None:
    """All connections end, and no new one is made for a while."""
    _chosen(struck, dice).cut()
    time.sleep(dice.uniform(0.0, 8.0))


def _chosen(struck: Site, dice: random.Random) -> Wire:
    return struck.wires[dice.choice(("kafka", "postgres"))]


@pytest.mark.parametrize("worse", [slow, narrow, swallowing, cut], ids=lambda worse: worse.__name__)
def test_the_network_gets_worse_and_is_mended(tmp_path: Path, worse: Blow) -> None:
    def blow(struck: Site, dice: random.Random) -> None:
        worse(struck, dice)
        for wire in struck.wires.values():
            wire.mend()
        struck.all_are_back()

    under_load(tmp_path, blow, rounds=10, seed=21, wired=True)


def test_clocks_jump_and_nothing_changes(tmp_path: Path) -> None:
    """Hours and weeks, forth and back, of all processes; only the clock of the day, as where a person sets it."""
    if not FAKETIME.exists():
        missing(FileNotFoundError(f"Debian's package faketime is not installed: no {FAKETIME}"))
    told = tmp_path / "clock"
    told.write_text("+0")

    def jump(_struck: Site, dice: random.Random) -> None:
        told.write_text(f"{dice.choice((-40, -1, 0, 1, 40)) * 86_400 + dice.randint(-7_200, 7_200):+d}")
        time.sleep(1.0)

    environment = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(told),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    under_load(tmp_path, jump, rounds=20, seed=22, environment=environment)
