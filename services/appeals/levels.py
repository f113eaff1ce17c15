"""From a reviewer's decision, or from a decision that does not come, to the next level: pure."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from appeals.payer import Levels
from appeals.state import Decision, Known
from appeals.triage import next_appeal_id
from therapy_domain.appeals.deadlines import AppealDeadline, vacate_deadline
from therapy_domain.events.appeal import AppealConcluded, AppealDecided, AppealOpened, Closing
from therapy_domain.events.appeal_work import EscalationRequested
from therapy_domain.rulesets.deadline_tables import AppealLevel

DISMISSAL_REVIEW_DAYS = 60
"""To ask the next level to review a dismissal, from its receipt; Medicare (42 CFR 405.974(b), 405.1004, 405.1102)."""
_FINAL_DISMISSAL = "42 CFR 405.1116"
"""The Council's dismissal binds."""
_FINAL_REVIEWS = {2: "42 CFR 405.974(b)(3)", 3: "42 CFR 405.1004(c)", 4: "42 CFR 405.1116"}
"""A review of a dismissal, by its level, binds: what it leaves standing goes no further."""


@dataclass(frozen=True)
class _Next:
    """What may follow a decision: a next level with its deadline, or the reason why there is none."""

    deadline: AppealDeadline | None
    source: str
    closed: Closing | None = None


class Before(NamedTuple):
    """What decides the id of a next level."""

    opened: Known[AppealOpened]
    """The appeal that follows already (it keeps its id), else the one with the highest number."""
    sent_back: Known[AppealConcluded] | None = None
    """Set where that one was a review of a dismissal that sent the case back: it is over, the next one is another."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The events that it comes from."""
        return (self.opened.id,) if self.sent_back is None else (self.opened.id, self.sent_back.id)

    def next_id(self, below: Known[AppealOpened]) -> str:
        """The id of the level above an appeal."""
        opened, appeal = self.opened.event, below.event
        again = opened.follows == appeal.appeal_id and self.sent_back is None
        return opened.appeal_id if again else next_appeal_id(appeal.claim_id, self.opened)


def conclude(opened: Known[AppealOpened], decision: Decision, levels: Levels) -> AppealConcluded:
    """A decided appeal: what it leaves in dispute, and by when the next level must be asked, or why it ends here.

    The notice of a decision counts as received as the program presumes. Whether enough is in controversy for the next
    level depends on the year in which it is filed and is checked then.
    """
    appeal, decided = opened.event, decision.fact.event
    left = _left(appeal, decided)
    follows = _after(appeal, decided, left, levels)
    vacate_by = None
    if decided.outcome == "dismissed" and levels.medicare:
        vacate_by = vacate_deadline(appeal.level, decided.decided_on, levels.rules)
    return AppealConcluded(
        appeal_id=appeal.appeal_id,
        case_id=appeal.case_id,
        claim_id=appeal.claim_id,
        org=appeal.org,
        level=appeal.level,
        outcome=decided.outcome,
        decided_on=decided.decided_on,
        paid_cents=decided.paid_cents,
        left_cents=left,
        next_level=appeal.level + 1 if follows.deadline else None,
        next_level_by=follows.deadline.last_day if follows.deadline else None,
        closed=follows.closed,
        vacate_by=vacate_by,
        vacate_source=levels.row(appeal.level, decided.decided_on).vacate_source if vacate_by else None,
        source=follows.source,
        at=decision.fact.time,
        ruleset=levels.rules.id,
        ruleset_hash=levels.rules.hash,
        basis=(opened.id, *decision.basis, *levels.facts),
    )


def open_next(
    below: Known[AppealOpened],
    concluded: Known[AppealConcluded],
    before: Before,
    levels: Levels,
) -> AppealOpened | None:
    """The appeal to the next level; None where the conclusion leaves none."""
    end = concluded.event
    dismissed = end.outcome == "dismissed"
    if end.next_level is None or end.next_level_by is None:
        return None
    number = end.next_level
    paid = below.event.amount_cents - end.left_cents
    deadline = levels.deadline(number, notice_date=end.decided_on)
    return _opened(
        below,
        before,
        levels,
        number=number,
        on=end.decided_on,
        changes={
            "against": "dismissal" if dismissed else "decision",
            "received_on": deadline.receipt,
            "file_by": end.next_level_by,
            "amount_cents": end.left_cents,
            "controversy_cents": _less(below.event.controversy_cents, paid),
            "required": levels.required(number, end.decided_on, end.next_level_by),
            "source": end.source,
            "at": end.at,
            "basis": tuple(dict.fromkeys((below.id, concluded.id, *before.ids, *levels.facts))),
        },
    )


