"""ETH-001: what is corrected after a payer's denial must be borne out by the record."""

from collections.abc import Iterator
from datetime import datetime

from therapy_domain.claims.chart import plain
from therapy_domain.claims.registry import NOTE, Fault, rule
from therapy_domain.claims.visit import Sitting, Visit
from therapy_domain.events.session import Amendment


@rule(
    "ETH-001",
    severity="deny",
    source="CMS Pub. 100-08, chapter 3, section 3.3.2.5 (amendments and late entries); 31 U.S.C. 3729 (false claims)",
    fix="Take the change back, or record what bears it out: clock times, a new signature, a plan with the diagnosis.",
    place=NOTE,
)
def corrections_are_borne_out(visit: Visit) -> Iterator[Fault]:
    """After a denial, no diagnosis and no minute is amended beyond what the record supports."""
    denied = first_denial(visit)
    if denied is None:
        return
    for sitting in visit.sittings:
        later = [each for each in sitting.recorded.amendments if each.at > denied]
        wanting = _unfounded_minutes(sitting, later)
        if wanting is not None:
            yield Fault(
                f"{sitting.name}: after the payer's denial its minutes were raised from {later[0].minutes_before} to "
                f"{later[-1].minutes_after} {wanting}",
                fields=("amended.replace_intervals", "signed.time"),
            )
        if invented_diagnoses(visit, sitting):
            yield Fault(
                f"{sitting.name}: after the payer's denial a diagnosis was set that neither the plan nor an earlier "
                "visit names",
                fields=("amended.set.diagnoses", "plan.diagnoses"),
                also=("DOC-015",),
            )


def first_denial(visit: Visit) -> datetime | None:
    """When the payer first denied the claim or a part of it."""
    answers = [known for known in visit.case.remittances if known.event.outcome != "paid"]
    return min((known.occurred_at for known in answers), default=None)


def invented_diagnoses(visit: Visit, sitting: Sitting) -> frozenset[str]:
    """The session's diagnoses that were amended into it after a denial, and that nothing in the record bears out."""
    denied = first_denial(visit)
    if denied is None:
        return frozenset()
    added = {d for each in sitting.recorded.amendments if each.at > denied for d in each.diagnoses_added}
    added.intersection_update(sitting.recorded.opened.diagnoses)
    if not added:
        return frozenset()
    named = {plain(d) for standing, _ in visit.plans if standing.plan for d in standing.plan.event.diagnoses}
    named.update(diagnosis for entry in visit.before for diagnosis in entry.diagnoses)
    return frozenset(diagnosis for diagnosis in added if plain(diagnosis) not in named)


def _unfounded_minutes(sitting: Sitting, later: list[Amendment]) -> str | None:
    """What the minutes lack that were raised after the denial; None where they were not, or lack nothing."""
    raising = [each for each in later if each.minutes_after > each.minutes_before]
    if not raising or later[-1].minutes_after <= later[0].minutes_before:
        return None
    lacks = [] if all(each.clocked for each in raising) else ["without clock times"]
    if not any(signature.signed_at > raising[-1].at for signature in sitting.recorded.signatures):
        lacks.append("without a new signature")
    return " and ".join(lacks) or None
