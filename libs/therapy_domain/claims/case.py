"""One claim's whole knowledge: the sessions, their units, and every reference fact that the claim names."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.claim import (
    ClaimQuestioned,
    FindingOverridden,
    QuestionAnswered,
    RemittanceReceived,
    UnitsCalculated,
)
from therapy_domain.events.reference import (
    ClinicianCredentialed,
    CoverageVerified,
    OrganizationConfigured,
    PatientRegistered,
    PlanCertified,
    ProgressReported,
)
from therapy_domain.events.session import SessionRecorded
from therapy_domain.rulesets.payers import PayerPolicy

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Known(Generic[E]):
    """An event as the log knows it."""

    id: str
    """The event id, as UUID text."""
    event: E
    subject: str
    """What it is about: a session key, a plan id, an NPI, a patient id."""
    occurred_at: datetime
    """With an offset."""


@dataclass(frozen=True, slots=True)
class Case:
    """What one assessment may look at, and nothing else: same case and ruleset, same decision.

    The order of the tuples does not matter to the decision, but for `sessions` (by session key) and `history`.
    """

    case_id: str
    claim_id: str
    org: str
    patient_id: str
    payer_id: str
    discipline: str
    date_of_service: date
    sessions: tuple[Known[SessionRecorded], ...]
    """By session key; none = every session was voided or moved."""
    units: Known[UnitsCalculated]
    organization: Known[OrganizationConfigured] | None = None
    patient: Known[PatientRegistered] | None = None
    coverages: tuple[Known[CoverageVerified], ...] = ()
    """All of the patient's that stand, of every payer; replaced ones are gone."""
    plans: tuple[Known[PlanCertified], ...] = ()
    """Subject = plan id: those that a session names, and the patient's of the discipline."""
    progress: tuple[Known[ProgressReported], ...] = ()
    """Subject = plan id."""
    clinicians: tuple[Known[ClinicianCredentialed], ...] = ()
    """Subject = NPI: of those who are known here among the sessions' clinicians and referrers, and those whom the
    plans and their reports name."""
    policy: PayerPolicy | None = None
    """For the payer on the date of service; None = the payer is unknown."""
    policy_facts: tuple[str, ...] = ()
    """The ids of the published policies that `policy` was made from; none where it is a shipped profile."""
    conflicts: tuple[str, ...] = ()
    """Undecided conflicts on any fact that the case names, its sessions' included or not."""
    settled: tuple[str, ...] = ()
    """What people decided on other conflicts of those facts: the conflicts' ids and the decisions'."""
    overrides: tuple[Known[FindingOverridden], ...] = ()
    """Findings of this case that a person released; subject = case id."""
    questions: tuple[Known[ClaimQuestioned], ...] = ()
    """What people asked about the claim, answered or not; subject = case id."""
    answers: tuple[Known[QuestionAnswered], ...] = ()
    remittances: tuple[Known[RemittanceReceived], ...] = ()
    """The payer's answers; none unless a session was amended: only then are they looked at."""
    history: tuple[Known[VisitCharted], ...] = ()
    """The patient's other visits, in order: earlier ones of a year, other cases of the day (claims.chart.others)."""
    charted: VisitCharted | None = None
    """The case's own entry in the chart, where it is of these sessions: spares digesting their notes again."""
    chart_version: int = 0
    """How many entries the patient's chart had when `history` was read from it."""

    @property
    def happened_at(self) -> datetime:
        """When the latest fact of the claim itself happened, other visits of the patient left out.

        The same whenever the facts were heard of: what a payer answered is told by it.
        """
        single = tuple(each.occurred_at for each in (self.organization, self.patient) if each is not None)
        said: tuple[Known[Any], ...] = (*self.sessions, *self.coverages, *self.plans, *self.progress, *self.clinicians)
        facts = (*single, *(each.occurred_at for each in (*said, *self.overrides, *self.questions, *self.answers)))
        return max(facts) if self.sessions else max((self.units.occurred_at, *facts))
