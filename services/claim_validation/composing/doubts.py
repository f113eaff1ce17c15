"""What a payer may stumble over in a claim that is sent all the same: pure."""

import re
from collections.abc import Iterator

from claim_validation.composing.companion import Companion
from claim_validation.composing.people import is_named
from interchange.arrival import NOT_SHOWN
from interchange.professional import ClaimFault, ProfessionalClaim, place_of

_AREA_CODE_AND_NUMBER = 10


def doubts(claim: ProfessionalClaim, companion: Companion) -> Iterator[ClaimFault]:
    """Everything of that kind, in the order of the claim's fields."""
    yield from _short_phone(claim)
    yield from _strange_member_id(claim, companion)
    yield from _unnamed(claim)


def _short_phone(claim: ProfessionalClaim) -> Iterator[ClaimFault]:
    desk = claim.billing.contact if claim.billing is not None else None
    if desk is not None and len(desk.phone) < _AREA_CODE_AND_NUMBER:
        expected = "a telephone number with its area code (organization.configured contact.phone)"
        yield _doubt("billing.contact.phone", desk.phone, expected)


def _strange_member_id(claim: ProfessionalClaim, companion: Companion) -> Iterator[ClaimFault]:
    if re.fullmatch(companion.member_id, claim.subscriber.member_id) is None:
        expected = f"{companion.member_id_words} (coverage.verified member_id)"
        yield _doubt("subscriber.member_id", NOT_SHOWN, expected)


def _unnamed(claim: ProfessionalClaim) -> Iterator[ClaimFault]:
    """Receivers compare a provider's name with the one that the NPI was given to."""
    for role in ("referring", "rendering", "supervising"):
        who = getattr(claim, role)
        if who is not None and not is_named(who):
            first = "plan.certified certified_by_name, or " if role == "referring" else ""
            yield _doubt(f"{role}.name", who.npi, f"the provider's name ({first}clinician.credentialed of that NPI)")


def _doubt(path: str, value: object, expected: str) -> ClaimFault:
    return ClaimFault(f"$.{path}", value, expected, *place_of(path))
