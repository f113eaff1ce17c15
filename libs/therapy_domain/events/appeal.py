"""Denials and appeals: the decisions of payers, and what the appeals service concludes."""

from typing import Literal

from therapy_domain.events.base import Event
from therapy_domain.events.claim import CarcCode, GroupCode, RarcCode
from therapy_domain.fields import Cents, Instant, LocalDate
from therapy_domain.rulesets.deadline_tables import Program
from therapy_domain.values import Value

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
    line: int | None = None
    action: Action
    appealable: bool
    source: str


class DenialTriaged(Event):
    """A denied or partly denied remittance, sorted: which adjustment asks for what, and what comes first.

    Basis: the ClaimAdjudicated.
    """

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
    """An appeal was opened: its level, what is at stake, and the last day to file it.

    Each level is an appeal of its own. Said again under the same id where the decision it goes against was replaced
    by a later one: what was said last holds.

    Basis of a first appeal: the ClaimAdjudicated, then the AppealOpened numbered before it, if any. Of a next level:
    the AppealOpened below, its AppealConcluded, then the AppealOpened numbered before (or this appeal as it stood),
    where that is another one.
    """

    appeal_id: str
    case_id: str
    claim_id: str
    org: str
    payer_id: str
    program: Program
    denial: str
    """The event id of the ClaimAdjudicated that it all began with."""
    follows: str | None = None
    """The appeal whose decision it goes against; None for a first appeal."""
    against: Literal["denial", "decision", "dismissal"]
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
    at: Instant
    """When the decision appealed against happened."""
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class CorrectionRequested(Event):
    """The denial asks for a corrected claim, not an appeal.

    Basis: the ClaimAdjudicated.
    """

    case_id: str
    claim_id: str
    org: str
    payer_id: str
    remittance_id: str
    amount_cents: int
    """What was denied for the reasons to correct."""
    reasons: tuple[str, ...]
    file_by: LocalDate | None = None
    """The last day that leaves no right behind: where it may be appealed, the last day to do so, should the correction
    be refused; else the last day for the claim itself. None where neither is known."""
    source: str
    at: Instant
    """When the remittance happened."""
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class AppealConcluded(Event):
    """A decided appeal, with what follows for the claim. A later decision of the same appeal replaces it.

    Basis: the AppealOpened, the fact that decided it, and where a person chose between two contents of that fact, the
    conflict and the choice.
    """

    appeal_id: str
    case_id: str
    claim_id: str
    org: str
    level: int
    outcome: Literal["overturned", "upheld", "partly", "dismissed"]
    decided_on: LocalDate
    paid_cents: int | None = None
    left_cents: int
    """What is still disputed."""
    next_level: int | None = None
    next_level_by: LocalDate | None = None
    """The last day to file at the next level; None where no level is left or nothing is left to win."""
    source: str
    at: Instant
    """When the decision happened: the latest answer of a payer wins."""
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class DenialSettled(Event):
    """The payer paid in the end what it had denied: nothing of that denial is left to correct or to appeal.

    Basis: the ClaimAdjudicated that denied, the one that paid.
    """

    case_id: str
    claim_id: str
    org: str
    denial: str
    """The event id of the ClaimAdjudicated that denied."""
    remittance_id: str
    """Of the remittance that paid."""
    at: Instant
    """When it was paid."""
    basis: tuple[str, ...]
