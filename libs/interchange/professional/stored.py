"""A claim as text and back: what was sent is kept, and can be sent again byte for byte."""

from functools import cache

from pydantic import TypeAdapter

from interchange.professional.claim import ProfessionalClaim


@cache
def _adapter() -> TypeAdapter[ProfessionalClaim]:
    return TypeAdapter(ProfessionalClaim)


def claim_text(claim: ProfessionalClaim) -> str:
    """The claim as JSON, absent fields left out. It holds everything that identifies the patient: seal it."""
    return _adapter().dump_json(claim, exclude_none=True).decode()


def stored_claim(text: str) -> ProfessionalClaim:
    """The claim of such a text.

    Raises:  pydantic.ValidationError: it is no such text.
    """
    return _adapter().validate_json(text)
