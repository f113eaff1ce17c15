"""The midpoint rule, and caregiver training, whose first unit is 30 minutes long."""

from collections.abc import Callable
from typing import Any

import pytest

from therapy_domain.units.errors import NegativeMinutes
from therapy_domain.units.midpoint import caregiver_units, units_alone


@pytest.mark.parametrize(
    ("first", "last", "units"), [(0, 7, 0), (8, 22, 1), (23, 37, 2), (38, 52, 3), (53, 67, 4), (83, 97, 6)]
)
def test_a_unit_is_earned_once_its_midpoint_is_passed(first: int, last: int, units: int) -> None:
    assert {units_alone(m) for m in range(first, last + 1)} == {units}


@pytest.mark.parametrize(("first", "last", "units"), [(0, 15, 0), (16, 37, 1), (38, 52, 2), (53, 67, 3), (68, 82, 4)])
def test_caregiver_training_starts_past_the_midpoint_of_thirty(first: int, last: int, units: int) -> None:
    assert {caregiver_units(m) for m in range(first, last + 1)} == {units}


def test_negative_minutes_are_refused() -> None:
    for rule in (units_alone, caregiver_units):
        with pytest.raises(NegativeMinutes):
            rule(-1)


@pytest.mark.parametrize(
    ("minutes", "units"),
    [
        ({"97530": 28, "97535": 16}, [2, 1]),
        ({"97112": 47, "97116": 6}, [3, 0]),
        ({"97110": 9, "97112": 9, "97140": 9}, [1, 1, 1]),
        ({"97112": 5, "97530": 6}, [0, 0]),
        ({"97110": 38, "97140": 23}, [3, 2]),
        ({"97110": 10, "97140": 9, "97530": 12, "97535": 11}, [1, 1, 1, 1]),
        ({"97112": 95}, [6]),
    ],
)
@pytest.mark.parametrize("payer", ["commercial-midpoint", "workers-comp"])
def test_worked_examples(
    worked: Callable[..., Any], count: Callable[..., Any], payer: str, minutes: dict[str, int], units: list[int]
) -> None:
    result = count(*(worked(code, m) for code, m in minutes.items()), payer=payer)
    assert result.rule == "cpt-midpoint"
    assert [line.units for line in result.lines] == units
    assert result.alternatives == ()
