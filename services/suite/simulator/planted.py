"""What tests need to know of a visit and the stream does not say: the mistake in it, and the finding to expect."""

from dataclasses import dataclass
from datetime import date

from suite.simulator.catalogue import MISTAKES, Severity
from suite.simulator.draft import Draft
from therapy_domain.identity import case_id, claim_id


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted mistake: where, and which rule must raise it with which severity."""

    session_id: str
    org: str
    clinic: str
    case_id: str
    claim_id: str
    mistake_id: str
    rule: str
    severity: Severity


def case_of(draft: Draft) -> str:
    """The id of the case to which the visit belongs in the end."""
    day = date.fromisoformat(draft.opened["date_of_service"])
    episode = draft.episode
    return case_id(draft.clinic.org.id, episode.patient_id, episode.discipline, draft.payer, day)


def planted_in(draft: Draft) -> Planted | None:
    """The mistake of that visit, if it has one."""
    if draft.mistake is None:
        return None
    mistake, case = MISTAKES[draft.mistake.id], case_of(draft)
    clinic = draft.clinic
    return Planted(
        draft.session_id, clinic.org.id, clinic.id, case, claim_id(case), mistake.id, mistake.rule, mistake.severity
    )
