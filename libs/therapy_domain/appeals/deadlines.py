"""By when: appeals at every level, claims and decisions; and what must be in dispute. Calendar days."""

from dataclasses import dataclass
from datetime import date, timedelta

from therapy_domain.appeals.holidays import this_or_next_workday
from therapy_domain.errors import DomainError
from therapy_domain.rulesets.deadline_tables import (
    AppealLevel,
    Program,
    amounts_in_controversy,
    appeal_levels,
    in_force,
)
from therapy_domain.rulesets.release import Ruleset

MEDICARE: Program = "medicare-part-b"
TIMELY_FILING_SOURCE = "42 CFR 424.44"
REOPENING_SOURCE = "42 CFR 405.980(b)(1)"


class NoSuchLevel(DomainError):
    """The program has no appeal level of that number."""

    code = "no-such-appeal-level"

    def __init__(self, number: int, *, program: str, known: tuple[int, ...]) -> None:
        self.number, self.program, self.known = number, program, known
        super().__init__(f"{program} has no appeal level {number}; it has {', '.join(map(str, known))}")


class AmountNotPublished(DomainError):
    """The ruleset has no amount in controversy for the year in which the request is filed."""

    code = "amount-not-published"

    def __init__(self, year: int, *, known: tuple[int, ...]) -> None:
        self.year, self.known = year, known
        super().__init__(f"no amount in controversy is known for {year}; known are {known[0]} to {known[-1]}")


@dataclass(frozen=True)
class AppealDeadline:
    """When the notice counts as received, and the last day on which the reviewer must have the request."""

    receipt: date
    last_day: date
    source: str

    @property
    def last_tolerated(self) -> date:
        """The workday that a lenient reviewer might still accept. For display only: never plan on it."""
        return this_or_next_workday(self.last_day)


@dataclass(frozen=True)
class AmountInControversy:
    """What must be in dispute at a level [cents]; None where the level asks for no amount."""

    amount_cents: int | None
    source: str


def level(number: int, rules: Ruleset, *, program: Program = MEDICARE, on: date | None = None) -> AppealLevel:
    """One appeal level of a program, as it stood on a day (without one: as it stands now).

    Raises:  NoSuchLevel: the program has no level of that number.
    """
    rows = appeal_levels(rules, program)
    mine = [row for row in rows if row.number == number]
    if not mine:
        raise NoSuchLevel(number, program=program, known=tuple(sorted({row.number for row in rows})))
    return in_force(mine, on or date.max)


def receipt(notice_date: date, presumed_days: int, *, received_on: date | None = None) -> date:
    """The day from which the limit runs: the day of receipt where there is evidence, else the presumed one.

    Source:  42 CFR 405.942(a)(1), 405.962(a)(1), 405.1002(a)(3), 405.1102(a)(2) (5 calendar days).

    >>> receipt(date(2026, 2, 3), 5)
    datetime.date(2026, 2, 8)
    """
    return received_on or _later(notice_date, presumed_days)


def appeal_deadline(
    number: int,
    rules: Ruleset,
    *,
    notice_date: date | None = None,
    received_on: date | None = None,
    program: Program = MEDICARE,
    limit_days: int | None = None,
) -> AppealDeadline:
    """Receipt and last day of an appeal. The last day is never moved from a weekend or holiday.

    Args:    number: the level, from 1. notice_date: the date on the payer's notice. received_on: the day of
             receipt where there is evidence of it; one of the two is needed. limit_days: a payer's own limit
             in place of the program's [days].
    Raises:  NoSuchLevel: the program has no level of that number. ValueError: neither date is given.
    Source:  42 CFR 405.942, 405.962, 405.1002, 405.1102, 405.1130, 405.1136.
    """
    anchor = notice_date or received_on
    if anchor is None:
        raise ValueError("an appeal deadline needs the date of the notice or of its receipt")
    row = level(number, rules, program=program, on=anchor)
    start = receipt(anchor, row.presumed_receipt_days, received_on=received_on)
    days = row.limit_days if limit_days is None else limit_days
    source = row.source if limit_days in (None, row.limit_days) else f"payer policy ({limit_days} days)"
    return AppealDeadline(receipt=start, last_day=_later(start, days), source=source)


