"""Families PAT and ELG: who the patient is, and whether this payer covers them on the date of service."""

from collections.abc import Iterator

from therapy_domain.claims.registry import MEMBER, PAYER, Fault, rule
from therapy_domain.claims.visit import Visit


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