def open_escalated(
    below: Known[AppealOpened],
    escalation: Known[EscalationRequested],
    before: Before,
    levels: Levels,
) -> AppealOpened | None:
    """The next level, asked because the one below is late; None where the law gives no such right.

    The request is the filing; only a court wants a complaint of its own, for which the limit runs from the request.
    """
    asked, number = escalation.event.requested_on, below.event.level + 1
    row = levels.row(below.event.level, asked)
    if row.escalation_source is None or number > levels.count:
        return None
    in_court = levels.row(number, asked).decision_days is None
    file_by = levels.deadline(number, received_on=asked).last_day if in_court else asked
    return _opened(
        below,
        before,
        levels,
        number=number,
        on=asked,
        changes={
            "against": "escalation",
            "received_on": asked,
            "file_by": file_by,
            "amount_cents": below.event.amount_cents,
            "controversy_cents": below.event.controversy_cents,
            "required": levels.required(number, asked, file_by),
            "source": row.escalation_source,
            "at": escalation.event.at,
            "basis": tuple(dict.fromkeys((below.id, escalation.id, *before.ids, *levels.facts))),
        },
    )


def _opened(
    below: Known[AppealOpened],
    before: Before,
    levels: Levels,
    *,
    number: int,
    on: date,
    changes: dict[str, object],
) -> AppealOpened:
    """The level above, over what is left of the same dispute."""
    appeal = below.event
    own: dict[str, object] = {
        "appeal_id": before.next_id(below),
        "follows": appeal.appeal_id,
        "program": levels.program,
        "level": number,
        "level_name": levels.name(number, on),
        "new_evidence": levels.row(number, on).new_evidence,
        "answers": appeal.answers,
        "policy": levels.facts,
        "ruleset": levels.rules.id,
        "ruleset_hash": levels.rules.hash,
    }
    return AppealOpened.model_validate(dict(appeal) | own | changes)


def _less(controversy: int | None, paid: int) -> int | None:
    return None if controversy is None else max(0, controversy - paid)


def _left(appeal: AppealOpened, decided: AppealDecided) -> int:
    """What is still in dispute. A dismissal that was wrong brings the dispute back whole to the level below."""
    if decided.outcome == "overturned" and appeal.against != "dismissal":
        return 0
    return max(0, appeal.amount_cents - (decided.paid_cents or 0))


def _after(appeal: AppealOpened, decided: AppealDecided, left: int, levels: Levels) -> _Next:
    row = levels.row(appeal.level, decided.decided_on)
    if appeal.against == "dismissal" and decided.outcome == "overturned":
        return _Next(None, row.source, "remanded")
    if decided.outcome == "overturned" or (decided.outcome == "partly" and left == 0):
        return _Next(None, row.source, "won")
    if appeal.against == "dismissal":
        return _Next(None, _FINAL_REVIEWS.get(appeal.level, row.source), "review-binds")
    if appeal.level >= levels.count:
        return _Next(None, row.source, "no-level-left")
    if decided.outcome == "dismissed" and levels.medicare:
        return _after_dismissal(appeal, decided, row, levels)
    deadline = levels.deadline(appeal.level + 1, notice_date=decided.decided_on)
    return _Next(deadline, deadline.source)


def _after_dismissal(appeal: AppealOpened, decided: AppealDecided, row: AppealLevel, levels: Levels) -> _Next:
    if row.dismissal_review_source is None:
        return _Next(None, _FINAL_DISMISSAL, "dismissal-binds")
    deadline = levels.deadline(appeal.level + 1, notice_date=decided.decided_on, limit_days=DISMISSAL_REVIEW_DAYS)
    return _Next(deadline, row.dismissal_review_source)
