"""One patient's course of treatment, and the facts about the patient, the coverage and the plan."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from suite.simulator.practice import Condition

Data = dict[str, Any]


@dataclass(slots=True)
class Scale:
    """One measure followed through an episode."""

    name: str
    unit: str
    baseline: float
    target: float
    visits_to_target: int
    digits: int

    def value(self, visit: int) -> float:
        """What is measured at that visit (counted from 0): nearer to the target each time."""
        share = (visit + 1) / (self.visits_to_target + 1)
        moved = round(self.baseline + (self.target - self.baseline) * share, self.digits)
        return moved if self.digits else int(moved)


@dataclass(slots=True)
class Episode:
    """A patient in treatment at a clinic for one discipline and payer."""

    patient_id: str
    plan_id: str
    condition: Condition
    payer: str
    evaluated_on: date
    plan_to: date
    next_due: date
    visits_left: int
    therapist: int
    """Which of the clinic's therapists of the discipline, counted from 0."""
    physician: str
    scales: tuple[Scale, Scale]
    offset: int
    """Where in the lists of exercises this patient begins."""
    report_every: int
    """Treatment days from one progress report to the next."""
    visits: int = 0
    since_report: int = 0
    evaluation_due: bool = False
    re_evaluation_due: bool = False
    authorization: str | None = None
    threshold_cents: int = 0
    """Charged so far this year toward the therapy threshold."""
    last_items: Data | None = None
    diagnoses: tuple[str, ...] = ()

    @property
    def discipline(self) -> str:
        """`PT`, `OT`, `SLP` or `CHIRO`."""
        return self.condition.discipline


@dataclass(slots=True)
class Facts:
    """What is sent of a patient before the first visit; None is not sent."""

    registration: Data | None
    coverage: Data | None
    plan: Data | None
    certification: Data | None = None
    """The plan again, once the physician has signed it."""
    certified_on: date | None = None
