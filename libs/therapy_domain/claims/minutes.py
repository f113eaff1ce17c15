"""Minutes that we leave out ourselves: how bad it is that they are there, and whether the charges count them."""

from collections.abc import Iterable, Iterator

from therapy_domain.claims.registry import Fault
from therapy_domain.claims.visit import Visit
from therapy_domain.events.claim import Severity

MISCOUNTED = ("DOC-003", "TIM-006", "TIM-001")
"""What charges that count such minutes are as well: more units than the time allows."""

FEWEST = 8
"""That earn a unit of a timed code [min]."""


def reach(visit: Visit, code: str) -> int:
    """Units that the code would have if nothing had been left out of it."""
    row, extra = visit.codes.get(code), sum(visit.left_out.get(code, {}).values())
    counted = visit.earned.get(code, 0)
    if not extra:
        return counted
    if row is None or not row.timed:
        return max(counted, 1)
    alone = (visit.minutes_of.get(code, 0) + extra + 7) // 15
    if visit.result.rule == "cms-8-minute":
        total = visit.result.total_minutes
        counted += (total + extra + 7) // 15 - (total + 7) // 15
    return max(alone, counted)


def charges_count_them(visit: Visit, code: str) -> bool:
    """Whether the clinic meant to bill more than we count, and the minutes left out would have earned more."""
    counted = visit.earned.get(code, 0)
    return visit.charged.get(code, 0) > counted and reach(visit, code) > counted


def explains_the_charges(visit: Visit, code: str) -> bool:
    """Whether the minutes left out are all that is between the charges and our count."""
    return charges_count_them(visit, code) and visit.charged[code] <= reach(visit, code)


def also_miscounted(visit: Visit, code: str, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The other ids of a fault in the code's minutes: one fault, one finding."""
    return also + MISCOUNTED if explains_the_charges(visit, code) else also


def nothing_left(visit: Visit, code: str) -> bool:
    """Whether nothing billable is left of the code; without a payer's rule, no minute."""
    if visit.policy is None:
        return not visit.minutes_of.get(code, 0)
    return not visit.units_of.get(code, 0) and code not in visit.policy.bundled_codes


def _contested_would_do(visit: Visit, code: str) -> bool:
    """Whether the code lacks only the time that is contested (TIM-004): then that is the one fault."""
    contested = sum(overlap.minutes for overlap in visit.result.overlaps if code in overlap.codes)
    row = visit.codes.get(code)
    needed = FEWEST if row is not None and row.timed else 1
    return contested > 0 and visit.minutes_of.get(code, 0) + contested >= needed


def spoken(minutes: int) -> str:
    """A length in words."""
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def left_out_faults(
    visit: Visit, reasons: Iterable[str], words: str, *, unless_charged: frozenset[str] = frozenset()
) -> Iterator[Fault]:
    """One fault for each code that minutes were left out of for one of the reasons.

    `advice` that names the minutes; `deny` where the charges count them, or they leave nothing billable of the code.

    Args:    words: how the message ends. unless_charged: reasons that are silent unless the charges count them.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2; how bad each is: Claimtrail's reading.
    """
    for code in sorted(visit.left_out):
        found = {reason: visit.left_out[code][reason] for reason in reasons if visit.left_out[code].get(reason)}
        counted = bool(found) and charges_count_them(visit, code)
        if not counted:
            found = {reason: minutes for reason, minutes in found.items() if reason not in unless_charged}
        if not found:
            continue
        emptied = nothing_left(visit, code) and not _contested_would_do(visit, code)
        severity: Severity = "deny" if counted or emptied else "advice"
        yield Fault(
            f"{code}: {_listed(found)} {words}{_tail(counted, severity)}",
            line=visit.line_of.get(code),
            fields=("interval.activity", "interval.contact", *(("charges.units",) if counted else ())),
            severity=severity,
            also=also_miscounted(visit, code),
        )


def _listed(found: dict[str, int]) -> str:
    return ", ".join(f"{spoken(minutes)} of {_WORDS.get(reason, reason)}" for reason, minutes in found.items())


def _tail(counted: bool, severity: Severity) -> str:
    if counted:
        return "; the charges count them"
    return "; nothing billable is left of this code" if severity == "deny" else ""


_WORDS = {
    "conversation": "conversation",
    "documentation": "documentation",
    "setup": "setup",
    "rest": "rest",
    "unattended": "unattended exercise",
    "observed": "watching",
    "not_skilled": "work that needed no therapist's skill",
    "passive_modality": "a passive modality",
    "group_under_one_on_one": "group treatment",
}
