"""What a count refuses."""

from datetime import date

from therapy_domain.errors import DomainError


class NegativeMinutes(DomainError):
    """Time cannot be negative."""

    code = "negative-minutes"

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        super().__init__(f"{minutes} minutes cannot be counted; expected 0 or more")


class UnitsOutOfStep(DomainError):
    """The units to split between therapist and assistant do not come from their minutes."""

    code = "units-out-of-step"

    def __init__(self, units: int, *, therapist: int, assistant: int, on: date) -> None:
        self.units, self.therapist, self.assistant, self.on = units, therapist, assistant, on
        super().__init__(
            f"{units} units on {on} cannot come from {therapist} minutes of a therapist and {assistant} of an assistant"
        )
