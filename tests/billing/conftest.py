from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.installation import Installation
from support.store import opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with opened(tmp_path) as installation:
        yield installation


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"
