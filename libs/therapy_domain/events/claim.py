"""Units, the claim and its payer's answers: the facts from payers, and what we conclude."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from therapy_domain.events.base import Event
from therapy_domain.events.session import Discipline
from therapy_domain.fields import (
    Cents,
    Identifier,
    Instant,
    LocalDate,
    ModifierCode,
    OptionalIdentifier,
    Personal,
    ServiceCode,
    Text,
)
from therapy_domain.units.model import UnitsResult
from therapy_domain.values import Value

Severity = Literal["deny", "reject", "delay", "advice"]
"""deny: the payer would deny; reject: would bounce it; delay: would ask; these three block. advice never does."""
BLOCKING: frozenset[str] = frozenset({"deny", "reject", "delay"})

CarcCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,5}$")]
GroupCode = Literal["CO", "PR", "OA", "PI"]
RarcCode = Annotated[str, Field(pattern=r"^[A-Z]{1,2}[0-9]{1,4}$")]


class UnitsCalculated(Event):
    """The minutes and units of one case, with the steps that lead there."""

    case_id: str
    claim_id: str
    org: str
    patient_id: Identifier
    payer_id: Identifier
    discipline: Discipline
    date_of_service: LocalDate
    sessions: tuple[str, ...]
    """The event ids of the session revisions that were counted; none = the case is empty."""
    result: UnitsResult
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class Finding(Value):
    """One fault: the rule that found it, how bad it is, where, what to do, and by which source."""

    rule: str
    also: tuple[str, ...] = ()
    """Other rule ids of the same fault."""
    severity: Severity
    line: int | None = None
    """The claim line it concerns, from 1; None = the whole claim."""
    message: str
    fix: str
    source: str
    version: int = 1
    """Of the rule that spoke."""
    fields: tuple[str, ...] = ()
    """Which fields of which facts caused it."""
    overridden: bool = False
    """A person released it, with a reason; it does not block."""


class ClaimLine(Value):
    """A billable line: units of one code with its modifiers."""

    line: int
    code: ServiceCode
    minutes: int
    units: int
    modifiers: tuple[ModifierCode, ...]
    charge_cents: int | None = None
    """Fee times units; None where the organization has no fee for the code."""
    explanation: tuple[str, ...] = ()
    """Why it carries modifiers that the count of units did not decide."""


class ClaimAssessed(Event):
    """A claim as it would be billed, with every fault found; held, ready, unbillable or void."""

    case_id: str
    claim_id: str
    org: str
    clinic: str | None = None
    session_ids: tuple[str, ...]
    patient_id: Identifier
    payer_id: Identifier
    discipline: Discipline
    date_of_service: LocalDate
    outcome: Literal["held", "ready", "unbillable", "void"]
    lines: tuple[ClaimLine, ...]
    findings: tuple[Finding, ...]
    today: LocalDate
    """The latest local date among the case's own facts: what the decision took for today."""
    ruleset: str
    ruleset_hash: str
    rules: str
    """Which rules ran in which versions: the registry's fingerprint."""
    history: str | None = None
    """Names the patient's other visits that it looked back on (claims.chart.history_hash); None = there were none."""
    chart_version: int = 0
    """So many entries of the patient's chart were there to look at."""
    amended: Literal[True] | None = None
    """A session was amended: then the payer's answers were looked at, too."""
    basis: tuple[str, ...]


class Adjustment(Value):
    """What a payer took off, and why, in the public reason codes."""

    group: GroupCode
    carc: CarcCode
    rarcs: tuple[RarcCode, ...] = ()
    amount_cents: Cents
    line: Annotated[int, Field(ge=1, le=999)] | None = None


class PaidLine(Value):
    """One line as the payer answered it."""

    line: Annotated[int, Field(ge=1, le=999)] | None = None
    """Of the claim as it was sent; None = the payer's line is none of ours."""
    code: ServiceCode | None = None
    """As the payer names it; None where that is no code of ours."""
    charge_cents: Cents
    paid_cents: Cents
    allowed_cents: Cents | None = None


