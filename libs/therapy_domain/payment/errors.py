"""What an estimate refuses to guess."""

from datetime import date

from therapy_domain.errors import DomainError


class NoConversionFactor(DomainError):
    """The ruleset has no conversion factor for the date of service."""

    code = "no-conversion-factor"

    def __init__(self, day: date, *, participation: str, known_from: date, known_to: date) -> None:
        self.day, self.participation = day, participation
        self.known_from, self.known_to = known_from, known_to
        super().__init__(
            f"no {participation} conversion factor is known for {day}; known are {known_from} to {known_to}"
        )


class BeforePaymentRules(DomainError):
    """The date of service lies before the payment rules that are known."""

    code = "before-payment-rules"

    def __init__(self, day: date, *, since: date) -> None:
        self.day, self.since = day, since
        super().__init__(f"payment on {day} cannot be estimated; the rules known here begin on {since}")


class ThresholdNotPublished(DomainError):
    """The ruleset has no therapy threshold for the year of service."""

    code = "threshold-not-published"

    def __init__(self, year: int, *, known: tuple[int, ...]) -> None:
        self.year, self.known = year, known
        super().__init__(f"no therapy threshold is known for {year}; known are {known[0]} to {known[-1]}")


class NoTherapyThreshold(DomainError):
    """The discipline is not outpatient therapy: no threshold counts its services."""

    code = "no-therapy-threshold"

    def __init__(self, discipline: str) -> None:
        self.discipline = discipline
        super().__init__(f"services of {discipline} count toward no therapy threshold; those of PT, OT and SLP do")


class LineTwice(DomainError):
    """Two lines of one estimate carry the same claim and line number."""

    code = "line-twice"

    def __init__(self, claim: str, line: int) -> None:
        self.claim, self.line = claim, line
        super().__init__(f"line {line} of claim {claim or '(unnamed)'} stands in the estimate twice")
