"""What goes into a count and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.values import Value

Reason = Literal[
    "setup",
    "rest",
    "conversation",
    "documentation",
    "aide",
    "student",
    "group_under_one_on_one",
    "passive_modality",
    "unattended",
    "observed",
    "not_skilled",
    "overlap_codes",
    "overlap_patients",
    "unknown_code",
    "no_time",
]
"""Why minutes count to no code. The two overlaps are contested minutes."""


@dataclass(frozen=True, slots=True)
class WorkedInterval:
    """One stretch of a patient's day, ended, with clock times or minutes alone."""

    interval_id: str
    session_id: str
    code: str
    start: datetime | None
    """With an offset; None where the clinic kept no clock times."""
    end: datetime | None
    minutes: int | None
    """In place of the clock times [min]."""
    performer_id: str
    role: str
    contact: str
    activity: str = "treatment"
    technique: str | None = None
    skilled: bool | None = None
    supervisor_npi: str | None = None


@dataclass(frozen=True, slots=True)
class Occupied:
    """A time in which a clinician was one-on-one with another patient (see `kinds.occupies`)."""

    performer_id: str
    start: datetime
    end: datetime
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class DayOfWork:
    """Everything of one patient's day under one discipline's plan and one payer."""

    policy: PayerPolicy | None
    """None = the payer is unknown: minutes are counted, units are not."""
    discipline: str
    date_of_service: date
    intervals: tuple[WorkedInterval, ...]
    elsewhere: tuple[Occupied, ...] = ()
    """When the same clinicians were one-on-one with other patients."""
    fees: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Fee by code [cents a unit]; breaks ties where given."""


class UnitLine(Value):
    """One line as it would be billed; an assistant's part may stand as a line of its own."""

    code: str
    minutes: int
    units: int
    modifiers: tuple[str, ...]
    """Those that the count decides: the discipline's and the assistant's, in that order."""
    timed: bool
    therapist_minutes: int
    """Of this code and day, therapist and team time, whole code [min]."""
    assistant_minutes: int
    """Of this code and day, the assistant apart from the therapist, whole code [min]."""
    interval_ids: tuple[str, ...]
    """The intervals whose minutes the code's lines hold, in time's order."""


class Exclusion(Value):
    """Minutes that count to no code, and why."""

    code: str
    minutes: int
    reason: Reason
    interval_id: str
    session_id: str
    taken_from: tuple[str, ...] = ()
    """Codes whose treatment these minutes interrupted: taken out of them as well."""


class Overlap(Value):
    """Contested minutes: which intervals collide, when, and with what."""

    kind: Literal["codes", "patients"]
    codes: tuple[str, ...]
    minutes: int
    start: str
    """UTC, RFC 3339."""
    end: str
    interval_ids: tuple[str, ...]
    other_session_ids: tuple[str, ...] = ()
    """Of kind `patients`: the other patients' sessions."""


class RoundedApart(Value):
    """A code whose sessions, each rounded for itself, would lose units."""

    code: str
    minutes: tuple[int, ...]
    """By session [min]."""
    units_apart: int
    units_together: int


class UnitsResult(Value):
    """The count of one day: lines, what was left out, and every step."""

    rule: str | None = None
    """The payer's unit rule; None where the payer is unknown."""
    ruleset: str
    total_minutes: int
    """Timed codes only [min]."""
    total_units: int
    """Timed codes only."""
    treatment_minutes: int
    """Timed and untimed codes [min]."""
    lines: tuple[UnitLine, ...]
    """By code, the line without an assistant first; codes without a unit stay with 0."""
    excluded: tuple[Exclusion, ...]
    alternatives: tuple[tuple[UnitLine, ...], ...]
    """The other allocations that equal remainders allow, each a whole list of lines."""
    overlaps: tuple[Overlap, ...]
    rounded_apart: tuple[RoundedApart, ...]
    unclocked: tuple[str, ...]
    """Counted intervals without both clock times."""
    explanation: tuple[str, ...]
