"""The yearly therapy thresholds: what they are, and which lines of a patient lie above them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal

from therapy_domain.payment.errors import NoTherapyThreshold, ThresholdNotPublished
from therapy_domain.rulesets.release import Ruleset

Group = Literal["pt_slp", "ot"]
"""PT and SLP share a threshold, OT has its own."""
GROUPS: Mapping[str, Group] = MappingProxyType({"PT": "pt_slp", "SLP": "pt_slp", "OT": "ot"})
_NOTHING: Mapping[tuple[str, int, Group], int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Threshold:
    """The amounts of one year and discipline group [cents]."""

    year: int
    group: Group
    kx_cents: int
    """Above it a line needs KX."""
    review_cents: int
    """Above it a line may be chosen for medical review."""
    source: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """An allowed amount that counts: one claim line, before any cut for an assistant or sequestration."""

    patient_id: str
    day: date
    discipline: str
    allowed_cents: int
    """Deductible and coinsurance included."""
    claim: str
    line: int


@dataclass(frozen=True, slots=True)
class Accrued:
    """One line with the patient's running amount of the year and group [cents]."""

    allowed: Allowed
    threshold: Threshold
    before_cents: int
    after_cents: int

    @property
    def above(self) -> bool:
        """Whether any cent of the line lies above the threshold: it needs KX."""
        return self.after_cents > self.threshold.kx_cents

    @property
    def crosses(self) -> bool:
        """Whether the line is the one that passes the threshold, part of it lying below."""
        return self.above and self.before_cents < self.threshold.kx_cents

    @property
    def may_be_reviewed(self) -> bool:
        """Whether any cent of the line lies above the medical review threshold."""
        return self.after_cents > self.threshold.review_cents


@cache
def _years(rules: Ruleset) -> Mapping[tuple[int, Group], Threshold]:
    groups: tuple[Group, ...] = ("pt_slp", "ot")
    return MappingProxyType(
        {
            (row["year"], group): Threshold(
                row["year"], group, row[f"kx_{group}_cents"], row["review_cents"], row["source"]
            )
            for row in rules.toml["thresholds"]["year"]
            for group in groups
        }
    )


def threshold(day: date, discipline: str, rules: Ruleset) -> Threshold:
    """The amounts for a date of service and a discipline.

    Raises:  ThresholdNotPublished: the release has no row for the year; another year's is never taken.
             NoTherapyThreshold: the discipline is none of PT, OT, SLP.
    Source:  SSA section 1833(g)(7); CMS Pub. 100-04, chapter 5, section 10.3.
    """
    group = GROUPS.get(discipline)
    if group is None:
        raise NoTherapyThreshold(discipline)
    years = _years(rules)
    found = years.get((day.year, group))
    if found is None:
        raise ThresholdNotPublished(day.year, known=tuple(sorted({year for year, _ in years})))
    return found


def accrue(
    amounts: Iterable[Allowed], rules: Ruleset, *, used: Mapping[tuple[str, int, Group], int] = _NOTHING
) -> tuple[Accrued, ...]:
    """Every line with its running amount, per patient, calendar year and group, whoever furnished it.

    Args:    amounts: in any order; counted by day, then claim, then line. A late one shifts those after it.
             used: by patient, year and group, what was used elsewhere before all of these [cents].
    Raises:  as `threshold`.
    Source:  SSA section 1833(g)(1), (3) and (7); CMS Pub. 100-04, chapter 5, sections 10.3 and 10.3.3.
    """
    running = dict(used)
    made: list[Accrued] = []
    for allowed in sorted(amounts, key=lambda row: (row.patient_id, row.day, row.claim, row.line)):
        row = threshold(allowed.day, allowed.discipline, rules)
        key = (allowed.patient_id, row.year, row.group)
        before = running.get(key, 0)
        running[key] = after = before + allowed.allowed_cents
        made.append(Accrued(allowed, row, before, after))
    return tuple(made)
