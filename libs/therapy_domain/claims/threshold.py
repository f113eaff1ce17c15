"""MOD-004: KX on the lines above the yearly therapy threshold, decided by us and compared with what was charged."""

from collections.abc import Iterator

from therapy_domain.claims.accrual import Tally
from therapy_domain.claims.notices import denial_expected
from therapy_domain.claims.registry import MODIFIERS, Fault, rule
from therapy_domain.claims.visit import Visit

KX = "KX"
_FIELDS = ("charges.modifiers",)


def needs_kx(visit: Visit) -> frozenset[int]:
    """The numbers of the lines that carry KX; none where the payer has no threshold or its amounts are not known."""
    return visit.accrued.above if visit.accrued is not None else frozenset()


@rule(
    "MOD-004",
    severity="deny",
    source="SSA section 1833(g); CMS Pub. 100-04, chapter 5, sections 10.3 and 10.3.3",
    fix="Charge KX above the threshold, where the record supports the treatment, and not below.",
    place=MODIFIERS,
)
def kx_stands_above_the_threshold(visit: Visit) -> Iterator[Fault]:
    """KX is charged above the yearly therapy threshold, and not below."""
    tally = visit.accrued
    if tally is None:
        return
    if tally.threshold is None:
        yield Fault(
            f"no therapy threshold of {visit.on.year} is in ruleset {visit.ruleset.id}: whether KX is needed is open",
            severity="delay",
            fix="Bring in the release with the amounts of the year.",
        )
        return
    yield from _charged(visit, tally)
    if tally.unknown:
        yield Fault(
            f"{', '.join(tally.unknown)}: no amount is known, and with it the year's threshold may be passed",
            fields=("organization.fees",),
            severity="advice",
            fix="Configure a fee for the code.",
        )
    if tally.reviewed:
        yield Fault(
            f"above {_dollars(tally.threshold.review_cents)} of the year: the claim may be chosen for medical review",
            min(tally.reviewed),
            severity="advice",
            fix="Have the record ready that shows the medical necessity.",
        )


def _charged(visit: Visit, tally: Tally) -> Iterator[Fault]:
    for code, charges in visit.charges_of.items():
        if denial_expected(visit, code):
            continue  # our own line has no KX there
        lines = [line for line in visit.lines.lines if line.code == code]
        needed = sum(line.units for line in lines if line.line in tally.above)
        marked = sum(charge.units for charge in charges if KX in charge.modifiers)
        if marked < needed and marked < visit.charged[code]:
            yield Fault(f"{code}: charged without KX above the yearly threshold", visit.line_of.get(code), _FIELDS)
        elif marked > needed:
            told = f"{code}: charged with KX below the yearly threshold"
            yield Fault(told, visit.line_of.get(code), _FIELDS, severity="advice", fix="Take KX off.")


def _dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}"
