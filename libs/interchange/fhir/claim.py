"""A professional claim as a FHIR R4 Claim, in a bundle with everything it points at."""

from collections.abc import Iterator, Sequence
from datetime import date

from interchange.fhir import systems
from interchange.fhir.information import note_numbers, supporting_information
from interchange.fhir.parties import parties, providers
from interchange.fhir.parts import References, Resource, concept, dotted, money, service_system
from interchange.professional import (
    Accident,
    CompanionGuide,
    Frequency,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    ServiceLine,
)
from interchange.professional.faults import require_valid

_INCIDENTS = {RelatedCause.AUTO_ACCIDENT: "MVA", RelatedCause.EMPLOYMENT: "WPA"}
Team = Sequence[tuple[str, Provider]]
"""The providers of the care team by role, in their order."""
_ROLES = {"rendering": "primary", "referring": "other", "supervising": "supervisor"}


def claim_bundle(claim: ProfessionalClaim, guide: CompanionGuide, *, created: date) -> Resource:
    """A collection of the claim and what it points at, every resource under an id of its own.

    Raises:  InvalidClaim: the claim has faults.
    Source:  HL7 FHIR R4 (4.0.1), Claim.
    """
    return bundle(claim_entries(claim, guide, created=created))


def claim_entries(claim: ProfessionalClaim, guide: CompanionGuide, *, created: date) -> Iterator[tuple[str, Resource]]:
    """The resources with their full URLs: the claim first."""
    require_valid(claim, guide)
    references = References(claim.claim_id)
    yield references.url("claim"), _claim(claim, references, created)
    for role, resource in parties(claim, references):
        yield references.url(role), resource


def bundle(entries: Iterator[tuple[str, Resource]]) -> Resource:
    """A collection of resources."""
    made = [{"fullUrl": url, "resource": resource} for url, resource in entries]
    return {"resourceType": "Bundle", "type": "collection", "entry": made}


def _claim(claim: ProfessionalClaim, references: References, created: date) -> Resource:
    team = list(providers(claim))
    information = supporting_information(claim)
    days = [line.service_date for line in claim.lines]
    notes = note_numbers(claim, information)
    made: Resource = {
        "resourceType": "Claim",
        "id": references.id("claim"),
        "identifier": _identifiers(claim),
        "status": "cancelled" if claim.frequency == Frequency.VOID else "active",
        "type": concept(systems.CLAIM_TYPE, "professional"),
        "use": "claim",
        "patient": references.to("patient"),
        "billablePeriod": {"start": min(days).isoformat(), "end": max(days).isoformat()},
        "created": created.isoformat(),
        "insurer": references.to("payer"),
        "provider": references.to("billing"),
        "priority": concept(systems.PRIORITY, "normal"),
        "supportingInfo": information,
        "diagnosis": list(_diagnoses(claim)),
        "insurance": [_insurance(claim, references)],
        "item": [_item(n, line, claim, team, notes.get(n)) for n, line in enumerate(claim.lines, start=1)],
        "total": money(claim.charge_cents),
    }
    return made | dict(_sometimes(claim, references, team))


def _sometimes(claim: ProfessionalClaim, references: References, team: Team) -> Iterator[tuple[str, object]]:
    """The fields that a claim may be without."""
    if claim.payer_claim_number is not None:
        yield "related", [_related(claim.frequency, claim.payer_claim_number)]
    if claim.billing.pay_to is not None:
        yield "payee", {"type": concept(systems.PAYEE, "provider"), "party": references.to("billing")}
    if claim.referral_number is not None:
        yield "referral", {"type": "ServiceRequest", "identifier": {"value": claim.referral_number}}
    if claim.facility is not None:
        yield "facility", references.to("facility")
    if team:
        yield "careTeam", [_member(n, *member, references) for n, member in enumerate(team, start=1)]
    if claim.accident is not None and claim.accident.happened_on is not None:
        yield "accident", _accident(claim.accident, claim.accident.happened_on)


def _identifiers(claim: ProfessionalClaim) -> list[Resource]:
    made: list[Resource] = [{"use": "official", "value": claim.claim_id}]
    if claim.clearinghouse_trace is not None:
        made.append({"use": "secondary", "value": claim.clearinghouse_trace})
    return made


def _related(frequency: Frequency, number: str) -> Resource:
    relationship = (
        concept(systems.REPLACES, "replaces")
        if frequency == Frequency.REPLACEMENT
        else concept(systems.RELATED_CLAIM, "prior")
    )
    return {"relationship": relationship, "reference": {"value": number}}


def _member(sequence: int, role: str, provider: Provider, references: References) -> Resource:
    kind = role.partition("-")[0]
    coding = [
        {"system": systems.CARE_TEAM_ROLE, "code": _ROLES[kind]},
        {"system": systems.CARE_TEAM_ROLE_US, "code": kind},
    ]
    made: Resource = {"sequence": sequence, "provider": references.to(role), "role": {"coding": coding}}
    if provider.taxonomy is not None:
        made["qualification"] = concept(systems.TAXONOMY, provider.taxonomy)
    return made


def _diagnoses(claim: ProfessionalClaim) -> Iterator[Resource]:
    for sequence, code in enumerate(claim.diagnoses, start=1):
        made: Resource = {
            "sequence": sequence,
            "diagnosisCodeableConcept": concept(systems.ICD_10_CM, dotted(code)),
        }
        if sequence == 1:
            made["type"] = [concept(systems.DIAGNOSIS_TYPE, "principal")]
        yield made


def _insurance(claim: ProfessionalClaim, references: References) -> Resource:
    made: Resource = {"sequence": 1, "focal": True, "coverage": references.to("coverage")}
    if claim.prior_authorization is not None:
        made["preAuthRef"] = [claim.prior_authorization]
    return made


def _accident(accident: Accident, happened_on: date) -> Resource:
    known = [_INCIDENTS[cause] for cause in accident.causes if cause in _INCIDENTS]
    kind = (
        {"coding": [{"system": systems.ACT_CODE, "code": code} for code in known]}
        if known
        else {"text": "other accident"}
    )
    made: Resource = {"date": happened_on.isoformat(), "type": kind}
    if accident.state is not None:
        made["locationAddress"] = {"state": accident.state, "country": "US"}
    return made


def _item(sequence: int, line: ServiceLine, claim: ProfessionalClaim, team: Team, note: int | None) -> Resource:
    service: Resource = concept(service_system(line.code), line.code)
    if line.description is not None:
        service["text"] = line.description
    made: Resource = {
        "sequence": sequence,
        "diagnosisSequence": list(line.diagnosis_pointers),
        "productOrService": service,
        "servicedDate": line.service_date.isoformat(),
        "locationCodeableConcept": concept(systems.PLACE_OF_SERVICE, line.place_of_service or claim.place_of_service),
        "quantity": {"value": line.units},
        "net": money(line.charge_cents),
    }
    if line.charge_cents % line.units == 0:
        made["unitPrice"] = money(line.charge_cents // line.units)
    if line.modifiers:
        made["modifier"] = [concept(service_system(modifier), modifier) for modifier in line.modifiers]
    if note is not None:
        made["informationSequence"] = [note]
    rendering = line.rendering or claim.rendering
    members = [
        n for n, (role, provider) in enumerate(team, start=1) if role.startswith("rendering") and provider == rendering
    ]
    if members:
        made["careTeamSequence"] = members
    return made
