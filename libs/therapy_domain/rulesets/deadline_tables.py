"""The dated tables of appeals as types: levels with their limits, and amounts in controversy by year."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from therapy_domain.rulesets.release import Ruleset

Program = Literal["medicare-part-b", "other"]
"""Whose rules an appeal follows; `other` is every payer that has none of its own."""

NewEvidence = Literal["open", "last", "good-cause"]
"""May more evidence follow: yes; all that is known must be in at this level; only with a reason why it comes late."""


class AppealLevel(BaseModel):
    """One level of review."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: Program
    number: int
    name: str
    reviewer: str
    from_: date = Field(alias="from")
    presumed_receipt_days: int
    """From the notice date to the day it is presumed to be in hand [calendar days]."""
    limit_days: int
    """From receipt to the last day on which the reviewer must have the request [calendar days]."""
    decision_days: int | None = None
    """How long the reviewer may take [calendar days]; None where nothing is set."""
    escalated_decision_days: int | None = None
    """The same where the level below was skipped because its decision was late."""
    escalation_source: str | None = None
    """Set where a late decision lets the appellant go on to the next level without it."""
    vacate_days: int | None = None
    """From the date of a dismissal's notice to the last day to ask that it be vacated [calendar days]."""
    vacate_source: str | None = None
    dismissal_review_source: str | None = None
    """Set where the next level may review a dismissal."""
    new_evidence: NewEvidence | None = None
    new_evidence_source: str | None = None
    amount: Literal["hearing", "court"] | None = None
    """Which amount in controversy the level asks for."""
    source: str
    decision_source: str | None = None


class YearAmounts(BaseModel):
    """The amounts in controversy for requests filed in one calendar year [cents]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    hearing_cents: int
    court_cents: int
    source: str


@cache
def appeal_levels(rules: Ruleset, program: Program) -> tuple[AppealLevel, ...]:
    """The rows of a program, by level and then by date of effect."""
    rows = (AppealLevel.model_validate(row) for row in rules.toml["appeal_levels"]["level"])
    mine = (row for row in rows if row.program == program)
    return tuple(sorted(mine, key=lambda row: (row.number, row.from_)))


@cache
def amounts_in_controversy(rules: Ruleset) -> Mapping[int, YearAmounts]:
    """The amounts by the year in which the request is filed."""
    rows = (YearAmounts.model_validate(row) for row in rules.toml["amounts_in_controversy"]["year"])
    return MappingProxyType({row.year: row for row in rows})


def in_force(rows: Iterable[AppealLevel], on: date) -> AppealLevel:
    """The row in force on that day; the oldest one where the day is earlier than all."""
    ordered = sorted(rows, key=lambda row: row.from_)
    return next((row for row in reversed(ordered) if row.from_ <= on), ordered[0])
