"""Bad networks and wrong clocks under load; `make torture`."""

import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

import support.torture
from support.servers import missing
from support.torture import Blow, Site, under_load
from support.wire import Wire

pytestmark = [pytest.mark.torture, pytest.mark.timeout(1800)]
DAY_SECONDS = 86_400
CLOCK = Path(support.torture.__file__).with_name("clock.c")


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
    """Hours and days forth and back, of all processes; only the clock of the day, as where a person sets it.

    Which day it is is a fact that deadlines rest on: the database's clock, which is right, bears witness to it.
    """
    if shutil.which("cc") is None:
        missing(FileNotFoundError("there is no C compiler, cc, to make a clock that can be set"))
    library = tmp_path / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, CLOCK, "-ldl"], check=True)
    set_to = tmp_path / "clock"
    set_to.write_text("0")

    def jump(_struck: Site, dice: random.Random) -> None:
        hours, days = dice.uniform(-24, 24), dice.choice((0, 0, dice.uniform(-40, 0), dice.uniform(1, 400)))
        set_to.write_text(f"{hours * 3600 + days * DAY_SECONDS:.0f}")
        time.sleep(dice.uniform(0.5, 4.0))
        set_to.write_text("0")

    environment = {"LD_PRELOAD": str(library), "CLOCK_OFF_FILE": str(set_to)}
    under_load(tmp_path, jump, rounds=20, seed=22, environment=environment)
