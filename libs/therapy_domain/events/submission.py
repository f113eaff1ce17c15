"""Claims on their way: what was sent in which file, and what came back before any money did."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from therapy_domain.events.base import Event
from therapy_domain.fields import Cents, Identifier, Instant, LocalDate, ModifierCode, Personal, ServiceCode, Text
from therapy_domain.values import Value

Frequency = Literal["1", "7", "8"]
"""1 an original, 7 a replacement, 8 a void claim (CLM05-3)."""
AcknowledgmentKind = Literal["999", "TA1", "277CA"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""In hexadecimal."""


class SubmittedLine(Value):
    """One line as it was sent."""

    line: int
    control_number: str
    """Ours: comes back in the payer's answer (REF*6R)."""
    code: ServiceCode
    modifiers: tuple[ModifierCode, ...]
    units: int
    charge_cents: int


class ClaimSubmitted(Event):
    """A claim was put into a claim file, as it was then. It stays as it was sent; what changes later is sent anew.

    Basis: the ClaimAssessed and everything that rests on, who else is named; of a void claim what it voids.
    """

    unread: ClassVar[tuple[str, ...]] = ("sent",)

    case_id: str
    claim_id: str
    org: str
    payer_id: Identifier
    submission: int
    """How many times the claim was sent by now."""
    file: int
    """The number of the claim file (ClaimsExported)."""
    frequency: Frequency
    payer_claim_number: str | None = None
    """The payer's number of what is replaced or voided."""
    charge_cents: int
    lines: tuple[SubmittedLine, ...]
    sent: Personal[Text]
    """The whole claim as it was sent (interchange.professional.stored_claim)."""
    exported_on: LocalDate
    """The day that timely filing was checked for."""
    file_by: LocalDate | None = None
    """The last day of timely filing; None for a replacement or void claim."""
    at: Instant
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class ExportedClaim(Value):
    """A claim of a file, in the file's order."""

    claim_id: str
    case_id: str
    submitted: str
    """The event id of its ClaimSubmitted."""
    frequency: Frequency
    charge_cents: int


class FilePartner(Value):
    """Who sends or receives a file."""

    qualifier: str
    identifier: str
    name: str
    contact_name: str | None = None
    contact_phone: str | None = None


class ClaimsExported(Event):
    """A claim file, recorded before it is written: all that it takes to write it, byte for byte, at any time."""

    number: int
    """Counts up in the installation: control number of interchange, group and transaction set."""
    org: str
    payer_id: Identifier
    name: str
    """Of the file."""
    sha256: Sha256
    size: int
    """[bytes]"""
    claims: tuple[ExportedClaim, ...]
    created: Instant
    """As the file says, in the sender's own time."""
    sender: FilePartner
    receiver: FilePartner
    guide: str
    """The companion guide it was written by, one of those shipped."""
    test: bool
    exported_on: LocalDate
    by: str


class ClaimFileWritten(Event):
    """The file of an export lies whole in its directory. Until then the next export writes it again."""

    number: int
    sha256: Sha256
    at: Instant


class FaultySegment(Value):
    """One segment of ours that a receiver found fault with."""

    tag: str
    position: int
    """In its transaction, from 1."""
    loop: str = ""
    codes: tuple[str, ...] = ()
    """Of the segment, then of its elements as position:code."""
    claim_id: str | None = None


class ClaimFileAcknowledged(Event):
    """A 999 or TA1 to a claim file: was it understood."""

    number: int
    kind: AcknowledgmentKind
    verdict: Literal["accepted", "rejected"]
    codes: tuple[str, ...] = ()
    segments: tuple[FaultySegment, ...] = ()
    """The first hundred."""
    file: Sha256
    """Of the answer."""
    at: Instant
    """When its sender made it."""


class AcknowledgedCode(Value):
    """What a 277CA says of a claim: category and status code, and of whom."""

    category: str
    code: str
    entity: str = ""


class ClaimAcknowledged(Event):
    """A payer or clearinghouse took one submission of a claim, or sent it back before it was looked into.

    Basis: the ClaimSubmitted.
    """

    unread: ClassVar[tuple[str, ...]] = ("message",)

    case_id: str
    claim_id: str
    org: str
    submission: int
    kind: AcknowledgmentKind
    verdict: Literal["accepted", "rejected", "forwarded", "split", "not-found", "other"]
    codes: tuple[AcknowledgedCode, ...] = ()
    payer_claim_number: str | None = None
    source: str
    """Who says so: a payer or clearinghouse by name."""
    message: Personal[Text | None] = None
    """In the payer's own words."""
    file: Sha256
    """Of the answer."""
    at: Instant
    """When its sender made it."""
    basis: tuple[str, ...]


class AnswerSetAside(Event):
    """An answer of a payer that fits no claim, kept until somebody matches it or its claim appears."""

    item: str
    kind: Literal["835", "277CA", "999"]
    reason: Literal["unknown-claim", "several-claims", "unknown-file", "unknown-submission"]
    claim_id: str | None = None
    """The number that it answers, where it has the form of ours."""
    amount_cents: Cents | None = None
    """What was paid, or charged."""
    payer: str
    received_on: LocalDate
    file: Sha256
    content: Personal[Text]
    """The answer as JSON: a foreign number may name a patient."""
    at: Instant
    """When its sender made it."""


class AnswerMatched(Event):
    """An answer that was set aside was matched to a claim, or dismissed as none of ours."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    item: str
    claim_id: str | None = None
    """None = dismissed."""
    org: str | None = None
    by: str
    reason: Personal[Text | None] = None
    at: Instant


class ProviderBalance(Value):
    """An amount between payer and provider that belongs to no claim (PLB)."""

    provider: str
    reason: str
    reference: str
    fiscal_period: LocalDate
    cents: int
    """Positive = taken off the payment."""


class TakenPayment(Value):
    """One payment of a file."""

    payer: str
    payer_number: str
    trace_number: str
    paid_on: LocalDate
    method: str
    paid_cents: int
    claims: int
    provider_balances: tuple[ProviderBalance, ...] = ()


class AnswerFileTaken(Event):
    """A payer's file was taken in, whole: the last thing that is said of it."""

    kind: Literal["835", "277CA", "999"]
    sha256: Sha256
    name: str
    received_on: LocalDate
    matched: int
    """Answers that found their claim or file."""
    repeated: int
    """Of those, answers that were known already."""
    set_aside: int
    payments: tuple[TakenPayment, ...] = ()
    by: str
    at: Instant
