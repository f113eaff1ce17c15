"""What a claim depends on beside its sessions: organizations, patients, coverage, plans, clinicians, payers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from therapy_domain.events.base import Event
from therapy_domain.events.session import Discipline, Measure, Role
from therapy_domain.fields import (
    Cents,
    DiagnosisCode,
    Identifier,
    LocalDate,
    ModifierCode,
    Npi,
    OptionalNpi,
    Personal,
    Price,
    ServiceCode,
    TaxId,
    Text,
    Timezone,
    Units,
)
from therapy_domain.values import Value

PROFILES = ("medicare", "commercial-cms", "commercial-midpoint", "workers-comp")
"""The payer profiles that are shipped; a test holds them against the ruleset."""
Profile = Literal["medicare", "commercial-cms", "commercial-midpoint", "workers-comp"]
UnitRule = Literal["cms-8-minute", "cpt-midpoint"]


class Address(Value):
    """A postal address in the United States."""

    line1: Text
    line2: Text | None = None
    city: Text
    state: Text
    zip: Text


class OfficeContact(Value):
    """Whom a payer may call."""

    name: Text
    phone: Text


class Clinic(Value):
    """One place of an organization, with the time zone of its dates of service."""

    id: Identifier
    name: Text
    timezone: Timezone
    address: Address | None = None


class OrganizationConfigured(Event, type="claimtrail.organization.configured.v1"):
    """An organization's billing identity, fees and clinics."""

    name: Text
    billing_npi: Npi
    tax_id: TaxId
    taxonomy: Text
    address: Address
    contact: OfficeContact
    fees: dict[ServiceCode, Price]
    clinics: tuple[Clinic, ...]


class PatientRegistered(Event, type="claimtrail.patient.registered.v1"):
    """A patient's identity and member numbers."""

    family_name: Personal[Text]
    given_name: Personal[Text]
    birth_date: Personal[LocalDate]
    sex: Personal[Literal["F", "M", "U"]]
    member_ids: Personal[dict[Identifier, Text]]
    """Member number by payer id."""
    address: Personal[Address | None] = None


class _Span(Value):
    """Days from `from` to `to`, both included; without `to`, from then on."""

    from_: Annotated[LocalDate, Field(alias="from")]
    to: LocalDate | None = None

    @field_validator("to")
    @classmethod
    def _span_is_ordered(cls, to: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("from_")
        if to is not None and first is not None and to < first:
            raise PydanticCustomError("format", "a last day that is not before the first")
        return to


class _ClosedSpan(_Span):
    """Days from `from` to `to`, both included and both known."""

    to: LocalDate


class Authorization(_ClosedSpan):
    """A payer's leave to treat: its number, how much of it, and when."""

    number: Identifier
    units: Units | None = None
    visits: Units | None = None


class OtherBenefit(_Span):
    """Days on which another benefit or plan has the patient: it pays for therapy, or has paid for it already."""

    kind: Literal["home_health", "snf_part_a", "hospice", "medicare_advantage"]


class CoverageVerified(Event, _Span, type="claimtrail.coverage.verified.v1"):
    """A payer confirmed a patient's coverage."""

    payer_id: Identifier
    member_id: Personal[Text]
    covered_codes: tuple[ServiceCode, ...] | None = None
    """Absent = every code."""
    authorization: Authorization | None = None
    kx_used_cents: Cents | None = None
    """Used toward the yearly threshold of PT and SLP elsewhere."""
    kx_used_ot_cents: Cents | None = None
    """The same toward OT's."""
    enrolments: tuple[OtherBenefit, ...] | None = None
    """What else the eligibility answer tells of the patient."""


class PlanCertified(Event, _ClosedSpan, type="claimtrail.plan.certified.v1"):
    """A plan of care; without `certified_on` its certification is awaited."""

    patient_id: Identifier
    discipline: Discipline
    diagnoses: tuple[DiagnosisCode, ...]
    goals: Personal[tuple[Text, ...]]
    certified_by_npi: OptionalNpi = None
    certified_on: LocalDate | None = None
    initial_evaluation_on: LocalDate | None = None
    interventions: tuple[ServiceCode, ...] | None = None
    established_on: LocalDate | None = None
    sent_on: LocalDate | None = None
    order_on_file: bool | None = None


class ProgressReported(Event, type="claimtrail.progress.reported.v1"):
    """A clinician's progress report on a plan."""

    reported_on: LocalDate
    by_npi: Npi
    measures: Personal[tuple[Measure, ...]]


class Enrollment(_Span):
    """Days on which a clinician is enrolled with a payer."""

    payer_id: Identifier


class ClinicianCredentialed(Event, type="claimtrail.clinician.credentialed.v1"):
    """A clinician's licence and enrollments."""

    name: Personal[Text]
    role: Role
    license_number: Text
    payers: tuple[Enrollment, ...]


class PayerPolicyPublished(Event, type="claimtrail.payer.policy.published.v1"):
    """An organization's settings for a payer, over one of the shipped profiles, from a date of service on."""

    name: Text
    effective_from: LocalDate
    extends: Profile
    unit_rule: UnitRule | None = None
    requires_start_stop: bool | None = None
    requires_authorization: bool | None = None
    requires_certified_plan: bool | None = None
    assistant_modifiers: bool | None = None
    kx_threshold: bool | None = None
    repeated_visits: Annotated[int, Field(ge=2, le=100)] | None = None
    """So many visits of the same activity and dose, without a new cue, are too many."""
    daily_max_units: dict[ServiceCode, Units] | None = None
    covered_codes: tuple[ServiceCode, ...] | None = None
    performers: dict[ServiceCode, tuple[Role, ...]] | None = None
    diagnosis_prefixes: dict[ServiceCode, tuple[Text, ...]] | None = None
    timely_filing_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    appeal_levels: tuple["AppealLevel", ...] | None = None
    modifier_order: tuple[ModifierCode, ...] | None = None


class AppealLevel(Value):
    """One level of a payer's own appeals."""

    name: Text
    days: Annotated[int, Field(ge=1, le=3650)]
    """To file within, counted from receipt [days]."""


PayerPolicyPublished.model_rebuild()
