"""What one unit of a code is allowed: from relative values, or from the published payment file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from therapy_domain.errors import InputError
from therapy_domain.payment.money import half_up, scaled
from therapy_domain.payment.tables import ConversionFactor, Participation, conversion_factor
from therapy_domain.rulesets.release import Ruleset

THERAPY_INDICATOR = "5"
"""The multiple-procedure indicator of the codes that the therapy reduction touches."""


@dataclass(frozen=True, slots=True)
class Rvus:
    """Relative values of one unit [1/100]; the practice expense outside a facility, as therapists are paid."""

    work: int
    practice_expense: int
    malpractice: int


@dataclass(frozen=True, slots=True)
class Gpci:
    """Geographic indices of one locality [1/1000]."""

    work: int = 1000
    practice_expense: int = 1000
    malpractice: int = 1000


@dataclass(frozen=True, slots=True)
class UnitRate:
    """What one unit of a code is allowed on a day, in a locality."""

    code: str
    full_cents: int
    """Paid whole."""
    reduced_cents: int
    """With half of the practice expense; the same as whole for a code outside the reduction."""
    practice_expense: int
    """Rank among the day's units [1e-9 dollar]; 0 for a code outside the reduction."""
    reducible: bool
    """Always-therapy with multiple-procedure indicator 5."""
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.reduced_cents <= self.full_cents:
            raise InputError("reduced_cents", self.reduced_cents, f"between 0 and the whole {self.full_cents}")


def rate_from_rvus(
    code: str, rvus: Rvus, gpci: Gpci, factor: ConversionFactor, *, reducible: bool, source: str | None = None
) -> UnitRate:
    """The rate of one unit: each part times its index, their sum times the factor, rounded once to the cent.

    The reduced rate is computed the same way with half the practice expense, not from the rounded whole.
    Source:  SSA section 1848(b)(1) and (b)(7); 42 CFR 414.20 to 414.26; CMS Pub. 100-04, chapter 5, section 10.7.

    >>> factor = ConversionFactor(date(2026, 1, 1), date(2026, 12, 31), "standard", 334009, "90 FR 49266")
    >>> rate_from_rvus("97530", Rvus(60, 70, 3), Gpci(), factor, reducible=True).full_cents
    4442
    """
    work_and_risk = rvus.work * gpci.work + rvus.malpractice * gpci.malpractice
    expense = rvus.practice_expense * gpci.practice_expense
    full = half_up((work_and_risk + expense) * factor.ten_thousandths, 10_000_000)
    reduced = half_up((2 * work_and_risk + expense) * factor.ten_thousandths, 20_000_000)
    return UnitRate(
        code=code,
        full_cents=full,
        reduced_cents=reduced if reducible else full,
        practice_expense=expense * factor.ten_thousandths if reducible else 0,
        reducible=reducible,
        source=source or factor.source,
    )


def rate_from_payment_file(
    code: str,
    fee_cents: int,
    therapy_cents: int,
    *,
    indicator: str,
    source: str = "CMS physician fee schedule payment file",
) -> UnitRate:
    """The rate of one unit from a row of the published file for a carrier and locality.

    Args:    therapy_cents: the file's 50 % therapy reduction column, outside institutions. It is read either
             as what is taken off or as the price that remains: half of the practice expense is never more
             than half of the fee, so the larger of the column and the fee less the column is what remains.
    Raises:  InputError: the column exceeds the fee.
    Source:  CMS payment amount file, record layout (PFALL); CMS Pub. 100-04, chapter 5, section 10.7.

    >>> rate_from_payment_file("97530", 4400, 1110, indicator="5").reduced_cents
    3290
    >>> rate_from_payment_file("97530", 4400, 3290, indicator="5").reduced_cents
    3290
    """
    if not 0 <= therapy_cents <= fee_cents:
        raise InputError("therapy_cents", therapy_cents, f"between 0 and the fee {fee_cents}")
    reducible = indicator == THERAPY_INDICATOR
    reduced = max(therapy_cents, fee_cents - therapy_cents) if reducible else fee_cents
    return UnitRate(
        code=code,
        full_cents=fee_cents,
        reduced_cents=reduced,
        practice_expense=2 * (fee_cents - reduced) * 10_000_000,
        reducible=reducible,
        source=source,
    )


def sample_rates(rules: Ruleset, day: date, participation: Participation = "standard") -> Mapping[str, UnitRate]:
    """SYNTHETIC rates by code, for examples and tests: invented relative values at the day's factor.

    Raises:  NoConversionFactor: the release has none for that day.
    """
    return _sample(rules, conversion_factor(day, rules, participation))


@cache
def _sample(rules: Ruleset, factor: ConversionFactor) -> Mapping[str, UnitRate]:
    table = rules.toml["fee_sample"]
    gpci = Gpci(*_parts(table["gpci"], 3))
    return MappingProxyType(
        {
            code: rate_from_rvus(
                code,
                Rvus(*_parts(row, 2)),
                gpci,
                factor,
                reducible=row["indicator"] == THERAPY_INDICATOR,
                source=table["source"],
            )
            for code, row in table["rvus"].items()
        }
    )


def _parts(row: Mapping[str, Any], places: int) -> tuple[int, int, int]:
    work, expense, risk = (scaled(row[name], places) for name in ("work", "practice_expense", "malpractice"))
    return work, expense, risk
