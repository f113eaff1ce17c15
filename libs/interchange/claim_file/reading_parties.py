"""The parties of a claim file, put together segment by segment."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from interchange.professional import (
    Address,
    BillingProvider,
    Contact,
    Coverage,
    OrganizationName,
    Payer,
    PayerIdKind,
    PersonName,
    Sex,
    Subscriber,
    TaxIdKind,
)
from interchange.x12.errors import BadElement, Misplaced
from interchange.x12.segments import Segment
from interchange.x12.values import day

C = TypeVar("C", bound=StrEnum)


def choice(kind: type[C], segment: Segment, place: int, text: str | None = None) -> C:
    """What a code stands for.

    Raises:  BadElement: it stands for nothing.
    """
    code = segment.element(place) if text is None else text
    try:
        return kind(code)
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise BadElement(segment.named(place), code, f"one of {known}", segment=segment.number) from None


def name(nm1: Segment) -> PersonName | OrganizationName:
    """The name in an NM1."""
    if nm1.element(2) == "1":
        given, middle, suffix = (nm1.element(place) or None for place in (4, 5, 7))
        return PersonName(family=nm1.element(3), given=given, middle=middle, suffix=suffix)
    return OrganizationName(name=nm1.element(3))


class AddressDraft:
    """N3 and N4 of one party."""

    def __init__(self) -> None:
        self._told: dict[str, str | None] = {}

    def take(self, segment: Segment) -> None:
        """An N3 or an N4."""
        if segment.tag == "N3":
            self._told |= {"line1": segment.element(1), "line2": segment.element(2) or None}
        else:
            self._told |= {"city": segment.element(1), "state": segment.element(2), "zip": segment.element(3)}

    def done(self) -> Address | None:
        """The address; None where nothing was told, or not all of it."""
        if not {"line1", "city"} <= set(self._told):
            return None
        told: Mapping[str, Any] = self._told
        return Address(**told)


class BillingDraft:
    """Loops 2000A to 2010AB."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._role = ""
        self._addresses: dict[str, AddressDraft] = {}
        self._made: BillingProvider | None = None

    def take(self, segment: Segment) -> None:
        """One more segment; what we do not know is passed over."""
        match segment.tag:
            case "PRV":
                self._told["taxonomy"] = segment.element(3)
            case "NM1":
                self._role = segment.element(1)
                if self._role == "85":
                    self._told |= {"name": name(segment), "npi": segment.element(9)}
            case "N3" | "N4":
                self._addresses.setdefault(self._role, AddressDraft()).take(segment)
            case "REF" if segment.element(1) in ("EI", "SY") and self._role == "85":
                self._told |= {"tax_id": segment.element(2), "tax_id_kind": choice(TaxIdKind, segment, 1)}
            case "PER":
                extension = segment.element(6) if segment.element(5) == "EX" else None
                told = Contact(name=segment.element(2), phone=segment.element(4), extension=extension)
                self._told["contact"] = told

    def done(self, at: Segment) -> BillingProvider:
        """The billing provider, one object for all its claims.

        Raises:  Misplaced: something required was not told.
        """
        if self._made is None:
            address = self._addresses.get("85", AddressDraft()).done()
            if address is None or not {"npi", "tax_id"} <= set(self._told):
                expected = "NM1*85, N3, N4 and REF*EI of the billing provider before it"
                raise Misplaced(expected, segment=at.number, tag=at.tag)
            pay_to = self._addresses["87"].done() if "87" in self._addresses else None
            self._made = BillingProvider(**self._told, address=address, pay_to=pay_to)
        return self._made


class SubscriberDraft:
    """Loops 2000B to 2010BB."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._payer: dict[str, Any] = {}
        self._role = ""
        self._addresses: dict[str, AddressDraft] = {}
        self._made: tuple[Subscriber, Payer] | None = None

    def take(self, segment: Segment) -> None:
        """One more segment; what we do not know is passed over."""
        match segment.tag:
            case "SBR":
                group, plan = segment.element(3) or None, segment.element(4) or None
                coverage = choice(Coverage, segment, 9)
                self._told |= {"group_number": group, "group_name": plan, "coverage": coverage}
            case "NM1":
                self._take_name(segment)
            case "N3" | "N4":
                self._addresses.setdefault(self._role, AddressDraft()).take(segment)
            case "DMG":
                born: date = day(segment, 2)
                self._told |= {"birth_date": born, "sex": choice(Sex, segment, 3)}
            case "REF" if segment.element(1) == "Y4":
                self._told["casualty_claim_number"] = segment.element(2)
            case "PER" if self._role == "IL":
                self._told["phone"] = segment.element(4)

    def _take_name(self, nm1: Segment) -> None:
        self._role = nm1.element(1)
        if self._role == "IL":
            self._told |= {"name": name(nm1), "member_id": nm1.element(9)}
        elif self._role == "PR":
            kind = choice(PayerIdKind, nm1, 8)
            self._payer = {"name": nm1.element(3), "identifier": nm1.element(9), "identifier_kind": kind}

    def done(self, at: Segment) -> tuple[Subscriber, Payer]:
        """The subscriber and the payer.

        Raises:  Misplaced: something required was not told.
        """
        if self._made is None:
            address = self._addresses.get("IL", AddressDraft()).done()
            person = isinstance(self._told.get("name"), PersonName)
            if address is None or not person or not {"coverage", "sex"} <= set(self._told) or not self._payer:
                expected = "SBR, NM1*IL of a person, N3, N4, DMG and NM1*PR before it"
                raise Misplaced(expected, segment=at.number, tag=at.tag)
            of_payer = self._addresses["PR"].done() if "PR" in self._addresses else None
            self._made = (Subscriber(**self._told, address=address), Payer(**self._payer, address=of_payer))
        return self._made
