"""The dated table of telehealth: in which windows therapists may furnish it, and where a claim says that they did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from therapy_domain.rulesets.release import Ruleset


@dataclass(frozen=True, slots=True)
class Window:
    """Dates of service on which therapists may furnish telehealth to Medicare patients."""

    first_day: date
    last_day: date
    source: str

    def holds(self, day: date) -> bool:
        """Whether the day is in it."""
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True)
class Telehealth:
    """The table of a release."""

    windows: tuple[Window, ...]
    places: Mapping[str, date]
    """Places of service that say so, with the first day of each."""
    _not_listed: tuple[tuple[frozenset[str], Window], ...]

    def window(self, day: date) -> Window | None:
        """The window that a date of service is in; None: in none, and no other one answers for it."""
        return next((window for window in self.windows if window.holds(day)), None)

    def says(self, place_of_service: str, day: date) -> bool:
        """Whether that place of service says telehealth on that day."""
        return place_of_service in self.places and self.places[place_of_service] <= day

    def is_off_the_list(self, code: str, day: date) -> bool:
        """Whether the code is known not to be on the list of that day's year."""
        return any(code in codes and window.holds(day) for codes, window in self._not_listed)


@cache
def telehealth(ruleset: Ruleset) -> Telehealth:
    """The telehealth table of a release.

    Source:  SSA section 1834(m)(4)(E); each row names its own.
    """
    table = ruleset.toml["telehealth"]
    return Telehealth(
        windows=tuple(_windows(table["window"])),
        places={row["code"]: row["from"] for row in table["place"]},
        _not_listed=tuple(
            (frozenset(row["codes"]), window)
            for row, window in zip(table["not_listed"], _windows(table["not_listed"]), strict=True)
        ),
    )


def _windows(rows: Iterable[Mapping[str, Any]]) -> list[Window]:
    return [Window(row["from"], row["to"], row["source"]) for row in rows]
