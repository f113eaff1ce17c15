"""Whether what would be sent now is what was sent."""

from dataclasses import replace
from typing import Any

from interchange.professional import Frequency, ProfessionalClaim


def same_service(one: ProfessionalClaim, other: ProfessionalClaim) -> bool:
    """Whether both bill the same: lines, diagnoses, place, providers, authorization.

    A change of these makes a replacement claim of one that the payer has. A new address of the patient does not.
    """
    return _service(one) == _service(other)


def same_claim(one: ProfessionalClaim, other: ProfessionalClaim) -> bool:
    """Whether both say the same but for the numbers of this one submission."""
    return _unnumbered(one) == _unnumbered(other)


def _service(claim: ProfessionalClaim) -> tuple[Any, ...]:
    people = (claim.referring, claim.rendering, claim.supervising)
    return (
        claim.place_of_service,
        claim.diagnoses,
        claim.prior_authorization,
        claim.accident,
        tuple(None if who is None else who.npi for who in people),
        tuple((replace(line, control_number=""), line.rendering and line.rendering.npi) for line in claim.lines),
    )


def _unnumbered(claim: ProfessionalClaim) -> ProfessionalClaim:
    lines = tuple(replace(line, control_number="") for line in claim.lines)
    return replace(claim, frequency=Frequency.ORIGINAL, payer_claim_number=None, lines=lines)
