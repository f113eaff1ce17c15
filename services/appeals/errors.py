"""What a person asks for that cannot be: each says what stands in the way, and what would be possible."""

from collections.abc import Sequence
from datetime import date

from appeals.shortfall import dollars
from therapy_domain.errors import DomainError


class UnknownItem(DomainError):
    """No appeal and no proposal of that id."""

    code = "unknown-item"

    def __init__(self, item_id: str) -> None:
        self.item_id = item_id
        super().__init__(f"there is no appeal or proposal {item_id!r}; `claimtrail appeals` lists them")


class ActNotPossible(DomainError):
    """The item does not stand so that this could be done."""

    code = "act-not-possible"

    def __init__(self, item_id: str, act: str, *, status: str, possible: Sequence[str]) -> None:
        self.item_id, self.act, self.status, self.possible = item_id, act, status, tuple(possible)
        rest = f"possible is {', '.join(possible)}" if possible else "nothing is left to do"
        super().__init__(f"{item_id} is {status}: {act} is not possible; {rest}")


class AlreadyTaken(DomainError):
    """Somebody else has the item."""

    code = "already-taken"

    def __init__(self, item_id: str, *, taken_by: str, since: str, wanted_by: str) -> None:
        self.item_id, self.taken_by, self.since, self.wanted_by = item_id, taken_by, since, wanted_by
        super().__init__(
            f"{taken_by} has {item_id} since {since}; {wanted_by} can take it over by naming {taken_by} as who gives it"
        )


class ChangedMeanwhile(DomainError):
    """Somebody else did something about the item since it was looked at."""

    code = "changed-meanwhile"

    def __init__(self, item_id: str, *, expected: int, actual: int, last: str) -> None:
        self.item_id, self.expected, self.actual, self.last = item_id, expected, actual, last
        super().__init__(f"{item_id} is at version {actual}, not {expected}: {last}; look at it again")


class AppealTooLate(DomainError):
    """The filing window closed before the reviewer had the request."""

    code = "appeal-too-late"

    def __init__(self, item_id: str, *, filed_on: date, last_day: date) -> None:
        self.item_id, self.filed_on, self.last_day = item_id, filed_on, last_day
        super().__init__(
            f"{item_id} was filed on {filed_on}; the last day was {last_day}. A late request needs good cause, "
            "stated (42 CFR 405.942(b))"
        )


class DayNotPossible(DomainError):
    """A day that cannot be: before what it follows, or still to come."""

    code = "day-not-possible"

    def __init__(self, item_id: str, what: str, day: date, *, earliest: date, latest: date) -> None:
        self.item_id, self.what, self.day, self.earliest, self.latest = item_id, what, day, earliest, latest
        super().__init__(f"{item_id} cannot be {what} on {day}; possible is {earliest} to {latest}")


class AmountTooSmall(DomainError):
    """Less is in controversy than the level asks for."""

    code = "amount-too-small"

    def __init__(self, item_id: str, *, level: int, year: int, cents: int, required_cents: int, source: str) -> None:
        self.item_id, self.level, self.year, self.cents = item_id, level, year, cents
        self.required_cents, self.source = required_cents, source
        super().__init__(
            f"{dollars(cents)} are in controversy for {item_id}; level {level} asks for {dollars(required_cents)} of a "
            f"request filed in {year} ({source}). Like claims may be aggregated: name them with the filing"
        )


class NotAlike(DomainError):
    """Two appeals that cannot stand in one request."""

    code = "not-alike"

    def __init__(self, item_id: str, other: str, *, why: str, source: str) -> None:
        self.item_id, self.other, self.why, self.source = item_id, other, why, source
        super().__init__(f"{item_id} and {other} cannot be aggregated: {why} ({source})")


class NotLate(DomainError):
    """The reviewer still has time to decide, or its lateness gives no right to go on."""

    code = "not-late"

    def __init__(self, item_id: str, *, level: int, due_on: date | None, requested_on: date) -> None:
        self.item_id, self.level, self.due_on, self.requested_on = item_id, level, due_on, requested_on
        until = f"it may be decided until {due_on}" if due_on else f"level {level} gives no right to escalate"
        super().__init__(f"{item_id} cannot go on to the next level on {requested_on}: {until}")


class TooLateToVacate(DomainError):
    """The time to ask that a dismissal be vacated is over."""

    code = "too-late-to-vacate"

    def __init__(self, item_id: str, *, requested_on: date, last_day: date, source: str) -> None:
        self.item_id, self.requested_on, self.last_day, self.source = item_id, requested_on, last_day, source
        super().__init__(f"{item_id}: the last day to ask that the dismissal be vacated was {last_day} ({source})")


class NoRightToAppeal(DomainError):
    """The denial may not be appealed, whatever a person thinks of it."""

    code = "no-right-to-appeal"

    def __init__(self, item_id: str, *, source: str) -> None:
        self.item_id, self.source = item_id, source
        super().__init__(f"{item_id}: this denial gives no right to appeal ({source})")
