"""A professional claim: everything that an 837P, a CMS-1500 and a FHIR Claim say of it.

It is a plain value: `faults` in `interchange.professional` tells everything that is wrong with it, and every writer
asks it first. The total charge is the sum of the lines, never a figure of its own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from interchange.professional.choices import (
    Assignment,
    BenefitsAssigned,
    Frequency,
    NoteKind,
    RelatedCause,
    Release,
    Transmission,
)
from interchange.professional.forms import (
    Charge,
    ClaimNumber,
    LineNumber,
    LineUnits,
    NoteText,
    Pointer,
    Reference,
    ReportType,
    State,
)
from interchange.professional.parties import (
    BillingProvider,
    Part,
    Payer,
    Provider,
    ServiceFacility,
    Subscriber,
)
from therapy_domain.fields import DiagnosisCode, ModifierCode, Personal, PlaceOfService, ServiceCode

DelayReason = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "15"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Accident(Part):
    """What the condition comes from, and when and where that happened."""

    causes: tuple[RelatedCause, ...]
    """One or two."""
    happened_on: date | None = None
    state: State | None = None
    """Of an auto accident."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Attachment(Part):
    """Papers that belong to the claim (PWK)."""

    report_type: ReportType
    """A code of two characters (PWK01), e.g. `OZ`."""
    transmission: Transmission
    control_number: Reference | None = None
    """By which the payer finds the papers; required unless they are at hand only."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Note(Part):
    """A free text of the claim (NTE; box 19)."""

    kind: NoteKind
    text: Personal[NoteText]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ServiceLine(Part):
    """One service on one day (2400; box 24)."""

    code: ServiceCode
    modifiers: tuple[ModifierCode, ...] = ()
    """At most four, in the payer's order."""
    description: NoteText | None = None
    """In own words; unlisted codes need one."""
    charge_cents: Charge
    units: LineUnits
    diagnosis_pointers: tuple[Pointer, ...]
    """One to four places in the claim's diagnoses, from 1, the most important first."""
    service_date: date
    control_number: LineNumber
    """Ours, by which the payer's answer finds the line."""
    place_of_service: PlaceOfService | None = None
    """None = the claim's."""
    rendering: Provider | None = None
    """None = the claim's."""
    note: Personal[NoteText | None] = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProfessionalClaim(Part):
    """One claim of one patient, who is the subscriber, to the payer that pays first."""

    claim_id: ClaimNumber
    """The patient control number: comes back in every answer."""
    frequency: Frequency
    payer_claim_number: Reference | None = None
    """The payer's number of the claim that is replaced or voided."""
    billing: BillingProvider
    subscriber: Subscriber
    payer: Payer
    place_of_service: PlaceOfService
    provider_signed: bool
    """The provider's signature is on file (CLM06, box 31)."""
    assignment: Assignment
    benefits_assigned: BenefitsAssigned
    release: Release
    signature_by_provider: bool = False
    """The provider signed for the patient, who could not (CLM10)."""
    accident: Accident | None = None
    onset_on: date | None = None
    initial_treatment_on: date | None = None
    acute_manifestation_on: date | None = None
    last_seen_on: date | None = None
    """By the physician who certifies the plan."""
    delay_reason: DelayReason | None = None
    """Why it is filed late (CLM20)."""
    patient_paid_cents: Charge | None = None
    prior_authorization: Reference | None = None
    referral_number: Reference | None = None
    medical_record_number: Personal[Reference | None] = None
    clearinghouse_trace: Reference | None = None
    attachments: tuple[Attachment, ...] = ()
    note: Note | None = None
    diagnoses: Personal[tuple[DiagnosisCode, ...]]
    """One to twelve ICD-10-CM codes, the principal one first, with or without the dot."""
    referring: Provider | None = None
    rendering: Provider | None = None
    supervising: Provider | None = None
    facility: ServiceFacility | None = None
    lines: tuple[ServiceLine, ...]

    @property
    def charge_cents(self) -> int:
        """The total charge: that of the lines together [cents]."""
        return sum(line.charge_cents for line in self.lines)
