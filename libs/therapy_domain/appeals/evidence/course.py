"""The course of treatment: the plan and its certification, diagnoses, evaluation, measures, progress reports."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from therapy_domain.appeals.evidence.finding import Found, Gap, item, missing
from therapy_domain.appeals.record import Dispute
from therapy_domain.appeals.words import counted, day_words, listed
from therapy_domain.claims.plans import Standing, plan_of
from therapy_domain.events.session import Measure
from therapy_domain.rulesets.codes import codes

_STANDS = {
    "certified": "certified",
    "excepted": "not signed, with a signed order on file and sent in time",
    "pending": "awaiting its certification within 30 days of the first treatment",
}
_FALLS = {
    "uncertified": "its certification is missing",
    "lapsed": "its certification had lapsed",
    "not_begun": "it had not begun",
    "missing": "there is none",
}


def plan(dispute: Dispute) -> Found:
    """The plan of care in force on the date of service, and its certification."""
    standing = _plan(dispute)
    known, on = standing.plan, day_words(dispute.day)
    if known is None:
        return missing("plan", f"no plan of care in force on {on}")
    said = known.event
    gaps = []
    if standing.status in _FALLS:
        gaps.append(Gap("plan", f"plan of care on {on}: {_FALLS[standing.status]}"))
    unnamed = [code for code in dispute.codes if said.interventions is not None and code not in said.interventions]
    gaps += [Gap("plan", f"the plan of care does not name {code}") for code in unnamed]
    if not said.goals:
        gaps.append(Gap("plan", "the plan of care names no goal"))
    certified = f"Certified on {day_words(said.certified_on)}" if said.certified_on else "Certification is awaited"
    by = f" by NPI {said.certified_by_npi}" if said.certified_by_npi else ""
    lines = [
        f"Plan {known.subject}, {said.discipline}, {day_words(said.from_)} to {day_words(said.to)}",
        f"{certified}{by}",
        f"Diagnoses: {listed(said.diagnoses)}",
        *(f"Goal: {goal}" for goal in said.goals),
    ]
    if said.interventions is not None:
        lines.append(f"Interventions: {listed(said.interventions)}")
    shown = item("plan", "Plan of care and certification", lines, dispute, [known.id])
    says = (
        ()
        if gaps
        else (
            f"The services were furnished under a plan of care for {day_words(said.from_)} to {day_words(said.to)}, "
            f"{_STANDS[standing.status]}{_certification(standing)}, with {counted(len(said.goals), 'goal')}.",
        )
    )
    return Found(shown, says, tuple(gaps))


def _certification(standing: Standing) -> str:
    said = standing.plan.event if standing.plan is not None else None
    if said is None or said.certified_on is None:
        return ""
    by = f" by NPI {said.certified_by_npi}" if said.certified_by_npi else ""
    return f" on {day_words(said.certified_on)}{by}"


def _plan(dispute: Dispute) -> Standing:
    case = dispute.record.case
    named = [known.event.opened.plan_id for known in case.sessions if known.event.opened.plan_id]
    return plan_of(case, named[0] if named else None, dispute.record.assessed.today)


def diagnoses(dispute: Dispute) -> Found:
    """The diagnoses of the visit, and whether the plan has them."""
    sessions = dispute.record.case.sessions
    treated = list(dict.fromkeys(code for known in sessions for code in known.event.opened.diagnoses))
    if not treated:
        return missing("diagnoses", "the visit names no diagnosis")
    standing = _plan(dispute)
    planned = standing.plan.event.diagnoses if standing.plan is not None else ()
    beside = [code for code in treated if _plain(code) not in map(_plain, planned)]
    gaps = tuple(Gap("diagnoses", f"the plan of care does not name {code}") for code in beside)
    lines = [f"Diagnoses of the visit, the first is primary: {listed(treated)}"]
    if planned:
        lines.append(f"Diagnoses of the plan of care: {listed(planned)}")
    ids = [known.id for known in sessions] + ([standing.plan.id] if standing.plan is not None else [])
    shown = item("diagnoses", "Diagnoses", lines, dispute, ids)
    says = () if gaps else (f"The diagnoses of the visit ({listed(treated)}) are those of the plan of care.",)
    return Found(shown, says, gaps)


def _plain(code: str) -> str:
    return code.replace(".", "")


def evaluation(dispute: Dispute) -> Found:
    """The initial evaluation: the plan names its day; the visit of that day is shown where it is on record."""
    known = _plan(dispute).plan
    day = known.event.initial_evaluation_on if known is not None else None
    if known is None or day is None:
        return missing("evaluation", "no initial evaluation is named by the plan of care")
    table = codes(dispute.record.rules)
    found = [
        (event_id, interval.code)
        for visit in dispute.record.others
        if visit.day == day
        for event_id, session in visit.sessions
        for interval in session.intervals
        if interval.code in table and table[interval.code].evaluation
    ]
    lines = [f"Initial evaluation on {day_words(day)}, as the plan of care names it"]
    lines += [f"On record for that day: {code}" for _, code in found]
    shown = item("evaluation", "Initial evaluation", lines, dispute, [known.id, *(event_id for event_id, _ in found)])
    return Found(shown, (f"The initial evaluation was on {day_words(day)}.",))


class _Measured(NamedTuple):
    """One measurement."""

    day: date
    event_id: str
    measure: Measure
    where: str


def _measured(dispute: Dispute) -> list[_Measured]:
    """Every objective measure of the course up to the date of service, by day."""
    record = dispute.record
    found = [
        _Measured(visit.day, event_id, measure, "visit")
        for visit in record.others
        if visit.day <= dispute.day
        for event_id, session in visit.sessions
        for measure in session.note.objective_measures or ()
    ]
    found += [
        _Measured(dispute.day, known.id, measure, "visit")
        for known in record.case.sessions
        for measure in known.event.note.objective_measures or ()
    ]
    found += [
        _Measured(known.event.reported_on, known.id, measure, "progress report")
        for known in record.case.progress
        for measure in known.event.measures
    ]
    return sorted(found, key=lambda each: (each.day, each.measure.name, each.event_id))


def measures(dispute: Dispute) -> Found:
    """Objective measures over time, each by name; whether they are better or worse is left to who reads them."""
    every = _measured(dispute)
    if not every:
        return missing("measures", "no objective measure at all")
    last = max(each.day for each in every)
    gaps = () if last == dispute.day else (Gap("measures", f"no objective measure since {day_words(last)}"),)
    lines, says = [], []
    for name in dict.fromkeys(each.measure.name for each in every):
        series = [each for each in every if each.measure.name == name]
        lines += [f"{name}: {_value(each)} on {day_words(each.day)} ({each.where})" for each in series]
        says.append(_course(name, series))
    shown = item("measures", "Objective measures over time", lines, dispute, [each.event_id for each in every])
    return Found(shown, tuple(says), gaps)


def _value(each: _Measured) -> str:
    before = "" if each.measure.baseline is None else f", baseline {each.measure.baseline}"
    return f"{each.measure.value} {each.measure.unit}{before}"


def _course(name: str, series: list[_Measured]) -> str:
    first, last = series[0], series[-1]
    unit = last.measure.unit
    if first.day != last.day:
        return (
            f"{name}: {first.measure.value} {first.measure.unit} on {day_words(first.day)}, "
            f"{last.measure.value} {unit} on {day_words(last.day)}."
        )
    if last.measure.baseline is not None:
        return f"{name}: {last.measure.baseline} {unit} before, {last.measure.value} {unit} on {day_words(last.day)}."
    return f"{name}: {last.measure.value} {unit} on {day_words(last.day)}."


def progress(dispute: Dispute) -> Found:
    """The progress reports on the plan."""
    reports = sorted(dispute.record.case.progress, key=lambda known: known.event.reported_on)
    if not reports:
        return missing("progress", f"no progress report up to {day_words(dispute.day)}")
    lines = list(_reported(dispute))
    shown = item("progress", "Progress reports", lines, dispute, [known.id for known in reports])
    last = reports[-1].event
    words = f"Progress was reported {counted(len(reports), 'time')}, last on {day_words(last.reported_on)}"
    return Found(shown, (f"{words} by NPI {last.by_npi}.",))


def _reported(dispute: Dispute) -> Iterator[str]:
    for known in sorted(dispute.record.case.progress, key=lambda each: each.event.reported_on):
        report = known.event
        yield f"Report of {day_words(report.reported_on)} by NPI {report.by_npi}"
        yield from (f"Measure: {each.name} {each.value} {each.unit}" for each in report.measures)
