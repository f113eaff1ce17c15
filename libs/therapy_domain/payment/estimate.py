"""From billed lines to what they should bring: reduction, charge, deductible, shares, assistants, sequestration."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from operator import attrgetter

from therapy_domain.errors import InputError
from therapy_domain.payment.errors import BeforePaymentRules, LineTwice
from therapy_domain.payment.model import (
    MEDICARE,
    BilledLine,
    DayEstimate,
    LineEstimate,
    Settled,
    Terms,
)
from therapy_domain.payment.money import half_up
from therapy_domain.payment.rates import UnitRate
from therapy_domain.payment.tables import sequestration
from therapy_domain.rulesets.release import Ruleset

HALF_EXPENSE_SINCE = date(2013, 4, 1)
"""First date of service on which later units lose half of their practice expense."""
ASSISTANT_SINCE = date(2022, 1, 1)
"""First date of service on which an assistant's services are paid at 85 %."""
ASSISTANT_PERCENT = 85

_KEY = attrgetter("claim", "line")


def expected_payment(
    lines: Iterable[BilledLine],
    rates: Mapping[str, UnitRate],
    day: date,
    rules: Ruleset,
    *,
    terms: Terms = MEDICARE,
    deductible_left_cents: int = 0,
) -> DayEstimate:
    """What one patient's day at one practice should bring.

    Each unit's rate is rounded to the cent; after that each line is settled on its own, and every step
    rounds what remains to the cent, a half upward, so that the cuts are differences and all cents add up.

    Args:    lines: all lines of the patient, the day and the practice, across disciplines and claims.
             rates: by code, for the day and the locality; a code without one is left unpriced.
             deductible_left_cents: what the patient still owes of the year's deductible; used up line by line.
    Raises:  LineTwice: two lines with one claim and number. BeforePaymentRules: a day before April 2013.
    Source:  CMS Pub. 100-04, chapter 5, sections 10.7, 20.1 and 30.1; SSA sections 1833(a)(1), 1833(b),
             1834(k)(1), 1834(v) and 1848(b)(7).
    """
    if deductible_left_cents < 0:
        raise InputError("deductible_left_cents", deductible_left_cents, "0 or more")
    if terms.reduction and day < HALF_EXPENSE_SINCE:
        raise BeforePaymentRules(day, since=HALF_EXPENSE_SINCE)
    ordered = _ordered(lines)
    first = first_unit(ordered, rates) if terms.reduction else None
    period = sequestration(day, rules) if terms.sequestration else None
    cut = terms.assistant and day >= ASSISTANT_SINCE
    left, made = deductible_left_cents, []
    for line in ordered:
        whole = _whole_units(line, rates.get(line.code), first, terms)
        estimate = _line(line, rates.get(line.code), whole, left, terms, cut, period.basis_points if period else 0)
        left -= estimate.settled.deductible_cents
        made.append(estimate)
    return DayEstimate(day, terms, cut, period, tuple(made))


def first_unit(lines: Iterable[BilledLine], rates: Mapping[str, UnitRate]) -> tuple[str, int] | None:
    """The line that holds the day's one whole unit among the always-therapy units.

    Returns: its claim and number; None where no line is under the reduction.
    Source:  CMS Pub. 100-04, chapter 5, section 10.7: highest practice expense, then highest total fee. What
             is equal in both goes to the lowest claim and line number (ours; it changes no sum of fees).
    """
    best: tuple[int, int] | None = None
    holder: tuple[str, int] | None = None
    for line in lines:
        rate = rates.get(line.code)
        if rate is None or not rate.reducible:
            continue
        rank = (rate.practice_expense, rate.full_cents)
        if best is None or holder is None or rank > best or (rank == best and line.key < holder):
            best, holder = rank, line.key
    return holder


def settle(
    allowed_cents: int, *, deductible_left_cents: int, coinsurance_percent: int, assistant: bool, basis_points: int
) -> Settled:
    """An allowed amount divided between patient, payer and the payer's cuts, in the order of the law.

    Source:  SSA section 1833(b) (deductible), 1833(a)(1) (80 %), 1834(v)(1) (85 % of it); 2 U.S.C. 901a.

    >>> parts = settle(10000, deductible_left_cents=0, coinsurance_percent=20, assistant=True, basis_points=200)
    >>> parts.coinsurance_cents, parts.assistant_cut_cents, parts.sequestration_cut_cents, parts.paid_cents
    (2000, 1200, 136, 6664)
    """
    deductible = min(allowed_cents, deductible_left_cents)
    after_deductible = allowed_cents - deductible
    share = half_up(after_deductible * (100 - coinsurance_percent), 100)
    after_assistant = half_up(share * ASSISTANT_PERCENT, 100) if assistant else share
    paid = half_up(after_assistant * (10_000 - basis_points), 10_000) if basis_points else after_assistant
    return Settled(
        deductible_cents=deductible,
        coinsurance_cents=after_deductible - share,
        assistant_cut_cents=share - after_assistant,
        sequestration_cut_cents=after_assistant - paid,
        paid_cents=paid,
    )


def _ordered(lines: Iterable[BilledLine]) -> list[BilledLine]:
    ordered = sorted(lines, key=_KEY)
    for before, after in pairwise(ordered):
        if before.key == after.key:
            raise LineTwice(after.claim, after.line)
    return ordered


def _whole_units(line: BilledLine, rate: UnitRate | None, first: tuple[str, int] | None, terms: Terms) -> int:
    if rate is None or not rate.reducible or not terms.reduction:
        return line.units
    return 1 if line.key == first else 0


def _line(
    line: BilledLine, rate: UnitRate | None, whole: int, left: int, terms: Terms, cut: bool, basis_points: int
) -> LineEstimate:
    reduced = line.units - whole
    if rate is None:
        return LineEstimate(line, None, whole, reduced, 0, 0, 0, Settled(0, 0, 0, 0, 0))
    scheduled = whole * rate.full_cents + reduced * rate.reduced_cents
    allowed = scheduled if line.charge_cents is None else min(scheduled, line.charge_cents)
    settled = settle(
        allowed,
        deductible_left_cents=left,
        coinsurance_percent=terms.coinsurance_percent,
        assistant=cut and line.by_assistant,
        basis_points=basis_points,
    )
    return LineEstimate(line, rate, whole, reduced, line.units * rate.full_cents, scheduled, allowed, settled)
