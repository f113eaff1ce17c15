"""A claim's money as its payer's answers leave it, by line: pure.

What was paid, taken back and paid anew adds up to what stands.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from claim_validation.submissions import Sent
from therapy_domain.events.claim import Adjustment, ClaimAdjudicated, ClaimAssessed, PaidLine

PATIENT = "PR"
"""The group of what the patient owes."""
_Reason = tuple[str, str]


@dataclass(slots=True)
class LineMoney:
    """One line, or what belongs to no line."""

    line: int | None
    code: str | None = None
    charge_cents: int | None = None
    allowed_cents: int | None = None
    """As the payer told last."""
    paid_cents: int | None = None
    """None where an answer does not tell its lines apart."""
    reasons: dict[_Reason, int] = field(default_factory=lambda: defaultdict(int))
    """What was taken off, by group and reason [cents]."""
    remarks: dict[_Reason, tuple[str, ...]] = field(default_factory=dict)

    @property
    def patient_cents(self) -> int:
        """What the patient owes of it."""
        return sum(cents for (group, _), cents in self.reasons.items() if group == PATIENT)

    def pay(self, paid: PaidLine, *, reversal: bool) -> None:
        """One more payment, or one taken back."""
        self.paid_cents = (self.paid_cents or 0) + paid.paid_cents
        if not reversal:
            self.allowed_cents = paid.allowed_cents

    def take_off(self, adjustment: Adjustment, *, reversal: bool) -> None:
        """One more adjustment, or one taken back."""
        reason = adjustment.group, adjustment.carc
        self.reasons[reason] += adjustment.amount_cents
        if not reversal:
            self.remarks[reason] = adjustment.rarcs

    def as_json(self) -> dict[str, Any]:
        """As `claims --json` shows it."""
        return {
            "line": self.line,
            "code": self.code,
            "charge_cents": self.charge_cents,
            "allowed_cents": self.allowed_cents,
            "paid_cents": self.paid_cents,
            "patient_cents": self.patient_cents,
            "adjustments": [
                {"group": group, "carc": carc, "rarcs": list(self.remarks.get((group, carc), ())), "amount_cents": off}
                for (group, carc), off in sorted(self.reasons.items())
                if off
            ],
        }


def money(assessed: ClaimAssessed, answers: Sequence[ClaimAdjudicated], sent: Sequence[Sent]) -> dict[str, Any] | None:
    """What the payer's answers come to; None while there is none.

    Args:    answers: in the order in which they count.
    """
    if not answers:
        return None
    lines = {line.line: line for line in _billed(assessed, sent)}
    for answer in answers:
        reversal = answer.is_reversal
        for paid in answer.paid_lines or ():
            of_line = lines.setdefault(paid.line, LineMoney(paid.line, paid.code, paid.charge_cents))
            of_line.pay(paid, reversal=reversal)
        for adjustment in answer.adjustments:
            lines.setdefault(adjustment.line, LineMoney(adjustment.line)).take_off(adjustment, reversal=reversal)
    if any(answer.paid_lines is None for answer in answers):
        for each in lines.values():
            each.paid_cents = None
    return {
        "paid_cents": sum(answer.paid_cents for answer in answers),
        "patient_cents": sum(line.patient_cents for line in lines.values()),
        "adjusted_cents": _by_group(lines.values()),
        "lines": [lines[number].as_json() for number in sorted(lines, key=lambda each: (each is None, each or 0))],
    }


def _billed(assessed: ClaimAssessed, sent: Sequence[Sent]) -> Iterator[LineMoney]:
    """The lines as they were sent last, else as they would be."""
    for line in sent[-1].event.lines if sent else assessed.lines:
        yield LineMoney(line.line, line.code, line.charge_cents, paid_cents=0)


def _by_group(lines: Iterable[LineMoney]) -> dict[str, int]:
    groups: dict[str, int] = defaultdict(int)
    for line in lines:
        for (group, _), cents in line.reasons.items():
            groups[group] += cents
    return dict(sorted(groups.items()))
