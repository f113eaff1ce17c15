"""Where each field of a claim stands: 837P loop and element, box of the CMS-1500, FHIR R4 path."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Place(NamedTuple):
    """One field in the three formats; '' where a format has no place for it."""

    element: str
    """Loop and element: `2400 SV104`."""
    box: str
    """`24G`."""
    fhir: str
    """`Claim.item.quantity`."""


_ADDRESS = {"line1": "N301", "line2": "N302", "city": "N401", "state": "N402", "zip": "N403"}


def _provider(path: str, loop: str, name_box: str, npi_box: str, role: str) -> dict[str, Place]:
    return {
        path: Place(f"{loop} NM1", name_box, "Claim.careTeam"),
        f"{path}.name": Place(f"{loop} NM103", name_box, "Practitioner.name"),
        f"{path}.npi": Place(f"{loop} NM109", npi_box, f"Claim.careTeam ({role}) Practitioner.identifier"),
        f"{path}.taxonomy": Place(f"{loop} PRV03", npi_box, "Claim.careTeam.qualification"),
    }


def _address(path: str, loop: str, box: str, fhir: str) -> dict[str, Place]:
    return {f"{path}.{name}": Place(f"{loop} {element}", box, fhir) for name, element in _ADDRESS.items()}


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "claim_id": Place("2300 CLM01", "26", "Claim.identifier"),
        "frequency": Place("2300 CLM05-3", "22", "Claim.related.relationship"),
        "payer_claim_number": Place("2300 REF*F8 REF02", "22", "Claim.related.reference"),
        "billing": Place("2010AA NM1", "33", "Claim.provider"),
        "billing.name": Place("2010AA NM103", "33", "Claim.provider Organization.name"),
        "billing.npi": Place("2010AA NM109", "33a", "Claim.provider Organization.identifier"),
        "billing.tax_id": Place("2010AA REF*EI REF02", "25", "Claim.provider Organization.identifier"),
        "billing.tax_id_kind": Place("2010AA REF01", "25", "Claim.provider Organization.identifier"),
        "billing.taxonomy": Place("2000A PRV03", "33b", "Claim.provider Organization.type"),
        **_address("billing.address", "2010AA", "33", "Claim.provider Organization.address"),
        "billing.contact": Place("2010AA PER", "33", "Claim.provider Organization.contact"),
        "billing.pay_to": Place("2010AB N3", "", "Claim.payee"),
        "subscriber": Place("2010BA NM1", "2", "Claim.patient"),
        "subscriber.name": Place("2010BA NM103", "2, 4", "Patient.name"),
        "subscriber.member_id": Place("2010BA NM109", "1a", "Coverage.subscriberId"),
        "subscriber.birth_date": Place("2010BA DMG02", "3, 11a", "Patient.birthDate"),
        "subscriber.sex": Place("2010BA DMG03", "3, 11a", "Patient.gender"),
        **_address("subscriber.address", "2010BA", "5, 7", "Patient.address"),
        "subscriber.phone": Place("2010BA PER04", "5, 7", "Patient.telecom"),
        "subscriber.coverage": Place("2000B SBR09", "1", "Coverage.type"),
        "subscriber.group_number": Place("2000B SBR03", "11", "Coverage.class"),
        "subscriber.group_name": Place("2000B SBR04", "11c", "Coverage.class"),
        "subscriber.casualty_claim_number": Place("2010BA REF*Y4 REF02", "11b", "Claim.supportingInfo"),
        "payer": Place("2010BB NM1", "top right", "Claim.insurer"),
        "payer.name": Place("2010BB NM103", "top right", "Claim.insurer Organization.name"),
        "payer.identifier": Place("2010BB NM109", "", "Claim.insurer Organization.identifier"),
        "payer.identifier_kind": Place("2010BB NM108", "", "Claim.insurer Organization.identifier"),
        **_address("payer.address", "2010BB", "top right", "Claim.insurer Organization.address"),
        "place_of_service": Place("2300 CLM05-1", "24B", "Claim.item.locationCodeableConcept"),
        "provider_signed": Place("2300 CLM06", "31", "Claim.supportingInfo"),
        "assignment": Place("2300 CLM07", "27", "Claim.supportingInfo"),
        "benefits_assigned": Place("2300 CLM08", "13", "Claim.supportingInfo"),
        "release": Place("2300 CLM09", "12", "Claim.supportingInfo"),
        "signature_by_provider": Place("2300 CLM10", "12", "Claim.supportingInfo"),
        "accident": Place("2300 CLM11", "10", "Claim.accident"),
        "accident.causes": Place("2300 CLM11", "10a-c", "Claim.accident.type"),
        "accident.happened_on": Place("2300 DTP*439 DTP03", "15", "Claim.accident.date"),
        "accident.state": Place("2300 CLM11-4", "10b", "Claim.accident.locationAddress"),
        "onset_on": Place("2300 DTP*431 DTP03", "14", "Claim.supportingInfo (onset)"),
        "initial_treatment_on": Place("2300 DTP*454 DTP03", "15", "Claim.supportingInfo"),
        "acute_manifestation_on": Place("2300 DTP*453 DTP03", "15", "Claim.supportingInfo"),
        "last_seen_on": Place("2300 DTP*304 DTP03", "15", "Claim.supportingInfo"),
        "delay_reason": Place("2300 CLM20", "", "Claim.supportingInfo"),
        "patient_paid_cents": Place("2300 AMT*F5 AMT02", "29", "Claim.supportingInfo"),
        "prior_authorization": Place("2300 REF*G1 REF02", "23", "Claim.insurance.preAuthRef"),
        "referral_number": Place("2300 REF*9F REF02", "23", "Claim.referral"),
        "medical_record_number": Place("2300 REF*EA REF02", "", "Patient.identifier"),
        "clearinghouse_trace": Place("2300 REF*D9 REF02", "", "Claim.identifier"),
        "attachments": Place("2300 PWK", "19", "Claim.supportingInfo (attachment)"),
        "attachments.control_number": Place("2300 PWK06", "19", "Claim.supportingInfo (attachment)"),
        "note": Place("2300 NTE02", "19", "Claim.supportingInfo (info)"),
        "diagnoses": Place("2300 HI", "21", "Claim.diagnosis"),
        **_provider("referring", "2310A", "17", "17b", "referring"),
        **_provider("rendering", "2310B", "31", "24J", "rendering"),
        **_provider("supervising", "2310D", "", "", "supervising"),
        "facility": Place("2310C NM1", "32", "Claim.facility"),
        "facility.name": Place("2310C NM103", "32", "Claim.facility Location.name"),
        "facility.npi": Place("2310C NM109", "32a", "Claim.facility Location.identifier"),
        **_address("facility.address", "2310C", "32", "Claim.facility Location.address"),
        "lines": Place("2400 LX", "24", "Claim.item"),
        "lines.code": Place("2400 SV101-2", "24D", "Claim.item.productOrService"),
        "lines.modifiers": Place("2400 SV101-3", "24D", "Claim.item.modifier"),
        "lines.description": Place("2400 SV101-7", "24 (shaded)", "Claim.item.productOrService.text"),
        "lines.charge_cents": Place("2400 SV102", "24F", "Claim.item.net"),
        "lines.units": Place("2400 SV104", "24G", "Claim.item.quantity"),
        "lines.diagnosis_pointers": Place("2400 SV107", "24E", "Claim.item.diagnosisSequence"),
        "lines.service_date": Place("2400 DTP*472 DTP03", "24A", "Claim.item.servicedDate"),
        "lines.control_number": Place("2400 REF*6R REF02", "", ""),
        "lines.place_of_service": Place("2400 SV105", "24B", "Claim.item.locationCodeableConcept"),
        **_provider("lines.rendering", "2420A", "24J", "24J", "rendering"),
        "lines.note": Place("2400 NTE02", "24 (shaded)", "Claim.item.informationSequence"),
    }
)
_index = re.compile(r"\[\d+\]")


def place_of(path: str) -> Place:
    """The place of a field by its path (`lines[0].units`); of the nearest part around it where it has none."""
    plain = _index.sub("", path)
    while plain not in PLACES and "." in plain:
        plain = plain.rpartition(".")[0]
    return PLACES.get(plain, Place("", "", ""))
