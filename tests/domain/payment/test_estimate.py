"""What a day should bring: worked examples, each computed by hand beside it, and the edges of every step."""

from datetime import date

import pytest

from therapy_domain.errors import InputError
from therapy_domain.payment.errors import BeforePaymentRules, LineTwice
from therapy_domain.payment.estimate import expected_payment, first_unit, settle
from therapy_domain.payment.explain import explain
from therapy_domain.payment.model import CONTRACT, BilledLine, DayEstimate, Settled
from therapy_domain.payment.rates import (
    Gpci,
    Rvus,
    UnitRate,
    rate_from_payment_file,
    rate_from_rvus,
)
from therapy_domain.payment.tables import conversion_factor
from therapy_domain.rulesets.release import load

RULES = load("2026.1")
MARCH = date(2026, 3, 2)
FACTOR = conversion_factor(MARCH, RULES)


def rate(code: str, work: int, expense: int, risk: int, *, reducible: bool = True) -> UnitRate:
    return rate_from_rvus(code, Rvus(work, expense, risk), Gpci(), FACTOR, reducible=reducible)


RATES = {
    "97530": rate("97530", 60, 70, 3),  # 1.33 x 33.4009 = 44.423197; reduced 0.98 x 33.4009 = 32.732882
    "97110": rate("97110", 60, 30, 3),  # 0.93 x 33.4009 = 31.062837; reduced 0.78 x 33.4009 = 26.052702
    "97140": rate("97140", 55, 28, 2),  # 0.85 x 33.4009 = 28.390765; reduced 0.71 x 33.4009 = 23.714639
    "98975": rate("98975", 0, 90, 2, reducible=False),  # 0.92 x 33.4009 = 30.728828
}
ROUND = {"97110": UnitRate("97110", 10000, 8000, 4000, True, "a round number")}


def line(number: int, code: str, units: int = 1, *modifiers: str, charge: int | None = None) -> BilledLine:
    return BilledLine(number, code, units, modifiers, charge)


def estimated(*lines: BilledLine, day: date = MARCH, left: int = 0) -> DayEstimate:
    return expected_payment(lines, RATES, day, RULES, deductible_left_cents=left)


def round_day(day: date, *modifiers: str, units: int = 1) -> DayEstimate:
    return expected_payment([line(1, "97110", units, *modifiers)], ROUND, day, RULES)


def test_a_whole_day_by_hand() -> None:
    day = estimated(line(1, "97110", 2, "GP"), line(2, "97530", 1, "GP"), line(3, "97140", 1, "GP", "CQ"))
    # 97530 has the highest practice expense: 44.42 whole. 97110: 2 x 26.05 = 52.10. 97140: 23.71.
    assert [made.allowed_cents for made in day.lines] == [5210, 4442, 2371]
    # 80 %: 41.68; 35.536 = 35.54; 18.968 = 18.97. The patient: the rest.
    assert [made.patient_cents for made in day.lines] == [1042, 888, 474]
    # 97140 by an assistant: 0.85 x 18.97 = 16.1245 = 16.12.
    assert [made.settled.assistant_cut_cents for made in day.lines] == [0, 0, 285]
    # 0.98: 40.8464 = 40.85; 34.8292 = 34.83; 15.7976 = 15.80.
    assert [made.paid_cents for made in day.lines] == [4085, 3483, 1580]
    assert (day.paid_cents, day.patient_cents, day.allowed_cents) == (9148, 2404, 12023)


def test_geographic_indices_weigh_each_part_by_itself() -> None:
    made = rate_from_rvus("97530", Rvus(60, 70, 3), Gpci(1010, 950, 800), FACTOR, reducible=True)
    # 0.606 + 0.665 + 0.024 = 1.295 x 33.4009 = 43.2541655; reduced 0.9625 x 33.4009 = 32.14836625
    assert (made.full_cents, made.reduced_cents) == (4325, 3215)


def test_a_unit_alone_is_paid_whole_and_its_later_units_are_not() -> None:
    made = estimated(line(1, "97110", 3)).lines[0]
    assert (made.whole_units, made.reduced_units) == (1, 2)
    assert made.allowed_cents == 3106 + 2 * 2605
    assert made.reduction_cents == 2 * (3106 - 2605)


