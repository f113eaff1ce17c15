"""What a person can do about an appeal or another item of the worklist."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from therapy_domain.events.appeal_work import How


@dataclass(frozen=True)
class Take:
    """Take an item on; from somebody who has it only by naming them."""

    by: str
    taken_from: str | None = None


@dataclass(frozen=True)
class GiveBack:
    """Let go of an item."""

    by: str


@dataclass(frozen=True)
class Note:
    """Write something down."""

    by: str
    text: str


@dataclass(frozen=True)
class File:
    """Say that the reviewer has the appeal."""

    by: str
    on: date
    how: How
    proof: str | None = None
    good_cause: str | None = None
    together_with: tuple[str, ...] = ()
    packet_sha256: str | None = None


@dataclass(frozen=True)
class Send:
    """Say that what a proposal asks for went out."""

    by: str
    on: date
    how: How
    proof: str | None = None
    packet_sha256: str | None = None


@dataclass(frozen=True)
class Withdraw:
    """Take a filed appeal back."""

    by: str
    on: date
    reason: str


@dataclass(frozen=True)
class Escalate:
    """Ask the next level, because this one is late."""

    by: str
    on: date
    how: How
    proof: str | None = None


@dataclass(frozen=True)
class Vacate:
    """Ask the reviewer to vacate its dismissal."""

    by: str
    on: date
    how: How
    reason: str
    proof: str | None = None


@dataclass(frozen=True)
class Close:
    """Decide what becomes of an item."""

    by: str
    outcome: Literal["done", "declined", "contested"]
    reason: str


Act = Take | GiveBack | Note | File | Send | Withdraw | Escalate | Vacate | Close
NAMES: Mapping[type, str] = {
    Take: "take",
    GiveBack: "give back",
    Note: "note",
    File: "file",
    Send: "send",
    Withdraw: "withdraw",
    Escalate: "escalate",
    Vacate: "vacate",
    Close: "close",
}
