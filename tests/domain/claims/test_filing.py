"""Timely filing, seen from the case's own today."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from therapy_domain.claims.filing import timely
from therapy_domain.rulesets import load
from therapy_domain.rulesets.payers import extend, shipped

PROFILES = shipped(load("2026.1"))
DENIED, TOLD = [("TFL-001", "deny")], [("TFL-001", "advice")]


def latest(scene: Any, day: date) -> Any:
    """The visit with its last fact on that day."""
    scene.first["latest_fact_at"] = f"{day.isoformat()}T12:00:00-05:00"
    return scene


@pytest.mark.parametrize(
    ("payer", "day", "found"),
    [
        ("commercial-cms", 149, []),
        ("commercial-cms", 150, TOLD),
        ("commercial-cms", 180, TOLD),  # the last day
        ("commercial-cms", 181, DENIED),
        ("medicare", 334, []),
        ("medicare", 335, TOLD),
        ("medicare", 365, TOLD),  # 2 March 2027, a Tuesday
        ("medicare", 366, DENIED),
    ],
)
def test_a_claim_is_late_after_the_last_day_and_told_of_thirty_days_before(
    new_scene: Any, payer: str, day: int, found: list[Any]
) -> None:
    scene = new_scene(payer=payer)
    assert latest(scene, scene.on + timedelta(days=day)).short() == found


def test_a_payers_own_days_count(new_scene: Any) -> None:
    scene = new_scene(settings={"timely_filing_days": 60})
    assert latest(scene, scene.on + timedelta(days=61)).short() == DENIED


def test_nothing_billable_and_what_was_answered_already_is_not_late(new_scene: Any) -> None:
    day = date(2027, 6, 1)
    nothing = new_scene()
    assert latest(nothing.intervals(nothing.interval(minutes=5)), day).short() == []
    answered = latest(new_scene(remittances=[("paid", datetime(2026, 4, 1, tzinfo=UTC))]), day)
    assert answered.short() == []


@pytest.mark.parametrize(
    ("service", "last"),
    [
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2025, 7, 4), date(2026, 7, 6)),  # a holiday's Saturday, kept on the Friday
        (date(2026, 3, 2), date(2027, 3, 2)),
    ],
)
def test_one_calendar_year_ends_on_a_workday(service: date, last: date) -> None:
    found = timely(service, PROFILES["medicare"], last)
    assert (found.last_day, found.days_left, found.late) == (last, 0, False)
    assert timely(service, PROFILES["medicare"], last + timedelta(days=1)).late


def test_days_are_counted_to_the_day() -> None:
    policy = extend(PROFILES["commercial-cms"], {"timely_filing_days": 90})
    found = timely(date(2026, 1, 1), policy, date(2026, 3, 31))
    assert (found.last_day, found.days_left) == (date(2026, 4, 1), 1)
