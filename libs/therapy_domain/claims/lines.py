"""From counted units to claim lines: numbered, with modifiers in the payer's order and charges."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from therapy_domain.events.claim import ClaimLine
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.units.model import UnitsResult

MOST_MODIFIERS = 4
"""That a line carries (837P: SV101-3 to SV101-6)."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The billable lines, and what did not fit on them."""

    lines: tuple[ClaimLine, ...]
    overfull: tuple[int, ...] = ()
    """Numbers of the lines that lost modifiers beyond the fourth."""


def claim_lines(result: UnitsResult, policy: PayerPolicy | None, fees: Mapping[str, int]) -> Lines:
    """The lines with units, numbered from 1 in the count's own order (by code, without an assistant first).

    Args:    fees: by code [cents a unit].
    """
    lines: list[ClaimLine] = []
    overfull: list[int] = []
    order = policy.modifier_order if policy is not None else ()
    for counted in result.lines:
        if counted.units <= 0:
            continue
        number = len(lines) + 1
        modifiers = in_order(counted.modifiers, order)
        if len(modifiers) > MOST_MODIFIERS:
            overfull.append(number)
        fee = fees.get(counted.code)
        lines.append(
            ClaimLine(
                line=number,
                code=counted.code,
                minutes=counted.minutes,
                units=counted.units,
                modifiers=modifiers[:MOST_MODIFIERS],
                charge_cents=None if fee is None else fee * counted.units,
            )
        )
    return Lines(tuple(lines), tuple(overfull))


def marked(
    lines: tuple[ClaimLine, ...], numbers: Collection[int], modifier: str, order: Sequence[str]
) -> tuple[ClaimLine, ...]:
    """The lines, those of these numbers with one modifier more, in the payer's order."""
    if not numbers:
        return lines
    return tuple(
        [
            line.model_copy(update={"modifiers": in_order((*line.modifiers, modifier), order)})
            if line.line in numbers
            else line
            for line in lines
        ]
    )


def in_order(modifiers: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """The modifiers in the payer's order; those it does not name keep theirs, at the end."""
    if len(modifiers) < 2:
        return tuple(modifiers)
    places = {modifier: place for place, modifier in enumerate(order)}
    return tuple(sorted(dict.fromkeys(modifiers), key=lambda modifier: places.get(modifier, len(places))))
