"""The three sums of an 835 that must come out to the cent: of a line, of a claim, of a payment.

Source:  005010X221A1, section 1.10.2.1: charge - adjustments = paid; paid claims - provider adjustments = payment.
"""

import re
from collections.abc import Iterable
from typing import Literal

from interchange.remittance.model import Adjustment, ClaimPayment, ServicePayment
from interchange.x12.errors import X12Error
from interchange.x12.values import amount_text

Level = Literal["line", "claim", "payment"]
_is_ours = re.compile(r"C[0-9A-HJKMNP-TV-Z]{16}", re.ASCII).fullmatch


class OutOfBalance(X12Error):
    """A sum of an 835 does not come out: the whole file is refused. Amounts in cents."""

    code = "out-of-balance"

    def __init__(
        self,
        level: Level,
        *,
        about: str,
        line: int | None = None,
        from_cents: int,
        taken_cents: int,
        paid_cents: int,
        segment: int,
        tag: str,
    ) -> None:
        self.level, self.about, self.line = level, about, line
        """`about`: our claim number, or the payment's trace number; the sentence tells it only where it is of our form,
        since others number their patients by name. `line`: from 1 in the claim as the file has it."""
        self.from_cents, self.taken_cents, self.paid_cents = from_cents, taken_cents, paid_cents
        self.off_cents = from_cents - taken_cents - paid_cents
        start, taken, paid, off = map(amount_text, (from_cents, taken_cents, paid_cents, self.off_cents))
        of = (f" {about}" if _is_ours(about) else "") + (f", line {line}," if line else "")
        words = "claims' payments" if level == "payment" else "charge"
        super().__init__(
            f"{level}{of} does not balance: {words} {start} - adjustments {taken} - paid {paid} = {off}; expected 0",
            segment=segment,
            tag=tag,
        )


def taken(adjustments: Iterable[Adjustment]) -> int:
    """What adjustments take off together [cents]."""
    return sum(adjustment.cents for adjustment in adjustments)


def check_line(claim: str, number: int, line: ServicePayment, segment: int) -> None:
    """A line's charge - its adjustments = its payment.

    Raises:  OutOfBalance.
    """
    off = taken(line.adjustments)
    if line.charge_cents - off != line.paid_cents:
        raise OutOfBalance(
            "line",
            about=claim,
            line=number,
            from_cents=line.charge_cents,
            taken_cents=off,
            paid_cents=line.paid_cents,
            segment=segment,
            tag="SVC",
        )


def check_claim(claim: ClaimPayment) -> None:
    """A claim's charge - its adjustments and those of its lines = its payment.

    Raises:  OutOfBalance.
    """
    off = taken(claim.all_adjustments)
    if claim.charge_cents - off != claim.paid_cents:
        raise OutOfBalance(
            "claim",
            about=claim.claim_control_number,
            from_cents=claim.charge_cents,
            taken_cents=off,
            paid_cents=claim.paid_cents,
            segment=claim.segment,
            tag="CLP",
        )


def check_payment(trace_number: str, claims_cents: int, adjusted_cents: int, paid_cents: int, segment: int) -> None:
    """What the claims are paid - provider adjustments = the payment.

    Raises:  OutOfBalance.
    """
    if claims_cents - adjusted_cents != paid_cents:
        raise OutOfBalance(
            "payment",
            about=trace_number,
            from_cents=claims_cents,
            taken_cents=adjusted_cents,
            paid_cents=paid_cents,
            segment=segment,
            tag="BPR",
        )
