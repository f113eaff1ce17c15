"""Modifiers of separate services as charged: only on a code of a pair edit, and only where they were separate."""

from collections.abc import Iterator

from therapy_domain.claims.pairs import BYPASS, Edit, edits_among, edits_of, elsewhere, not_separate
from therapy_domain.claims.registry import MODIFIERS, Fault, rule
from therapy_domain.claims.tables import unpaired_codes
from therapy_domain.claims.visit import Visit
from therapy_domain.rulesets.separate_services import separate_services

_FIELDS = ("charges.modifiers",)


@rule(
    "MOD-007",
    severity="deny",
    source="CMS NCCI Policy Manual, chapter 1; CMS MLN booklet on modifiers 59 and X{EPSU}",
    fix="Take the modifier off: it only tells that two services of a pair edit were separate.",
    place=MODIFIERS,
)
def separate_services_are_a_pair(visit: Visit) -> Iterator[Fault]:
    """A modifier of separate services stands on a code of a pair edit, for services that were separate."""
    for code, charges in visit.charges_of.items():
        carried = sorted(BYPASS.intersection([modifier for charge in charges for modifier in charge.modifiers]))
        if carried:
            yield from _unfounded(visit, code, f"{code}: charged with {', '.join(carried)}")


def _unfounded(visit: Visit, code: str, words: str) -> Iterator[Fault]:
    line = visit.line_of.get(code)
    others = frozenset({*visit.charges_of, *visit.roles_of, *elsewhere(visit)} - {code})
    if not others:
        yield Fault(f"{words}, and it is the only code of the day", line, _FIELDS)
        return
    opened = [edit for edit in edits_among(visit, others | {code}) if edit.indicator == 1 and code in edit[:2]]
    if opened:
        yield from _not_for_these(visit, code, opened, words)
        return
    edits = edits_of(visit)
    nearest = edits.answers(visit.on)
    if edits.covers(visit.on) or unpaired_codes(visit.ruleset).hold(others | {code}, visit.on):
        yield Fault(f"{words}, and no pair edit holds between it and the day's other codes", line, _FIELDS)
    elif nearest is not None:
        told = f"{words}, and the nearest file we hold ({nearest.name}) has no pair edit with the day's other codes"
        yield Fault(told, line, _FIELDS, severity="advice")


def _not_for_these(visit: Visit, code: str, opened: list[Edit], words: str) -> Iterator[Fault]:
    line = visit.line_of.get(code)
    either_since = separate_services(visit.ruleset).either_since
    if visit.on < either_since and not any(edit.column_2 == code for edit in opened):
        yield Fault(f"{words}; before {either_since} it opens an edit on the column 2 code alone", line, _FIELDS)
        return
    why_not = {edit: not_separate(visit, edit.column_1, edit.column_2) for edit in opened}
    if all(why_not.values()):
        partners = sorted({partner for edit in opened for partner in edit[:2]} - {code})
        reasons = " and ".join(dict.fromkeys(filter(None, why_not.values())))
        told = f"{words}, and beside {' and '.join(partners)} {reasons}"
        fields = (*_FIELDS, "interval.start", "interval.end")
        also = ("NCC-002",) if any(edit.column_2 == code for edit in opened) else ()
        yield Fault(told, line, fields, also=also)
