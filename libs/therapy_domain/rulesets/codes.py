"""The code table: what a service code is, how it counts, who usually furnishes it. Numbers and own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from therapy_domain.rulesets.publications import Setting, publications
from therapy_domain.rulesets.release import Ruleset

Count = Literal["15-minute", "first-15", "further-15", "first-30", "further-15-of-30", "untimed"]
Attendance = Literal["one_on_one", "caregiver", "group", "supervised", "any"]
Therapy = Literal["always", "sometimes", "no"]


@dataclass(frozen=True, slots=True)
class Code:
    """One service code."""

    code: str
    name: str
    """In our own words."""
    count: Count
    attendance: Attendance
    """one_on_one: direct; group: constant attendance on several; supervised: may overlap with anything."""
    performers: frozenset[str]
    """Roles that usually furnish it; a payer's policy may say otherwise."""
    therapy: Therapy
    """Whether the discipline's modifier belongs on its lines."""
    entry: str
    """What it counts as: itself, or the base code whose minutes it shares (97130 counts with 97129)."""
    timed: bool
    pool_member: bool
    """Its minutes enter the day's pool of the CMS rule, and count in 15-minute units."""
    direct: bool
    """One-on-one contact is a condition of payment."""
    passive: bool
    """A passive modality: the activity `passive_modality` is right under it."""
    evaluation: str | None
    """The discipline whose evaluation or re-evaluation it is."""
    add_on_of: str | None
    """The code without which it is never payable."""
    assistant_test: bool
    """Whether an assistant's share can bring CQ or CO onto it."""
    valid_from: date | None
    """First date of service; None = before every day that the rules look at."""
    instead: str | None
    """The code that a payer who does not know this one wants in its place."""
    source: str


@cache
def codes(ruleset: Ruleset) -> Mapping[str, Code]:
    """Every known code of the release, by number.

    Source:  CMS Pub. 100-04, chapter 5, sections 10.4 and 20.2; each row names its own.
    """
    table = ruleset.toml["codes"]["codes"]
    return MappingProxyType({number: _code(number, row) for number, row in table.items()})


@cache
def known_codes(ruleset: Ruleset) -> frozenset[str]:
    """The service codes of which published rows are kept: the table's, and those that its files of edits speak of."""
    found = set(codes(ruleset))
    for setting in get_args(Setting):
        for each in publications(ruleset, "pair_edits", setting):
            found.update(row[column] for row in ruleset.csv[each.file] for column in ("column_1", "column_2"))
        for each in publications(ruleset, "unit_limits", setting):
            found.update(row["code"] for row in ruleset.csv[each.file])
    return frozenset(found)


def _code(number: str, row: Mapping[str, object]) -> Code:
    count: Count = row["count"]  # type: ignore[assignment]  # the shipped table; a test reads all of it
    attendance: Attendance = row["attendance"]  # type: ignore[assignment]  # a row of TOML
    base = row.get("base")
    return Code(
        code=number,
        name=str(row["name"]),
        count=count,
        attendance=attendance,
        performers=frozenset(row["performers"]),  # type: ignore[call-overload]  # a row of TOML
        therapy=row["therapy"],  # type: ignore[arg-type]  # a row of TOML
        entry=str(base) if base and count != "untimed" else number,
        timed=count != "untimed",
        pool_member=count in ("15-minute", "first-15", "further-15"),
        direct=attendance in ("one_on_one", "caregiver"),
        passive=bool(row.get("passive", False)),
        evaluation=row.get("evaluation"),  # type: ignore[arg-type]  # a row of TOML
        add_on_of=base,  # type: ignore[arg-type]  # a row of TOML
        assistant_test=bool(row.get("assistant_test", True)),
        valid_from=row.get("from"),  # type: ignore[arg-type]  # a row of TOML
        instead=row.get("instead"),  # type: ignore[arg-type]  # a row of TOML
        source=str(row["source"]),
    )
