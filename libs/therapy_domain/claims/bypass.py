"""Modifiers that claim a service was separate: only on a code of a pair edit, and only for separate time."""

from collections.abc import Iterator

from therapy_domain.claims.registry import MODIFIERS, Fault, rule
from therapy_domain.claims.tables import unpaired_codes
from therapy_domain.claims.visit import Visit
from therapy_domain.rulesets.edits import pair_edits

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
    for code, charges in visit.charges_of.items():
        carried = sorted(BYPASS.intersection([modifier for charge in charges for modifier in charge.modifiers]))
        if carried:
            yield from _unfounded(visit, code, f"{code}: charged with {', '.join(carried)}")


def _unfounded(visit: Visit, code: str, words: str) -> Iterator[Fault]:
    line = visit.line_of.get(code)
    others = frozenset({*visit.charges_of, *visit.roles_of} - {code})
    if not others:
        yield Fault(f"{words}, and it is the only code of the day", line, _FIELDS)
        return
    partners = sorted(other for other in others if _may_bypass(visit, code, other))
    if partners:
        if all(_at_once(visit, code, other) for other in partners):
            told = f"{words}, and its time is not apart from that of {' and '.join(partners)}"
            yield Fault(told, line, (*_FIELDS, "interval.start", "interval.end"))
        return
    edits = pair_edits(visit.ruleset)
    nearest = edits.answers(visit.on)
    if edits.covers(visit.on) or unpaired_codes(visit.ruleset).hold(others | {code}, visit.on):
        yield Fault(f"{words}, and no pair edit holds between it and the day's other codes", line, _FIELDS)
    elif nearest is not None:
        told = f"{words}, and the nearest file we hold ({nearest.name}) has no pair edit with the day's other codes"
        yield Fault(told, line, _FIELDS, severity="advice")


def _may_bypass(visit: Visit, one: str, other: str) -> bool:
    """Whether an edit between them holds that a modifier may bypass, whichever of them is column 1."""
    return any(edit.indicator == 1 for edit in pair_edits(visit.ruleset).among((one, other), visit.on))


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
