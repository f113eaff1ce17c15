"""A ruling made into the claim payments of an 835: every cent of the charge is paid or has its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from interchange.professional import ProfessionalClaim, ServiceLine
from interchange.remittance.model import REVERSAL, Adjustment, ClaimPayment, Procedure, ServicePayment
from interchange.simulated_payer.rulings import CutUnits, Denial, Deny, Pay, Ruling, Split

_CONTRACT, _DEDUCTIBLE, _COINSURANCE, _SEQUESTRATION = "45", "1", "2", "253"
_FILING_INDICATORS = {"CI": "15", "BL": "12", "FI": "OF"}
"""Kinds of coverage that an 835 has other codes for than an 837."""
_APPEAL_RIGHT, _SEPARATED = "MA01", "MA15"


@dataclass(frozen=True, slots=True)
class Received:
    """When the payer got a claim, and the number it gave it."""

    payer_claim_number: str
    on: date


def adjudicate(claim: ProfessionalClaim, ruling: Ruling, received: Received) -> tuple[ClaimPayment, ...]:
    """The answers to a claim: one; of a split claim two. Each balances."""
    numbered = list(enumerate(claim.lines, start=1))
    match ruling:
        case Split(first_lines=count, pay=pay):
            parts = (numbered[:count], numbered[count:])
            return tuple(
                replace(
                    _answer(claim, part, pay, received), payer_claim_number=f"{received.payer_claim_number}{number}"
                )
                for number, part in enumerate(parts, start=1)
            )
        case _:
            return (_answer(claim, numbered, ruling, received),)


def reverse(former: ClaimPayment) -> ClaimPayment:
    """The taking back of a former answer: every amount with its sign turned."""
    return replace(
        former,
        status=REVERSAL,
        charge_cents=-former.charge_cents,
        paid_cents=-former.paid_cents,
        patient_cents=None,
        adjustments=_turned(former.adjustments),
        lines=tuple(_reversed(line) for line in former.lines),
        remarks=(),
        original_number=former.payer_claim_number,
    )


def correct(
    former: ClaimPayment, claim: ProfessionalClaim, ruling: Ruling, received: Received
) -> tuple[ClaimPayment, ...]:
    """A former answer taken back, and the new one behind it, as payers send corrections."""
    return (reverse(former), *adjudicate(claim, ruling, received))


def _reversed(line: ServicePayment) -> ServicePayment:
    return replace(
        line,
        charge_cents=-line.charge_cents,
        paid_cents=-line.paid_cents,
        adjustments=_turned(line.adjustments),
        allowed_cents=None,
        remarks=(),
    )


def _turned(adjustments: Sequence[Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(adjustment._replace(cents=-adjustment.cents) for adjustment in adjustments)


def _answer(
    claim: ProfessionalClaim, lines: Sequence[tuple[int, ServiceLine]], ruling: Ruling, received: Received
) -> ClaimPayment:
    left = _deductible(ruling)
    answered: list[ServicePayment] = []
    for number, line in lines:
        made = _line(number, line, ruling, left)
        left -= sum(adjustment.cents for adjustment in made.adjustments if adjustment.reason == _DEDUCTIBLE)
        answered.append(made)
    denied = isinstance(ruling, Deny) and not ruling.lines
    patient = sum(one.cents for line in answered for one in line.adjustments if one.group == "PR")
    return ClaimPayment(
        claim_control_number=claim.claim_id,
        status="4" if denied else "1",
        charge_cents=sum(line.charge_cents for line in answered),
        paid_cents=sum(line.paid_cents for line in answered),
        patient_cents=patient,
        filing_indicator=_FILING_INDICATORS.get(claim.subscriber.coverage.value, claim.subscriber.coverage.value),
        payer_claim_number=received.payer_claim_number,
        place_of_service=claim.place_of_service,
        frequency=claim.frequency.value,
        lines=tuple(answered),
        remarks=_claim_remarks(ruling),
        received_on=received.on,
        service_days=(min(line.service_date for _, line in lines), max(line.service_date for _, line in lines)),
        patient=claim.subscriber,
    )


def _deductible(ruling: Ruling) -> int:
    return ruling.deductible_cents if isinstance(ruling, Pay) else 0


def _claim_remarks(ruling: Ruling) -> tuple[str, ...]:
    """Remarks of the whole claim are those that begin with MA; MA130 takes the appeal right away."""
    match ruling:
        case Deny(denial=denial):
            own = tuple(remark for remark in denial.remarks if remark.startswith("MA"))
            return own or (_APPEAL_RIGHT,)
        case Split():
            return (_SEPARATED,)
        case _:
            return (_APPEAL_RIGHT,)


def _line(number: int, line: ServiceLine, ruling: Ruling, deductible: int) -> ServicePayment:
    match ruling:
        case Pay():
            return _paid(line, ruling, deductible)
        case Deny(denial=denial, lines=lines) if not lines or number in lines:
            return _denied(line, denial)
        case CutUnits(line=cut, paid_units=units, denial=denial, others=pay) if number == cut:
            return _cut(line, units, denial, pay)
        case Deny(others=pay) | CutUnits(others=pay):
            return _paid(line, pay, deductible)
        case Split():
            return _paid(line, ruling.pay, deductible)


def _service(line: ServiceLine, paid: int, units: int, adjustments: Sequence[Adjustment]) -> ServicePayment:
    return ServicePayment(
        procedure=Procedure("HC", line.code, line.modifiers),
        charge_cents=line.charge_cents,
        paid_cents=paid,
        units=Decimal(units),
        submitted_units=None if units == line.units else Decimal(line.units),
        service_days=(line.service_date, line.service_date),
        line_control_number=line.control_number,
        adjustments=tuple(adjustment for adjustment in adjustments if adjustment.cents),
    )


def _paid(line: ServiceLine, pay: Pay, deductible: int, units: int | None = None) -> ServicePayment:
    units = line.units if units is None else units
    share = line.charge_cents * units // line.units
    allowed = share * pay.allowed_percent // 100
    from_patient = min(deductible, allowed)
    coinsurance = (allowed - from_patient) * pay.coinsurance_percent // 100
    sequestered = (allowed - from_patient - coinsurance) * pay.sequestration_percent // 100
    taken = (
        Adjustment("CO", _CONTRACT, share - allowed),
        Adjustment("CO", _SEQUESTRATION, sequestered),
        Adjustment("PR", _DEDUCTIBLE, from_patient),
        Adjustment("PR", _COINSURANCE, coinsurance),
    )
    paid = allowed - from_patient - coinsurance - sequestered
    return replace(_service(line, paid, units, taken), allowed_cents=allowed)


def _cut(line: ServiceLine, units: int, denial: Denial, pay: Pay) -> ServicePayment:
    paid = _paid(line, pay, 0, units)
    refused = line.charge_cents - line.charge_cents * units // line.units
    cut = Adjustment(denial.group, denial.reason, refused, Decimal(line.units - units))
    adjustments = (cut, *paid.adjustments) if refused else paid.adjustments
    return replace(paid, adjustments=adjustments, remarks=_line_remarks(denial))


def _denied(line: ServiceLine, denial: Denial) -> ServicePayment:
    made = _service(line, 0, 0, (Adjustment(denial.group, denial.reason, line.charge_cents),))
    return replace(made, submitted_units=Decimal(line.units), remarks=_line_remarks(denial))


def _line_remarks(denial: Denial) -> tuple[str, ...]:
    return tuple(remark for remark in denial.remarks if not remark.startswith("MA"))