def test_the_whole_unit_belongs_to_the_day_across_disciplines_and_claims() -> None:
    therapy = BilledLine(1, "97110", 1, ("GP",), claim="A")
    occupational = BilledLine(1, "97530", 1, ("GO",), claim="B")
    day = expected_payment([therapy, occupational], RATES, MARCH, RULES)
    assert [made.allowed_cents for made in day.of_claim("A")] == [2605]
    assert [made.allowed_cents for made in day.of_claim("B")] == [4442]


def test_a_sometimes_therapy_code_neither_takes_the_whole_unit_nor_is_reduced() -> None:
    day = estimated(line(1, "98975", 2), line(2, "97140"))
    assert [made.allowed_cents for made in day.lines] == [2 * 3073, 2839]
    assert [made.reduced_units for made in day.lines] == [0, 0]


def test_equal_practice_expense_gives_the_whole_unit_to_the_higher_fee() -> None:
    rates = {"97112": rate("97112", 65, 30, 3), "97110": RATES["97110"]}
    assert first_unit([line(1, "97110"), line(2, "97112")], rates) == ("", 2)


def test_the_higher_practice_expense_goes_before_the_higher_fee() -> None:
    rates = {"97112": rate("97112", 20, 60, 3), "97110": rate("97110", 90, 30, 3)}
    assert rates["97112"].full_cents < rates["97110"].full_cents
    assert first_unit([line(1, "97110"), line(2, "97112")], rates) == ("", 2)
    assert first_unit([line(2, "97112"), line(1, "97110")], rates) == ("", 2)
    assert RATES["98975"].practice_expense == 0


def test_a_row_of_the_payment_file_and_relative_values_rank_alike() -> None:
    from_file = rate_from_payment_file("97535", 4442, 3273, indicator="5")  # the cents of 97530
    for lesser in ("97110", "97140"):
        assert from_file.practice_expense > RATES[lesser].practice_expense
    assert abs(from_file.practice_expense - RATES["97530"].practice_expense) <= 20_000_000  # two cents


def test_equal_in_both_gives_it_to_the_lower_line() -> None:
    assert first_unit([line(2, "97110"), line(1, "97110")], RATES) == ("", 1)
    assert first_unit([line(1, "98975")], RATES) is None


def test_a_lower_charge_is_what_is_allowed() -> None:
    assert estimated(line(1, "97530", charge=4441)).lines[0].allowed_cents == 4441
    assert estimated(line(1, "97530", charge=4442)).lines[0].allowed_cents == 4442
    assert estimated(line(1, "97530", charge=9000)).lines[0].allowed_cents == 4442


def test_the_deductible_is_used_up_line_by_line() -> None:
    day = estimated(line(1, "97140"), line(2, "97530"), left=3000)
    # 97140 reduced: 23.71, all of it deductible. 97530: 44.42 - 6.29 = 38.13; 80 % = 30.504 = 30.50; x 0.98 = 29.89.
    assert [made.settled.deductible_cents for made in day.lines] == [2371, 629]
    assert [made.paid_cents for made in day.lines] == [0, 2989]
    assert [made.patient_cents for made in day.lines] == [2371, 629 + 763]


@pytest.mark.parametrize(("day", "paid"), [(date(2021, 12, 31), 8000), (date(2022, 1, 1), 6800)])
@pytest.mark.parametrize("modifier", ["CQ", "CO"])
def test_an_assistant_costs_15_percent_of_the_payers_share_since_2022(day: date, paid: int, modifier: str) -> None:
    made = round_day(day, "GP", modifier)
    assert made.paid_cents == paid
    assert made.patient_cents == 2000  # 20 % of the amount that is not cut for the assistant


def test_an_assistants_service_brings_88_percent_in_all_without_sequestration() -> None:
    assert round_day(date(2022, 2, 1), "GP", "CQ").lines[0].total_cents == 8800


@pytest.mark.parametrize(
    ("day", "paid"),
    [
        (date(2020, 4, 30), 7840),
        (date(2020, 5, 1), 8000),
        (date(2022, 3, 31), 8000),
        (date(2022, 4, 1), 7920),
        (date(2022, 6, 30), 7920),
        (date(2022, 7, 1), 7840),
    ],
)
def test_sequestration_follows_the_date_of_service_and_spares_the_patient(day: date, paid: int) -> None:
    made = round_day(day, "GP")
    assert (made.paid_cents, made.patient_cents) == (paid, 2000)


