"""Family DOC, progress: what the note says of the goals, and the clinician's report in every ten treatment days."""

from collections.abc import Iterator
from datetime import date, timedelta

from therapy_domain.claims.notes import beyond_evaluation, unwritten
from therapy_domain.claims.registry import Fault, rule
from therapy_domain.claims.visit import ASSISTANTS, UNLICENSED, Visit
from therapy_domain.units.modifiers import DISCIPLINE

TREATMENT_DAYS = 10
"""A report is due on or before this treatment day; the day of a report is the last of its period [days]."""


@rule(
    "DOC-012",
    severity="deny",
    source="CMS Pub. 100-02, chapter 15, section 220.3.D; payers' audit checklists",
    fix="Write where the patient stands on each goal.",
)
def progress_is_told(visit: Visit) -> Iterator[Fault]:
    """The note tells the progress toward the goals, and a report was written in the last ten treatment days."""
    yield from unwritten(visit, "progress_toward_goals", "tells no progress toward the goals", beyond_evaluation)
    if visit.policy is None or not visit.policy.requires_certified_plan or visit.case.discipline not in DISCIPLINE:
        return
    began = visit.episode_began
    if began is None or not visit.treats:
        return
    reported = _last_report(visit)
    number = _treatment_day(visit, after=reported or began - timedelta(days=1))
    if number >= TREATMENT_DAYS:
        since = f"since the progress report of {reported}" if reported else "of the plan, and no progress report yet"
        yield Fault(
            f"treatment day {number} {since}; one is due by day {TREATMENT_DAYS}",
            fields=("progress.reported_on", "progress.by_npi"),
            fix="Have the therapist write the report; an assistant's does not count.",
        )


def _last_report(visit: Visit) -> date | None:
    """The latest report of a clinician up to this day; one whose role is not known to us counts."""
    plans = {standing.plan.subject for standing, _ in visit.plans if standing.plan is not None}
    helpers = {k.subject for k in visit.case.clinicians if k.event.role in ASSISTANTS | UNLICENSED}
    days = [
        known.event.reported_on
        for known in visit.case.progress
        if known.subject in plans and known.event.by_npi not in helpers
    ]
    return max((day for day in days if day <= visit.on), default=None)


def _treatment_day(visit: Visit, *, after: date) -> int:
    """Which treatment day of the discipline this is."""
    days = {visit.on}
    for entry in reversed(visit.treated_before):
        if entry.date_of_service <= after:
            break
        days.add(entry.date_of_service)
    return len(days)
