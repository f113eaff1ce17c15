"""Families PAT and ELG: who the patient is, and whether this payer covers them on the date of service."""

from collections.abc import Iterator
from datetime import date

from therapy_domain.claims.registry import MEMBER, PAYER, Fault, rule
from therapy_domain.claims.visit import Visit
from therapy_domain.events.reference import OtherBenefit


@rule(
    "PAT-001",
    severity="reject",
    source="The payer's eligibility answer (X12 271), as verified on the coverage",
    fix="Register the patient with the member number that the payer confirmed.",
    place=MEMBER,
)
def the_patient_is_known_to_the_payer(visit: Visit) -> Iterator[Fault]:
    """The patient is registered, with the member number that the coverage names."""
    if visit.case.patient is None:
        yield Fault("the patient is not registered", fields=("opened.patient_id",))
        return
    registered = _plain(visit.case.patient.event.member_ids.get(visit.case.payer_id, ""))
    verified = _plain(visit.coverage.event.member_id) if visit.coverage is not None else None
    fields = ("patient.member_ids", "coverage.member_id")
    if registered and verified and registered != verified:
        yield Fault("the member number differs between registration and coverage", fields=fields)
    elif not registered and verified == "":
        yield Fault("neither registration nor coverage has a member number for this payer", fields=fields)


def _plain(member_id: str) -> str:
    """As payers compare it: without spaces and hyphens."""
    return member_id.replace("-", "").replace(" ", "").strip().upper()


@rule(
    "ELG-001",
    severity="reject",
    source="The payer's eligibility answer (X12 271); a payer without a policy: Claimtrail's reading",
    fix="Verify the coverage on the date of service, or publish the payer's policy.",
    place=PAYER,
)
def the_payer_covers_the_day(visit: Visit) -> Iterator[Fault]:
    """The payer is known, and its coverage holds on the date of service."""
    if visit.policy is None:
        yield Fault(
            f"payer {visit.case.payer_id} is not known: no shipped profile and no published policy in effect",
            fields=("opened.payer_id",),
        )
    elif visit.coverage is None:
        yield Fault(
            f"no coverage of payer {visit.case.payer_id} on {visit.on}",
            fields=("coverage.payer_id", "coverage.from", "coverage.to"),
        )


_BENEFITS = {
    "home_health": "a home health plan of care",
    "snf_part_a": "a stay in a nursing facility under Part A",
    "hospice": "hospice care",
    "medicare_advantage": "a Medicare Advantage plan",
}


@rule(
    "ELG-002",
    severity="deny",
    source="The payer's eligibility answer (X12 271); CMS Pub. 100-04, chapter 10, section 20 (consolidated billing)",
    fix="Hold the claim: get the day of discharge from the agency or facility, or bill the plan that has the patient.",
    place=PAYER,
)
def no_other_benefit_has_the_patient(visit: Visit) -> Iterator[Fault]:
    """No home health plan, facility stay, hospice or other plan has the patient on the date of service."""
    benefits = (visit.coverage.event.enrolments if visit.coverage is not None else None) or ()
    for benefit in sorted((b for b in benefits if _holds(b, visit.on)), key=lambda b: (b.from_, b.kind)):
        until = f" to {benefit.to}" if benefit.to is not None else ""
        yield Fault(
            f"{_BENEFITS[benefit.kind]} has the patient from {benefit.from_}{until}: therapy is bundled into it, or "
            "goes to another payer; what is paid all the same can be taken back (N88)",
            fields=("coverage.enrolments",),
        )


def _holds(benefit: OtherBenefit, on: date) -> bool:
    return benefit.from_ <= on and (benefit.to is None or on <= benefit.to)
