"""Real servers for tests: where they cannot be had a test is skipped, but in CI it fails."""

import os
from typing import NoReturn

import pytest


def missing(reason: Exception) -> NoReturn:
    """No server: the test cannot run."""
    if os.environ.get("CI") or os.environ.get("CLAIMTRAIL_REQUIRE_SERVERS"):
        pytest.fail(f"a real server is required here: {reason}")
    pytest.skip(str(reason))
