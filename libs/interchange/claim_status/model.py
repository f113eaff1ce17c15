"""What a 277CA says, as values: which claims went into adjudication, which came back and why.

No name or member id of a patient is kept: claims are matched by the numbers that we gave them.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from interchange.professional import Subscriber
from interchange.x12.values import Days

Verdict = Literal["accepted", "rejected", "forwarded", "split", "not-found", "other"]
_VERDICTS: dict[str, Verdict] = {
    "A0": "forwarded",
    "A1": "accepted",
    "A2": "accepted",
    "A3": "rejected",
    "A4": "not-found",
    "A5": "split",
    "A6": "rejected",
    "A7": "rejected",
    "A8": "rejected",
}


class StatusCode(NamedTuple):
    """What is said, why, and of whom."""

    category: str
    """`A2` accepted, `A3` returned, `A6` something is missing, `A7` is invalid, `A8` does not fit together, …"""
    code: str
    """The claim status code (CSC)."""
    entity: str = ""
    """`85` billing provider, `IL` subscriber, `PR` payer, …"""


class Status(NamedTuple):
    """One or more status codes of a batch, a provider, a claim or a line."""

    codes: tuple[StatusCode, ...]
    accepted: bool
    """By the action code: taken (WQ), or sent back (U)."""
    effective_on: date | None = None
    charge_cents: int | None = None
    message: str = ""
    """The payer's own words."""


def verdict_of(statuses: tuple[Status, ...]) -> Verdict:
    """What the statuses come to: a rejection outweighs all others, else the first category decides."""
    found: list[Verdict] = [_VERDICTS.get(code.category, "other") for status in statuses for code in status.codes]
    return "rejected" if "rejected" in found else found[0] if found else "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStatus:
    """The answer to one line of a claim."""

    code: str
    modifiers: tuple[str, ...] = ()
    charge_cents: int
    units: Decimal | None = None
    statuses: tuple[Status, ...] = ()
    line_control_number: str = ""
    """Ours (REF*FJ)."""
    service_days: Days | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatus:
    """The answer to one claim."""

    claim_control_number: str
    """Ours."""
    statuses: tuple[Status, ...]
    payer_claim_number: str = ""
    """The payer's own (REF*1K), once it has one."""
    clearinghouse_trace: str = ""
    service_days: Days | None = None
    lines: tuple[LineStatus, ...] = ()
    patient: Subscriber | None = field(default=None, compare=False, repr=False)
    """Only for writing: of a file that is read, nobody's name is kept."""
    segment: int = field(default=0, compare=False)
    """Where it begins in the file it was read from."""

    @property
    def verdict(self) -> Verdict:
        """Whether the claim is taken; one that is rejected never enters adjudication: mend it and send it anew."""
        return verdict_of(self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStatus:
    """The answer to a batch, or to the part of it that is one billing provider's."""

    reference: str
    """The number of ours that is answered (of a batch our BHT03), or the payer's own."""
    name: str = ""
    identifier: str = ""
    """The submitter's id, or the provider's NPI or tax id."""
    statuses: tuple[Status, ...] = ()
    accepted: int | None = None
    rejected: int | None = None
    """How many claims, where it is told."""
    accepted_cents: int | None = None
    rejected_cents: int | None = None

    @property
    def verdict(self) -> Verdict:
        """A batch or provider that is rejected has no claims below it: all of them came back."""
        return verdict_of(self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one payer or clearinghouse answers to one batch, but for its claims."""

    source: str
    """Name of the payer or clearinghouse."""
    source_identifier: str
    trace_number: str = ""
    """The payer's own number of this answer."""
    received_on: date | None = None
    processed_on: date | None = None
    batch: LevelStatus | None = None
    providers: tuple[LevelStatus, ...] = ()
    control_number: str = field(default="", compare=False)
    """Of the transaction it was read from; and how many claims it answers."""
    claims: int = field(default=0, compare=False)
