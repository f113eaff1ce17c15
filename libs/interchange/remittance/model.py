"""What an 835 says, as values: a payment, the claims it pays or denies, their lines, and why less was paid.

No name, birth date or member id of a patient is kept: claims are matched by the numbers that we gave them.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, get_args

from interchange.professional import Subscriber
from interchange.x12.envelopes import Interchange
from interchange.x12.values import Days

GroupCode = Literal["CO", "PR", "OA", "PI"]
"""Whose the amount is: the provider's by contract, the patient's, another's, or taken by the payer's own decision."""
GROUP_CODES: tuple[str, ...] = get_args(GroupCode)

Status = Literal["1", "2", "3", "4", "19", "20", "21", "22", "23", "25"]
"""1, 2, 3 processed as primary, secondary, tertiary; 19, 20, 21 the same and forwarded; 4 denied; 22 a former
payment taken back; 23 not ours, forwarded; 25 what would be paid."""
STATUSES: tuple[str, ...] = get_args(Status)
REVERSAL: Status = "22"


class Adjustment(NamedTuple):
    """One reason why the paid amount differs from the charge."""

    group: GroupCode
    reason: str
    """The claim adjustment reason code (CARC)."""
    cents: int
    """Taken off the charge; negative = added to it [cents]."""
    quantity: Decimal | None = None
    """Units or days that were cut."""


class Amount(NamedTuple):
    """An amount for information: it pays nothing and takes part in no balance."""

    qualifier: str
    """`B6` allowed, `AU` covered, `I` interest, `T` tax, …"""
    cents: int


class Procedure(NamedTuple):
    """A service as a payer names it."""

    qualifier: str
    """`HC`: HCPCS or CPT."""
    code: str
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePayment:
    """One line of a claim, paid or denied."""

    procedure: Procedure
    charge_cents: int
    paid_cents: int
    units: Decimal | None = None
    """Paid units; None where the payer does not say, which means one."""
    submitted: Procedure | None = None
    """What we sent, where the payer adjudicated another code."""
    submitted_units: Decimal | None = None
    """What we sent, where the payer paid another number."""
    revenue_code: str = ""
    service_days: Days | None = None
    """None = those of the claim."""
    line_control_number: str = ""
    """Ours (REF*6R); '' where the payer does not return it."""
    adjustments: tuple[Adjustment, ...] = ()
    allowed_cents: int | None = None
    amounts: tuple[Amount, ...] = ()
    """Others than the allowed one."""
    remarks: tuple[str, ...] = ()
    """Remittance advice remark codes (RARC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPayment:
    """What a payment says about one claim. A split claim, and one that is corrected, comes more than once."""

    claim_control_number: str
    """Ours (CLP01)."""
    status: Status
    charge_cents: int
    paid_cents: int
    patient_cents: int | None = None
    """What the patient owes by this answer; None where the payer does not say."""
    filing_indicator: str = ""
    """Kind of coverage, `MB` Medicare Part B."""
    payer_claim_number: str = ""
    """The payer's own (CLP07): a replacement or void claim must name it."""
    place_of_service: str = ""
    frequency: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    """Of the whole claim; those of lines stand with the lines."""
    lines: tuple[ServicePayment, ...] = ()
    remarks: tuple[str, ...] = ()
    """RARCs of the whole claim (MOA, MIA)."""
    amounts: tuple[Amount, ...] = ()
    service_days: Days | None = None
    received_on: date | None = None
    """The day the payer received the claim."""
    coverage_ended_on: date | None = None
    original_number: str = ""
    """The number of the claim that this one corrects (REF*F8)."""
    rendering_npi: str = ""
    crossover_payer: str = ""
    """To whom the payer forwarded the claim."""
    patient: Subscriber | None = field(default=None, compare=False, repr=False)
    """Only for writing: of a file that is read, nobody's name is kept."""
    segment: int = field(default=0, compare=False)
    """Where it begins in the file it was read from."""
    number: int = field(default=0, compare=False)
    """Which claim of its payment it is, from 1, in the file it was read from."""

    @property
    def is_reversal(self) -> bool:
        """Whether it takes a former payment back."""
        return self.status == REVERSAL

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        """Of the claim and of its lines."""
        return self.adjustments + tuple(found for line in self.lines for found in line.adjustments)


class Party(NamedTuple):
    """The payer or the payee."""

    name: str
    qualifier: str = ""
    """`XX` NPI, `FI` tax id, `XV` plan id."""
    identifier: str = ""
    more: tuple[tuple[str, str], ...] = ()
    """Other numbers, with their qualifiers: (`TJ`, a tax id), (`2U`, a payer id), …"""
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""
    """Where the payer answers technical questions."""


class ProviderAdjustment(NamedTuple):
    """An amount between payer and provider that belongs to no claim of the payment."""

    provider: str
    fiscal_period: date
    reason: str
    """`WO` overpayment recovered, `FB` balance forwarded, `L6` interest, `72` refund acknowledged, …"""
    reference: str
    cents: int
    """Positive = taken off the payment [cents]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One transaction of an 835 file: a payment with everything but its claims."""

    handling: str
    """`I` money and remittance together, `H` notification only, …"""
    paid_cents: int
    direction: Literal["C", "D"] = "C"
    """How the money moves: sent to the provider, or drawn by the provider; the sign of the amount is the same."""
    method: str
    """`ACH` `CHK` `FWT` `BOP`, `NON` where nothing is paid."""
    paid_on: date
    trace_number: str
    """Number of the check or the transfer: ties the remittance to the money."""
    payer_number: str
    """The payer's tax id behind a 1 (TRN03)."""
    receiver_number: str = ""
    produced_on: date | None = None
    payer: Party
    payee: Party
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    interchange: Interchange | None = field(default=None, compare=False)
    """Where it was read: the interchange and the transaction's control number; and how many claims it answers."""
    control_number: str = field(default="", compare=False)
    claims: int = field(default=0, compare=False)
