"""The dated tables of payment: every row has its source, no gap, no overlap, and no year answers for another."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from therapy_domain.errors import InputError
from therapy_domain.payment.errors import BeforePaymentRules, NoConversionFactor
from therapy_domain.payment.money import dollars, half_up, scaled
from therapy_domain.payment.rates import sample_rates
from therapy_domain.payment.tables import (
    Participation,
    conversion_factor,
    conversion_factors,
    sequestration,
    sequestration_periods,
)
from therapy_domain.rulesets.release import load

RULES = load("2026.1")


@pytest.mark.parametrize(
    ("day", "participation", "expected"),
    [
        (date(2018, 1, 1), "standard", 359996),
        (date(2018, 12, 31), "standard", 359996),
        (date(2019, 7, 1), "standard", 360391),
        (date(2020, 7, 1), "standard", 360896),
        (date(2021, 7, 1), "standard", 348931),
        (date(2022, 7, 1), "standard", 346062),
        (date(2023, 7, 1), "standard", 338872),
        (date(2024, 3, 8), "standard", 327442),
        (date(2024, 3, 9), "standard", 332875),
        (date(2025, 12, 31), "standard", 323465),
        (date(2025, 12, 31), "apm", 323465),
        (date(2026, 1, 1), "standard", 334009),
        (date(2026, 1, 1), "apm", 335675),
    ],
)
def test_the_conversion_factor_of_a_day(day: date, participation: Participation, expected: int) -> None:
    assert conversion_factor(day, RULES, participation).ten_thousandths == expected


def test_the_factor_raised_within_2024_follows_from_the_law() -> None:
    # The final rule's factor held a raise of 1.25 %; the law of March replaced it by 2.93 %.
    assert half_up(327442 * 102930, 101250) == conversion_factor(date(2024, 3, 9), RULES).ten_thousandths


@pytest.mark.parametrize("day", [date(2017, 12, 31), date(2027, 1, 1)])
@pytest.mark.parametrize("participation", ["standard", "apm"])
def test_a_day_without_a_factor_is_refused_not_guessed(day: date, participation: Participation) -> None:
    with pytest.raises(NoConversionFactor) as caught:
        conversion_factor(day, RULES, participation)
    assert caught.value.day == day
    assert (caught.value.known_from, caught.value.known_to) == (date(2018, 1, 1), date(2026, 12, 31))
    with pytest.raises(NoConversionFactor):
        sample_rates(RULES, day, participation)


def test_factors_follow_each_other_without_a_gap_and_name_their_source() -> None:
    rows = [row for row in conversion_factors(RULES) if row.participation == "standard"]
    assert all(later.first_day == earlier.last_day + timedelta(days=1) for earlier, later in pairwise(rows))
    assert all(" FR " in row.source for row in conversion_factors(RULES))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2013, 4, 1), 200),
        (date(2020, 4, 30), 200),
        (date(2020, 5, 1), 0),
        (date(2022, 3, 31), 0),
        (date(2022, 4, 1), 100),
        (date(2022, 6, 30), 100),
        (date(2022, 7, 1), 200),
        (date(2026, 11, 22), 200),
    ],
)
def test_sequestration_of_a_day(day: date, expected: int) -> None:
    assert sequestration(day, RULES).basis_points == expected


def test_sequestration_before_its_first_day_is_refused() -> None:
    with pytest.raises(BeforePaymentRules) as caught:
        sequestration(date(2013, 3, 31), RULES)
    assert caught.value.since == date(2013, 4, 1)


def test_sequestration_periods_follow_each_other_and_the_last_is_open() -> None:
    rows = sequestration_periods(RULES)
    assert all(later.first_day == earlier.last_day + timedelta(days=1) for earlier, later in pairwise(rows))
    assert rows[-1].last_day == date.max
    assert all("Pub. L." in row.source for row in rows)


def test_the_fee_sample_says_that_it_is_invented() -> None:
    table = RULES.toml["fee_sample"]
    assert table["synthetic"] is True
    assert "invented" in table["source"]
    assert all("invented" in rate.source for rate in sample_rates(RULES, date(2026, 1, 1)).values())


def test_the_fee_sample_gives_amounts_by_its_own_indices() -> None:
    # 97530: 0.60 x 1.010 + 0.70 x 0.950 + 0.03 x 0.800 = 1.295; x 33.4009 = 43.254; reduced 0.9625 x 33.4009 = 32.148
    made = sample_rates(RULES, date(2026, 1, 1))["97530"]
    assert (made.full_cents, made.reduced_cents) == (4325, 3215)


def test_the_fee_sample_marks_the_codes_as_the_code_table_does() -> None:
    for code, rate in sample_rates(RULES, date(2026, 1, 1)).items():
        assert rate.reducible == (RULES.toml["codes"]["codes"][code]["therapy"] == "always"), code


@pytest.mark.parametrize("text", ["", "x", "1.23456", "-1", "NaN", "Infinity"])
def test_a_published_decimal_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        scaled(text, 4)


def test_a_half_rounds_up() -> None:
    assert [half_up(n, 2) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert [half_up(n, 100) for n in (49, 50, 149, 150)] == [0, 1, 1, 2]


def test_amounts_as_people_write_them() -> None:
    assert [dollars(n) for n in (0, 5, 123456, -7)] == ["$0.00", "$0.05", "$1,234.56", "-$0.07"]
