"""How a claim's lines stand to the yearly therapy threshold: what the year used before them, and which lie above."""

from collections.abc import Sequence
from dataclasses import dataclass

from therapy_domain.claims.case import Case, Known
from therapy_domain.events.chart import ChartedLine
from therapy_domain.events.claim import ClaimLine
from therapy_domain.events.reference import CoverageVerified
from therapy_domain.payment.errors import ThresholdNotPublished
from therapy_domain.payment.thresholds import GROUPS, Accrued, Allowed, Group, Threshold, accrue, threshold
from therapy_domain.rulesets.release import Ruleset
from therapy_domain.units.modifiers import DISCIPLINE

_THERAPY = frozenset(DISCIPLINE.values())
LEAST_A_LINE, MOST_A_LINE = 1, 50_000
"""Between these an amount lies that is not known: no line of therapy is allowed more [cents]."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The year's running amount at one claim."""

    threshold: Threshold | None
    """None = the release has no amounts for the year: nothing can be told."""
    above: frozenset[int] = frozenset()
    """Numbers of the lines of which a cent lies above the threshold: they need KX."""
    reviewed: frozenset[int] = frozenset()
    """Numbers of those above the second amount: they may be chosen for medical review."""
    unknown: tuple[str, ...] = ()
    """Codes whose allowed amount is not known, of this claim's lines or of earlier ones of the year, where that may
    change which lines lie above the threshold."""


def accrued(
    case: Case, lines: Sequence[ClaimLine], coverage: Known[CoverageVerified] | None, ruleset: Ruleset
) -> Tally | None:
    """The tally of a claim; None where its payer, discipline or lines count toward no threshold.

    Counted are: what the coverage says was used *elsewhere*, so never our own visits; the organization's visits of
    the year and group before this one, whichever payer under a threshold they went to; then this claim's lines.
    Source:  SSA section 1833(g); CMS Pub. 100-04, chapter 5, sections 10.3 and 10.3.3.
    """
    group = GROUPS.get(case.discipline)
    own = [line for line in lines if not _THERAPY.isdisjoint(line.modifiers)]
    if case.policy is None or not case.policy.kx_threshold or group is None or not own:
        return None
    try:
        amounts = threshold(case.date_of_service, case.discipline, ruleset)
    except ThresholdNotPublished:
        return Tally(None)
    earlier, elsewhere = _of_the_year(case, group), _used_elsewhere(case, coverage, group)

    def count(unknown: int) -> tuple[Accrued, ...]:
        """The claim's lines, amounts that are not known taken for so much [cents]."""
        used = sum([unknown if line.allowed_cents is None else line.allowed_cents for line in earlier], elsewhere)
        amounts_of_lines = [(line.line, unknown if line.charge_cents is None else line.charge_cents) for line in own]
        day = case.patient_id, case.date_of_service, case.discipline
        allowed = [Allowed(*day, cents, case.claim_id, number) for number, cents in amounts_of_lines]
        return accrue(allowed, ruleset, used={(case.patient_id, amounts.year, group): used})

    counted = count(LEAST_A_LINE)
    open_amounts = {line.code for line in earlier if line.allowed_cents is None}
    open_amounts |= {line.code for line in own if line.charge_cents is None}
    if open_amounts and [each.above for each in count(MOST_A_LINE)] == [each.above for each in counted]:
        open_amounts.clear()
    return Tally(
        amounts,
        above=frozenset([each.allowed.line for each in counted if each.above]),
        reviewed=frozenset([each.allowed.line for each in counted if each.may_be_reviewed]),
        unknown=tuple(sorted(open_amounts)),
    )


def _of_the_year(case: Case, group: Group) -> list[ChartedLine]:
    """The lines of the patient's visits before this one that count toward the same amount."""
    found: list[ChartedLine] = []
    own = case.date_of_service, case.case_id
    for known in reversed(case.history):
        entry = known.event
        if entry.date_of_service.year != case.date_of_service.year:
            break
        before = (entry.date_of_service, entry.case_id) < own
        if before and entry.under_threshold and GROUPS.get(entry.discipline) == group:
            found += [line for line in entry.lines if not _THERAPY.isdisjoint(line.modifiers)]
    return found


def _used_elsewhere(case: Case, coverage: Known[CoverageVerified] | None, group: Group) -> int:
    """What other providers had used when the coverage was verified; last year's count is over."""
    if coverage is None or coverage.occurred_at.year != case.date_of_service.year:
        return 0
    said = coverage.event
    return (said.kx_used_ot_cents if group == "ot" else said.kx_used_cents) or 0
