"""The small parts of FHIR resources: references, concepts, money, names, addresses."""

from typing import Any
from uuid import UUID, uuid5

from interchange.fhir import systems
from interchange.professional import Address, PersonName
from therapy_domain.identity import NAMESPACE

Resource = dict[str, Any]
"""A FHIR R4 resource or a part of one, as JSON has it."""


class References:
    """Ids of the resources around one claim: the same for the same claim, and telling nothing of the patient."""

    def __init__(self, claim_id: str) -> None:
        self._claim_id = claim_id

    def id(self, role: str) -> str:
        """The id of the resource in that role."""
        return str(self._uuid(role))

    def to(self, role: str) -> Resource:
        """A reference to it, inside the bundle."""
        return {"reference": self.url(role)}

    def url(self, role: str) -> str:
        """Its full URL in the bundle."""
        return f"urn:uuid:{self._uuid(role)}"

    def _uuid(self, role: str) -> UUID:
        return uuid5(NAMESPACE, f"fhir/{self._claim_id}/{role}")


def concept(system: str, code: str) -> Resource:
    """A concept by its code alone: no display text is carried along."""
    return {"coding": [{"system": system, "code": code}]}


def money(cents: int) -> Resource:
    """An amount of dollars. A float holds every amount of whole cents that a claim can have."""
    return {"value": cents / 100, "currency": "USD"}


def identifier(system: str, value: str) -> Resource:
    """A number with its system."""
    return {"system": system, "value": value}


def human_name(name: PersonName) -> Resource:
    """A person's name."""
    given = [part for part in (name.given, name.middle) if part is not None]
    made: Resource = {"family": name.family}
    if given:
        made["given"] = given
    if name.suffix is not None:
        made["suffix"] = [name.suffix]
    return made


def address(where: Address) -> Resource:
    """A postal address."""
    lines = [line for line in (where.line1, where.line2) if line is not None]
    return {"line": lines, "city": where.city, "state": where.state, "postalCode": where.zip, "country": "US"}


def phone(number: str) -> Resource:
    """A telephone number."""
    return {"system": "phone", "value": number}


def dotted(diagnosis: str) -> str:
    """An ICD-10-CM code with its dot.

    >>> dotted("R2681"), dotted("R26.81"), dotted("G35")
    ('R26.81', 'R26.81', 'G35')
    """
    plain = diagnosis.replace(".", "")
    return f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain


def service_system(code: str) -> str:
    """CPT where it is five characters that begin with a digit, HCPCS level II else."""
    return systems.CPT if code[0].isdigit() else systems.HCPCS
