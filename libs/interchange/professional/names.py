"""A patient's name as an NM1 carries it in a payer's answer."""

from interchange.professional.parties import Subscriber
from interchange.x12.characters import folded


def patient_elements(patient: Subscriber | None) -> tuple[str, ...]:
    """NM102 to NM109 of the patient; of an unknown one only that it is a person."""
    if patient is None:
        return ("1",)
    name = patient.name
    given, middle, suffix = (folded(part or "") for part in (name.given, name.middle, name.suffix))
    return ("1", folded(name.family), given, middle, "", suffix, "MI", patient.member_id)
