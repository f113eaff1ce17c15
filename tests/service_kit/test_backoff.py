"""Pauses between attempts."""

import pytest

from service_kit.backoff import backoff


@pytest.mark.parametrize(
    ("faults", "seconds"), [(1, 0.2), (2, 0.4), (3, 0.8), (4, 1.6), (5, 2.0), (2_000, 2.0), (10**9, 2.0)]
)
def test_pauses_double_up_to_the_longest_however_long_a_server_is_away(faults: int, seconds: float) -> None:
    assert backoff(faults, 2.0) == pytest.approx(seconds)
