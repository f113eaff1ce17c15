"""A claim of a claim file, put together segment by segment."""

from typing import Any

from interchange.claim_file.reading_parties import AddressDraft, choice, name
from interchange.professional import (
    Accident,
    Assignment,
    Attachment,
    BenefitsAssigned,
    BillingProvider,
    Frequency,
    Note,
    NoteKind,
    Payer,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    Release,
    ServiceFacility,
    ServiceLine,
    Subscriber,
    Transmission,
)
from interchange.x12.errors import BadElement, Misplaced
from interchange.x12.segments import Segment
from interchange.x12.values import cents, days, quantity

MOST_SEGMENTS_A_CLAIM = 20_000
_DATES = {
    "431": "onset_on",
    "454": "initial_treatment_on",
    "304": "last_seen_on",
    "453": "acute_manifestation_on",
}
_REFERENCES = {
    "9F": "referral_number",
    "G1": "prior_authorization",
    "F8": "payer_claim_number",
    "D9": "clearinghouse_trace",
    "EA": "medical_record_number",
}
_PROVIDERS = {"DN": "referring", "82": "rendering", "DQ": "supervising"}


class ClaimDraft:
    """From a CLM on."""

    def __init__(self, clm: Segment, billing: BillingProvider, subscriber: Subscriber, payer: Payer) -> None:
        self._clm = clm
        self._charge = cents(clm, 2)
        self._told: dict[str, Any] = {"billing": billing, "subscriber": subscriber, "payer": payer, **_claim(clm)}
        self._accident: dict[str, Any] | None = _accident(clm)
        self._attachments: list[Attachment] = []
        self._lines: list[dict[str, Any]] = []
        self._role = ""
        self._facility_address = AddressDraft()
        self._of_another_payer = False
        self._segments = 0

    def take(self, segment: Segment) -> None:
        """One more segment of the claim or of its lines; what we do not know is passed over."""
        self._segments += 1
        if self._segments > MOST_SEGMENTS_A_CLAIM:
            expected = f"a claim of at most {MOST_SEGMENTS_A_CLAIM} segments"
            raise Misplaced(expected, segment=segment.number, tag=segment.tag)
        if segment.tag == "LX":
            self._lines.append({})
            self._role = ""
        elif segment.tag == "SBR" or (self._of_another_payer and not self._lines):
            self._of_another_payer = True
        elif self._lines:
            self._take_of_line(segment, self._lines[-1])
        else:
            self._take(segment)

    def _take(self, segment: Segment) -> None:
        told, kind = self._told, segment.element(1)
        match segment.tag:
            case "DTP" if kind in _DATES:
                told[_DATES[kind]] = days(segment, 2, 3)[0]
            case "DTP" if kind == "439" and self._accident is not None:
                self._accident["happened_on"] = days(segment, 2, 3)[0]
            case "PWK":
                transmission = choice(Transmission, segment, 2)
                number = segment.element(6) or None
                self._attachments.append(Attachment(report_type=kind, transmission=transmission, control_number=number))
            case "AMT" if kind == "F5":
                told["patient_paid_cents"] = cents(segment, 2)
            case "REF" if kind in _REFERENCES:
                told[_REFERENCES[kind]] = segment.element(2)
            case "NTE":
                told["note"] = Note(kind=choice(NoteKind, segment, 1), text=segment.element(2))
            case "HI" if segment.components(1)[0] == "ABK":
                codes = (segment.components(place) for place in range(1, len(segment.parts)))
                told["diagnoses"] = tuple(parts[1] for parts in codes if len(parts) > 1 and parts[0] in ("ABK", "ABF"))
            case "NM1":
                self._take_provider(segment)
            case "PRV" if self._role == "82":
                told["rendering"] |= {"taxonomy": segment.element(3)}
            case "N3" | "N4" if self._role == "77":
                self._facility_address.take(segment)

    def _take_provider(self, nm1: Segment) -> None:
        self._role = nm1.element(1)
        if self._role in _PROVIDERS:
            self._told[_PROVIDERS[self._role]] = {"name": name(nm1), "npi": nm1.element(9)}
        elif self._role == "77":
            self._told["facility"] = {"name": nm1.element(3), "npi": nm1.element(9) or None}

    def _take_of_line(self, segment: Segment, line: dict[str, Any]) -> None:
        kind = segment.element(1)
        match segment.tag:
            case "SV1":
                line |= _service(segment)
            case "DTP" if kind == "472":
                line["service_date"] = days(segment, 2, 3)[0]
            case "REF" if kind == "6R":
                line["control_number"] = segment.element(2)
            case "NTE" if kind == "ADD":
                line["note"] = segment.element(2)
            case "NM1":
                self._role = kind
                if kind == "82":
                    line["rendering"] = {"name": name(segment), "npi": segment.element(9)}
            case "PRV" if self._role == "82":
                line["rendering"] |= {"taxonomy": segment.element(3)}

    def done(self) -> ProfessionalClaim:
        """The claim.

        Raises:  Misplaced: a line or the claim is not whole; BadElement: the total is not that of the lines.
        """
        told = self._told
        for role in _PROVIDERS.values():
            if role in told:
                told[role] = Provider(**told[role])
        if "facility" in told:
            address = self._facility_address.done()
            told["facility"] = ServiceFacility(**told["facility"], address=self._whole(address, "N3 and N4 of NM1*77"))
        if self._accident is not None:
            told["accident"] = Accident(**self._accident)
        self._whole(told.get("diagnoses"), "HI*ABK")
        lines = tuple(self._line(line) for line in self._lines)
        claim = ProfessionalClaim(**told, attachments=tuple(self._attachments), lines=lines)
        if claim.charge_cents != self._charge:
            clm = self._clm
            raise BadElement("CLM02", clm.element(2), "the sum of SV102 of all lines", segment=clm.number)
        return claim

    def _line(self, line: dict[str, Any]) -> ServiceLine:
        if not {"code", "service_date"} <= set(line):
            self._whole(None, "SV1 and DTP*472 of every line")
        if "rendering" in line:
            line["rendering"] = Provider(**line["rendering"])
        return ServiceLine(**{"control_number": "", **line})

    def _whole(self, part: Any, expected: str) -> Any:
        if part is None:
            raise Misplaced(f"{expected} behind it", segment=self._clm.number, tag="CLM")
        return part