def test_another_payer_pays_the_agreed_rate_whole() -> None:
    made = expected_payment([line(1, "97110", 3, "GP", "CQ")], ROUND, date(2026, 1, 5), RULES, terms=CONTRACT)
    assert (made.paid_cents, made.patient_cents) == (30000, 0)


def test_a_code_without_a_rate_is_left_out_and_said_so() -> None:
    day = estimated(line(1, "97010"), line(2, "97530"))
    assert not day.complete
    unpriced = day.lines[0]
    assert (unpriced.fee_cents, unpriced.scheduled_cents, unpriced.allowed_cents) == (0, 0, 0)
    assert unpriced.settled == Settled(0, 0, 0, 0, 0)
    assert [made.paid_cents for made in day.lines] == [0, 3483]
    assert estimated(line(1, "97530")).complete
    assert "no rate is known" in explain(day)[0].text


def test_the_reduction_column_reads_the_same_as_amount_taken_off_or_as_price_left() -> None:
    # Half of the practice expense is at most half of the fee: 44.00 - 11.10 = 32.90 either way.
    for column in (1110, 3290):
        made = rate_from_payment_file("97530", 4400, column, indicator="5")
        assert (made.reduced_cents, made.practice_expense) == (3290, 2 * 1110 * 10_000_000)
    assert rate_from_payment_file("97530", 4401, 2200, indicator="5").reduced_cents == 2201


def test_the_payment_file_decides_by_its_indicator() -> None:
    made = rate_from_payment_file("97129", 2700, 0, indicator="0")
    assert (made.reducible, made.reduced_cents) == (False, 2700)
    with pytest.raises(InputError, match=r"4401.*between 0 and the fee 4400"):
        rate_from_payment_file("97530", 4400, 4401, indicator="5")
    with pytest.raises(InputError):
        UnitRate("97530", 100, 101, 0, True, "impossible")


def test_every_step_is_told_in_order_with_a_source() -> None:
    day = expected_payment(
        [line(1, "97110", 2, "GP", "CQ", charge=5000)], RATES, MARCH, RULES, deductible_left_cents=1000
    )
    steps = explain(day)
    assert [(step.name, step.cents) for step in steps] == [
        ("rate", 6212),  # 2 x 31.06
        ("reduction", 5711),  # 31.06 + 26.05
        ("charge", 5000),
        ("deductible", 4000),
        ("share", 3200),
        ("assistant", 2720),
        ("sequestration", 2666),  # 27.20 x 0.98 = 26.656
        ("result", 2666),
    ]
    assert all(step.source for step in steps)
    assert [step.text for step in steps] == [
        "97110: 2 units at $31.06 make $62.12",
        "one unit, the day's highest practice expense, is paid whole; 1 unit with half of the practice expense, "
        "at $26.05: $57.11",
        "the charge of $50.00 is lower, so that is allowed",
        "the patient pays $10.00 of the year's deductible first",
        "of $40.00 the payer's share is 80 %, $32.00; the patient owes $8.00",
        "an assistant furnished it: the payer pays 85 % of its share, $27.20; the patient's part stays",
        "sequestration takes 2 % off that payment, $0.54",
        "expected: $26.66 from the payer and $18.00 from the patient",
    ]


def test_a_step_that_changes_nothing_is_not_told() -> None:
    names = [step.name for step in explain(round_day(date(2021, 1, 4), "GP", "CQ"))]
    assert names == ["rate", "share", "result"]


def test_one_unit_and_several_are_worded_so() -> None:
    assert explain(estimated(line(1, "97530")))[0].text == "97530: 1 unit at $44.42 make $44.42"
    assert "97530: 2 units" in explain(estimated(line(1, "97530", 2)))[0].text


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(LineTwice):
        estimated(line(1, "97110"), line(1, "97530"))
    with pytest.raises(BeforePaymentRules):
        estimated(line(1, "97110"), day=date(2013, 3, 31))
    assert estimated(line(1, "97110"), day=date(2013, 4, 1)).complete
    with pytest.raises(InputError):
        line(1, "97110", 0)
    with pytest.raises(InputError):
        line(1, "97110", charge=-1)
    with pytest.raises(InputError):
        estimated(line(1, "97110"), left=-1)


def test_a_deductible_larger_than_the_amount_leaves_nothing_to_pay() -> None:
    made = settle(5000, deductible_left_cents=9000, coinsurance_percent=20, assistant=True, basis_points=200)
    assert (made.deductible_cents, made.paid_cents, made.coinsurance_cents) == (5000, 0, 0)
