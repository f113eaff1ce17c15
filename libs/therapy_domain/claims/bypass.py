"""Modifiers that claim a service was separate: only on a code of a pair edit, and only for separate time."""

from collections.abc import Iterator

from therapy_domain.claims.registry import MODIFIERS, Fault, rule
from therapy_domain.claims.visit import Visit
from therapy_domain.rulesets.pair_edits import PairEdits, pair_edits

BYPASS = frozenset({"59", "XE", "XP", "XS", "XU"})
_FIELDS = ("charges.modifiers",)


@rule(
    "MOD-007",
    severity="deny",
    source="CMS NCCI policy manual, chapter 1; CMS MLN booklet on modifiers 59 and X{EPSU}",
    fix="Take the modifier off: it only tells that two services of a pair edit had time of their own.",
    place=MODIFIERS,
)
def separate_services_are_a_pair(visit: Visit) -> Iterator[Fault]:
    """A modifier of separate services stands on a code of a pair edit, for time of its own."""
    edits: PairEdits | None = None
    for code, charges in visit.charges_of.items():
        carried = sorted(BYPASS.intersection([modifier for charge in charges for modifier in charge.modifiers]))
        if not carried:
            continue
        edits = edits or pair_edits(visit.ruleset)
        words, line = f"{code}: charged with {', '.join(carried)}", visit.line_of.get(code)
        others = {*visit.charges_of, *visit.roles_of} - {code}
        partners = sorted(other for other in others if "1" in edits.indicators(code, other, visit.on))
        if not others:
            yield Fault(f"{words}, and it is the only code of the day", line, _FIELDS)
        elif not partners and edits.tells(frozenset({code, *others}), visit.on):
            yield Fault(f"{words}, and no pair edit holds between it and the day's other codes", line, _FIELDS)
        elif not partners:
            told = f"{words}, and {edits.name}, the nearest we hold, has no pair edit with the day's other codes"
            yield Fault(told, line, _FIELDS, severity="advice")
        elif all(_at_once(visit, code, other) for other in partners):
            told = f"{words}, and its time is not apart from that of {' and '.join(partners)}"
            yield Fault(told, line, (*_FIELDS, "interval.start", "interval.end"))


def _at_once(visit: Visit, one: str, other: str) -> bool:
    return any(
        mine[0] < theirs[1] and theirs[0] < mine[1] for mine in _clocks(visit, one) for theirs in _clocks(visit, other)
    )


def _clocks(visit: Visit, code: str) -> list[tuple[float, float]]:
    return [
        (i.start.timestamp(), i.end.timestamp())
        for _, i in visit.treatments
        if i.code == code and i.start is not None and i.end is not None
    ]
