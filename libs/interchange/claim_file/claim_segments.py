"""Loops 2300 to 2420A: a claim and its lines as segments, in the guide's order.

What is already said is not said again: a rendering provider who bills, a line's place or provider that is the claim's.
"""

from interchange.claim_file.parties import PartySegments
from interchange.professional import Accident, CompanionGuide, ProfessionalClaim, ServiceLine
from interchange.x12.characters import folded
from interchange.x12.output import Part, SegmentWriter
from interchange.x12.values import amount_text, day_text


class ClaimSegments:
    """Writes claims."""

    def __init__(self, writer: SegmentWriter, guide: CompanionGuide) -> None:
        self._write = writer.write
        self._parties = PartySegments(writer)
        self._no_delimiters = str.maketrans(dict.fromkeys(guide.delimiters, " "))

    def write(self, claim: ProfessionalClaim) -> None:
        """Loop 2300 and everything below it."""
        self._claim(claim)
        self._dates(claim)
        for attachment in claim.attachments:
            found_by = ("", "", "AC", attachment.control_number) if attachment.control_number is not None else ()
            self._write("PWK", attachment.report_type, attachment.transmission.value, *found_by)
        if claim.patient_paid_cents is not None:
            self._write("AMT", "F5", amount_text(claim.patient_paid_cents))
        self._references(claim)
        if claim.note is not None:
            self._write("NTE", claim.note.kind.value, self._note(claim.note.text))
        first, *others = (code.replace(".", "") for code in claim.diagnoses)
        self._write("HI", ("ABK", first), *(("ABF", code) for code in others))
        self._providers(claim)
        for number, line in enumerate(claim.lines, start=1):
            self._line(number, line, claim)

    def _claim(self, claim: ProfessionalClaim) -> None:
        tail = ("",) * 8 + (claim.delay_reason,) if claim.delay_reason is not None else ()
        self._write(
            "CLM",
            claim.claim_id,
            amount_text(claim.charge_cents),
            "",
            "",
            (claim.place_of_service, "B", claim.frequency.value),
            "Y" if claim.provider_signed else "N",
            claim.assignment.value,
            claim.benefits_assigned.value,
            claim.release.value,
            "P" if claim.signature_by_provider else "",
            _causes(claim.accident),
            *tail,
        )

    def _dates(self, claim: ProfessionalClaim) -> None:
        told = (
            ("431", claim.onset_on),
            ("454", claim.initial_treatment_on),
            ("304", claim.last_seen_on),
            ("453", claim.acute_manifestation_on),
            ("439", None if claim.accident is None else claim.accident.happened_on),
        )
        for qualifier, day in told:
            if day is not None:
                self._write("DTP", qualifier, "D8", day_text(day))

    def _references(self, claim: ProfessionalClaim) -> None:
        told = (
            ("9F", claim.referral_number),
            ("G1", claim.prior_authorization),
            ("F8", claim.payer_claim_number),
            ("D9", claim.clearinghouse_trace),
            ("EA", claim.medical_record_number),
        )
        for qualifier, number in told:
            if number is not None:
                self._write("REF", qualifier, number)

    def _providers(self, claim: ProfessionalClaim) -> None:
        if claim.referring is not None:
            self._parties.provider("DN", claim.referring)
        if claim.rendering is not None and claim.rendering.npi != claim.billing.npi:
            self._parties.provider("82", claim.rendering, speciality_of="PE")
        if claim.facility is not None:
            self._parties.facility(claim.facility)
        if claim.supervising is not None:
            self._parties.provider("DQ", claim.supervising)

    def _line(self, number: int, line: ServiceLine, claim: ProfessionalClaim) -> None:
        self._write("LX", str(number))
        code: Part = ("HC", line.code, *line.modifiers)
        if line.description is not None:
            code = ("HC", line.code, *(line.modifiers + ("",) * 4)[:4], self._note(line.description))
        place = line.place_of_service if line.place_of_service != claim.place_of_service else None
        pointers = tuple(map(str, line.diagnosis_pointers))
        self._write("SV1", code, amount_text(line.charge_cents), "UN", str(line.units), place or "", "", pointers)
        self._write("DTP", "472", "D8", day_text(line.service_date))
        self._write("REF", "6R", line.control_number)
        if line.note is not None:
            self._write("NTE", "ADD", self._note(line.note))
        if line.rendering is not None and line.rendering.npi != (claim.rendering or claim.billing).npi:
            self._parties.provider("82", line.rendering, speciality_of="PE")

    def _note(self, text: str) -> str:
        """As it is sent: a space in a delimiter's place."""
        return " ".join(folded(text).translate(self._no_delimiters).split())


def _causes(accident: Accident | None) -> Part:
    if accident is None:
        return ""
    causes = [cause.value for cause in accident.causes]
    return (*causes, *[""] * (3 - len(causes)), accident.state or "")