class PaymentReference(Value):
    """The payment that an answer belongs to: a check or a transfer of one payer."""

    payer: Text
    payer_number: Text
    trace_number: Text
    paid_on: LocalDate
    method: Text


ClaimStatusCode = Literal["1", "2", "3", "4", "19", "20", "21", "22", "23", "25"]
"""CLP02: 1, 2, 3 processed as primary, secondary, tertiary; 4 denied; 19, 20, 21 and forwarded; 22 a former payment
taken back; 23 not ours, forwarded; 25 what would be paid."""
REVERSAL: ClaimStatusCode = "22"


class RemittanceReceived(Event, type="claimtrail.remittance.received.v1"):
    """A payer's answer to a claim: what it paid and what it took off. What an 835 tells beyond stands beside that."""

    remittance_id: Identifier
    outcome: Literal["paid", "denied", "partial"]
    paid_cents: Cents
    adjustments: tuple[Adjustment, ...]
    received_on: LocalDate
    notice_date: LocalDate | None = None
    claim_status: ClaimStatusCode | None = None
    payer_claim_number: OptionalIdentifier = None
    """The payer's own: a replacement or void claim must name it."""
    submission: Annotated[int, Field(ge=1)] | None = None
    """Which of our submissions of the claim is answered, where its lines tell."""
    charge_cents: Cents | None = None
    """What the payer took for the charge."""
    patient_cents: Cents | None = None
    """What the patient owes by this answer."""
    paid_lines: tuple[PaidLine, ...] | None = None
    payment: PaymentReference | None = None


class ClaimAdjudicated(Event):
    """One remittance, tied to its case: what the appeals service needs to know of it."""

    case_id: str
    claim_id: str
    org: str
    payer_id: Identifier
    payer_profile: str | None = None
    appeal_days: int | None = None
    """Days to file the first appeal by the payer's own policy; None for Medicare, whose levels are law."""
    discipline: Discipline
    date_of_service: LocalDate
    remittance_id: Identifier
    outcome: Literal["paid", "denied", "partial"]
    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    received_on: LocalDate
    notice_date: LocalDate | None = None
    charge_cents: int | None = None
    """Of the claim as it was sent, else as it would be billed."""
    claim_status: ClaimStatusCode | None = None
    payer_claim_number: str | None = None
    submission: int | None = None
    patient_cents: int | None = None
    paid_lines: tuple[PaidLine, ...] | None = None
    payment: PaymentReference | None = None
    at: Instant
    """When the remittance happened: the latest answer of a payer wins."""
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]

    @property
    def is_reversal(self) -> bool:
        """Whether it takes a former payment back: no denial, and no answer to what was sent."""
        return self.claim_status == REVERSAL


class FindingOverridden(Event):
    """A person released a finding, with a reason."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    case_id: str
    rule: str
    line: int | None = None
    by: str
    reason: Personal[Text]
    at: Instant


class ClaimQuestioned(Event):
    """A person asked about a claim: it waits until a person answers."""

    unread: ClassVar[tuple[str, ...]] = ("text",)

    case_id: str
    question_id: str
    by: str
    text: Personal[Text]
    at: Instant


class QuestionAnswered(Event):
    """A person answered a question about a claim."""

    unread: ClassVar[tuple[str, ...]] = ("text",)

    case_id: str
    question_id: str
    by: str
    text: Personal[Text]
    at: Instant


class PlanAttached(Event):
    """A plan names this patient: visits of the patient that name no plan look at it."""

    org: str
    patient_id: Identifier
    plan: str
    """The plan's stream."""


class FactConflicted(Event):
    """A fact came again under its id with other content: refused, and kept for a person to decide on."""

    fact: str
    """The event id of the fact that stays in force."""
    envelope: Personal[Text]
    """What came the second time, as canonical JSON."""


class ConflictSettled(Event):
    """A person decided which content of a fact is right."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    conflict: str
    keep: Literal["first", "second"]
    by: str
    reason: Personal[Text]
    at: Instant
