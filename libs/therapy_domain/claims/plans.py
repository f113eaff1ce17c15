"""Which plan of care a session stands under, and whether it is certified on the date of service."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from therapy_domain.claims.case import Case, Known
from therapy_domain.events.reference import PlanCertified

Status = Literal["certified", "excepted", "pending", "uncertified", "lapsed", "not_begun", "missing"]
_RANK: dict[Status, int] = {
    "certified": 0,
    "excepted": 0,
    "pending": 1,
    "uncertified": 2,
    "lapsed": 3,
    "not_begun": 4,
    "missing": 5,
}

INTERVAL = timedelta(days=90 - 1)
"""The longest certification: the day of first treatment is its first day (42 CFR 424.24(c)(4))."""
GRACE = timedelta(days=30)
"""From first treatment to the signature, or to the sending of the plan."""
ORDER_EXCEPTION_SINCE = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan on one date of service."""

    status: Status
    plan_id: str | None
    """As the session names it, or as it was found; None where there is none."""
    plan: Known[PlanCertified] | None
    previous: Known[PlanCertified] | None = None
    """The certification before it, of the same plan."""
    first_treatment: date | None = None
    through: date | None = None
    """The last day that its certification reaches."""
    foreign: bool = False
    """The plan that the session names is another patient's, or of another discipline."""


def plan_of(case: Case, plan_id: str | None, today: date) -> Standing:
    """The plan named, or without a name the patient's of that discipline in force; of several, the best certified.

    Source:  42 CFR 424.24(c); CMS Pub. 100-02, chapter 15, section 220.1.
    """
    named = [known for known in case.plans if plan_id is None or known.subject == plan_id]
    own = [k for k in named if k.event.patient_id == case.patient_id and k.event.discipline == case.discipline]
    standings = [standing(known, own, case.date_of_service, today) for known in own]
    if plan_id is None:
        standings = [s for s in standings if _in_force(s, case.date_of_service)]
    if not standings:
        return Standing("missing", plan_id, None, foreign=plan_id is not None and bool(named))
    return min(standings, key=_best_first)


def standing(known: Known[PlanCertified], among: list[Known[PlanCertified]], on: date, today: date) -> Standing:
    """How one certification stands on a date of service.

    Its interval runs from first treatment: the evaluation, where this is the plan's first certification, else the
    first day of the renewal.
    """
    plan = known.event
    previous = _previous(known, among)
    initial = previous is None
    first = plan.from_
    if initial and plan.initial_evaluation_on is not None:
        if plan.from_ <= plan.initial_evaluation_on + INTERVAL:
            first = plan.initial_evaluation_on
        else:
            initial = False  # a renewal whose first certification we never saw
    through = min(plan.to, first + INTERVAL)
    status = _status(plan, min(plan.from_, first), first, through, on, today, initial=initial)
    return Standing(status, known.subject, known, previous, first, through)


def _status(
    plan: PlanCertified, start: date, first: date, through: date, on: date, today: date, *, initial: bool
) -> Status:
    if on < start:
        return "not_begun"
    if on > through:
        return "lapsed"
    if plan.certified_on is not None:
        return "certified"
    if initial and _order_stands_in(plan, first, on):
        return "excepted"
    return "pending" if initial and today <= first + GRACE else "uncertified"


def _order_stands_in(plan: PlanCertified, first: date, on: date) -> bool:
    """A signed order on file and the plan sent within 30 days replace the first signature.

    Source:  42 CFR 424.24(c), for dates of service from 2025-01-01.
    """
    sent = plan.sent_on is not None and plan.sent_on <= first + GRACE
    return on >= ORDER_EXCEPTION_SINCE and plan.order_on_file is True and sent


def _previous(known: Known[PlanCertified], among: list[Known[PlanCertified]]) -> Known[PlanCertified] | None:
    earlier = [k for k in among if k.subject == known.subject and k.event.from_ < known.event.from_]
    return max(earlier, key=lambda k: (k.event.from_, k.occurred_at, k.id), default=None)


def _in_force(found: Standing, on: date) -> bool:
    if found.plan is None or found.first_treatment is None:
        return False
    plan = found.plan.event
    return min(plan.from_, found.first_treatment) <= on <= plan.to


def _best_first(found: Standing) -> tuple[int, int, str, str]:
    known = found.plan
    if known is None:
        return _RANK[found.status], 0, "", ""
    return _RANK[found.status], -known.event.from_.toordinal(), known.subject, known.id
