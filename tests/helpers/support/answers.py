"""What a simulated payer sends back to claims, as bytes and as values."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from interchange.acknowledgment import ElementError, GroupAnswer, SegmentError, write_acknowledgment
from interchange.claim_status import ClaimStatus, LevelStatus, Report, StatusCode, write_claim_status
from interchange.professional import ProfessionalClaim
from interchange.remittance import ClaimPayment, Party, Payment, ProviderAdjustment, write_remittances
from interchange.simulated_payer import (
    Deny,
    Received,
    acknowledge,
    adjudicate,
    claim_status,
    correct,
    denials,
    payee,
    ruling_for,
    settle,
    status_report,
)
from interchange.x12.output import Envelope, Partner
from therapy_domain.rulesets.release import load

DAY = date(2026, 3, 20)
PAYER = Party("ACME HEALTH", line1="1 PAYER WAY", city="AUSTIN", state="TX", zip="787010001", phone="8005550100")
ENVELOPE = Envelope(Partner("ZZ", "PAYER"), Partner("ZZ", "NORTH"), datetime(2026, 3, 20, 8, 0), 5, 5)  # noqa: DTZ001 -- X12 tells no zone
DENIALS = denials(load())


@dataclass(frozen=True)
class Answered:
    """A file, and what it says."""

    raw: bytes
    head: object
    claims: tuple[object, ...]


def terms(claims: Sequence[ProfessionalClaim]) -> Payment:
    """A payment to the first claim's provider, before its amount is known."""
    return Payment(
        handling="I",
        paid_cents=0,
        method="CHK",
        paid_on=DAY,
        trace_number="EFT77",
        payer_number="1123456789",
        produced_on=DAY,
        payer=PAYER,
        payee=payee(claims[0].billing),
    )


def answers_to(claims: Iterable[ProfessionalClaim], seed: object) -> list[ClaimPayment]:
    """A ruling a claim; every tenth is taken back and corrected."""
    made: list[ClaimPayment] = []
    for number, claim in enumerate(claims):
        received = Received(f"ICN{number}", DAY)
        former = adjudicate(claim, ruling_for(claim, seed, DENIALS), received)
        made += former
        if number % 10 == 0:
            made += correct(former[0], claim, Deny(denial=DENIALS[number % len(DENIALS)]), received)
    return made


def remittance(claims: Sequence[ProfessionalClaim], seed: object, envelope: Envelope = ENVELOPE) -> Answered:
    """An 835 to claims, with money that belongs to none of them."""
    answers = answers_to(claims, seed)
    of = terms(claims)
    more = (
        ProviderAdjustment(of.payee.identifier, date(2026, 12, 31), "WO", "OLD-1", 1234),
        ProviderAdjustment(of.payee.identifier, date(2026, 12, 31), "L6", "", -99),
    )
    payment = settle(of, sum(answer.paid_cents for answer in answers), more)
    out = io.BytesIO()
    write_remittances(out, envelope, [(payment, answers)])
    return Answered(out.getvalue(), payment, tuple(answers))


def status(claims: Sequence[ProfessionalClaim], envelope: Envelope = ENVELOPE) -> Answered:
    """A 277CA to claims: every seventh is sent back."""
    why = ((StatusCode("A7", "562", "85"),), (StatusCode("A6", "164", "IL"), StatusCode("A8", "496")))
    back = {claim.claim_id: why[number % 2] for number, claim in enumerate(claims) if number % 7 == 3}
    numbers = {claim.claim_id: f"ICN{number}" for number, claim in enumerate(claims)}
    batch = LevelStatus(reference="BATCH-1", name="NORTH", identifier="NORTH01")
    report: Report = status_report(("ACME HEALTH", "60054"), batch, claims, frozenset(back), DAY)
    answers: tuple[ClaimStatus, ...] = tuple(claim_status(claims, back, numbers, DAY))
    out = io.BytesIO()
    write_claim_status(out, envelope, [(report, answers)])
    return Answered(out.getvalue(), report, answers)


def acknowledgment(envelope: Envelope = ENVELOPE) -> Answered:
    """A 999 to two transactions, of which the second is sent back."""
    faulty = ElementError(9, "1", reference="67"), ElementError(1, "7", 2, 1, "66")
    errors = [SegmentError("NM1", 8, "2010", "8", faulty, "C5J2K8Q0V7M3T9XA4"), SegmentError("SBR", 9, "2000", "3")]
    group: GroupAnswer = acknowledge("5", ["0001", "0002"], {"0002": errors})
    out = io.BytesIO()
    write_acknowledgment(out, envelope, [group])
    return Answered(out.getvalue(), group, ())
