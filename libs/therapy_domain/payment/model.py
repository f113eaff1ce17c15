"""What goes into an estimate and what comes out of it. Money in cents."""

from dataclasses import dataclass
from datetime import date

from therapy_domain.errors import InputError
from therapy_domain.payment.rates import UnitRate
from therapy_domain.payment.tables import Sequestration


@dataclass(frozen=True, slots=True)
class Terms:
    """How a payer settles an allowed amount."""

    name: str
    reduction: bool
    """Units after the day's first are paid with half of the practice expense."""
    assistant: bool
    """Lines with CQ or CO are paid at 85 % of the payer's share."""
    sequestration: bool
    coinsurance_percent: int
    """The patient's part of the allowed amount after the deductible [%]."""
    source: str
    """Of the payer's and the patient's shares."""


MEDICARE = Terms(
    "Medicare Part B",
    reduction=True,
    assistant=True,
    sequestration=True,
    coinsurance_percent=20,
    source="SSA section 1833(a)(1)",
)
CONTRACT = Terms(
    "a contract",
    reduction=False,
    assistant=False,
    sequestration=False,
    coinsurance_percent=0,
    source="the agreement with the payer",
)
"""Any other payer: rates as agreed, whole; what the patient owes of them is the plan's affair."""


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line as billed: units of one code on one day."""

    line: int
    code: str
    units: int
    modifiers: tuple[str, ...] = ()
    charge_cents: int | None = None
    """The whole line's charge; None = not known, and then no limit."""
    claim: str = ""
    """Tells lines of several claims of the day apart."""

    def __post_init__(self) -> None:
        if self.units < 1:
            raise InputError("units", self.units, "1 or more")
        if self.charge_cents is not None and self.charge_cents < 0:
            raise InputError("charge_cents", self.charge_cents, "0 or more")

    @property
    def key(self) -> tuple[str, int]:
        """Claim and line number: lines are settled in this order."""
        return self.claim, self.line

    @property
    def by_assistant(self) -> bool:
        """Whether the line says that an assistant furnished it."""
        return "CQ" in self.modifiers or "CO" in self.modifiers


@dataclass(frozen=True, slots=True)
class Settled:
    """An allowed amount, divided: the five parts add up to it."""

    deductible_cents: int
    coinsurance_cents: int
    assistant_cut_cents: int
    sequestration_cut_cents: int
    paid_cents: int


@dataclass(frozen=True, slots=True)
class LineEstimate:
    """What one line should bring."""

    billed: BilledLine
    rate: UnitRate | None
    """None = no rate is known for the code: the line is left out of every sum."""
    whole_units: int
    reduced_units: int
    fee_cents: int
    """All units whole."""
    scheduled_cents: int
    """After the reduction of later units."""
    allowed_cents: int
    """The lesser of that and the charge."""
    settled: Settled

    @property
    def reduction_cents(self) -> int:
        """What the reduction of later units takes off."""
        return self.fee_cents - self.scheduled_cents

    @property
    def paid_cents(self) -> int:
        """What the payer should pay."""
        return self.settled.paid_cents

    @property
    def patient_cents(self) -> int:
        """What the patient owes: deductible and coinsurance, the latter not cut for an assistant."""
        return self.settled.deductible_cents + self.settled.coinsurance_cents

    @property
    def total_cents(self) -> int:
        """What the line should bring in all."""
        return self.paid_cents + self.patient_cents


@dataclass(frozen=True, slots=True)
class DayEstimate:
    """What a patient's day should bring, line by line in the order of claim and line number."""

    day: date
    terms: Terms
    assistants_cut: bool
    """Whether the assistants' cut is in force for these terms on this day."""
    sequestration: Sequestration | None
    lines: tuple[LineEstimate, ...]

    @property
    def paid_cents(self) -> int:
        """What the payer should pay for the day."""
        return sum(line.paid_cents for line in self.lines)

    @property
    def patient_cents(self) -> int:
        """What the patient owes for the day."""
        return sum(line.patient_cents for line in self.lines)

    @property
    def allowed_cents(self) -> int:
        """What is allowed for the day: what counts toward the therapy threshold."""
        return sum(line.allowed_cents for line in self.lines)

    @property
    def complete(self) -> bool:
        """Whether every line has a rate."""
        return all(line.rate is not None for line in self.lines)

    def of_claim(self, claim: str) -> tuple[LineEstimate, ...]:
        """The lines of one claim."""
        return tuple(line for line in self.lines if line.billed.claim == claim)
