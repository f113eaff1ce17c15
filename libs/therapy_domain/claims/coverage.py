"""Families COV and CRD: whether the payer pays this code, this performer, this clinician."""

from collections.abc import Iterator

from therapy_domain.claims.coding import evaluated_wrongly
from therapy_domain.claims.minutes import also_miscounted
from therapy_domain.claims.registry import PROCEDURE, RENDERING, Fault, rule
from therapy_domain.claims.visit import UNLICENSED, Visit

_WHO = {"AIDE": "an aide", "STUDENT": "a student", "DC": "a chiropractor"}


@rule(
    "COV-001",
    severity="deny",
    source="Coverage terms of the payer; for Medicare CMS Pub. 100-02, chapter 15, sections 220, 230 and 240",
    fix="Have an allowed performer treat, bill a covered code, or give the patient notice.",
    place=PROCEDURE,
)
def the_payer_pays_code_and_performer(visit: Visit) -> Iterator[Fault]:
    """Each code is covered by plan and payer, and given by one whom the payer pays for it."""
    for code, roles in visit.roles_of.items():
        line = visit.line_of.get(code)
        refused = _refusal(visit, code)
        if refused is not None:
            yield Fault(f"{code}: {refused}", line, ("interval.code", "coverage.covered_codes"))
        barred = sorted(role for role in roles if _barred(visit, code, role, uncovered=refused is not None))
        if barred:
            also = also_miscounted(visit, code) if UNLICENSED.intersection(barred) else ()
            who = " and ".join([_WHO.get(role, role) for role in barred])
            yield Fault(
                f"{code}: given by {who}, whom the payer does not pay for it",
                line,
                ("interval.performer.role",),
                also=also,
            )


def _refusal(visit: Visit, code: str) -> str | None:
    known = visit.codes.get(code)
    if known is not None and known.valid_from is not None and visit.on < known.valid_from:
        return f"this code came into use on {known.valid_from}"
    if visit.policy is not None and not visit.policy.covers(code):
        return "the payer does not cover this code"
    covered = visit.coverage.event.covered_codes if visit.coverage is not None else None
    if covered is not None and code not in covered:
        return "the patient's coverage does not include this code"
    return None


def _barred(visit: Visit, code: str, role: str, *, uncovered: bool) -> bool:
    """An aide or a student always; another role where the payer does not allow it, unless more is wrong already."""
    if role in UNLICENSED:
        return True
    if visit.policy is None or visit.policy.allows(code, role):
        return False
    return not (uncovered and not visit.policy.covers(code)) and not evaluated_wrongly(visit, code, role)


@rule(
    "CRD-001",
    severity="deny",
    source="Payer contract, enrolment of the clinician; for Medicare 42 CFR 424.505",
    fix="Hold the claim until the clinician is enrolled, or correct the clinician.",
    place=RENDERING,
)
def the_clinician_is_enrolled(visit: Visit) -> Iterator[Fault]:
    """The session's clinician is credentialed with the payer on the date of service."""
    for npi in sorted({sitting.recorded.opened.clinician_npi for sitting in visit.sittings}):
        known = [enrolled for k in visit.case.clinicians if k.subject == npi for enrolled in k.event.payers]
        if not any(
            e.payer_id == visit.case.payer_id and e.from_ <= visit.on and (e.to is None or visit.on <= e.to)
            for e in known
        ):
            yield Fault(
                f"clinician {npi} is not credentialed with payer {visit.case.payer_id} on {visit.on}",
                fields=("opened.clinician_npi", "clinician.payers"),
            )
