from collections.abc import Iterator
from pathlib import Path

import pytest
from support.store import opened

from suite.installation import Installation


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with opened(tmp_path) as installation:
        yield installation
