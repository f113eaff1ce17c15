"""From counted units to claim lines: numbered, with charges, and the modifiers that the count decides."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from therapy_domain.events.claim import ClaimLine
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.units.model import UnitLine, UnitsResult

MOST_MODIFIERS = 4
"""That a line carries (837P: SV101-3 to SV101-6)."""

MostUnits = Callable[[str], int | None]
"""Units that one line of a code may carry; None = as many as there are."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The billable lines, with the modifiers of the count alone."""

    lines: tuple[ClaimLine, ...]
    repeated: tuple[int, ...] = ()
    """Numbers of the lines that go on with the code of the line before, which was full."""

    def of(self, code: str) -> tuple[int, ...]:
        """The numbers of a code's lines."""
        return tuple([line.line for line in self.lines if line.code == code])


def claim_lines(
    result: UnitsResult, policy: PayerPolicy | None, fees: Mapping[str, int], most: MostUnits | None = None
) -> Lines:
    """The lines with units, numbered from 1 in the count's own order (by code, without an assistant first).

    Args:    fees: by code [cents a unit]. most: where a line is full, so that the code goes on on a further one.
    """
    lines: list[ClaimLine] = []
    repeated: list[int] = []
    order = policy.modifier_order if policy is not None else ()
    for counted in result.lines:
        fee = fees.get(counted.code)
        for place, (units, minutes) in enumerate(_parts(counted, most(counted.code) if most else None)):
            number = len(lines) + 1
            if place:
                repeated.append(number)
            lines.append(
                ClaimLine.trusted(
                    line=number,
                    code=counted.code,
                    minutes=minutes,
                    units=units,
                    modifiers=in_order(counted.modifiers, order),
                    charge_cents=None if fee is None else fee * units,
                )
            )
    return Lines(tuple(lines), tuple(repeated))


def _parts(counted: UnitLine, most: int | None) -> Iterator[tuple[int, int]]:
    """Units and minutes of each line that a count makes; the minutes go with the units."""
    units, minutes = counted.units, counted.minutes
    while most and units > most:
        part = minutes * most // units
        yield most, part
        units, minutes = units - most, minutes - part
    if units > 0:
        yield units, minutes


def in_order(modifiers: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """The modifiers in the payer's order; those it does not name keep theirs, at the end."""
    if len(modifiers) < 2:
        return tuple(modifiers)
    places = {modifier: place for place, modifier in enumerate(order)}
    return tuple(sorted(dict.fromkeys(modifiers), key=lambda modifier: places.get(modifier, len(places))))
