"""A claim's answer in an 835 as the contract's event `remittance.received`: what a door makes of the file."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

from interchange.remittance.model import ClaimPayment, Payment, ServicePayment
from therapy_domain.events.claim import Adjustment, PaidLine, PaymentReference, RemittanceReceived
from therapy_domain.rulesets.denials import DenialCodes

Outcome = Literal["paid", "denied", "partial"]


_service_code = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}", re.ASCII).fullmatch


def remittance_received(
    payment: Payment,
    claim: ClaimPayment,
    *,
    lines: Mapping[int, int],
    received_on: date,
    codes: DenialCodes,
    submission: int | None = None,
) -> RemittanceReceived:
    """The event about `claim.claim_control_number`.

    Remittances of a claim add up: a payment taken back comes as one of less than nothing, its correction behind it.
    The id is the payer's, the payment's and the claim's place in it: the same whatever file the payment comes in.

    Args:    lines: the numbers of our lines by their place in the answer, from 0; adjustments of a line not in it are
                 told of the whole claim. received_on: the day the file came. codes: which reasons deny.
             submission: which of ours is answered, where that is known.
    """
    return RemittanceReceived(
        remittance_id=f"{payment.payer_number}:{payment.trace_number}:{claim.number:06d}",
        outcome=outcome(claim, codes),
        paid_cents=claim.paid_cents,
        adjustments=tuple(_adjustments(claim, lines)),
        received_on=received_on,
        notice_date=payment.produced_on or payment.paid_on,
        claim_status=claim.status,
        payer_claim_number=claim.payer_claim_number or None,
        submission=submission,
        charge_cents=claim.charge_cents,
        patient_cents=claim.patient_cents,
        paid_lines=tuple(_paid_line(line, lines.get(place)) for place, line in enumerate(claim.lines)) or None,
        payment=PaymentReference(
            payer=payment.payer.name,
            payer_number=payment.payer_number,
            trace_number=payment.trace_number,
            paid_on=payment.paid_on,
            method=payment.method,
        ),
    )


def _paid_line(line: ServicePayment, number: int | None) -> PaidLine:
    code = (line.submitted or line.procedure).code
    return PaidLine(
        line=number,
        code=code if _service_code(code) else None,
        charge_cents=line.charge_cents,
        paid_cents=line.paid_cents,
        allowed_cents=line.allowed_cents,
    )


def outcome(claim: ClaimPayment, codes: DenialCodes) -> Outcome:
    """paid: no reason denies. denied: one does, and nothing is left for payer or patient to pay; or a former payment
    is taken back. partial: one does, and something is left."""
    if claim.is_reversal:
        return "denied"
    taken = [one for one in claim.all_adjustments if one.cents > 0]
    if not any(codes.carc(one.reason).denial for one in taken):
        return "denied" if claim.status == "4" else "paid"
    from_patient = sum(one.cents for one in taken if one.group == "PR" and not codes.carc(one.reason).denial)
    return "partial" if claim.paid_cents + from_patient > 0 else "denied"


def _adjustments(claim: ClaimPayment, lines: Mapping[int, int]) -> Iterator[Adjustment]:
    for adjustment in claim.adjustments:
        yield Adjustment(
            group=adjustment.group, carc=adjustment.reason, rarcs=claim.remarks, amount_cents=adjustment.cents
        )
    for place, line in enumerate(claim.lines):
        for adjustment in line.adjustments:
            yield Adjustment(
                group=adjustment.group,
                carc=adjustment.reason,
                rarcs=(*line.remarks, *claim.remarks),
                amount_cents=adjustment.cents,
                line=lines.get(place),
            )
