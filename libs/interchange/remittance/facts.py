"""A claim's answer in an 835 as the contract's event `remittance.received`: what a door makes of the file."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

from interchange.remittance.model import ClaimPayment, Payment
from therapy_domain.events.claim import Adjustment, RemittanceReceived
from therapy_domain.rulesets.denials import DenialCodes

Outcome = Literal["paid", "denied", "partial"]


def remittance_received(
    payment: Payment, claim: ClaimPayment, *, lines: Mapping[str, int], received_on: date, codes: DenialCodes
) -> RemittanceReceived:
    """The event about `claim.claim_control_number`.

    Remittances of a claim add up: a payment taken back comes as one of less than nothing, its correction behind it.
    The id is the payer's, the payment's and the claim's place in it: the same whatever file the payment comes in.

    Args:    lines: the numbers of our lines by their control numbers; adjustments of a line not in it are told
                 of the whole claim. received_on: the day the file came. codes: which reasons deny.
    """
    return RemittanceReceived(
        remittance_id=f"{payment.payer_number}:{payment.trace_number}:{claim.number:06d}",
        outcome=outcome(claim, codes),
        paid_cents=claim.paid_cents,
        adjustments=tuple(_adjustments(claim, lines)),
        received_on=received_on,
        notice_date=payment.produced_on or payment.paid_on,
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


def _adjustments(claim: ClaimPayment, lines: Mapping[str, int]) -> Iterator[Adjustment]:
    for adjustment in claim.adjustments:
        yield Adjustment(
            group=adjustment.group, carc=adjustment.reason, rarcs=claim.remarks, amount_cents=adjustment.cents
        )
    for line in claim.lines:
        for adjustment in line.adjustments:
            yield Adjustment(
                group=adjustment.group,
                carc=adjustment.reason,
                rarcs=(*line.remarks, *claim.remarks),
                amount_cents=adjustment.cents,
                line=lines.get(line.line_control_number),
            )