def last_day(number: int, received_on: date, rules: Ruleset, *, program: Program = MEDICARE) -> date:
    """The last day of an appeal at that level when the notice is known to have come on a day."""
    return appeal_deadline(number, rules, received_on=received_on, program=program).last_day


def timely(filed_on: date, deadline: date) -> bool:
    """Is it in time? Filed is when the reviewer has it, not when it was sent; the last day counts."""
    return filed_on <= deadline


def decision_due(number: int, filed_on: date, rules: Ruleset, *, escalated: bool = False) -> date | None:
    """The day by which Medicare's reviewer aims to decide; None where no time is set (court).

    Source:  42 CFR 405.950, 405.970, 405.1016, 405.1100.
    """
    row = level(number, rules, on=filed_on)
    days = row.escalated_decision_days if escalated and row.escalated_decision_days else row.decision_days
    return None if days is None else _later(filed_on, days)


def amount_in_controversy(number: int, filed_on: date, rules: Ruleset) -> AmountInControversy:
    """What must be in dispute for Medicare's level, by the year in which the request is filed [cents].

    Raises:  NoSuchLevel: there is no such level. AmountNotPublished: the level asks for an amount and the
             ruleset has none for that year; last year's is never used in its place.
    Source:  42 CFR 405.1006 (b) hearing, (c) court; yearly notices in the Federal Register.
    """
    row = level(number, rules, on=filed_on)
    if row.amount is None:
        return AmountInControversy(None, f"42 CFR 405.1006 (no amount at level {number})")
    amounts = amounts_in_controversy(rules)
    if filed_on.year not in amounts:
        raise AmountNotPublished(filed_on.year, known=tuple(sorted(amounts)))
    year = amounts[filed_on.year]
    return AmountInControversy(year.hearing_cents if row.amount == "hearing" else year.court_cents, year.source)


def filing_deadline(date_of_service: date) -> date:
    """The last day for a Medicare claim: one calendar year after the service, moved to the next workday.

    29 February becomes 28 February; a Saturday, Sunday or federal holiday becomes the next workday.

    Source:  42 CFR 424.44; CMS Pub. 100-04, chapter 1, section 70.

    >>> filing_deadline(date(2024, 2, 29))
    datetime.date(2025, 2, 28)
    """
    return this_or_next_workday(_a_year_later(date_of_service))


def reopening_deadline(determined_on: date) -> date:
    """The last day to ask that a determination be reopened for any reason: one year after it, on any weekday.

    Source:  42 CFR 405.980(b)(1).

    >>> reopening_deadline(date(2024, 2, 29))
    datetime.date(2025, 2, 28)
    """
    return _a_year_later(determined_on)


def vacate_deadline(number: int, dismissed_on: date, rules: Ruleset) -> date | None:
    """The last day to ask the reviewer of a Medicare level to vacate a dismissal; None where that is not provided for.

    Source:  42 CFR 405.952(d), 405.972(d), 405.1052 (180 days from the date of the notice).
    """
    row = level(number, rules, on=dismissed_on)
    return None if row.vacate_days is None else _later(dismissed_on, row.vacate_days)


def payer_filing_deadline(date_of_service: date, timely_filing_days: int) -> date:
    """The last day for a claim to a payer that counts days from the service; never moved from a weekend.

    >>> payer_filing_deadline(date(2026, 1, 1), 180)
    datetime.date(2026, 6, 30)
    """
    return _later(date_of_service, timely_filing_days)


def _a_year_later(day: date) -> date:
    following = min(day.year + 1, date.max.year)
    return date(following, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=following)


def _later(day: date, days: int) -> date:
    """So many calendar days later; the calendar's last day where there is no such day."""
    return day + timedelta(days=days) if days <= (date.max - day).days else date.max
