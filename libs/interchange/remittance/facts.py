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

    Args:    lines: the numbers of our lines by their control numbers; adjustments of a line not in it are told
                 of the whole claim. received_on: the day the file came. codes: which reasons deny.
    """
    return RemittanceReceived(
        remittance_id=f"{payment.payer_number}:{payment.trace_number}:{payment.control_number}:{claim.segment:07d}",
        outcome=outcome(claim, codes),
        paid_cents=claim.paid_cents,
        adjustments=tuple(_adjustments(claim, lines)),
        received_on=received_on,
        notice_date=payment.produced_on or payment.paid_on,
    )


def outcome(claim: ClaimPayment, codes: DenialCodes) -> Outcome:
    """denied: nothing is paid for, or what was paid is taken back; partial: some of it is; paid: no reason denies."""
    if claim.is_reversal:
        return "denied"
    denied = [one for one in claim.all_adjustments if one.cents > 0 and codes.carc(one.reason).denial]
    if not denied:
        return "denied" if claim.status == "4" else "paid"
    refused = sum(adjustment.cents for adjustment in denied)
    return "denied" if claim.status == "4" or refused >= claim.charge_cents else "partial"


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
