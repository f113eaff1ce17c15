"""The dated tables of payment as types: conversion factors and sequestration, with their lookups."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from therapy_domain.payment.errors import BeforePaymentRules, NoConversionFactor
from therapy_domain.payment.money import scaled
from therapy_domain.rulesets.release import Ruleset

Participation = Literal["standard", "apm"]
"""Whether the clinician qualifies through an alternative payment model (a factor of its own since 2026)."""


@dataclass(frozen=True, slots=True)
class ConversionFactor:
    """What one relative value unit is worth in a period."""

    first_day: date
    last_day: date
    participation: Participation
    ten_thousandths: int
    """[1/10 000 dollar]"""
    source: str


@dataclass(frozen=True, slots=True)
class Sequestration:
    """What Medicare takes off its own payment in a period."""

    first_day: date
    last_day: date
    """`date.max` where the period is open."""
    basis_points: int
    """200 = 2 %."""
    source: str


@cache
def conversion_factors(rules: Ruleset) -> tuple[ConversionFactor, ...]:
    """Every factor of the release, by participation and date."""
    rows = (
        ConversionFactor(
            first_day=row["from"],
            last_day=row["to"],
            participation=row["participation"],
            ten_thousandths=scaled(row["dollars"], 4),
            source=row["source"],
        )
        for row in rules.toml["conversion_factors"]["factor"]
    )
    return tuple(sorted(rows, key=lambda row: (row.participation, row.first_day)))


@cache
def sequestration_periods(rules: Ruleset) -> tuple[Sequestration, ...]:
    """Every period of the release, oldest first."""
    rows = (
        Sequestration(row["from"], row.get("to", date.max), row["basis_points"], row["source"])
        for row in rules.toml["sequestration"]["period"]
    )
    return tuple(sorted(rows, key=lambda row: row.first_day))


def conversion_factor(day: date, rules: Ruleset, participation: Participation = "standard") -> ConversionFactor:
    """The factor for a date of service; before 2026 both kinds of clinicians share the standard one.

    Raises:  NoConversionFactor: the release has none for that day. Last year's is never taken instead.
    Source:  SSA section 1848(d); each row names its own.
    """
    rows = conversion_factors(rules)
    own = [row for row in rows if row.participation == participation]
    shared = [row for row in rows if row.participation == "standard"]
    apart_since = min((row.first_day for row in own), default=date.max)
    mine = own if day >= apart_since else shared
    for row in mine:
        if row.first_day <= day <= row.last_day:
            return row
    raise NoConversionFactor(
        day, participation=participation, known_from=shared[0].first_day, known_to=mine[-1].last_day
    )


def sequestration(day: date, rules: Ruleset) -> Sequestration:
    """The period a date of service falls into.

    Raises:  BeforePaymentRules: the day lies before the first period.
    Source:  2 U.S.C. 901a; each row names its own.
    """
    periods = sequestration_periods(rules)
    for row in reversed(periods):
        if row.first_day <= day:
            return row
    raise BeforePaymentRules(day, since=periods[0].first_day)
