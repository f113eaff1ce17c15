"""Appeals too small for a hearing or a court alone, put together: which may be, and what that comes to. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

AGGREGATION_SOURCE = "42 CFR 405.1006(e); 42 U.S.C. 1395ff(b)(1)(E)(ii)"
"""Common issues: denied for similar reasons out of a similar pattern of facts (405.1006(a)(1))."""


@dataclass(frozen=True)
class Small:
    """An open appeal of a level that asks for an amount in controversy."""

    appeal_id: str
    claim_id: str
    appellant: str
    """The organization: one party aggregates its own claims."""
    level: int
    reasons: tuple[str, ...]
    """Group and reason codes as denied."""
    controversy_cents: int
    required: Mapping[int, int | None]
    """What must be in controversy, by year of filing; None where it is not published."""
    file_by: date


@dataclass(frozen=True)
class Group:
    """A proposal: these appeals in one request, filed by this day."""

    level: int
    reasons: tuple[str, ...]
    appeals: tuple[str, ...]
    together_cents: int
    required_cents: int
    file_by: date
    """The earliest of their last days: one request keeps the limit of each."""
    source: str = AGGREGATION_SOURCE


def propose_groups(appeals: Iterable[Small], today: date) -> tuple[Group, ...]:
    """For the appeals that are too small alone: like ones that reach the amount together, if filed today.

    Like are appeals of one party at one level, denied for the same reasons. Those that lapse first come first, and no
    more join than it takes; an appeal that reaches the amount alone joins nobody. A year without a published amount
    makes no group.
    """
    groups: list[Group] = []
    alike: dict[tuple[str, int, tuple[str, ...]], list[Small]] = {}
    for each in appeals:
        required = each.required.get(today.year)
        if required is not None and each.file_by >= today and each.controversy_cents < required:
            alike.setdefault((each.appellant, each.level, tuple(sorted(each.reasons))), []).append(each)
    for (_, level, reasons), small in sorted(alike.items()):
        groups += _grouped(level, reasons, sorted(small, key=lambda each: (each.file_by, each.appeal_id)), today)
    return tuple(groups)


def _grouped(level: int, reasons: tuple[str, ...], small: Sequence[Small], today: date) -> list[Group]:
    found: list[Group] = []
    joined: list[Small] = []
    for each in small:
        joined.append(each)
        required = each.required[today.year]
        together = sum(one.controversy_cents for one in joined)
        if required is not None and together >= required:
            found.append(_group(level, reasons, joined, required))
            joined = []
    if found and joined:  # what is left over goes with the last group rather than be lost
        last = found.pop()
        rest = [one for one in small if one.appeal_id in last.appeals]
        found.append(_group(level, reasons, [*rest, *joined], last.required_cents))
    return found


def _group(level: int, reasons: tuple[str, ...], joined: Sequence[Small], required: int) -> Group:
    return Group(
        level=level,
        reasons=reasons,
        appeals=tuple(one.appeal_id for one in joined),
        together_cents=sum(one.controversy_cents for one in joined),
        required_cents=required,
        file_by=min(one.file_by for one in joined),
    )
