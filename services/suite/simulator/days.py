"""Opening days and clock times, written once and looked up ever after."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTES = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60)]
_SECONDS = [f"{second:02d}" for second in range(60)]


def opening_days(start: date, count: int) -> Iterator[date]:
    """That many days from Monday to Friday, from `start` on."""
    day = start
    while count > 0:
        if day.weekday() < 5:
            yield day
            count -= 1
        day += timedelta(days=1)


def opening_days_before(day: date, count: int) -> list[date]:
    """That many days from Monday to Friday before `day`, in order."""
    found: list[date] = []
    while len(found) < count:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            found.insert(0, day)
    return found


def next_opening_day(day: date) -> date:
    """`day` itself, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


class DayClock:
    """One clinic's local day: minutes since midnight to RFC 3339 with the zone's offset of that day."""

    __slots__ = ("_offset", "_prefix", "day", "iso")

    def __init__(self, day: date, zone: str) -> None:
        self.day, self.iso = day, day.isoformat()
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
        self._prefix = f"{self.iso}T"
        self._offset = f"{noon:%z}"[:3] + ":" + f"{noon:%z}"[3:]

    def at(self, minute: int, second: int = 0) -> str:
        """That minute of the day as a time stamp.

        >>> DayClock(date(2026, 3, 2), "America/Chicago").at(9 * 60 + 5)
        '2026-03-02T09:05:00-06:00'
        """
        return f"{self._prefix}{_MINUTES[minute]}{_SECONDS[second]}{self._offset}"
