"""Family COD, with MOD-008: the right code for what was done and for who did it."""

from collections.abc import Iterator

from therapy_domain.claims.minutes import left_out_faults
from therapy_domain.claims.registry import PROCEDURE, Fault, rule
from therapy_domain.claims.visit import ASSISTANTS, Visit
from therapy_domain.units.modifiers import DISCIPLINE


@rule(
    "COD-004",
    severity="deny",
    source="CPT, physical medicine: modalities and therapeutic procedures have codes of their own",
    fix="Bill the modality under its own code, or record the active treatment.",
    place=PROCEDURE,
)
def no_passive_modality_under_an_active_code(visit: Visit) -> Iterator[Fault]:
    """A passive modality is not billed under an active code."""
    return left_out_faults(visit, ("passive_modality",), "recorded under an active code count to none")


@rule(
    "MOD-008",
    severity="reject",
    source="CMS Pub. 100-02, chapter 15, sections 220 and 230",
    fix="Have the discipline's own therapist evaluate, or bill the right evaluation.",
    place=PROCEDURE,
)
def evaluations_are_the_therapists_own(visit: Visit) -> Iterator[Fault]:
    """An evaluation is of the session's discipline, and never an assistant's."""
    for code, roles in visit.roles_of.items():
        wrong = sorted(role for role in roles if evaluated_wrongly(visit, code, role))
        if not wrong:
            continue
        what = "another discipline's" if _of_other_discipline(visit, code) else "an assistant's"
        barred = visit.policy is not None and not all(visit.policy.allows(code, role) for role in wrong)
        by = " and ".join(wrong)
        yield Fault(
            f"{code}: the evaluation is {what} (given by {by} in a session of {visit.case.discipline})",
            line=visit.line_of.get(code),
            fields=("interval.code", "interval.performer.role", "opened.discipline"),
            also=("COV-001",) if barred else (),
        )


def evaluated_wrongly(visit: Visit, code: str, role: str) -> bool:
    """Whether this is an evaluation by an assistant, or one of another discipline than the session's.

    An aide's, a student's or a chiropractor's is a matter of who may be paid (COV-001).
    """
    row = visit.codes.get(code)
    if row is None or row.evaluation is None or role not in ("PT", "OT", "SLP", "PTA", "OTA"):
        return False
    return role in ASSISTANTS or _of_other_discipline(visit, code)


def _of_other_discipline(visit: Visit, code: str) -> bool:
    evaluation = visit.codes[code].evaluation
    carried = DISCIPLINE.get(visit.case.discipline, "GP")
    return evaluation is not None and DISCIPLINE[evaluation] != carried
