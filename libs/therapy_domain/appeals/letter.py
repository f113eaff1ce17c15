"""A letter to a payer or reviewer: what it says, part by part, whatever it is printed as."""

from dataclasses import dataclass
from datetime import date

from therapy_domain.appeals.record import Reference


@dataclass(frozen=True)
class Party:
    """Who writes, or who is written to."""

    name: str
    lines: tuple[str, ...] = ()
    """Address and numbers, a line each."""


@dataclass(frozen=True)
class Service:
    """A disputed line, in words."""

    line: str
    code: str
    name: str
    """In our own words."""
    units: str
    modifiers: str
    charge: str
    denied: str


@dataclass(frozen=True)
class Reason:
    """A reason that the payer gave."""

    code: str
    """Group and reason code, remark codes behind it: CO-50 MA01."""
    meaning: str
    """In our own words."""


@dataclass(frozen=True)
class Cited:
    """A rule, in our own words, and where it is found."""

    text: str
    source: str


@dataclass(frozen=True)
class Fact:
    """Something that the record shows, and in which exhibit."""

    text: str
    exhibit: int | None
    """None: it says that something is not there."""


@dataclass(frozen=True)
class Exhibit:
    """A part of the record that goes with the letter."""

    number: int
    key: str
    """What kind of evidence it is; `answer` for the payer's answer."""
    title: str
    lines: tuple[str, ...]
    references: tuple[Reference, ...]
    of: str
    """Which claim it belongs to."""
    new: bool = False
    """It was not on record when the evidence closed."""


@dataclass(frozen=True)
class Letter:
    """The whole letter."""

    title: str
    dated: date
    sender: Party
    addressee: Party
    about: tuple[tuple[str, str], ...]
    """What it is about: label and value, the patient's data among them."""
    opening: str
    services: tuple[Service, ...]
    reasons: tuple[Reason, ...]
    rules: tuple[Cited, ...]
    facts: tuple[Fact, ...]
    request: tuple[str, ...]
    signature: tuple[str, ...]
    """Lines of the signature block; an empty one is a line to write on."""
    exhibits: tuple[Exhibit, ...]
