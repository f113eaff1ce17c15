"""From units to lines: base and add-on codes, and an assistant's part as a line of its own."""

from collections.abc import Sequence

from therapy_domain.rulesets.codes import Code
from therapy_domain.units.assistants import Split, TenPercent, cq_split, untimed_has_modifier
from therapy_domain.units.entries import TimedEntry
from therapy_domain.units.minutes import CodeMinutes
from therapy_domain.units.model import DayOfWork, UnitLine
from therapy_domain.units.modifiers import Modifiers, modifiers_for


def lines_of(entry: TimedEntry, units: int, day: DayOfWork, method: TenPercent) -> list[UnitLine]:
    """The lines of one timed entry with that many units, the one without an assistant first.

    The first unit of a base and add-on pair is the base code's, once a day, and the rest are the add-on's. In
    two lines of one code the minutes stand with those who worked them.
    """
    roles = frozenset([interval.role for part in entry.parts for interval in part.intervals])
    modifiers = modifiers_for(entry.base, day.discipline, day.policy, day.date_of_service, roles)
    if not units:
        return [_line(part.code, entry, part.minutes, 0, modifiers.plain) for part in entry.parts]
    split = _split(entry, units, modifiers, day, method)
    if entry.add_on is None:
        return _in_two(entry.base, entry, entry.minutes, split, modifiers)
    return _base_and_add_on(entry, entry.add_on, split, modifiers)


def untimed_line(of_code: CodeMinutes, day: DayOfWork, method: TenPercent) -> UnitLine:
    """The line of an untimed code: one unit a day whatever its minutes.

    No unit where the payer bundles the code or is unknown, and none where all its time was contested.
    """
    code, policy = of_code.code, day.policy
    units = 0 if policy is None or code.code in policy.bundled_codes or of_code.all_lost else 1
    roles = frozenset([interval.role for interval in of_code.intervals])
    modifiers = modifiers_for(code, day.discipline, policy, day.date_of_service, roles)
    shown = modifiers.plain
    if units and modifiers.with_assistant and _assisted(of_code, day, method):
        shown = modifiers.with_assistant
    return UnitLine.trusted(
        code=code.code,
        minutes=of_code.minutes,
        units=units,
        modifiers=shown,
        timed=False,
        therapist_minutes=of_code.therapist,
        assistant_minutes=of_code.assistant,
        interval_ids=tuple([interval.interval_id for interval in of_code.intervals]),
    )


def _assisted(of_code: CodeMinutes, day: DayOfWork, method: TenPercent) -> bool:
    return untimed_has_modifier(of_code.therapist, of_code.assistant, day.date_of_service, method)


def _split(entry: TimedEntry, units: int, modifiers: Modifiers, day: DayOfWork, method: TenPercent) -> Split:
    if modifiers.with_assistant is None or not entry.assistant:
        return Split(units, 0)
    if entry.pooled:
        return cq_split(units, entry.therapist, entry.assistant, day.date_of_service, method)
    furnished = untimed_has_modifier(entry.therapist, entry.assistant, day.date_of_service, method)
    return Split(0, units) if furnished else Split(units, 0)


def _in_two(code: Code, entry: TimedEntry, minutes: int, split: Split, modifiers: Modifiers) -> list[UnitLine]:
    with_assistant = modifiers.with_assistant or modifiers.plain
    if not split.with_assistant:
        return [_line(code, entry, minutes, split.without, modifiers.plain)]
    if not split.without:
        return [_line(code, entry, minutes, split.with_assistant, with_assistant)]
    assistant = min(entry.assistant, minutes)
    return [
        _line(code, entry, minutes - assistant, split.without, modifiers.plain),
        _line(code, entry, assistant, split.with_assistant, with_assistant),
    ]


def _base_and_add_on(entry: TimedEntry, add_on: Code, split: Split, modifiers: Modifiers) -> list[UnitLine]:
    base_first = Split(1, 0) if split.without else Split(0, 1)
    rest = Split(split.without - base_first.without, split.with_assistant - base_first.with_assistant)
    if sum(rest):
        of_base = min(entry.first_unit, entry.minutes)
        base = _in_two(entry.base, entry, of_base, base_first, modifiers)
        return base + _in_two(add_on, entry, entry.minutes - of_base, rest, modifiers)
    unpaid = [part for part in entry.parts if part.code is add_on and len(entry.parts) > 1]
    of_base = entry.minutes - sum(part.minutes for part in unpaid)
    base = _in_two(entry.base, entry, of_base, base_first, modifiers)
    return base + [_line(add_on, entry, part.minutes, 0, modifiers.plain) for part in unpaid]


def _line(code: Code, entry: TimedEntry, minutes: int, units: int, modifiers: tuple[str, ...]) -> UnitLine:
    return UnitLine.trusted(
        code=code.code,
        minutes=minutes,
        units=units,
        modifiers=modifiers,
        timed=True,
        therapist_minutes=entry.therapist,
        assistant_minutes=entry.assistant,
        interval_ids=tuple([interval.interval_id for part in entry.parts for interval in part.intervals]),
    )


def total(lines: Sequence[UnitLine]) -> int:
    """Units of the timed lines."""
    return sum(line.units for line in lines if line.timed)
