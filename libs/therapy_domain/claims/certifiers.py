"""CRT-001: who may certify a plan of therapy, and refer for it."""

from collections.abc import Iterator

from therapy_domain.claims.registry import REFERRING, Fault, rule
from therapy_domain.claims.visit import Visit
from therapy_domain.units.modifiers import DISCIPLINE

MAY_NOT = frozenset({"DC"})
"""Roles of those whom clinics register; a physician is not among them, and who is not registered is not judged."""


@rule(
    "CRT-001",
    severity="deny",
    source="CMS Pub. 100-02, chapter 15, sections 220 and 220.1.3; 42 CFR 424.24(c)",
    fix="Have the plan certified by a physician, or by a nurse practitioner, clinical nurse specialist or physician "
    "assistant.",
    place=REFERRING,
)
def the_certifier_may_certify(visit: Visit) -> Iterator[Fault]:
    """The plan is certified, and the patient referred, by one who may do so: not by a chiropractor."""
    policy = visit.policy
    if policy is None or not policy.requires_certified_plan or visit.case.discipline not in DISCIPLINE:
        return
    barred = {known.subject for known in visit.case.clinicians if known.event.role in MAY_NOT}
    if not barred:
        return
    for standing, _ in visit.plans:
        if standing.plan is not None and standing.plan.event.certified_by_npi in barred:
            npi = standing.plan.event.certified_by_npi
            yield Fault(
                f"plan {standing.plan_id} is certified by {npi}, a chiropractor", fields=("plan.certified_by_npi",)
            )
    for npi in sorted({sitting.recorded.opened.referring_npi or "" for sitting in visit.sittings} & barred):
        yield Fault(f"the session names {npi}, a chiropractor, as referring", fields=("opened.referring_npi",))
