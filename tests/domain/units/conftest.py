"""Builders: `worked` makes an interval, `count` counts a day, `units_of` shows its lines in short."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.golden import Golden
from therapy_domain.rulesets import load
from therapy_domain.rulesets.payers import PayerPolicy, shipped
from therapy_domain.units.calculate import calculate
from therapy_domain.units.model import DayOfWork, UnitLine, UnitsResult, WorkedInterval

RULES = load("2026.1")
NINE = datetime(2026, 3, 2, 14, tzinfo=UTC)


def _worked(code: str, minutes: float, role: str = "PT", *, at: float | None = None, **more: Any) -> WorkedInterval:
    """An interval of so many minutes, `at` so many minutes past nine, or without clock times."""
    clocked = at is not None
    values: dict[str, Any] = {
        "interval_id": f"{code}-{role}-{at}-{minutes}",
        "session_id": "S1",
        "code": code,
        "start": NINE + timedelta(minutes=at) if at is not None else None,
        "end": NINE + timedelta(minutes=at + minutes) if at is not None else None,
        "minutes": None if clocked else int(minutes),
        "performer_id": f"person {role}",
        "role": role,
        "contact": "one_on_one",
        **more,
    }
    return WorkedInterval(**values)


def _count(
    *intervals: WorkedInterval,
    payer: str | PayerPolicy | None = "medicare",
    discipline: str = "PT",
    on: date = date(2026, 3, 2),
    method: Any = "exact",
    **more: Any,
) -> UnitsResult:
    policy = shipped(RULES)[payer] if isinstance(payer, str) else payer
    day = DayOfWork(policy, discipline, on, tuple(intervals), **more)
    return calculate(day, RULES, method=method)


def _units_of(lines: UnitsResult | tuple[UnitLine, ...]) -> list[tuple[str, int, int, str]]:
    """Lines as (code, minutes, units, modifiers)."""
    shown = lines.lines if isinstance(lines, UnitsResult) else lines
    return [(line.code, line.minutes, line.units, " ".join(line.modifiers)) for line in shown]


@pytest.fixture(scope="session")
def worked() -> Callable[..., WorkedInterval]:
    return _worked


@pytest.fixture(scope="session")
def count() -> Callable[..., UnitsResult]:
    return _count


@pytest.fixture(scope="session")
def units_of() -> Callable[..., list[tuple[str, int, int, str]]]:
    return _units_of


@pytest.fixture(scope="session")
def explanations_told() -> Iterator[Golden]:
    """Explanations in full."""
    golden = Golden(Path(__file__).parent / "explanations.txt")
    yield golden
    golden.close()
