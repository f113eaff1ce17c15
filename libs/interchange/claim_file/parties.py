"""Loops 1000A to 2010BB and the providers of a claim: who takes part, as segments."""

from interchange.professional import (
    Address,
    BillingProvider,
    Contact,
    OrganizationName,
    Payer,
    PersonName,
    Provider,
    Receiver,
    ServiceFacility,
    Submitter,
    Subscriber,
)
from interchange.x12.characters import folded
from interchange.x12.output import SegmentWriter
from interchange.x12.values import day_text


class PartySegments:
    """Writes parties; every free text in capitals and without accents."""

    def __init__(self, writer: SegmentWriter) -> None:
        self._write = writer.write

    def submitter(self, submitter: Submitter) -> None:
        """Loop 1000A."""
        self._name("41", OrganizationName(name=submitter.name), "46", submitter.identifier)
        self._contact(submitter.contact)

    def receiver(self, receiver: Receiver) -> None:
        """Loop 1000B."""
        self._name("40", OrganizationName(name=receiver.name), "46", receiver.identifier)

    def billing(self, billing: BillingProvider) -> None:
        """Loops 2000A (its level is written), 2010AA and 2010AB."""
        if billing.taxonomy is not None:
            self._write("PRV", "BI", "PXC", billing.taxonomy)
        self._name("85", billing.name, "XX", billing.npi)
        self._address(billing.address)
        self._write("REF", billing.tax_id_kind.value, billing.tax_id.replace("-", ""))
        if billing.contact is not None:
            self._contact(billing.contact)
        if billing.pay_to is not None:
            self._write("NM1", "87", "2" if isinstance(billing.name, OrganizationName) else "1")
            self._address(billing.pay_to)

    def subscriber(self, subscriber: Subscriber) -> None:
        """Loops 2000B (its level is written) and 2010BA; the patient is the subscriber, this payer pays first."""
        group = subscriber.group_number or ""
        plan = "" if group else folded(subscriber.group_name or "")  # the guide takes the name in place of the number
        self._write("SBR", "P", "18", group, plan, "", "", "", "", subscriber.coverage.value)
        self._name("IL", subscriber.name, "MI", subscriber.member_id)
        self._address(subscriber.address)
        self._write("DMG", "D8", day_text(subscriber.birth_date), subscriber.sex.value)
        if subscriber.casualty_claim_number is not None:
            self._write("REF", "Y4", subscriber.casualty_claim_number)
            if subscriber.phone is not None:
                self._write("PER", "IC", "", "TE", subscriber.phone)

    def payer(self, payer: Payer) -> None:
        """Loop 2010BB."""
        self._name("PR", OrganizationName(name=payer.name), payer.identifier_kind.value, payer.identifier)
        if payer.address is not None:
            self._address(payer.address)

    def provider(self, role: str, provider: Provider, speciality_of: str = "") -> None:
        """Loops 2310A, 2310B, 2310D, 2420A."""
        self._name(role, provider.name, "XX", provider.npi)
        if provider.taxonomy is not None and speciality_of:
            self._write("PRV", speciality_of, "PXC", provider.taxonomy)

    def facility(self, facility: ServiceFacility) -> None:
        """Loop 2310C."""
        npi = ("XX", facility.npi) if facility.npi is not None else ("", "")
        self._name("77", OrganizationName(name=facility.name), *npi)
        self._address(facility.address)

    def _name(self, role: str, name: PersonName | OrganizationName, qualifier: str, identifier: str) -> None:
        if isinstance(name, OrganizationName):
            parts = ("2", folded(name.name), "", "", "", "")
        else:
            given, middle, suffix = (folded(part or "") for part in (name.given, name.middle, name.suffix))
            parts = ("1", folded(name.family), given, middle, "", suffix)
        self._write("NM1", role, *parts, qualifier, identifier)

    def _address(self, address: Address) -> None:
        self._write("N3", folded(address.line1), folded(address.line2 or ""))
        self._write("N4", folded(address.city), address.state, address.zip.replace("-", ""))

    def _contact(self, contact: Contact) -> None:
        extension = ("EX", contact.extension) if contact.extension is not None else ()
        self._write("PER", "IC", folded(contact.name), "TE", contact.phone, *extension)
