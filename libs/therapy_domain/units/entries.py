"""What is counted as one: a code, or a base code with its add-on (97129 with 97130, 97550 with 97551)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from therapy_domain.rulesets.codes import Code
from therapy_domain.units.cms import Entry, Shares, share_out
from therapy_domain.units.midpoint import caregiver_units, units_alone
from therapy_domain.units.minutes import CodeMinutes


class TimedEntry(NamedTuple):
    """The timed minutes that are counted together."""

    base: Code
    add_on: Code | None
    parts: tuple[CodeMinutes, ...]
    """As recorded, base first."""
    minutes: int
    therapist: int
    assistant: int

    @property
    def pooled(self) -> bool:
        """Whether the entry takes part in the CMS pool and counts in 15 minutes."""
        return self.base.pool_member

    @property
    def first_unit(self) -> int:
        """Length of the base code's unit [min]."""
        return 15 if self.pooled else 30


class Count(NamedTuple):
    """Units by entry, and how they came about."""

    entries: tuple[TimedEntry, ...]
    chosen: tuple[int, ...]
    others: tuple[tuple[int, ...], ...]
    shares: Shares | None
    """How the pool fell; None under the midpoint rule and for an unknown payer."""
    pooled: tuple[int, ...]
    """The pool's entries by index, in the order of `shares`."""


def timed_entries(minutes: Sequence[CodeMinutes], table: Mapping[str, Code]) -> tuple[TimedEntry, ...]:
    """The timed codes of the day, base and add-on together, by base code."""
    together: dict[str, list[CodeMinutes]] = {}
    for of_code in minutes:
        if of_code.code.timed:
            together.setdefault(of_code.code.entry, []).append(of_code)
    return tuple(_entry(table[base], together[base], table) for base in sorted(together))


def count_units(entries: tuple[TimedEntry, ...], rule: str | None, fees: Mapping[str, int]) -> Count:
    """Units of every entry by the payer's rule; all 0 where there is none.

    Caregiver training is counted for itself under both rules: its first unit is 30 minutes long.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2; CPT, "Time".
    """
    pooled = tuple(index for index, entry in enumerate(entries) if entry.pooled)
    if rule is None:
        return Count(entries, (0,) * len(entries), (), None, pooled)
    if rule == "cpt-midpoint":
        chosen = tuple(_alone(entry) for entry in entries)
        return Count(entries, chosen, (), None, pooled)
    pool = [entries[index] for index in pooled]
    shares = share_out([Entry(e.base.code, e.minutes, e.assistant, fees.get(e.base.code, 0)) for e in pool])
    if len(pooled) == len(entries):
        return Count(entries, shares.chosen, shares.others, shares, pooled)
    chosen = _filled_in(entries, pooled, shares.chosen)
    others = tuple(_filled_in(entries, pooled, other) for other in shares.others)
    return Count(entries, chosen, others, shares, pooled)


def _alone(entry: TimedEntry) -> int:
    return units_alone(entry.minutes) if entry.pooled else caregiver_units(entry.minutes)


def _filled_in(entries: tuple[TimedEntry, ...], pooled: tuple[int, ...], units: tuple[int, ...]) -> tuple[int, ...]:
    of_pool = dict(zip(pooled, units, strict=True))
    return tuple(of_pool[i] if i in of_pool else _alone(entry) for i, entry in enumerate(entries))


def _entry(base: Code, parts: list[CodeMinutes], table: Mapping[str, Code]) -> TimedEntry:
    add_on = None
    if base.count != "15-minute":
        add_on = next(c for c in table.values() if c.add_on_of == base.code and c.timed)
    if len(parts) == 1:
        part = parts[0]
        return TimedEntry(base, add_on, (part,), part.minutes, part.therapist, part.assistant)
    return TimedEntry(
        base=base,
        add_on=add_on,
        parts=tuple(parts),
        minutes=sum(part.minutes for part in parts),
        therapist=sum(part.therapist for part in parts),
        assistant=sum(part.assistant for part in parts),
    )
