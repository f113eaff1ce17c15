"""The shapes of the answers, for the OpenAPI document. More keys may be added to every one of them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["accepted", "duplicate", "conflict", "rejected", "parked"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class Trouble(_Shape):
    """One thing that is wrong: where, what it is, what would be right."""

    path: str
    value: Any
    expected: str


class Problem(_Shape):
    """RFC 9457: what every answer that is no success looks like."""

    type: str = Field(description="Which kind of problem; explained on /docs.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="This one occurrence, as the header X-Request-Id and the logs name it.")
    errors: list[Trouble]


class Result(_Shape):
    """What became of one event."""

    id: str | None
    source: str | None
    outcome: Outcome
    errors: list[Trouble]


class Receipt(_Shape):
    """What became of the events, in their order."""

    counts: dict[Outcome, int]
    results: list[Result]


class ClaimLine(_Shape):
    """A billable line."""

    line: int
    code: str
    minutes: int
    units: int
    modifiers: list[str]
    charge_cents: int | None
    explanation: list[str] = Field(description="Why it carries modifiers that the count of units did not decide.")


class Finding(_Shape):
    """One fault of a claim."""

    rule: str
    also: list[str]
    severity: Literal["deny", "reject", "delay", "advice"]
    line: int | None
    message: str
    fix: str
    source: str
    title: str | None = Field(description="What its rule asks.")
    version: int = Field(description="Of its rule.")
    fields: list[str] = Field(description="Which fields of which events caused it.")
    x12: str | None = Field(description="Loop and element of the 837P where it is mended.")
    cms1500: str | None = Field(description="Box of the CMS-1500 where it is mended.")
    since: str | None = Field(description="First date of service that its rule looks at; null = every one.")
    until: str | None = Field(description="Last date of service that its rule looks at; null = every one.")
    overridden: bool = Field(description="A person released it; it holds nothing.")


class Claim(_Shape):
    """One claim as it stands."""

    claim_id: str
    org: str
    clinic: str | None
    session_ids: list[str]
    patient_id: str
    payer_id: str
    discipline: str
    date_of_service: str
    status: str
    lines: list[ClaimLine]
    findings: list[Finding]
    appeals: list[Any]


class HistoryEvent(_Shape):
    """One event that made a claim."""

    position: int
    stream: str
    version: int
    type: str
    occurred_at: str
    recorded_at: str
    actor: str
    service: str
    event_id: str
    causation_id: str | None
    trace_id: str | None
    hash: str
    data: dict[str, Any]
    changed: bool = Field(default=False, description="It is not what was written: its columns do not give its hash.")
    unreadable: bool = Field(default=False, description="What is stored now cannot be read either.")


class History(_Shape):
    """Every event that made a claim, and the claim as it was known then."""

    claim_id: str
    as_of: int | str | None
    events: list[HistoryEvent]
    state: Claim | None


class UnitLine(_Shape):
    """The units of one code."""

    code: str
    minutes: int
    units: int
    modifiers: list[str]


class LeftOut(_Shape):
    """Minutes that do not count."""

    code: str
    minutes: int
    reason: str


class Units(_Shape):
    """The units of one patient's day."""

    rule: str
    ruleset: str
    total_minutes: int
    total_units: int
    lines: list[UnitLine]
    excluded: list[LeftOut]
    alternatives: list[list[UnitLine]]
    explanation: list[str]


class Failed(BaseModel):
    """In an array: what stands in the place of an answer."""

    model_config = ConfigDict(extra="forbid")

    error: Trouble


class Deadline(_Shape):
    """The answer to one question; which keys it has depends on its kind."""

    receipt: str | None = None
    deadline: str | None = None
    timely: bool | None = None
    amount_cents: int | None = None
    appealable: bool | None = None
    action: str | None = None
    source: str | None


class Work(_Shape):
    """An appeal to file, or something else that a person decides on."""

    kind: Literal["appeal", "corrected-claim", "reopening", "bill-patient", "write-off-proposal"]
    item_id: str
    appeal_id: str | None
    claim_id: str
    org: str
    payer_id: str
    level: int | None
    file_by: str | None
    status: str
    taken_by: str | None
    filed_on: str | None
    decision_due: str | None
    amount_cents: int
    reasons: list[Any]
    missing: list[str]
    version: int
    source: str


class WorkItem(Work):
    """One item, with what people wrote down and what can be done about it."""

    notes: list[dict[str, Any]]
    possible: list[str]


class AppealGroup(_Shape):
    """Appeals that may be filed in one request."""

    level: int
    reasons: list[str]
    appeals: list[str]
    together_cents: int
    required_cents: int
    file_by: str
    source: str


class AnswerFile(_Shape):
    """What came of a payer's file."""

    kind: Literal["835", "277CA", "999"]
    sha256: str
    outcome: Literal["taken", "repeated"]
    answers: int
    matched: int
    repeated: int
    set_aside: int
    conflicts: int
    payments: list[dict[str, Any]]


class Unmatched(_Shape):
    """An answer that fits no claim."""

    item: str
    kind: Literal["835", "277CA", "999"]
    reason: str
    claim_id: str | None
    amount_cents: int | None
    payer: str
    received_on: str
    status: Literal["waiting", "matched", "dismissed"]


class Matched(_Shape):
    """What became of an answer, and how its claim stands now."""

    item: str
    claim_id: str | None
    status: str


class Files(_Shape):
    """Files that went out and came in."""

    sent: list[dict[str, Any]]
    received: list[dict[str, Any]]


class Exported(_Shape):
    """What an export came to."""

    files: list[dict[str, Any]]
    """Each with `number`, `path` at the server, `sha256`, `org`, `payer_id`, `exported_on`, `claims`,
    `charge_cents`, `written_again`."""
    not_written: list[dict[str, Any]]
    not_exported: list[dict[str, Any]]
    advice: dict[str, list[dict[str, Any]]]


class DenialFigures(_Shape):
    """The figures of one group."""

    group: str
    claims: int
    denied_claims: int
    denial_rate: float | None
    denials: int
    denied_cents: int
    at_stake_cents: int
    appeals_decided: int
    overturned: int
    overturn_rate: float | None
    days_to_decision: float | None
    days_to_answer: float | None


class MissedDenials(_Shape):
    """Denials against what our rules had said."""

    counts: dict[str, int]
    rules: list[dict[str, Any]]
    denials: list[dict[str, Any]]


class ServiceStanding(_Shape):
    """How far one service has come."""

    service: str
    position: int
    lag: int
    rate: float
    dead_letters: int


class Waiting(_Shape):
    """Sessions that wait."""

    count: int
    oldest_age_seconds: int | None
    sessions: list[dict[str, Any]]


class LogStanding(_Shape):
    """The log."""

    events: int
    bytes: int
    last_checkpoint: dict[str, Any] | None


class Status(_Shape):
    """How the suite stands."""

    services: list[ServiceStanding]
    unsigned: Waiting
    parked: Waiting
    dead_letters: int
    claims: dict[str, int]
    log: LogStanding


class DeadLetter(_Shape):
    """A case that a service could not process."""

    id: str
    service: str
    case_key: str
    event_id: str
    event_type: str
    position: int
    error_type: str
    reason: str
    attempts: int
    failed_at: str
    waiting: int


class Redriven(_Shape):
    """Whether a dead letter's case goes on now."""

    id: str
    goes_on: bool


class Alive(_Shape):
    """The process is alive."""

    status: Literal["alive"]


class Ready(_Shape):
    """The suite can work."""

    status: Literal["ready"]
    checks: dict[str, str]
