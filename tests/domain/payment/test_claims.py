"""What assessed claims should bring: line by line, over the patient's whole day, or not known and why."""

from dataclasses import dataclass
from datetime import date

import pytest

from support.made_release import with_table
from therapy_domain.events.claim import ClaimLine
from therapy_domain.payment.claims import ClaimOfDay, Expected, expect
from therapy_domain.rulesets.payers import shipped
from therapy_domain.rulesets.release import load

MARCH = date(2026, 3, 2)
FEES = (
    "carrier,locality,code,fee_cents,reduction_cents,status,indicator\n"
    "15202,00,97112,5000,1000,A,5\n15202,00,97530,6000,2000,A,5\n"
)
RULES = with_table("fees", FEES, date(2026, 1, 1), date(2026, 12, 31))
MEDICARE, COMMERCIAL = shipped(RULES)["medicare"], shipped(RULES)["commercial-cms"]


@dataclass(frozen=True)
class Taken:
    group: str
    carc: str
    amount_cents: int
    line: int | None = None


def line(number: int, code: str, units: int = 1, *modifiers: str, charge: int | None = 20_000) -> ClaimLine:
    return ClaimLine(line=number, code=code, minutes=15, units=units, modifiers=modifiers, charge_cents=charge)


def of(*claims: ClaimOfDay) -> Expected:
    return expect(claims, MEDICARE, MARCH, "OH", RULES)


def test_a_claims_lines_are_settled_one_by_one() -> None:
    made = of(ClaimOfDay("C1", (line(1, "97112", 2, "GP"), line(2, "97530", 1, "GP"))))
    # 97530 has the day's highest practice expense: 60.00 whole; 97112 twice 40.00. 80 %: 64.00, 48.00. x 0.98.
    assert [each.allowed_cents for each in made.lines("C1")] == [8000, 6000]
    assert [each.paid_cents for each in made.lines("C1")] == [6272, 4704]
    assert (made.cents("C1"), made.patient_cents("C1")) == (10976, 2800)


def test_every_step_is_told() -> None:
    made = of(ClaimOfDay("C1", (line(1, "97112", 2, "GP", "CQ"),)))
    names = [step.name for step in made.explained("C1")]
    assert names == ["rate", "reduction", "share", "assistant", "sequestration", "result"]
    assert all(step.source for step in made.explained("C1"))


def test_the_patients_other_lines_of_the_day_count_for_the_reduction() -> None:
    alone = of(ClaimOfDay("C1", (line(1, "97112"),)))
    beside = of(ClaimOfDay("C1", (line(1, "97112"),)), ClaimOfDay("C2", (line(1, "97530", 1, "GO"),)))
    assert (alone.cents("C1"), beside.cents("C1")) == (3920, 3136)
    assert beside.cents("C2") == 4704


def test_the_lower_charge_is_allowed() -> None:
    assert of(ClaimOfDay("C1", (line(1, "97112", charge=3000),))).cents("C1") == 2352


def test_a_line_without_a_rate_leaves_the_claim_without_an_estimate_and_says_so() -> None:
    made = of(ClaimOfDay("C1", (line(1, "97112"), line(2, "97116"))), ClaimOfDay("C2", (line(1, "97530"),)))
    assert made.cents("C1") is None
    assert made.patient_cents("C1") is None
    assert any(step.name == "unpriced" for step in made.explained("C1"))
    assert made.cents("C2") is not None


@pytest.mark.parametrize(
    ("policy", "day", "told"),
    [
        (None, MARCH, "the payer is unknown"),
        (COMMERCIAL, MARCH, "only Medicare's fee schedule"),
        (MEDICARE, date(2025, 3, 2), "no fee table is held for 2025-03-02"),
    ],
)
def test_where_nothing_is_known_to_be_paid_there_is_no_estimate(policy: object, day: date, told: str) -> None:
    made = expect([ClaimOfDay("C1", (line(1, "97112"),))], policy, day, "OH", RULES)  # type: ignore[arg-type]  # only what is asked
    assert made.estimate is None
    assert told in str(made.reason)
    assert (made.cents("C1"), made.lines("C1"), made.explained("C1"), made.against("C1", 0, ())) == (None, (), (), None)


def test_no_table_no_price() -> None:
    assert expect([ClaimOfDay("C1", (line(1, "97112"),))], MEDICARE, MARCH, "OH", load()).cents("C1") is None


def test_a_remittance_is_compared_with_what_was_expected() -> None:
    made = of(ClaimOfDay("C1", (line(1, "97112"), line(2, "97530"))))
    expected = made.cents("C1")
    assert expected == 3136 + 4704
    as_expected = made.against("C1", expected, [Taken("CO", "45", 26_000), Taken("PR", "2", 2000)])
    assert as_expected is not None
    assert (as_expected.difference_cents, as_expected.reasons) == (0, ())
    unreduced = made.against("C1", 3920 + 4704, ())
    assert unreduced is not None
    assert unreduced.reasons == ("multiple-procedure",)
    denied = made.against("C1", 0, [Taken("CO", "50", 40_000)])
    assert denied is not None
    assert denied.reasons == ("denial",)


def test_a_deductible_that_is_left_is_the_patients_first() -> None:
    claim = [ClaimOfDay("C1", (line(1, "97112"),))]
    made = expect(claim, MEDICARE, MARCH, "OH", RULES, deductible_left_cents=1000)
    assert made.patient_cents("C1") == 1000 + 800
    assert made.cents("C1") == 3136
