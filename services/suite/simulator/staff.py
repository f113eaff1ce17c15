"""A clinician, and the day's timetable that keeps each of them with one patient at a time."""

from dataclasses import dataclass

OPENS = 8 * 60
CLOSES = 18 * 60 + 30
"""No visit starts later; minutes since midnight."""


@dataclass(frozen=True, slots=True)
class Clinician:
    """Someone who treats; `npi` is the id in performers and signatures."""

    npi: str
    role: str
    name: str
    credentials: str
    license_number: str


class Timetable:
    """When each clinician of a clinic is free again today [minutes since midnight]."""

    __slots__ = ("_free",)

    def __init__(self) -> None:
        self._free: dict[str, int] = {}

    def free(self, clinician: Clinician) -> int:
        """The first minute at which the clinician can take a patient."""
        return self._free.get(clinician.npi, OPENS)

    def take(self, clinician: Clinician, until: int) -> None:
        """The clinician is with a patient up to `until` (not included)."""
        self._free[clinician.npi] = max(until, self.free(clinician))