def _claim(clm: Segment) -> dict[str, Any]:
    place, _, frequency = (*clm.components(5), "", "", "")[:3]
    return {
        "claim_id": clm.element(1),
        "place_of_service": place,
        "frequency": choice(Frequency, clm, 5, frequency),
        "provider_signed": clm.element(6) == "Y",
        "assignment": choice(Assignment, clm, 7),
        "benefits_assigned": choice(BenefitsAssigned, clm, 8),
        "release": choice(Release, clm, 9),
        "signature_by_provider": clm.element(10) == "P",
        "delay_reason": clm.element(20) or None,
    }


def _accident(clm: Segment) -> dict[str, Any] | None:
    if not clm.element(11):
        return None
    parts = clm.components(11)
    causes = tuple(choice(RelatedCause, clm, 11, part) for part in parts[:3] if part)
    return {"causes": causes, "state": (*parts, "", "", "", "")[3] or None}


def _service(sv1: Segment) -> dict[str, Any]:
    parts = sv1.components(1)
    if len(parts) < 2 or parts[0] != "HC":
        raise BadElement("SV101", sv1.element(1), "HC and a code", segment=sv1.number)
    units = quantity(sv1, 4)
    if sv1.element(3) != "UN" or units is None or units != int(units):
        raise BadElement("SV104", sv1.element(4), "whole units (UN)", segment=sv1.number)
    pointers = [pointer for pointer in sv1.components(7) if pointer]
    if not all(pointer.isascii() and pointer.isdigit() and len(pointer) < 3 for pointer in pointers):
        raise BadElement("SV107", sv1.element(7), "places of diagnoses, e.g. 1:2", segment=sv1.number)
    return {
        "code": parts[1],
        "modifiers": tuple(modifier for modifier in parts[2:6] if modifier),
        "description": (*parts[6:7], "")[0] or None,
        "charge_cents": cents(sv1, 2),
        "units": int(units),
        "place_of_service": sv1.element(5) or None,
        "diagnosis_pointers": tuple(map(int, pointers)),
    }
