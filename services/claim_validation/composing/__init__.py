"""From an assessed claim and the facts it rests on to the claim that is sent: pure."""

from claim_validation.composing.claim import Composed, Submission, compose, control_number, void
from claim_validation.composing.companion import Companion, companion
from claim_validation.composing.people import Credentials, named_npis
from claim_validation.composing.same import same_claim, same_service

__all__ = [
    "Companion",
    "Composed",
    "Credentials",
    "Submission",
    "companion",
    "compose",
    "control_number",
    "named_npis",
    "same_claim",
    "same_service",
    "void",
]
