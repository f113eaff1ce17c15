"""Telehealth as dated tables: when Medicare pays therapists for it, for which codes, and which place a claim names."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from therapy_domain.rulesets.release import Ruleset


@dataclass(frozen=True, slots=True)
class Dated:
    """A row that holds from one day to another, both included."""

    first_day: date
    last_day: date | None
    """None: until a later row."""
    source: str
    values: frozenset[str] = frozenset()
    """Codes or places of service."""

    def holds(self, day: date) -> bool:
        """Whether it holds on that date of service."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, eq=False, slots=True)
class Telehealth:
    """The telehealth tables of a release."""

    windows: tuple[Dated, ...]
    """When therapists are paid for telehealth at all."""
    lists: tuple[Dated, ...]
    """Which codes are on the published list."""
    places: tuple[Dated, ...]
    """Which places of service a claim names; a row without any: every one."""

    def open_on(self, day: date) -> bool:
        """Whether Medicare pays therapists for telehealth on that day."""
        return any(window.holds(day) for window in self.windows)

    def codes(self, day: date) -> frozenset[str] | None:
        """The codes that may be furnished by telehealth; None where no list of that day is held."""
        held = [row.values for row in self.lists if row.holds(day)]
        return frozenset().union(*held) if held else None

    def places_on(self, day: date) -> frozenset[str]:
        """The places of service that a telehealth claim may name; none = every one."""
        return next((row.values for row in self.places if row.holds(day)), frozenset())


@cache
def telehealth(ruleset: Ruleset) -> Telehealth:
    """The telehealth tables of a release.

    Source:  SSA section 1834(m) with its extensions; CMS List of Medicare Telehealth Services; each row names its own.
    """
    table = ruleset.toml["telehealth"]
    return Telehealth(
        windows=tuple(_dated(row, ()) for row in table["window"]),
        lists=tuple(_dated(row, row["codes"]) for row in table["codes"]),
        places=tuple(_dated(row, row["places"]) for row in table["places"]),
    )


def _dated(row: Any, values: Any) -> Dated:
    return Dated(row["from"], row.get("to"), row["source"], frozenset(values))
