"""The published lists of reason codes (CARC) and remark codes (RARC), where a release holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal

from therapy_domain.rulesets.publications import Publication, Rows, answering, day_of, once_a_table, publications
from therapy_domain.rulesets.release import Ruleset

ListKind = Literal["reason_codes", "remark_codes"]


@dataclass(frozen=True, eq=False, slots=True)
class CodeList:
    """One list: a later one holds the codes of the earlier ones, with the days on which they were stopped."""

    publication: Publication
    days: Mapping[str, tuple[date | None, date | None]]
    """By code, the day it came into use and the day it was stopped."""

    def in_use(self, code: str, day: date) -> bool:
        """Whether a payer may use the code on that day."""
        start, stop = self.days.get(code, (date.max, None))
        return (start is None or start <= day) and (stop is None or day < stop)


def code_list(ruleset: Ruleset, kind: ListKind, day: date) -> CodeList | None:
    """The list that speaks for a day: the latest one until then, or the first one after; None where none is held.

    Source:  X12, external code lists 139 and 411.
    """
    held = _published(ruleset, kind)
    place = answering(held, day)
    return None if place is None else _days(ruleset, held[place])


@cache
def _published(ruleset: Ruleset, kind: ListKind) -> tuple[Publication, ...]:
    return publications(ruleset, kind)


@once_a_table
def _days(rows: Rows, publication: Publication) -> CodeList:
    days = {
        row["code"]: (day_of(row["start"], f"{path}.start"), day_of(row["stop"], f"{path}.stop")) for path, row in rows
    }
    return CodeList(publication, MappingProxyType(days))
