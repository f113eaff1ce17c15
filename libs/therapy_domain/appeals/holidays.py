"""Days on which the federal government does not work: what moves the last day for filing a claim."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays whose day, or day off in their place, lies in that year, as the law is since 1978.

    A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after; both days are
    in the set. Inauguration Day is none: it is kept around Washington only.

    Source:  5 U.S.C. 6103(a), (b); Executive Order 11582 (Sundays); Pub. L. 98-144 (Martin Luther King's
             birthday, first in 1986); Pub. L. 117-17 (Juneteenth, signed 2021-06-17).

    >>> sorted(day.isoformat() for day in federal_holidays(2021) if day.month in (6, 12))
    ['2021-06-18', '2021-06-19', '2021-12-24', '2021-12-25', '2021-12-31']
    """
    days = _in_law(year)
    if year < date.max.year:
        days |= {day for day in _in_law(year + 1) if day.month == 1}
    return frozenset(kept for day in days for kept in (day, _day_off(day)) if kept.year == year)


def is_workday(day: date) -> bool:
    """Neither Saturday, Sunday nor federal holiday."""
    return day.weekday() not in (_SATURDAY, _SUNDAY) and day not in federal_holidays(day.year)


def this_or_next_workday(day: date) -> date:
    """The day itself if it is a workday, else the next one.

    >>> this_or_next_workday(date(2026, 7, 3))  # the day off for Saturday 4 July
    datetime.date(2026, 7, 6)
    """
    while not is_workday(day):
        day += _ONE_DAY
    return day


def _in_law(year: int) -> set[date]:
    """The holidays of a year on the days that the law names."""
    monday = _weekday_of(year, 0)
    thursday = _weekday_of(year, 3)
    days = {
        date(year, 1, 1),
        monday(2, 3),
        _last_monday_of_may(year),
        date(year, 7, 4),
        monday(9, 1),
        monday(10, 2),
        date(year, 11, 11),
        thursday(11, 4),
        date(year, 12, 25),
    }
    if year >= 1986:
        days.add(monday(1, 3))
    if year >= 2021:
        days.add(date(year, 6, 19))
    return days


def _day_off(day: date) -> date:
    """The workday that is free in place of a holiday at the weekend."""
    return day + {_SATURDAY: -_ONE_DAY, _SUNDAY: _ONE_DAY}.get(day.weekday(), timedelta())


def _weekday_of(year: int, weekday: int) -> Callable[[int, int], date]:
    """A function of month and n: the n-th such weekday of the month."""

    def nth(month: int, n: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))

    return nth


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())
