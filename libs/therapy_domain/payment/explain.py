"""An estimate in plain words: every step that changed an amount, with its source."""

from dataclasses import dataclass

from therapy_domain.payment.model import DayEstimate, LineEstimate
from therapy_domain.payment.money import dollars


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one line."""

    claim: str
    line: int
    name: str
    """rate, reduction, charge, deductible, share, assistant, sequestration, result, or unpriced."""
    cents: int
    """What stands after the step."""
    text: str
    source: str


REDUCTION = "CMS Pub. 100-04, chapter 5, section 10.7; SSA section 1848(b)(7)"
CHARGE = "CMS Pub. 100-04, chapter 5, section 30.1; SSA section 1834(k)(1)(B)"
DEDUCTIBLE = "SSA section 1833(b)"
ASSISTANT = "SSA section 1834(v)(1); CMS Pub. 100-04, chapter 5, section 20.1; 86 FR 64996"


def explain(estimate: DayEstimate) -> tuple[Step, ...]:
    """Every step of every line, in the order in which the law takes them."""
    return tuple(step for line in estimate.lines for step in explain_line(line, estimate))


def explain_line(line: LineEstimate, estimate: DayEstimate) -> tuple[Step, ...]:
    """The steps of one line; a step that does not touch the line is left out."""
    steps = _allowed(line)
    if line.rate is None:
        return steps
    parts, after = line.settled, line.allowed_cents
    if parts.deductible_cents:
        after -= parts.deductible_cents
        text = f"the patient pays {dollars(parts.deductible_cents)} of the year's deductible first"
        steps += (_step(line, "deductible", after, text, DEDUCTIBLE),)
    percent, share = estimate.terms.coinsurance_percent, after - parts.coinsurance_cents
    text = (
        f"of {dollars(after)} the payer's share is {100 - percent} %, {dollars(share)}; "
        f"the patient owes {dollars(parts.coinsurance_cents)}"
    )
    steps += (_step(line, "share", share, text, estimate.terms.source),)
    if estimate.assistants_cut and line.billed.by_assistant:
        share -= parts.assistant_cut_cents
        text = (
            f"an assistant furnished it: the payer pays 85 % of its share, {dollars(share)}; the patient's part stays"
        )
        steps += (_step(line, "assistant", share, text, ASSISTANT),)
    if estimate.sequestration and estimate.sequestration.basis_points:
        percent_off = f"{estimate.sequestration.basis_points / 100:g} %"
        text = f"sequestration takes {percent_off} off that payment, {dollars(parts.sequestration_cut_cents)}"
        steps += (_step(line, "sequestration", line.paid_cents, text, estimate.sequestration.source),)
    text = f"expected: {dollars(line.paid_cents)} from the payer and {dollars(line.patient_cents)} from the patient"
    return (*steps, _step(line, "result", line.paid_cents, text, estimate.terms.source))


def _allowed(line: LineEstimate) -> tuple[Step, ...]:
    billed, rate = line.billed, line.rate
    if rate is None:
        text = f"{billed.code}: no rate is known for the day and the locality, so the line is left out of the sums"
        return (_step(line, "unpriced", 0, text, "CMS physician fee schedule files of the year"),)
    text = f"{billed.code}: {_units(billed.units)} at {dollars(rate.full_cents)} make {dollars(line.fee_cents)}"
    steps = [_step(line, "rate", line.fee_cents, text, rate.source)]
    if rate.reducible and line.reduced_units:
        whole = "one unit, the day's highest practice expense, is paid whole; " if line.whole_units else ""
        text = (
            f"{whole}{_units(line.reduced_units)} with half of the practice expense, at {dollars(rate.reduced_cents)}: "
            f"{dollars(line.scheduled_cents)}"
        )
        steps.append(_step(line, "reduction", line.scheduled_cents, text, REDUCTION))
    if line.allowed_cents < line.scheduled_cents:
        text = f"the charge of {dollars(line.allowed_cents)} is lower, so that is allowed"
        steps.append(_step(line, "charge", line.allowed_cents, text, CHARGE))
    return tuple(steps)


def _units(count: int) -> str:
    return f"{count} unit{'' if count == 1 else 's'}"


def _step(line: LineEstimate, name: str, cents: int, text: str, source: str) -> Step:
    return Step(line.billed.claim, line.billed.line, name, cents, text, source)
