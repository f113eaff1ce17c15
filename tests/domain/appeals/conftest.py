"""What the tests of evidence and letters say is held against the files beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.golden import Golden

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def evidence_told() -> Iterator[Golden]:
    """What each record shows and does not show."""
    golden = Golden(HERE / "evidence.txt")
    yield golden
    golden.close()


@pytest.fixture(scope="session")
def letters_told() -> Iterator[Golden]:
    """Letters, and why there is none."""
    golden = Golden(HERE / "letters.txt")
    yield golden
    golden.close()
