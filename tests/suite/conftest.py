"""The command, run in this process; a stream of simulated clinics; a store that has it all."""

import shutil
from pathlib import Path

import pytest

from suite.simulator import DEFAULT_RATES, Simulation, lines
from support.command import Claimtrail, run

CLINICS = Simulation(
    clinics=2,
    days=12,
    seed=11,
    visits_per_clinic_day=5,
    organizations=1,
    remittance_rate=1.0,
    remittance_days=(1, 4),
    mistake_rates={name: rate for name, rate in DEFAULT_RATES.items() if name != "COM-001"},  # no conflict at first
)


@pytest.fixture(scope="session")
def claimtrail() -> Claimtrail:
    return run


@pytest.fixture(scope="session")
def simulated() -> bytes:
    return b"".join(lines(CLINICS))


@pytest.fixture(scope="session")
def filled(simulated: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the simulated clinics in it. To read: see `own`."""
    data = tmp_path_factory.mktemp("filled") / "store"
    assert run("ingest", "-", "--data", data, stdin=simulated).code == 0
    return data


@pytest.fixture
def own(filled: Path, tmp_path: Path) -> Path:
    """The same store, to change."""
    return Path(shutil.copytree(filled, tmp_path / "own"))
