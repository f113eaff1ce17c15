"""What lies on a patient's day by the clock: treatment, interruptions, other patients; and what is counted."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from therapy_domain.rulesets.codes import Code
from therapy_domain.units.kinds import NON_TREATMENT
from therapy_domain.units.model import WorkedInterval

MINUTE = 60_000_000
"""Times are whole microseconds since the epoch [µs]."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True, eq=False)
class Span:
    """A countable interval on the clock, and what becomes of its time."""

    interval: WorkedInterval
    code: Code
    start: int
    end: int
    lost_to_codes: int = 0
    lost_to_patients: int = 0


@dataclass(slots=True, eq=False)
class Cut:
    """A stretch that is no treatment: taken out of the treatment that it lies in."""

    interval: WorkedInterval
    start: int
    end: int
    taken_from: set[str] = field(default_factory=set)

    def touches(self, span: Span) -> bool:
        """A rest or a talk is the patient's own time; the rest is a matter of the performer who recorded it."""
        if self.interval.performer_id == span.interval.performer_id:
            return True
        return self.interval.activity in NON_TREATMENT and span.code.attendance != "caregiver"


@dataclass(slots=True, eq=False)
class Busy:
    """A time in which a clinician was one-on-one with another patient."""

    performer_id: str
    session_id: str
    start: int
    end: int


@dataclass(slots=True)
class Tally:
    """Time of one code [µs]."""

    total: int = 0
    assistant: int = 0
    by_session: dict[str, int] = field(default_factory=dict)

    def add(self, length: int, session_id: str, *, assistant: bool) -> None:
        """Count a stretch to the code, once."""
        self.total += length
        self.by_session[session_id] = self.by_session.get(session_id, 0) + length
        if assistant:
            self.assistant += length


@dataclass(slots=True)
class Clash:
    """A stretch that counts to no code, and who collides in it."""

    kind: str
    start: int
    end: int
    spans: tuple[Span, ...]
    others: tuple[str, ...]


def micros(moment: datetime) -> int:
    """The instant in whole microseconds since the epoch [µs]."""
    return (moment - _EPOCH) // _MICROSECOND
