"""The modifiers of our lines, all decided in one place: what the count says, and what each family adds to it.

The count decides the discipline's and the assistant's (`units.modifiers`). Families decide the rest from the record,
never from what was charged. On a line they stand in the payer's order, four at most.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from therapy_domain.claims import chiropractic, habilitation, notices, pairs, telehealth, unit_limits
from therapy_domain.claims.lines import MOST_MODIFIERS, in_order
from therapy_domain.claims.tables import charge_modifiers
from therapy_domain.claims.threshold import needs_kx
from therapy_domain.claims.visit import Visit, of_visit
from therapy_domain.events.claim import ClaimLine

Mark = tuple[int, str, str]
"""A modifier for a line: its number, the modifier, and why in words."""
_OF_NECESSITY = frozenset({"KX", "AT"})
"""They say that the record supports the service as necessary."""


class Decided(NamedTuple):
    """The lines as they are billed."""

    lines: tuple[ClaimLine, ...]
    dropped: Mapping[int, tuple[str, ...]]
    """By line, the informational modifiers that found no place on it."""
    overfull: Mapping[int, tuple[str, ...]]
    """By line, the others that found none: the line cannot be billed as it is."""


@of_visit
def decided(visit: Visit) -> Decided:
    """The lines with every modifier that the record and the payer ask for.

    Of more than four the informational ones are dropped first, the last of the payer's order before the others.
    Source:  X12 005010X222A1, SV101; the order: CMS Pub. 100-04, chapter 5, section 20.1, and the payer's own.
    """
    by_line: dict[int, list[Mark]] = {}
    for mark in _marks(visit):
        by_line.setdefault(mark[0], []).append(mark)
    if not by_line:
        return Decided(visit.lines.lines, {}, {})
    lines, dropped, overfull = [], {}, {}
    for line in visit.lines.lines:
        marks = by_line.get(line.line)
        if marks is None:
            lines.append(line)
            continue
        wanted = [*line.modifiers, *_agreeing([modifier for _, modifier, _ in marks])]
        kept, informational, lost = _fitted(visit, wanted)
        lines.append(_marked(line, kept, marks))
        if informational:
            dropped[line.line] = informational
        if lost:
            overfull[line.line] = lost
    return Decided(tuple(lines), dropped, overfull)


def _marks(visit: Visit) -> Iterator[Mark]:
    if not visit.lines.lines:
        return
    yield from pairs.marks(visit)
    yield from unit_limits.marks(visit)
    yield from chiropractic.marks(visit)
    for number in sorted(needs_kx(visit)):
        yield number, "KX", "KX: above the year's therapy threshold"
    yield from notices.marks(visit)
    yield from telehealth.marks(visit)
    yield from habilitation.marks(visit)


def _agreeing(modifiers: list[str]) -> list[str]:
    """Where a denial as not necessary is expected, nothing says that the service was."""
    if notices.EXPECTED_DENIAL.isdisjoint(modifiers):
        return modifiers
    return [modifier for modifier in modifiers if modifier not in _OF_NECESSITY]


def _fitted(visit: Visit, modifiers: list[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Those that a line carries in the payer's order, the informational ones dropped, and the others lost."""
    kept = list(in_order(modifiers, visit.policy.modifier_order if visit.policy is not None else ()))
    informational = charge_modifiers(visit.ruleset).informational
    dropped: list[str] = []
    for modifier in reversed([each for each in kept if each in informational]):
        if len(kept) > MOST_MODIFIERS:
            kept.remove(modifier)
            dropped.append(modifier)
    return tuple(kept[:MOST_MODIFIERS]), tuple(dropped), tuple(kept[MOST_MODIFIERS:])


def _marked(line: ClaimLine, modifiers: tuple[str, ...], marks: list[Mark]) -> ClaimLine:
    reasons = dict.fromkeys([words for _, modifier, words in marks if modifier in modifiers])
    return ClaimLine.trusted(
        line=line.line,
        code=line.code,
        minutes=line.minutes,
        units=line.units,
        modifiers=modifiers,
        charge_cents=line.charge_cents,
        explanation=tuple(reasons),
    )
