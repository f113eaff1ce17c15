"""What a claim depends on beside its sessions: organizations, patients, coverage, plans, clinicians, payers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
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
UnitLimits = Literal["by_indicator", "advice"]
SeparateServiceModifier = Literal["59", "X"]


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
    certified_by_name: Personal[Text | None] = None
    """Of who certifies: claims name the referring provider."""
    certified_on: LocalDate | None = None
    initial_evaluation_on: LocalDate | None = None
    interventions: tuple[ServiceCode, ...] | None = None
    established_on: LocalDate | None = None
    sent_on: LocalDate | None = None
    order_on_file: bool | None = None
    habilitative: bool | None = None
    """Whether it teaches what the patient never could (96), rather than restores what was lost (97)."""


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


class PairEdit(Value):
    """Two services that a payer does not pay together on a day: column 2 is denied."""

    column_1: ServiceCode
    column_2: ServiceCode
    indicator: Literal[0, 1, 9]
    """0: never together. 1: together with a modifier of separate services. 9: no such edit, whatever is published."""


class PayerPolicyPublished(Event, type="claimtrail.payer.policy.published.v1"):
    """An organization's settings for a payer, over one of the shipped profiles, from a date of service on."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: Text
    effective_from: LocalDate
    extends: Profile
    unit_rule: UnitRule | None = None
    """How minutes become units."""
    requires_start_stop: bool | None = None
    """Whether each timed service needs its clock times on the record."""
    requires_authorization: bool | None = None
    """Whether treatment needs the payer's leave beforehand."""
    requires_certified_plan: bool | None = None
    """Whether a certified plan of care must be in force."""
    assistant_modifiers: bool | None = None
    """Whether an assistant's units carry CQ or CO."""
    kx_threshold: bool | None = None
    """Whether lines above the yearly therapy threshold need KX."""
    repeated_visits: Annotated[int, Field(ge=2, le=100)] | None = None
    """So many visits of the same activity and dose, without a new cue, are too many."""
    daily_max_units: dict[ServiceCode, Units] | None = None
    """The payer's own most units of a code a day; the published unit limits apply beside it."""
    unit_limits: UnitLimits | None = None
    """Whether published unit limits hold a claim, by their indicator, or give advice."""
    pair_edits: tuple[PairEdit, ...] | None = None
    """The payer's own pair edits, pair by pair in place of the published ones."""
    separate_service_modifier: SeparateServiceModifier | None = None
    """What tells of separate services in a pair edit: 59, or (X) the one of XE, XP, XS and XU that says why."""
    covered_codes: tuple[ServiceCode, ...] | None = None
    """The codes that it covers."""
    performers: dict[ServiceCode, tuple[Role, ...]] | None = None
    """The roles that it pays for a code, within the session's discipline."""
    diagnosis_prefixes: dict[ServiceCode, tuple[Text, ...]] | None = None
    """The beginnings of diagnoses that support a code; a list of the payer's own denies what is outside it."""
    telehealth_codes: tuple[ServiceCode, ...] | None = None
    """The codes that it pays by telehealth, on any day; for Medicare the published windows and list decide."""
    telehealth_modifier: ModifierCode | None = None
    """What a line carries that was furnished by telehealth."""
    habilitation_modifiers: bool | None = None
    """Whether lines tell habilitative (96) from rehabilitative (97) services."""
    timely_filing_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Days from the date of service within which a claim must be filed."""
    appeal_levels: tuple["AppealLevel", ...] | None = None
    """Its levels of appeal, the first one first."""
    modifier_order: tuple[ModifierCode, ...] | None = None
    """The order of modifiers on a line; the last of the informational ones is dropped first where five are due."""
    variance_tolerance_cents: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """By how much a line may be paid otherwise than expected before anybody asks [cents]."""
    claim_file: "ClaimFileSettings | None" = None
    """What the payer asks of claim files, setting by setting; docs/billing.md tells of each."""


class ClaimFileSettings(Value):
    """What a payer asks of claim files; what is absent is as in the payer's profile. See docs/billing.md."""

    payer_identifier: Text | None = None
    """The payer's id in its files (2010BB NM109); else the payer id in capitals."""
    receiver_identifier: Text | None = None
    """Who gets the file (ISA08, GS03, 1000B), a clearinghouse maybe; else the payer."""
    receiver_qualifier: Text | None = None
    receiver_name: Text | None = None
    sender_identifier: Text | None = None
    """Who sends it (ISA06, GS02, 1000A); else the billing provider's NPI."""
    sender_qualifier: Text | None = None
    coverage: Text | None = None
    """Kind of plan (SBR09), such as CI, BL, HM."""
    nine_digit_zip: bool | None = None
    """Refuse ZIP codes of five digits of the practice and its clinics."""
    frequencies: tuple[Literal["1", "7", "8"], ...] | None = None
    """What the payer takes: 1 originals, 7 replacements, 8 voids."""
    required: tuple[Text, ...] | None = None
    """Fields that may not be absent, by their path: `billing.taxonomy`, `prior_authorization`."""
    refused: tuple[Text, ...] | None = None
    """Fields that may not be there."""
    strict: bool | None = None
    """Keep back claims that the payer may stumble over: a provider without a name, a member id not of its form."""
    test: bool | None = None
    """Files are marked as tests (ISA15)."""


class AppealLevel(Value):
    """One level of a payer's own appeals."""

    name: Text
    days: Annotated[int, Field(ge=1, le=3650)]
    """To file within, counted from receipt [days]."""


PayerPolicyPublished.model_rebuild()
