"""One claim put together: every choice that the record does not make is named here, with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from claim_validation.composing.companion import Companion
from claim_validation.composing.doubts import doubts
from claim_validation.composing.lines import all_diagnoses, service_lines
from claim_validation.composing.people import Credentials, billed_npi, provider, supervisors
from claim_validation.composing.places import address, contact, facility, plain
from interchange.professional import (
    Accident,
    Assignment,
    BenefitsAssigned,
    BillingProvider,
    ClaimFault,
    Frequency,
    OrganizationName,
    PersonName,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    Release,
    Sex,
    Subscriber,
    TaxIdKind,
    faults,
)
from therapy_domain.claims.case import Case
from therapy_domain.claims.lines import Lines
from therapy_domain.claims.visit import Visit
from therapy_domain.events.claim import ClaimAssessed
from therapy_domain.events.reference import OrganizationConfigured, PlanCertified
from therapy_domain.rulesets import Ruleset


class Submission(NamedTuple):
    """Which submission of the claim it is."""

    number: int
    """From 1."""
    frequency: Frequency
    payer_claim_number: str | None = None
    """The payer's number of what is replaced or voided."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A claim as it would be sent, and what keeps it from that."""

    claim: ProfessionalClaim
    faults: tuple[ClaimFault, ...]
    """What the payer's guide needs and the record lacks: with one of these it is not sent."""
    advice: tuple[ClaimFault, ...]
    """What the payer may stumble over; it is sent all the same."""


def control_number(claim_id: str, submission: int, line: int) -> str:
    """Our number of a line in one submission: no other line of any claim ever has it."""
    return f"{claim_id}.{submission}.{line}"


def compose(
    case: Case,
    assessed: ClaimAssessed,
    known: Credentials,
    companion: Companion,
    submission: Submission,
    rules: Ruleset,
) -> Composed:
    """The claim as it would be sent, whatever the record lacks.

    Args:    known: the sessions' clinicians, and what is recorded of the other providers that the case names.
    """
    visit = Visit(case, rules, Lines(assessed.lines))
    claim = _claim(visit, assessed, known, companion, submission)
    found = tuple(_in_our_words(fault) for fault in faults(claim, companion.guide))
    doubtful = tuple(fault for fault in doubts(claim, companion) if fault.path not in {each.path for each in found})
    return Composed(claim, (*found, *doubtful), ()) if companion.strict else Composed(claim, found, doubtful)


def void(sent: ProfessionalClaim, submission: Submission) -> ProfessionalClaim:
    """The void claim of what was sent: the same, under its own numbers."""
    lines = tuple(
        replace(line, control_number=control_number(sent.claim_id, submission.number, place))
        for place, line in enumerate(sent.lines, start=1)
    )
    number = submission.payer_claim_number
    return replace(sent, frequency=Frequency.VOID, payer_claim_number=number, lines=lines)


def _claim(
    visit: Visit, assessed: ClaimAssessed, known: Credentials, companion: Companion, submission: Submission
) -> ProfessionalClaim:
    case, first = visit.case, visit.sittings[0]
    opened = first.recorded.opened
    organization = case.organization.event if case.organization is not None else None
    rendering = billed_npi(first, known)
    diagnoses = all_diagnoses(visit)
    numbers = {line.line: control_number(case.claim_id, submission.number, line.line) for line in assessed.lines}
    plan = next((standing.plan.event for standing, _ in visit.plans if standing.plan is not None), None)
    lines = service_lines(
        visit,
        assessed.lines,
        numbers,
        diagnoses,
        opened.place_of_service,
        rendering,
        known,
        companion.guide.described_codes,
    )
    return ProfessionalClaim(
        claim_id=case.claim_id,
        frequency=submission.frequency,
        payer_claim_number=submission.payer_claim_number,
        billing=_billing(organization),
        subscriber=_subscriber(visit, companion),
        payer=companion.payer,
        place_of_service=opened.place_of_service,
        provider_signed=True,  # no unsigned session is in a claim
        assignment=Assignment.ACCEPTED,  # therapists in private practice: 42 CFR 424.55; others by their contract
        benefits_assigned=BenefitsAssigned.YES,  # asked of every patient at admission
        release=Release.SIGNED,  # the same
        accident=Accident(causes=(RelatedCause.EMPLOYMENT,)) if companion.accident_at_work else None,
        initial_treatment_on=_initial_treatment(visit, plan),
        prior_authorization=_authorization(visit),
        diagnoses=diagnoses,
        referring=_referring(visit, plan, known),
        rendering=provider(rendering, known),
        supervising=_supervising(visit, rendering, known),
        facility=facility(organization, assessed.clinic, opened.place_of_service) if organization is not None else None,
        lines=lines,
    )


