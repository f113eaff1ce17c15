"""What of a claim has no field of its own in FHIR and goes into `Claim.supportingInfo`."""

from collections.abc import Iterator
from datetime import date

from interchange.fhir import systems
from interchange.fhir.parts import Resource, concept
from interchange.professional import Attachment, ProfessionalClaim


def supporting_information(claim: ProfessionalClaim) -> list[Resource]:
    """The entries, numbered; notes of lines come last, in the lines' order."""
    entries = [
        *_dates(claim),
        *_choices(claim),
        *_texts(claim),
        *map(_attachment, claim.attachments),
        *_line_notes(claim),
    ]
    return [{"sequence": number, **entry} for number, entry in enumerate(entries, start=1)]


def note_numbers(claim: ProfessionalClaim, information: list[Resource]) -> dict[int, int]:
    """The number of each line's note, by the line's own number."""
    noted = [number for number, line in enumerate(claim.lines, start=1) if line.note is not None]
    return {line: len(information) - len(noted) + place for place, line in enumerate(noted, start=1)}


def _entry(category: str, what: str, **value: object) -> Resource:
    return {"category": concept(systems.INFORMATION, category), "code": {"text": what}, **value}


def _dates(claim: ProfessionalClaim) -> Iterator[Resource]:
    told: tuple[tuple[str, str, date | None], ...] = (
        ("onset", "onset of the condition", claim.onset_on),
        ("onset", "acute manifestation", claim.acute_manifestation_on),
        ("related", "initial treatment", claim.initial_treatment_on),
        ("related", "last seen by the certifying physician", claim.last_seen_on),
    )
    for category, what, day in told:
        if day is not None:
            yield _entry(category, what, timingDate=day.isoformat())


def _choices(claim: ProfessionalClaim) -> Iterator[Resource]:
    yield _entry("info", "provider signature on file", valueBoolean=claim.provider_signed)
    yield _entry("info", "assignment (CLM07)", valueString=claim.assignment.value)
    yield _entry("info", "benefits assigned to the provider (CLM08)", valueString=claim.benefits_assigned.value)
    yield _entry("info", "release of information (CLM09)", valueString=claim.release.value)
    if claim.signature_by_provider:
        yield _entry("info", "signed by the provider for the patient", valueBoolean=True)
    if claim.delay_reason is not None:
        yield _entry("info", "reason for late filing (CLM20)", valueString=claim.delay_reason)
    if claim.patient_paid_cents is not None:
        amount = {"value": claim.patient_paid_cents / 100, "system": systems.CURRENCY, "code": "USD"}
        yield _entry("info", "paid by the patient", valueQuantity=amount)


def _texts(claim: ProfessionalClaim) -> Iterator[Resource]:
    if claim.note is not None:
        yield _entry("info", f"note ({claim.note.kind.value})", valueString=claim.note.text)
    number = claim.subscriber.casualty_claim_number
    if number is not None:
        yield _entry("related", "the payer's number of the accident or injury", valueString=number)
    if claim.accident is not None and claim.accident.happened_on is None:
        causes = " ".join(cause.value for cause in claim.accident.causes)
        yield _entry("related", "related causes (CLM11), no day known", valueString=causes)


def _attachment(attachment: Attachment) -> Resource:
    told = f"{attachment.report_type} {attachment.transmission.value} {attachment.control_number or ''}".rstrip()
    return _entry("attachment", "report type, transmission and number (PWK)", valueString=told)


def _line_notes(claim: ProfessionalClaim) -> Iterator[Resource]:
    for line in claim.lines:
        if line.note is not None:
            yield _entry("info", "note of a line", valueString=line.note)
