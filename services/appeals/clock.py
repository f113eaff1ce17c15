"""What the clock says of a case on a day: last days that are near, lapsed appeals, decisions that are late. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from appeals.state import Appeals, Filing, Known, Proposal, Status
from therapy_domain.appeals import deadlines
from therapy_domain.events.appeal import AppealConcluded, AppealOpened, RemedyProposed
from therapy_domain.events.appeal_work import (
    AppealLapsed,
    DayBegan,
    Deadline,
    DeadlineWarned,
    DecisionOverdue,
)
from therapy_domain.rulesets import Ruleset

WARN_DAYS = (30, 14, 7, 2)
"""So many days before a last day people are told [calendar days]."""
Tick = Known[DayBegan]


@dataclass(frozen=True)
class Running:
    """A last day that still runs."""

    item_id: str
    deadline: Deadline
    last_day: date
    amount_cents: int
    set_by: Known[AppealOpened] | Known[AppealConcluded] | Known[Proposal]


def running(state: Appeals) -> Iterator[Running]:
    """Every last day of the case that a person still has to keep."""
    for appeal, opened in state.opened.items():
        status = state.status(appeal)
        if status == "open":
            yield Running(appeal, "appeal", opened.event.file_by, opened.event.amount_cents, opened)
        concluded = state.concluded.get(appeal)
        if status == "decided" and concluded is not None and _may_be_vacated(state, appeal, concluded.event):
            assert concluded.event.vacate_by is not None
            yield Running(appeal, "vacate", concluded.event.vacate_by, concluded.event.left_cents, concluded)
    for item, proposal in state.proposals.items():
        if proposal.event.file_by is not None and state.status(item) == "open":
            yield Running(item, kind(proposal.event), proposal.event.file_by, proposal.event.amount_cents, proposal)


def _may_be_vacated(state: Appeals, appeal: str, end: AppealConcluded) -> bool:
    settled = state.opened[appeal].event.denial in state.settled
    return end.vacate_by is not None and appeal not in state.vacating and not settled


def kind(proposal: Proposal) -> Deadline:
    """What a proposal asks for."""
    return proposal.remedy if isinstance(proposal, RemedyProposed) else "corrected-claim"


def warning(one: Running, state: Appeals, tick: Tick) -> DeadlineWarned | None:
    """The tightest threshold that was reached, unless it was told; nothing once the day has passed."""
    left = (one.last_day - tick.event.today).days
    reached = [days for days in WARN_DAYS if left <= days]
    if left < 0 or not reached:
        return None
    told = state.warned.get((one.item_id, one.deadline, one.last_day))
    if told is not None and told <= reached[-1]:
        return None
    event = one.set_by.event
    return DeadlineWarned.model_validate(
        {
            "item_id": one.item_id,
            "case_id": event.case_id,
            "claim_id": event.claim_id,
            "org": event.org,
            "deadline": one.deadline,
            "last_day": one.last_day,
            "days": reached[-1],
            "days_left": left,
            "amount_cents": one.amount_cents,
            "at": morning(tick.event.today),
            "basis": (one.set_by.id, tick.id),
        }
    )


def lapse(opened: Known[AppealOpened], status: Status, tick: Tick) -> AppealLapsed | None:
    """An appeal that nobody filed by its last day."""
    appeal = opened.event
    if status != "open" or tick.event.today <= appeal.file_by:
        return None
    return AppealLapsed(
        appeal_id=appeal.appeal_id,
        case_id=appeal.case_id,
        claim_id=appeal.claim_id,
        org=appeal.org,
        level=appeal.level,
        file_by=appeal.file_by,
        amount_cents=appeal.amount_cents,
        at=morning(appeal.file_by + timedelta(days=1)),
        basis=(opened.id, tick.id),
    )


def decision_due(opened: AppealOpened, filing: Filing | None, rules: Ruleset) -> date | None:
    """By when the reviewer is to decide; None where nothing is filed, or no time is set."""
    if filing is None or opened.program != deadlines.MEDICARE:
        return None
    return deadlines.decision_due(opened.level, filing.on, rules, escalated=opened.against == "escalation")


def overdue(opened: Known[AppealOpened], filing: Filing | None, tick: Tick, rules: Ruleset) -> DecisionOverdue | None:
    """A decision that did not come in time."""
    appeal = opened.event
    due = decision_due(appeal, filing, rules)
    if due is None or filing is None or tick.event.today <= due:
        return None
    row = deadlines.level(appeal.level, rules, on=due)
    return DecisionOverdue(
        appeal_id=appeal.appeal_id,
        case_id=appeal.case_id,
        claim_id=appeal.claim_id,
        org=appeal.org,
        level=appeal.level,
        due_on=due,
        escalate_to=appeal.level + 1 if row.escalation_source else None,
        source=row.escalation_source or row.decision_source or row.source,
        at=morning(due + timedelta(days=1)),
        ruleset=rules.id,
        ruleset_hash=rules.hash,
        basis=(opened.id, *(() if filing.by is None else (filing.by.id,)), tick.id),
    )


def due_on(state: Appeals, appeal: str, rules: Ruleset) -> date | None:
    """By when the reviewer of an appeal is to decide; None where it is not filed, or was decided."""
    if state.status(appeal) != "filed":
        return None
    return decision_due(state.opened[appeal].event, state.filing(appeal), rules)


def next_alarm(state: Appeals, rules: Ruleset, tick: Tick | None) -> date | None:
    """The next day on which the clock will have something to say of the case."""
    days = list[date]()
    for one in running(state):
        told = state.warned.get((one.item_id, one.deadline, one.last_day), WARN_DAYS[0] + 1)
        days += [one.last_day - timedelta(days=each) for each in WARN_DAYS if each < told]
        if one.deadline == "appeal":
            days.append(_day_after(one.last_day))
    for appeal in state.opened:
        due = due_on(state, appeal, rules)
        if due is not None and (appeal, due) not in state.overdue:
            days.append(_day_after(due))
    today = tick.event.today if tick is not None else date.min
    return min((day for day in days if day > today), default=None)


def _day_after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def morning(day: date) -> datetime:
    """The first instant of a day, by UTC: a day of the calendar has no zone."""
    return datetime.combine(day, time.min, UTC)