def _billing(organization: OrganizationConfigured | None) -> Any:
    """Who is paid; None where nobody is known: the claim then has that fault."""
    if organization is None:
        return None
    return BillingProvider(
        name=OrganizationName(name=plain(organization.name)),
        npi=organization.billing_npi,
        tax_id=organization.tax_id,
        tax_id_kind=TaxIdKind.EMPLOYER,  # organizations have no other; the contract knows no solo practice
        taxonomy=organization.taxonomy.strip().upper() or None,
        address=address(organization.address),
        contact=contact(organization),
    )


def _subscriber(visit: Visit, companion: Companion) -> Subscriber:
    patient = visit.case.patient.event if visit.case.patient is not None else None
    verified = visit.coverage.event.member_id if visit.coverage is not None else ""
    registered = patient.member_ids.get(visit.case.payer_id, "") if patient is not None else ""
    member_id = "".join((verified.strip() or registered.strip()).upper().split())
    if companion.medicare:
        member_id = member_id.replace("-", "")
    given: Any = None  # what is not known is a fault of the claim, field by field
    name = PersonName(family=patient.family_name, given=patient.given_name or None) if patient is not None else given
    return Subscriber(
        name=name,
        member_id=member_id,
        birth_date=patient.birth_date if patient is not None else given,
        sex=Sex(patient.sex) if patient is not None else Sex.UNKNOWN,
        address=address(patient.address) if patient is not None and patient.address is not None else given,
        coverage=companion.coverage,
        # The payer knows an injury at work by the number that it knows the patient by.
        casualty_claim_number=member_id if companion.accident_at_work else None,
    )


def _initial_treatment(visit: Visit, plan: PlanCertified | None) -> Any:
    day = plan.initial_evaluation_on if plan is not None else None
    return day if day is not None and day <= visit.on else None


def _authorization(visit: Visit) -> str | None:
    """As a session names it, else the coverage's that holds on the day."""
    for sitting in visit.sittings:
        if sitting.recorded.opened.authorization_number is not None:
            return sitting.recorded.opened.authorization_number
    given = visit.coverage.event.authorization if visit.coverage is not None else None
    return given.number if given is not None and given.from_ <= visit.on <= given.to else None


def _referring(visit: Visit, plan: PlanCertified | None, known: Credentials) -> Provider | None:
    """Who certifies the plan, else who referred.

    Source:  CMS Pub. 100-02 chapter 15 section 220.1.3; Pub. 100-04 chapter 5 section 10.3.
    """
    if plan is not None and plan.certified_by_npi is not None:
        return provider(plan.certified_by_npi, known, plan.certified_by_name)
    npi = next((s.recorded.opened.referring_npi for s in visit.sittings if s.recorded.opened.referring_npi), None)
    return provider(npi, known) if npi is not None else None


def _supervising(visit: Visit, rendering: str, known: Credentials) -> Provider | None:
    """Who supervised the assistants, where that is not whom the claim bills for already."""
    npis = (npi for sitting in visit.sittings for npi in supervisors(sitting))
    npi = next((npi for npi in npis if npi != rendering), None)
    return provider(npi, known) if npi is not None else None


PAYER_CLAIM_NUMBER = "the payer's number of the claim: it comes with a 277CA or an 835"
_OUR_WORDS: Mapping[str, str] = {
    "billing": "the organization (organization.configured)",
    "subscriber.name": "the patient's name (patient.registered)",
    "subscriber.birth_date": "the patient's birth date (patient.registered)",
    "subscriber.address": "the patient's address (patient.registered address)",
    "subscriber.member_id": "the patient's member id (coverage.verified member_id)",
    "referring": "who certifies the plan (plan.certified certified_by_npi) or referred (session.opened referring_npi)",
    "prior_authorization": "an authorization number (session.opened authorization_number)",
    "payer_claim_number": PAYER_CLAIM_NUMBER,
}


def _in_our_words(fault: ClaimFault) -> ClaimFault:
    """What is absent is told by the field of the contract that brings it."""
    path = fault.path.removeprefix("$.")
    if path.startswith("lines[") and path.endswith(".charge_cents") and fault.value is None:
        return fault._replace(expected="a fee for the code (organization.configured fees)")
    absent = fault.value in (None, "") or (path == "subscriber.member_id" and fault.expected.startswith("an id of"))
    return fault._replace(expected=_OUR_WORDS[path]) if absent and path in _OUR_WORDS else fault
