"""Family POC, with DOC-015 and DOC-017: the plan of care, its certification, and what it names."""

from collections.abc import Iterator

from therapy_domain.claims.corrections import invented_diagnoses
from therapy_domain.claims.plans import GRACE, Standing
from therapy_domain.claims.registry import REFERRING, Fault, rule
from therapy_domain.claims.visit import Sitting, Visit, blank

_MANUAL = "CMS Pub. 100-02, chapter 15, section 220.1"


@rule(
    "POC-002",
    severity="deny",
    source=f"42 CFR 424.24(c); {_MANUAL}.3",
    fix="Obtain the certification, or the order with the plan sent, and record it.",
    place=REFERRING,
    also=("POC-001", "DOC-015"),
)
def the_plan_is_certified(visit: Visit) -> Iterator[Fault]:
    """A certified plan of care is in force on the date of service."""
    if visit.policy is None or not visit.policy.requires_certified_plan:
        return
    fields = ("plan.certified_on", "plan.from", "plan.to")
    for standing, sittings in visit.plans:
        if not any(_needs_certification(visit, sitting) for sitting in sittings):
            continue
        if standing.status == "pending" and standing.first_treatment is not None:
            due = standing.first_treatment + GRACE
            words = f"plan {standing.plan_id}: certification is awaited, due by {due}"
            yield Fault(words, fields=fields, severity="advice", also=())
        elif standing.status not in ("certified", "excepted"):
            yield Fault(_uncertified(standing), fields=fields if standing.plan else ("opened.plan_id",))


def _needs_certification(visit: Visit, sitting: Sitting) -> bool:
    """Manipulation of the spine is no therapy: its plan is the chiropractor's own."""
    rows = [visit.codes.get(code) for code in sitting.treated]
    return not rows or any(row is None or row.therapy != "no" for row in rows)


def _uncertified(standing: Standing) -> str:
    match standing.status:
        case "missing" if standing.foreign:
            return f"plan {standing.plan_id} is of another patient or discipline"
        case "missing" if standing.plan_id is not None:
            return f"plan {standing.plan_id} is not known"
        case "missing":
            return "no plan of care of this discipline is in force on the date of service"
        case "lapsed":
            return f"plan {standing.plan_id}: the certification ended on {standing.through}"
        case "not_begun":
            return f"plan {standing.plan_id} begins after the date of service"
        case _:
            return f"plan {standing.plan_id} was not certified within {GRACE.days} days of first treatment"


@rule(
    "POC-001",
    severity="deny",
    source=f"{_MANUAL}.2",
    fix="Review the plan and update its goals before it is renewed.",
)
def the_plan_is_updated(visit: Visit) -> Iterator[Fault]:
    """A renewed plan has new goals, or a progress report behind it."""
    for standing, _ in visit.plans:
        if _renewed_unchanged(visit, standing):
            yield Fault(
                f"plan {standing.plan_id} was renewed with the same goals and no progress report",
                fields=("plan.goals",),
            )


def _renewed_unchanged(visit: Visit, standing: Standing) -> bool:
    plan, before = standing.plan, standing.previous
    if plan is None or before is None or before.event.certified_on is None:
        return False
    if plan.event.from_ <= before.event.from_ + GRACE or not plan.event.goals:
        return False
    if sorted(map(str.strip, plan.event.goals)) != sorted(map(str.strip, before.event.goals)):
        return False
    reports = [k.event.reported_on for k in visit.case.progress if k.subject == plan.subject]
    return not any(before.event.from_ <= day <= plan.event.from_ for day in reports)


@rule(
    "DOC-015",
    severity="deny",
    source=f"{_MANUAL}.2",
    fix="Amend the plan, or correct the code or the diagnoses.",
)
def the_visit_keeps_to_the_plan(visit: Visit) -> Iterator[Fault]:
    """Codes are among the plan's interventions, diagnoses among its diagnoses."""
    unplanned: set[str] = set()
    for standing, sittings in visit.plans:
        if standing.plan is None:
            continue
        interventions = standing.plan.event.interventions
        for sitting in sittings:
            if interventions is not None:
                unplanned.update(_treatments(visit, sitting).difference(interventions))
            if _unnamed(visit, sitting, standing):
                yield Fault(
                    f"{sitting.name}: diagnoses that plan {standing.plan_id} does not name",
                    fields=("opened.diagnoses", "plan.diagnoses"),
                )
    for code in sorted(unplanned):
        yield Fault(
            f"{code} is not among the plan's interventions",
            line=visit.line_of.get(code),
            fields=("interval.code", "plan.interventions"),
        )


def _treatments(visit: Visit, sitting: Sitting) -> set[str]:
    """An evaluation is what a plan comes from, never an intervention of it."""
    return {code for code in sitting.treated if (row := visit.codes.get(code)) is None or row.evaluation is None}


def _unnamed(visit: Visit, sitting: Sitting, standing: Standing) -> bool:
    """Whether the session has diagnoses that the plan does not name, beside those that ETH-001 tells of."""
    if standing.plan is None:
        return False
    named = {diagnosis.replace(".", "") for diagnosis in standing.plan.event.diagnoses}
    unnamed = {d for d in sitting.recorded.opened.diagnoses if d.replace(".", "") not in named}
    return bool(unnamed) and not unnamed <= invented_diagnoses(visit, sitting)


@rule(
    "DOC-017",
    severity="deny",
    source=f"{_MANUAL}.2",
    fix="Write measurable goals into the plan.",
)
def the_plan_has_goals(visit: Visit) -> Iterator[Fault]:
    """The plan of care names its goals."""
    for standing, _ in visit.plans:
        if standing.plan is not None and all(blank(goal) for goal in standing.plan.event.goals):
            yield Fault(f"plan {standing.plan_id} names no goal", fields=("plan.goals",))
