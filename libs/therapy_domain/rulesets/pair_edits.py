"""Pair edits: two codes that are not paid together on a day, or only with a modifier of separate services."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from therapy_domain.rulesets.release import Ruleset


class PairRow(NamedTuple):
    """One row of the file; a pair may have several, ended and live."""

    indicator: str
    """0 never together, 1 together with a modifier where true, 9 void."""
    last_day: date | None
    """Last date of service it holds on; None = live."""


@dataclass(frozen=True, slots=True)
class PairEdits:
    """One published file."""

    name: str
    effective: date
    through: date
    """Last date of service that the file was published for."""
    rows: Mapping[tuple[str, str], tuple[PairRow, ...]]
    """By column 1 and column 2."""
    unpaired: frozenset[str]
    """Codes among which no edit holds since `unpaired_since`, as later files confirm."""
    unpaired_since: date

    def tells(self, codes: frozenset[str], on: date) -> bool:
        """Whether what is found among these codes is known for that date of service, not only the nearest we hold."""
        return self.effective <= on <= self.through or (codes <= self.unpaired and on >= self.unpaired_since)

    def indicators(self, one: str, other: str, on: date) -> frozenset[str]:
        """Indicators of the edits that hold between two codes, whichever of them is column 1."""
        rows = (*self.rows.get((one, other), ()), *self.rows.get((other, one), ()))
        return frozenset(
            row.indicator for row in rows if row.indicator != "9" and (row.last_day is None or on <= row.last_day)
        )


@cache
def pair_edits(ruleset: Ruleset) -> PairEdits:
    """The pair edits of the release.

    Source:  CMS NCCI procedure-to-procedure edits, practitioner file; the release names which.
    """
    about = ruleset.toml["pair_edits"]["practitioner"]
    rows: dict[tuple[str, str], tuple[PairRow, ...]] = {}
    for row in ruleset.csv[about["file"]]:
        pair = row["column_1"], row["column_2"]
        rows[pair] = (*rows.get(pair, ()), PairRow(row["modifier_indicator"], _day(row["deletion_date"])))
    apart = ruleset.toml["pair_edits"]["no_pair"]
    return PairEdits(
        name=about["name"],
        effective=about["from"],
        through=about["to"],
        rows=MappingProxyType(rows),
        unpaired=frozenset(apart["codes"]),
        unpaired_since=apart["from"],
    )


def _day(text: str) -> date | None:
    return None if text == "*" else date(int(text[:4]), int(text[4:6]), int(text[6:8]))
