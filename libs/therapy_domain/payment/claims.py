"""What assessed claims should bring, line by line with every step in words, and what a payment differs by. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from therapy_domain.events.claim import ClaimLine
from therapy_domain.payment.errors import BeforePaymentRules
from therapy_domain.payment.estimate import expected_payment
from therapy_domain.payment.explain import Step, explain_line
from therapy_domain.payment.model import MEDICARE, BilledLine, DayEstimate, LineEstimate
from therapy_domain.payment.schedule import NoRates, rates
from therapy_domain.payment.variance import PayerAdjustment, Variance, variance
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.rulesets.release import Ruleset


@dataclass(frozen=True, slots=True)
class ClaimOfDay:
    """One claim of a patient's day, as it would be billed."""

    claim_id: str
    lines: tuple[ClaimLine, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a patient's day should bring from one payer; without an estimate, why there is none."""

    estimate: DayEstimate | None
    reason: str | None = None

    def lines(self, claim_id: str) -> tuple[LineEstimate, ...]:
        """The lines of one claim."""
        return self.estimate.of_claim(claim_id) if self.estimate is not None else ()

    def cents(self, claim_id: str) -> int | None:
        """What the payer should pay for a claim [cents]; None where not every line of it can be priced."""
        lines = self.lines(claim_id)
        if self.estimate is None or any(line.rate is None for line in lines):
            return None
        return sum(line.paid_cents for line in lines)

    def patient_cents(self, claim_id: str) -> int | None:
        """What the patient owes of it [cents]."""
        lines = self.lines(claim_id)
        if self.estimate is None or any(line.rate is None for line in lines):
            return None
        return sum(line.patient_cents for line in lines)

    def explained(self, claim_id: str) -> tuple[Step, ...]:
        """Every step of every line of a claim."""
        if self.estimate is None:
            return ()
        return tuple(step for line in self.lines(claim_id) for step in explain_line(line, self.estimate))

    def against(self, claim_id: str, paid_cents: int, adjustments: Sequence[PayerAdjustment]) -> Variance | None:
        """What a remittance for a claim differs by, and the likeliest reason; None without an estimate."""
        lines = self.lines(claim_id)
        if self.estimate is None or not lines:
            return None
        return variance(lines, self.estimate, paid_cents, adjustments=adjustments)


def expect(
    claims: Iterable[ClaimOfDay],
    policy: PayerPolicy | None,
    day: date,
    state: str | None,
    rules: Ruleset,
    *,
    deductible_left_cents: int = 0,
) -> Expected:
    """What the claims of one patient, practice, payer and day should bring.

    Args:    claims: all of them, across disciplines: the reduction of later units spans the day.
             policy: the payer's. Only Medicare's fee schedule is known; what other payers agreed to is not.
             state: of the practice, two letters (see `schedule.rates`).
             deductible_left_cents: what the patient still owes of the year's; 0 = met, which nobody may know.
    Source:  as `estimate.expected_payment`.
    """
    if policy is None:
        return Expected(None, "the payer is unknown")
    if not policy.medicare_like:
        return Expected(None, f"no rates of {policy.name} are known, only Medicare's fee schedule")
    known = rates(rules, day, state)
    if isinstance(known, NoRates):
        return Expected(None, known.reason)
    lines = [
        BilledLine(line.line, line.code, line.units, line.modifiers, line.charge_cents, claim.claim_id)
        for claim in claims
        for line in claim.lines
    ]
    try:
        made = expected_payment(lines, known, day, rules, terms=MEDICARE, deductible_left_cents=deductible_left_cents)
    except BeforePaymentRules as error:
        return Expected(None, str(error))
    return Expected(made)
