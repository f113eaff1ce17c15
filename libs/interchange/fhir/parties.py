"""The resources around a claim: patient, coverage, organizations, practitioners, the place."""

from collections.abc import Iterator

from interchange.fhir import systems
from interchange.fhir.parts import References, Resource, address, concept, human_name, identifier, phone
from interchange.professional import (
    BillingProvider,
    OrganizationName,
    PersonName,
    ProfessionalClaim,
    Provider,
    Sex,
    TaxIdKind,
)

_GENDERS = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.UNKNOWN: "unknown"}


def parties(claim: ProfessionalClaim, references: References) -> Iterator[tuple[str, Resource]]:
    """Every resource a claim points at, with its role."""
    yield "patient", _patient(claim, references)
    yield "coverage", _coverage(claim, references)
    yield "payer", _payer(claim, references)
    yield "billing", _billing(claim.billing, references)
    for role, provider in providers(claim):
        yield role, _provider(role, provider, references)
    if claim.facility is not None:
        yield "facility", _facility(claim, references)


def providers(claim: ProfessionalClaim) -> Iterator[tuple[str, Provider]]:
    """The providers of the care team by role; those of single lines as `rendering-1`, each once."""
    told = (("rendering", claim.rendering), ("referring", claim.referring), ("supervising", claim.supervising))
    for role, provider in told:
        if provider is not None:
            yield role, provider
    seen = [claim.rendering]
    for line in claim.lines:
        if line.rendering is not None and line.rendering not in seen:
            yield f"rendering-{len(seen)}", line.rendering
            seen.append(line.rendering)


def _patient(claim: ProfessionalClaim, references: References) -> Resource:
    subscriber = claim.subscriber
    numbers = [{"type": concept(systems.IDENTIFIER_TYPE, "MB"), "value": subscriber.member_id}]
    if claim.medical_record_number is not None:
        numbers.append({"type": concept(systems.IDENTIFIER_TYPE, "MR"), "value": claim.medical_record_number})
    made: Resource = {
        "resourceType": "Patient",
        "id": references.id("patient"),
        "identifier": numbers,
        "name": [human_name(subscriber.name)],
        "gender": _GENDERS[subscriber.sex],
        "birthDate": subscriber.birth_date.isoformat(),
        "address": [address(subscriber.address)],
    }
    if subscriber.phone is not None:
        made["telecom"] = [phone(subscriber.phone)]
    return made


def _coverage(claim: ProfessionalClaim, references: References) -> Resource:
    subscriber = claim.subscriber
    made: Resource = {
        "resourceType": "Coverage",
        "id": references.id("coverage"),
        "status": "active",
        "type": concept(systems.FILING_INDICATOR, subscriber.coverage.value),
        "subscriber": references.to("patient"),
        "subscriberId": subscriber.member_id,
        "beneficiary": references.to("patient"),
        "relationship": concept(systems.RELATIONSHIP, "self"),
        "payor": [references.to("payer")],
    }
    if subscriber.group_number is not None or subscriber.group_name is not None:
        group = {
            "type": concept(systems.COVERAGE_CLASS, "group"),
            "value": subscriber.group_number or subscriber.group_name,
        }
        made["class"] = [group if subscriber.group_name is None else {**group, "name": subscriber.group_name}]
    return made


def _payer(claim: ProfessionalClaim, references: References) -> Resource:
    made: Resource = {
        "resourceType": "Organization",
        "id": references.id("payer"),
        "identifier": [{"value": claim.payer.identifier}],
        "name": claim.payer.name,
    }
    if claim.payer.address is not None:
        made["address"] = [address(claim.payer.address)]
    return made


def _billing(billing: BillingProvider, references: References) -> Resource:
    tax_system = systems.TAX_ID if billing.tax_id_kind == TaxIdKind.EMPLOYER else systems.SOCIAL_SECURITY
    numbers = [identifier(systems.NPI, billing.npi), identifier(tax_system, billing.tax_id.replace("-", ""))]
    made: Resource = {"id": references.id("billing"), "identifier": numbers, "address": [address(billing.address)]}
    if billing.contact is not None:
        made["telecom"] = [phone(billing.contact.phone)]
    taxonomy = None if billing.taxonomy is None else concept(systems.TAXONOMY, billing.taxonomy)
    if isinstance(billing.name, OrganizationName):
        more = {} if taxonomy is None else {"type": [taxonomy]}
        return {"resourceType": "Organization", "name": billing.name.name, **more, **made}
    more = {} if taxonomy is None else {"qualification": [{"code": taxonomy}]}
    return {"resourceType": "Practitioner", "name": [human_name(billing.name)], **more, **made}


def _provider(role: str, provider: Provider, references: References) -> Resource:
    made: Resource = {"id": references.id(role), "identifier": [identifier(systems.NPI, provider.npi)]}
    if isinstance(provider.name, PersonName):
        return {"resourceType": "Practitioner", "name": [human_name(provider.name)], **made}
    return {"resourceType": "Organization", "name": provider.name.name, **made}


def _facility(claim: ProfessionalClaim, references: References) -> Resource:
    assert claim.facility is not None
    made: Resource = {
        "resourceType": "Location",
        "id": references.id("facility"),
        "name": claim.facility.name,
        "address": address(claim.facility.address),
    }
    if claim.facility.npi is not None:
        made["identifier"] = [identifier(systems.NPI, claim.facility.npi)]
    return made
