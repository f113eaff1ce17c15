"""Denials and appeals: the decisions of payers, and what the appeals service concludes."""

from typing import Literal

from therapy_domain.events.base import Event, Value
from therapy_domain.events.claim import CarcCode, GroupCode, RarcCode
from therapy_domain.fields import Cents, Instant, LocalDate

Action = Literal["corrected-claim", "appeal", "bill-patient", "write-off-proposal", "none"]


class AppealDecided(Event, type="claimtrail.appeal.decided.v1"):
    """A reviewer decided an appeal."""

    outcome: Literal["overturned", "upheld", "partly", "dismissed"]
    decided_on: LocalDate
    paid_cents: Cents | None = None


class SortedAdjustment(Value):
    """One adjustment, with what to do about it and why."""

    group: GroupCode
    carc: CarcCode
    rarcs: tuple[RarcCode, ...]
    amount_cents: int
    line: int | None
    action: Action
    appealable: bool
    source: str


class DenialTriaged(Event):
    """A denied or partly denied remittance, sorted: which adjustment asks for what, and what comes first."""

    case_id: str
    claim_id: str
    org: str
    remittance_id: str
    action: Action
    adjustments: tuple[SortedAdjustment, ...]
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class AppealOpened(Event):
    """An appeal was opened: its level, what is at stake, and the last day to file it."""

    appeal_id: str
    case_id: str
    claim_id: str
    org: str
    payer_id: str
    level: int
    level_name: str
    received_on: LocalDate
    """Receipt of the decision appealed against, presumed or evidenced."""
    file_by: LocalDate
    """The last day on which the reviewer may receive it."""
    amount_cents: int
    """What was denied and is disputed."""
    reasons: tuple[str, ...]
    """Group and reason codes as denied, e.g. CO-50."""
    source: str
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class CorrectionRequested(Event):
    """The denial asks for a corrected claim, not an appeal."""

    case_id: str
    claim_id: str
    org: str
    remittance_id: str
    reasons: tuple[str, ...]
    source: str
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class AppealConcluded(Event):
    """A decided appeal, with what follows for the claim."""

    appeal_id: str
    case_id: str
    claim_id: str
    org: str
    outcome: Literal["overturned", "upheld", "partly", "dismissed"]
    decided_on: LocalDate
    paid_cents: int | None
    next_level_by: LocalDate | None
    """The last day to file at the next level; None where no level is left or nothing is left to win."""
    at: Instant
    """When the decision happened: the latest answer of a payer wins."""
    basis: tuple[str, ...]
