"""From a reviewer's decision to the next level: pure."""

from dataclasses import dataclass

from appeals.state import Decision, Known
from appeals.triage import number_after
from therapy_domain.appeals.deadlines import AppealDeadline, appeal_deadline, level
from therapy_domain.events.appeal import AppealConcluded, AppealDecided, AppealOpened
from therapy_domain.identity import appeal_id
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.deadline_tables import appeal_levels

DISMISSAL_REVIEW_DAYS = 60
_DISMISSAL_REVIEWS = {1: "42 CFR 405.974(b)", 2: "42 CFR 405.1004", 3: "42 CFR 405.1102"}
"""By the level that dismissed: the section under which the level above may look at it."""
_FINAL_DISMISSAL = "42 CFR 405.1116"
"""The Council's dismissal binds."""
_FINAL_REVIEWS = {2: "42 CFR 405.974(b)(3)", 3: "42 CFR 405.1004(c)", 4: "42 CFR 405.1116"}
"""A review of a dismissal, by its level, binds: what it leaves standing goes no further."""


@dataclass(frozen=True)
class _Next:
    """What may follow a decision."""

    deadline: AppealDeadline | None
    source: str


def conclude(opened: Known[AppealOpened], decision: Decision, rules: Ruleset) -> AppealConcluded:
    """A decided appeal: what it leaves in dispute, and by when the next level must be asked.

    The notice of a decision counts as received as the program presumes. Whether enough is in controversy for the next
    level depends on the year in which it is filed and is checked then.
    """
    appeal, decided = opened.event, decision.fact.event
    left = 0 if decided.outcome == "overturned" else max(0, appeal.amount_cents - (decided.paid_cents or 0))
    follows = _after(appeal, decided, left, rules)
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
        source=follows.source,
        at=decision.fact.time,
        ruleset=rules.id,
        ruleset_hash=rules.hash,
        basis=(opened.id, *decision.basis),
    )


def open_next(
    below: Known[AppealOpened],
    concluded: Known[AppealConcluded],
    before: Known[AppealOpened],
    rules: Ruleset,
) -> AppealOpened | None:
    """The appeal to the next level; None where the conclusion leaves none.

    Args:    before: the appeal that follows `below` already (it keeps its id), else the one with the highest number.
    """
    appeal, end = below.event, concluded.event
    dismissed = end.outcome == "dismissed"
    if end.next_level is None or end.next_level_by is None:
        return None
    again = before.event.follows == appeal.appeal_id
    row = level(end.next_level, rules, program=appeal.program, on=end.decided_on)
    deadline = appeal_deadline(end.next_level, rules, notice_date=end.decided_on, program=appeal.program)
    return AppealOpened(
        appeal_id=before.event.appeal_id if again else appeal_id(appeal.claim_id, number_after(before)),
        case_id=appeal.case_id,
        claim_id=appeal.claim_id,
        org=appeal.org,
        payer_id=appeal.payer_id,
        program=appeal.program,
        denial=appeal.denial,
        follows=appeal.appeal_id,
        against="dismissal" if dismissed else "decision",
        level=end.next_level,
        level_name=row.name,
        received_on=deadline.receipt,
        file_by=end.next_level_by,
        amount_cents=end.left_cents,
        reasons=appeal.reasons,
        source=end.source,
        at=end.at,
        ruleset=rules.id,
        ruleset_hash=rules.hash,
        basis=tuple(dict.fromkeys((below.id, concluded.id, before.id))),
    )


def _after(appeal: AppealOpened, decided: AppealDecided, left: int, rules: Ruleset) -> _Next:
    row = level(appeal.level, rules, program=appeal.program, on=decided.decided_on)
    if decided.outcome == "overturned" or (decided.outcome == "partly" and left == 0):
        return _Next(None, row.source)
    if appeal.against == "dismissal":
        return _Next(None, _FINAL_REVIEWS.get(appeal.level, row.source))
    if all(each.number <= appeal.level for each in appeal_levels(rules, appeal.program)):
        return _Next(None, row.source)
    dismissed = decided.outcome == "dismissed"
    if dismissed and appeal.level not in _DISMISSAL_REVIEWS:
        return _Next(None, _FINAL_DISMISSAL)
    deadline = appeal_deadline(
        appeal.level + 1,
        rules,
        notice_date=decided.decided_on,
        program=appeal.program,
        limit_days=DISMISSAL_REVIEW_DAYS if dismissed else None,
    )
    return _Next(deadline, _DISMISSAL_REVIEWS[appeal.level] if dismissed else deadline.source)
