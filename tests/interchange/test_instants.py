"""RFC 3339 times as instants."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.instants import read_instant


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-03-02T09:00:00-05:00", "2026-03-02T14:00:00Z"),
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
        ("2026-03-02T09:00:00.000Z", "2026-03-02T09:00:00Z"),
        ("2026-03-02T09:00:00.100-00:00", "2026-03-02T09:00:00.1Z"),
        ("2026-12-31T23:30:00.000000001-01:00", "2027-01-01T00:30:00.000000001Z"),
        ("2024-02-29T00:00:00+14:00", "2024-02-28T10:00:00Z"),
        ("0001-01-02T00:00:00Z", "0001-01-02T00:00:00Z"),
    ],
)
def test_an_instant_has_one_text(written: str, instant: str) -> None:
    read = read_instant(written)
    assert read is not None
    assert read[1] == instant


@pytest.mark.parametrize(
    "written",
    [
        *("", "now", "2026-03-02", "2026-03-02T09:00Z", "2026-03-02T09:00:00", "20260302T090000Z"),
        *("2026-02-29T09:00:00Z", "2026-03-02T09:00:60Z", "2026-03-02T09:60:00Z", "2026-03-02T24:00:00Z"),
        *("2026-03-02T09:00:00.Z", "2026-03-02T09:00:00,5Z", "2026-03-02T09:00:00+0500", "2026-03-02T09:00:00+24:00"),
        *("2026-03-02T09:00:00 Z", "2026-03-02 09:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00"),
        *("２０２６-03-02T09:00:00Z", "2026-W10-1T09:00:00Z", "-2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z\n"),
    ],
)
def test_what_is_no_time_with_an_offset_is_none(written: str) -> None:
    assert read_instant(written) is None


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),  # noqa: DTZ001 -- the offset is drawn beside it
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_offset_keeps_the_instant(local: datetime, minutes: int) -> None:
    time = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    read = read_instant(time.isoformat())
    assert read is not None
    assert read[0] == time
    assert read[0].utcoffset() == timedelta(minutes=minutes)
    assert datetime.fromisoformat(read[1]) == time
    utc = read_instant(time.astimezone(UTC).isoformat())
    assert utc is not None
    assert utc[1] == read[1]
