"""Paid against expected: the tolerance, and each reason where it is the right one."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.payment.estimate import expected_payment
from therapy_domain.payment.model import BilledLine, DayEstimate
from therapy_domain.payment.rates import UnitRate
from therapy_domain.payment.variance import Reason, Variance, variance
from therapy_domain.rulesets.release import load

RULES = load("2026.1")
MARCH = date(2026, 3, 2)
RATES = {
    "97110": UnitRate("97110", 3000, 2400, 1200, True, "round numbers"),
    "97530": UnitRate("97530", 5000, 3600, 2800, True, "round numbers"),
}


@dataclass(frozen=True)
class Taken:
    group: str
    carc: str
    amount_cents: int
    line: int | None = None


def day_of(*lines: BilledLine, day: date = MARCH) -> DayEstimate:
    return expected_payment(lines, RATES, day, RULES)


def paid(estimate: DayEstimate, cents: int, *adjustments: Taken, tolerance: int = 2) -> Variance:
    return variance(estimate.lines, estimate, cents, adjustments=adjustments, tolerance_cents=tolerance)


# 97530 whole 50.00, 97110 twice reduced 48.00. 80 %: 40.00 and 38.40. x 0.98: 39.20 and 37.63 = 76.83.
DAY = day_of(BilledLine(1, "97110", 2, ("GP",)), BilledLine(2, "97530", 1, ("GP",)))
# One line by an assistant: 50.00 -> 40.00 -> 34.00 -> 33.32.
ASSISTED = day_of(BilledLine(1, "97530", 1, ("GP", "CQ")))


@pytest.mark.parametrize("off", [-4, 0, 4])
def test_a_difference_within_two_cents_a_line_is_none(off: int) -> None:
    assert paid(DAY, 7683 + off).reasons == ()
    assert paid(DAY, 7683 + off).difference_cents == off


@pytest.mark.parametrize("off", [-5, 5])
def test_one_cent_more_is_a_difference(off: int) -> None:
    assert paid(DAY, 7683 + off).reasons == ("contract",)


def test_no_tolerance_asks_about_every_cent() -> None:
    assert paid(DAY, 7682, tolerance=0).reasons == ("contract",)
    assert paid(DAY, 7683, tolerance=0).reasons == ()


@pytest.mark.parametrize(
    ("cents", "reasons"),
    [
        (3920 + 4704, ("multiple-procedure",)),  # nothing reduced: 60.00 -> 48.00 -> 47.04
        (2822 + 3763, ("multiple-procedure",)),  # all reduced: 36.00 -> 28.80 -> 28.22; another claim took the unit
        (3332 + 3199, ("assistant",)),  # as if by an assistant: 34.00 -> 33.32; 32.64 -> 31.99
        (4000 + 3840, ("sequestration",)),  # not sequestered
        (4000 + 4800, ("multiple-procedure", "sequestration")),
        (3400 + 3264, ("assistant", "sequestration")),
        (0, ("denial",)),
        (3920, ("denial",)),  # one of the two lines
        (6000, ("contract",)),
        (9500, ("contract",)),
    ],
)
def test_the_first_reason_that_matches_is_named(cents: int, reasons: tuple[Reason, ...]) -> None:
    assert paid(DAY, cents).reasons == reasons


def test_an_assistants_cut_that_the_payer_forgot() -> None:
    assert ASSISTED.paid_cents == 3332
    found = paid(ASSISTED, 3920)
    assert found.reasons == ("assistant",)
    assert found.text == "$5.88 more than the $33.32 expected; the amount fits the assistants' 85 % the other way round"


def test_sequestration_taken_while_it_was_suspended() -> None:
    day = day_of(BilledLine(1, "97530", 1, ("GP",)), day=date(2021, 6, 1))
    assert day.paid_cents == 4000
    assert paid(day, 3920).reasons == ("sequestration",)


def test_full_sequestration_taken_in_the_half_period() -> None:
    day = day_of(BilledLine(1, "97530", 1, ("GP",)), day=date(2022, 5, 2))
    assert day.paid_cents == 3960
    assert paid(day, 3920).reasons == ("sequestration",)
    assert paid(day, 4000).reasons == ("sequestration",)


def test_the_deductible_that_the_payer_names_is_taken_as_true() -> None:
    # 50.00 - 20.00 = 30.00 -> 24.00 -> 23.52; the other line as expected: 37.63.
    assert paid(DAY, 2352 + 3763, Taken("PR", "1", 2000, line=2)).reasons == ()
    # Without a line it is used from the first one on: 48.00 - 20.00 = 28.00 -> 22.40 -> 21.95.
    assert paid(DAY, 2195 + 3920, Taken("PR", "1", 2000)).reasons == ()
    assert paid(DAY, 0, Taken("PR", "1", 99999)).reasons == ()


def test_deductibles_with_and_without_a_line_add_up() -> None:
    # 10.00 on line 2, and 50.00 more from the first line on: 48.00 there, 2.00 beside the 10.00.
    # 50.00 - 12.00 = 38.00 -> 30.40 -> 29.79.
    named = (Taken("PR", "1", 1000, line=2), Taken("PR", "1", 5000))
    assert paid(DAY, 2979, *named, tolerance=0).reasons == ()
    # The 10.00 on line 1: 38.00 more there, and the other 12.00 on line 2.
    assert paid(DAY, 2979, Taken("PR", "1", 1000, line=1), named[1], tolerance=0).reasons == ()
    # A deductible of a line that is not ours, and a coinsurance, change nothing.
    others = (Taken("PR", "1", 1000, line=9), Taken("PR", "2", 1760), Taken("CO", "1", 700))
    assert paid(DAY, 7683, *others, tolerance=0).reasons == ()


def test_a_denied_line_is_found_within_the_tolerance_and_not_beyond() -> None:
    assert paid(DAY, 3924).reasons == ("denial",)
    assert paid(DAY, 3925).reasons == ("contract",)
    eight = day_of(*(BilledLine(number, "97110", 1, ("GP",)) for number in range(1, 9)))
    assert paid(eight, eight.lines[0].paid_cents, tolerance=0).reasons == ("denial",)


def test_adjustments_tell_a_denial_from_a_contract() -> None:
    assert paid(DAY, 6000, Taken("CO", "45", 500), Taken("CO", "253", 150)).reasons == ("contract",)
    assert paid(DAY, 6000, Taken("CO", "50", 1683)).reasons == ("denial",)
    assert paid(DAY, 3920, Taken("CO", "45", 1000)).reasons == ("contract",)


def test_one_line_is_compared_by_itself() -> None:
    found = variance(DAY.lines[1:], DAY, 3920)
    assert (found.expected_cents, found.reasons) == (3920, ())
    assert variance(DAY.lines[1:], DAY, 2822).reasons == ("multiple-procedure",)


def test_a_charge_limits_what_another_reduction_would_bring() -> None:
    day = day_of(BilledLine(1, "97530", 2, ("GP",), 8600))  # 86.00 either way
    assert day.paid_cents == 6742  # 86.00 -> 68.80 -> 67.424
    assert paid(day, 5645).reasons == ("multiple-procedure",)  # 72.00 -> 57.60 -> 56.448


def test_nothing_is_concluded_where_a_rate_is_missing() -> None:
    day = day_of(BilledLine(1, "97530", 1), BilledLine(2, "97999", 1))
    found = paid(day, 9999)
    assert not found.comparable
    assert found.reasons == ()
    assert "97999" in found.text


def test_many_lines_are_not_searched_for_denied_ones() -> None:
    day = day_of(*(BilledLine(number, "97110", 1, ("GP",)) for number in range(1, 10)))
    assert paid(day, day.lines[0].paid_cents).reasons == ("contract",)
    assert paid(day, 0).reasons == ("denial",)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 12000), st.integers(0, 50))
def test_reasons_are_named_exactly_outside_the_tolerance(cents: int, tolerance: int) -> None:
    found = paid(DAY, cents, tolerance=tolerance)
    assert found.difference_cents == cents - 7683
    assert bool(found.reasons) == (abs(cents - 7683) > 2 * tolerance)
