"""Families COV and CRD: whether the payer pays this code, this performer, this clinician."""

from collections.abc import Iterator

from therapy_domain.claims.coding import evaluated_wrongly
from therapy_domain.claims.minutes import also_miscounted
from therapy_domain.claims.registry import PROCEDURE, RENDERING, Fault, rule
from therapy_domain.claims.visit import UNLICENSED, Visit

_WHO = {"AIDE": "an aide", "STUDENT": "a student", "DC": "a chiropractor"}
_DISCIPLINE = {"PT": "PT", "PTA": "PT", "OT": "OT", "OTA": "OT", "SLP": "SLP", "DC": "CHIRO"}
"""Whose plan of care a role works under."""


@rule(
    "COV-001",
    severity="deny",
    source="Coverage terms of the payer; for Medicare CMS Pub. 100-02, chapter 15, sections 220, 230 and 240",
    fix="Have an allowed performer treat, bill a covered code, or give the patient notice.",
    place=PROCEDURE,
)
def the_payer_pays_code_and_performer(visit: Visit) -> Iterator[Fault]:
    """Each code is covered by plan and payer, and given by one of the discipline whom the payer pays for it."""
    for code, roles in visit.roles_of.items():
        line, row = visit.line_of.get(code), visit.codes.get(code)
        refused = _refusal(visit, code)
        if refused is not None:
            fix = f"Bill {row.instead} in its place." if row and row.instead and not _covers(visit, code) else None
            yield Fault(f"{code}: {refused}", line, ("interval.code", "coverage.covered_codes"), fix=fix)
        barred = sorted(role for role in roles if _barred(visit, code, role, uncovered=refused is not None))
        if barred:
            also = also_miscounted(visit, code) if UNLICENSED.intersection(barred) else ()
            who = " and ".join([_WHO.get(role, role) for role in barred])
            why = "whom the payer does not pay for it"
            if visit.policy is not None and all(visit.policy.allows(code, role) for role in barred):
                why = f"in a session of {visit.case.discipline}"
            told = f"{code}: given by {who}, {why}"
            yield Fault(told, line, ("interval.performer.role", "opened.discipline"), also=also)


def _refusal(visit: Visit, code: str) -> str | None:
    row = visit.codes.get(code)
    if row is not None and row.valid_from is not None and visit.on < row.valid_from:
        return f"there is such a code only from {row.valid_from}"
    if not _covers(visit, code):
        return "the payer does not cover this code"
    covered = visit.coverage.event.covered_codes if visit.coverage is not None else None
    if covered is not None and code not in covered:
        return "the patient's coverage does not include this code"
    return None


def _covers(visit: Visit, code: str) -> bool:
    """Whether the payer covers the code; an unknown one is another fault."""
    return visit.policy is None or visit.policy.covers(code)


def _barred(visit: Visit, code: str, role: str, *, uncovered: bool) -> bool:
    """An aide or a student always; another role where the payer does not allow it, unless more is wrong already."""
    if role in UNLICENSED:
        return True
    if visit.policy is None:
        return False
    if visit.policy.allows(code, role):
        return _DISCIPLINE[role] != visit.case.discipline and not evaluated_wrongly(visit, code, role)
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
