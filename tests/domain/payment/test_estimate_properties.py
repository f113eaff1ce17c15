"""What holds for every day, against an independent computation in fractions."""

from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.payment.estimate import expected_payment, settle
from therapy_domain.payment.model import CONTRACT, MEDICARE, BilledLine, DayEstimate, Terms
from therapy_domain.payment.rates import Gpci, Rvus, rate_from_payment_file, rate_from_rvus, sample_rates
from therapy_domain.payment.tables import conversion_factor
from therapy_domain.rulesets.release import load

RULES = load("2026.1")
CODES = sorted(sample_rates(RULES, date(2026, 1, 1)))
UNREDUCED = Terms("Medicare without the reduction", False, True, True, 20, "a comparison")
few = settings(max_examples=150, deadline=None)

days = st.dates(date(2018, 1, 1), date(2026, 12, 31))
modifiers = st.sampled_from([("GP",), ("GO",), ("GP", "CQ"), ("GO", "CO")])


@st.composite
def lines(draw: st.DrawFn, *, charged: bool = True) -> list[BilledLine]:
    count = draw(st.integers(1, 5))
    charges = st.none() | st.integers(0, 30000) if charged else st.none()
    return [
        BilledLine(number, draw(st.sampled_from(CODES)), draw(st.integers(1, 4)), draw(modifiers), draw(charges), "C")
        for number in range(1, count + 1)
    ]


def made(billed: list[BilledLine], day: date, left: int = 0, terms: Terms = MEDICARE) -> DayEstimate:
    rates = sample_rates(RULES, day)
    return expected_payment(billed, rates, day, RULES, terms=terms, deductible_left_cents=left)


@few
@given(lines(), days, st.integers(0, 30000))
def test_all_cents_of_a_line_add_up(billed: list[BilledLine], day: date, left: int) -> None:
    estimate = made(billed, day, left)
    for line in estimate.lines:
        parts = line.settled
        assert line.allowed_cents == (
            parts.deductible_cents
            + parts.coinsurance_cents
            + parts.assistant_cut_cents
            + parts.sequestration_cut_cents
            + parts.paid_cents
        )
        assert min(parts.deductible_cents, parts.coinsurance_cents, parts.assistant_cut_cents, parts.paid_cents) >= 0
        assert line.whole_units + line.reduced_units == line.billed.units
        assert line.total_cents <= line.allowed_cents <= line.scheduled_cents <= line.fee_cents
    assert sum(line.settled.deductible_cents for line in estimate.lines) == min(left, estimate.allowed_cents)


@few
@given(lines(), days, st.integers(0, 30000), st.randoms())
def test_the_order_in_which_lines_come_changes_nothing(billed: list[BilledLine], day: date, left: int, dice) -> None:  # type: ignore[no-untyped-def]  # a Random
    shuffled = list(billed)
    dice.shuffle(shuffled)
    assert made(shuffled, day, left) == made(billed, day, left)


@few
@given(lines(), days)
def test_exactly_one_unit_under_the_reduction_is_whole(billed: list[BilledLine], day: date) -> None:
    estimate = made(billed, day)
    under = [line for line in estimate.lines if line.rate and line.rate.reducible]
    assert sum(line.whole_units for line in under) == min(1, len(under))
    for holder in (line for line in under if line.whole_units):
        assert all(
            line.rate and holder.rate and line.rate.practice_expense <= holder.rate.practice_expense for line in under
        )


@few
@given(lines(), days, st.integers(0, 30000))
def test_the_reduction_never_raises_a_payment(billed: list[BilledLine], day: date, left: int) -> None:
    with_it, without = made(billed, day, left), made(billed, day, left, UNREDUCED)
    assert with_it.paid_cents <= without.paid_cents
    assert with_it.allowed_cents <= without.allowed_cents


@few
@given(lines(charged=False), days)
def test_one_line_more_never_lowers_the_day(billed: list[BilledLine], day: date) -> None:
    assert made(billed[:-1], day).allowed_cents <= made(billed, day).allowed_cents


@few
@given(
    st.integers(0, 100000),
    st.integers(0, 100000),
    st.integers(0, 50000),
    st.booleans(),
    st.sampled_from([0, 100, 200]),
)
def test_more_allowed_never_means_less_paid(one: int, other: int, left: int, by: bool, points: int) -> None:
    def parts(allowed: int) -> tuple[int, int]:
        made = settle(allowed, deductible_left_cents=left, coinsurance_percent=20, assistant=by, basis_points=points)
        return made.paid_cents, made.deductible_cents + made.coinsurance_cents

    low, high = sorted((one, other))
    assert parts(low)[0] <= parts(high)[0]
    assert parts(low)[1] <= parts(high)[1]


@few
@given(lines(charged=False), days)
def test_every_line_lies_within_cents_of_the_exact_computation(billed: list[BilledLine], day: date) -> None:
    estimate = made(billed, day)
    for line in estimate.lines:
        exact = Fraction(line.allowed_cents) * Fraction(80, 100)
        if day >= date(2022, 1, 1) and line.billed.by_assistant:
            exact *= Fraction(85, 100)
        if not date(2020, 5, 1) <= day <= date(2022, 3, 31):
            exact *= Fraction(99 if date(2022, 4, 1) <= day <= date(2022, 6, 30) else 98, 100)
        assert abs(line.paid_cents - exact) <= Fraction(3, 2)


@few
@given(
    st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 100)),
    st.tuples(st.integers(500, 1500), st.integers(500, 1500), st.integers(300, 2500)),
    days,
)
def test_a_unit_is_rounded_once_from_its_exact_value(
    rvus: tuple[int, int, int], gpci: tuple[int, int, int], day: date
) -> None:
    factor = conversion_factor(day, RULES)
    rate = rate_from_rvus("97110", Rvus(*rvus), Gpci(*gpci), factor, reducible=True)
    work, expense, risk = (Fraction(value * index, 100_000) for value, index in zip(rvus, gpci, strict=True))
    unit = Fraction(factor.ten_thousandths, 10_000) * 100
    assert -Fraction(1, 2) < rate.full_cents - (work + expense + risk) * unit <= Fraction(1, 2)
    assert -Fraction(1, 2) < rate.reduced_cents - (work + expense / 2 + risk) * unit <= Fraction(1, 2)


@few
@given(st.integers(0, 20000), st.data())
def test_both_readings_of_the_payment_file_agree(fee: int, data: st.DataObject) -> None:
    taken_off = data.draw(st.integers(0, fee // 2))
    readings = [rate_from_payment_file("97110", fee, column, indicator="5") for column in (taken_off, fee - taken_off)]
    assert readings[0] == readings[1]
    assert readings[0].reduced_cents == fee - taken_off


@few
@given(lines(charged=False), days)
def test_a_contract_pays_all_units_whole(billed: list[BilledLine], day: date) -> None:
    estimate = made(billed, day, terms=CONTRACT)
    assert estimate.paid_cents == sum(sample_rates(RULES, day)[line.code].full_cents * line.units for line in billed)
    assert estimate.patient_cents == 0
