"""Denials and appeals: the decisions of payers, and what the appeals service concludes."""

from typing import Literal

from therapy_domain.events.base import Event
from therapy_domain.events.claim import CarcCode, GroupCode, RarcCode
from therapy_domain.fields import Cents, Instant, LocalDate, ModifierCode, ServiceCode
from therapy_domain.rulesets.deadline_tables import NewEvidence, Program
from therapy_domain.rulesets.denials import Ground, KnownFact
from therapy_domain.values import Value

Action = Literal["corrected-claim", "appeal", "bill-patient", "write-off-proposal", "none"]
Remedy = Literal["corrected-claim", "reopening", "appeal", "bill-patient", "write-off-proposal", "none"]


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
    reopening: Ground | None = None
    """Medicare does it by reopening its decision, on this ground."""
    category: str = ""
    reason: str = ""
    """What the reason code means, in our own words."""
    record: tuple[KnownFact, ...] = ()
    """What our own record says that decided the action."""
    evidence: tuple[str, ...] = ()
    """Keys of what to show (ruleset table appeal_evidence)."""


class _Sorted(Value):
    """What rests on how a denial was sorted."""

    answers: str | None = None
    """The event id of the ClaimAssessed that the payer answered; None where none is known."""
    policy: tuple[str, ...] = ()
    """The ids of the payer's policy facts that it was sorted under; none where the ruleset's levels hold."""

    @property
    def under(self) -> tuple[str, ...]:
        """What it was sorted under: what was said under anything else than the denial's last sorting is moot."""
        return (self.answers or "", *self.policy)


class DenialTriaged(Event, _Sorted):
    """A denied or partly denied remittance, sorted: which adjustment asks for what, and what comes first.

    Said again where the payer's policy changed, or our record of what was billed was not whole yet: what it asked for
    and does not ask for any more is moot.

    Basis: the ClaimAdjudicated, the ClaimAssessed that it answers where it is known, the payer's policy facts.
    """

    case_id: str
    claim_id: str
    org: str
    remittance_id: str
    action: Remedy
    adjustments: tuple[SortedAdjustment, ...]
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class DeniedService(Value):
    """A line of the claim that is in dispute, as billed and as denied."""

    line: int
    code: ServiceCode
    units: int
    modifiers: tuple[ModifierCode, ...] = ()
    charge_cents: int | None = None
    denied_cents: int | None = None
    """None where the payer denied the claim as a whole, by another amount than was charged."""


class RequiredAmount(Value):
    """What must be in controversy for a request filed in one year."""

    year: int
    amount_cents: int | None = None
    """None: not published yet."""


class AppealOpened(Event, _Sorted):
    """An appeal was opened: its level, what is at stake, and the last day to file it.

    Each level is an appeal of its own. Said again under the same id where the decision it goes against was replaced
    by a later one, or the denial is sorted again: what was said last holds.

    Basis of a first appeal: the ClaimAdjudicated, the ClaimAssessed that it answers where it is known, what a person
    contested (the proposal and the WorkClosed), the AppealOpened numbered before it if any, the payer's policy facts.
    Of a next level: the AppealOpened below, its AppealConcluded or the EscalationRequested, then the AppealOpened
    numbered before (or this appeal as it stood), where that is another one, and the AppealConcluded that ended that one
    by sending the case back; the payer's policy facts.
    """

    appeal_id: str
    case_id: str
    claim_id: str
    org: str
    payer_id: str
    program: Program
    denial: str
    """The event id of the ClaimAdjudicated that it all began with."""
    instead_of: str | None = None
    """The proposal that a person contested, where it was opened for that."""
    follows: str | None = None
    """The appeal whose decision it goes against; None for a first appeal."""
    against: Literal["denial", "decision", "dismissal", "escalation"]
    """`escalation`: the level below was too late to decide; the request to go on was the filing of this one, except
    before a court."""
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
    services: tuple[DeniedService, ...] = ()
    controversy_cents: int | None = None
    """Charged, less paid, less deductible, coinsurance and copayment that the payer named (42 CFR 405.1006(d)); None
    for payers without such a limit."""
    required: tuple[RequiredAmount, ...] = ()
    """What must be in controversy, by the years in which it may still be filed; none where the level asks for none."""
    new_evidence: NewEvidence | None = None
    """May more evidence follow after this level; None for payers that have no such rule."""
    evidence: tuple[str, ...] = ()
    """Keys of what to show (ruleset table appeal_evidence)."""
    source: str
    at: Instant
    """When the decision appealed against happened."""
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]

    @property
    def is_filed_by_escalation(self) -> bool:
        """Whether the request to go on from a late reviewer was the filing; a court wants a complaint of its own."""
        return self.against == "escalation" and self.file_by == self.received_on


class CorrectionRequested(Event, _Sorted):
    """The denial asks for a corrected claim, not an appeal. Said again where the denial is sorted again.

    Basis: the ClaimAdjudicated, the ClaimAssessed that it answers where it is known, the proposal numbered before it
    (or this one as it stood), the payer's policy facts.
    """

    item_id: str = ""

    case_id: str
    claim_id: str
    org: str
    payer_id: str
    remittance_id: str
    amount_cents: int
    """What was denied for the reasons to correct."""
    reasons: tuple[str, ...]
    services: tuple[DeniedService, ...] = ()
    evidence: tuple[str, ...] = ()
    """Keys of what it must agree with (ruleset table appeal_evidence)."""
    file_by: LocalDate | None = None
    """The last day that leaves no right behind: where it may be appealed, the last day to do so, should the correction
    be refused; else the last day for the claim itself. None where neither is known."""
    source: str
    at: Instant
    """When the remittance happened."""
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


class RemedyProposed(Event, _Sorted):
    """A denial asks for something that a person decides on: nothing is posted, written off or billed by itself.

    Basis: as of CorrectionRequested.
    """

    item_id: str
    case_id: str
    claim_id: str
    org: str
    payer_id: str
    remittance_id: str
    remedy: Literal["reopening", "bill-patient", "write-off-proposal"]
    ground: Ground | None = None
    """Of a reopening."""
    amount_cents: int
    """What was denied for these reasons."""
    reasons: tuple[str, ...]
    services: tuple[DeniedService, ...] = ()
    evidence: tuple[str, ...] = ()
    """Keys of what to show (ruleset table appeal_evidence)."""
    file_by: LocalDate | None = None
    """Of a reopening, the last day to ask for it; of the others, the last day on which an appeal is still possible.
    None where there is no such right."""
    source: str
    at: Instant
    """When the remittance happened."""
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]


Closing = Literal["won", "no-level-left", "dismissal-binds", "review-binds", "remanded"]
"""Why no next level follows: nothing is left in dispute; the last level spoke; nobody reviews this dismissal; the
review of a dismissal is final; the dismissal was wrong, and the level below decides after all."""


class AppealConcluded(Event):
    """A decided appeal, with what follows for the claim. A later decision of the same appeal replaces it.

    Basis: the AppealOpened, the fact that decided it, and where a person chose between two contents of that fact, the
    conflict and the choice; the payer's policy facts.
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
    closed: Closing | None = None
    """Why it ends here; None where the next level may be asked."""
    vacate_by: LocalDate | None = None
    """The last day to ask the same reviewer to vacate a dismissal."""
    vacate_source: str | None = None
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
