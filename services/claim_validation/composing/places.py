"""Addresses and telephone numbers of practice and patient, as a claim holds them."""

from interchange.professional import Address, Contact, ServiceFacility
from therapy_domain.events import reference
from therapy_domain.events.reference import Clinic, OrganizationConfigured

_AT_HOME = frozenset({"02", "10", "12"})
"""Places of service that are no place of the practice."""
_NOT_SENT = str.maketrans(dict.fromkeys("#*~^:<>\\", " ") | {"@": " AT "})
"""Signs of everyday addresses that claim files cannot hold."""


def plain(text: str) -> str:
    """An organization's name or an address line without the signs that cut data."""
    return " ".join(text.translate(_NOT_SENT).split())


def address(given: reference.Address) -> Address:
    """The same address."""
    return Address(
        line1=plain(given.line1),
        line2=plain(given.line2 or "") or None,
        city=plain(given.city),
        state=given.state.strip().upper(),
        zip=given.zip.strip(),
    )


def phone(text: str) -> str | None:
    """A telephone number as digits; None where it is no number of this country.

    >>> phone("+1 (212) 555-0100"), phone("555-0100"), phone("none")
    ('2125550100', '5550100', None)
    """
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    digits = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return digits if len(digits) in (7, 10) else None


def contact(organization: OrganizationConfigured) -> Contact | None:
    """Whom a payer may call; None where there is no number to call."""
    number = phone(organization.contact.phone)
    return None if number is None else Contact(name=plain(organization.contact.name), phone=number)


def facility(
    organization: OrganizationConfigured, clinic_id: str | None, place_of_service: str
) -> ServiceFacility | None:
    """Where the visit was, if that is a clinic at another address than the billing provider's.

    Source:  005010X222A1, loop 2310C.
    """
    if place_of_service in _AT_HOME:
        return None
    clinic = next((each for each in organization.clinics if each.id == clinic_id), None)
    if clinic is None or clinic.address is None or clinic.address == organization.address:
        return None
    return _facility(clinic, clinic.address)


def _facility(clinic: Clinic, where: reference.Address) -> ServiceFacility:
    return ServiceFacility(name=plain(clinic.name), address=address(where))
