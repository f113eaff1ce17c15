"""Who takes part in a claim: providers, the subscriber, the payer, who sends and who receives.

`Personal` fields identify a patient: no `repr` and no error prints them.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, get_args

from pydantic import ConfigDict, Discriminator, Tag

from interchange.professional.choices import Coverage, PayerIdKind, Sex, TaxIdKind
from interchange.professional.forms import (
    AddressText,
    CityText,
    Extension,
    FamilyText,
    FreeText,
    GivenText,
    MemberId,
    MiddleText,
    OrganizationText,
    PayerId,
    Phone,
    Reference,
    State,
    SuffixText,
    Taxonomy,
    Zip,
)
from therapy_domain.fields import PERSONAL, Npi, Personal, TaxId


class Part:
    """A part of a claim: a plain value, whose forms `faults` checks when it is asked to."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        strict=True, revalidate_instances="always", hide_input_in_errors=True
    )
    names: ClassVar[tuple[str, ...]] = ()
    personal: ClassVar[frozenset[str]] = frozenset()
    """The fields that identify a patient."""
    free: ClassVar[Mapping[str, FreeText]] = {}
    """The fields that are sent in capitals and without accents, and how."""

    def __init_subclass__(cls) -> None:
        hints = inspect.get_annotations(cls)
        cls.names = tuple(hints)
        cls.personal = frozenset(name for name, hint in hints.items() if PERSONAL in _marks(hint))
        cls.free = {name: mark for name, hint in hints.items() for mark in _marks(hint) if isinstance(mark, FreeText)}

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.names if name not in self.personal)
        return f"{type(self).__name__}({', '.join(shown)})"


def _marks(hint: Any) -> Iterator[object]:
    """What an annotation is marked with, also below `Personal[…]` and `… | None`."""
    yield from getattr(hint, "__metadata__", ())
    for part in get_args(hint):
        yield from _marks(part)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Address(Part):
    """A postal address in the United States."""

    line1: AddressText
    line2: AddressText | None = None
    city: CityText
    state: State
    zip: Zip


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PersonName(Part):
    """A person's name."""

    family: FamilyText
    given: GivenText | None = None
    middle: MiddleText | None = None
    suffix: SuffixText | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OrganizationName(Part):
    """The name of what is no person."""

    name: OrganizationText


def _kind_of_name(name: object) -> str:
    """Of a value, or of its stored form."""
    is_person = "family" in name if isinstance(name, dict) else isinstance(name, PersonName)
    return "person" if is_person else "organization"


Name = Annotated[
    Annotated[PersonName, Tag("person")] | Annotated[OrganizationName, Tag("organization")],
    Discriminator(_kind_of_name),
]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Contact(Part):
    """Whom a payer may call."""

    name: OrganizationText
    phone: Phone
    extension: Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BillingProvider(Part):
    """Who is paid (2010AA; boxes 25 and 33)."""

    name: Name
    npi: Npi
    tax_id: TaxId
    tax_id_kind: TaxIdKind
    taxonomy: Taxonomy | None = None
    address: Address
    """Of the street: a post office box goes into `pay_to`."""
    contact: Contact | None = None
    pay_to: Address | None = None
    """Where checks go, if elsewhere (2010AB)."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Provider(Part):
    """Who referred, treated or supervised (2310A, 2310B, 2310D, 2420A; boxes 17, 24J)."""

    name: Name
    npi: Npi
    taxonomy: Taxonomy | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ServiceFacility(Part):
    """Where it happened, if not at the billing provider's address (2310C; box 32)."""

    name: OrganizationText
    npi: Npi | None = None
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Payer(Part):
    """Who is asked to pay (2010BB)."""

    name: OrganizationText
    identifier: PayerId
    identifier_kind: PayerIdKind
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Subscriber(Part):
    """The patient, who is the subscriber (2000B, 2010BA; boxes 1 to 7 and 11)."""

    name: Personal[PersonName]
    member_id: Personal[MemberId]
    birth_date: Personal[date]
    sex: Personal[Sex]
    address: Personal[Address]
    phone: Personal[Phone | None] = None
    coverage: Coverage
    group_number: Personal[Reference | None] = None
    group_name: OrganizationText | None = None
    """Of the plan."""
    casualty_claim_number: Personal[Reference | None] = None
    """The payer's number of the accident or the injury at work (REF*Y4, box 11b)."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Submitter(Part):
    """Who sends the file (1000A)."""

    name: OrganizationText
    identifier: PayerId
    """As the receiver knows it."""
    contact: Contact


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receiver(Part):
    """Who gets the file (1000B)."""

    name: OrganizationText
    identifier: PayerId
