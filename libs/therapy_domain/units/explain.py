"""The steps of a count in words that a biller can check with a pencil."""

from collections.abc import Iterator, Sequence

from therapy_domain.units.assistants_told import tell
from therapy_domain.units.entries import Count, TimedEntry
from therapy_domain.units.minutes import DayMinutes
from therapy_domain.units.model import DayOfWork, Exclusion, Reason, UnitLine

_WHY: dict[Reason, str] = {
    "setup": "setting up is no treatment",
    "rest": "a rest is no treatment",
    "conversation": "conversation is no treatment",
    "documentation": "writing is no treatment",
    "aide": "an aide's minutes are never billable",
    "student": "a student's minutes are never billable",
    "group_under_one_on_one": "a group cannot be billed under a one-on-one code",
    "passive_modality": "a passive modality is no treatment under this code",
    "unattended": "nobody attended",
    "observed": "the patient was only watched",
    "not_skilled": "a therapist's skill was not needed",
    "overlap_codes": "contested: two codes at the same time",
    "overlap_patients": "contested: the clinician was one-on-one with another patient",
    "unknown_code": "the code is not in the table",
    "no_time": "neither minutes nor clock times",
}
_CMS = "Source: CMS Pub. 100-04, chapter 5, section 20.2"
_MIDPOINT = "Source: CPT midpoint rule, each code alone (no pooling)"


def explain(day: DayOfWork, minutes: DayMinutes, count: Count, lines: Sequence[UnitLine]) -> Iterator[str]:
    """Every step from minutes to lines, in order."""
    if day.policy is None:
        yield "The payer is unknown, so no unit rule applies: minutes are counted, units are not"
    elif count.shares is not None:
        yield from _pool(count)
    else:
        yield from _each_alone(count)
    yield from _caregivers(count)
    yield from _untimed(lines, day)
    yield from tell(lines, day)
    yield from _left_out(minutes.excluded)
    yield from _not_paid(day, minutes)
    if day.policy is not None and count.entries:
        yield _CMS if count.shares is not None else _MIDPOINT


def _pool(count: Count) -> Iterator[str]:
    shares = count.shares
    if shares is None or not count.pooled:
        return
    pool = [count.entries[index] for index in count.pooled]
    yield f"{shares.total_minutes} timed minutes make {_units(shares.total_units)} ({_range(shares.total_units)})"
    for entry in pool:
        whole, rest = divmod(entry.minutes, 15)
        yield f"{_name(entry)}: {entry.minutes} min = {whole} x 15 min, {rest} min over"
    if shares.leftover:
        names = ", ".join(f"{_name(pool[i])} ({pool[i].minutes % 15} min over)" for i in shares.got)
        more = "1 more unit goes" if shares.leftover == 1 else f"{shares.leftover} more units go"
        yield f"{more} to the largest remainder: {names}"
    unpaid = [entry for entry, units in zip(pool, shares.chosen, strict=True) if not units and entry.minutes]
    if unpaid and shares.total_units:
        yield f"No unit is left for {', '.join(map(_name, unpaid))}"
    if shares.tied:
        rest = pool[shares.tied[0]].minutes % 15
        names = " and ".join(_name(pool[i]) for i in sorted(shares.tied))
        yield (
            f"{names} have equal remainders of {rest} min: a free choice among {shares.acceptable} allocations; "
            "the default takes more minutes first, then no assistant, then the higher fee, then the lower code"
        )
        if shares.acceptable > len(shares.others) + 1:
            yield f"Of the other allocations the first {len(shares.others)} are listed"


def _each_alone(count: Count) -> Iterator[str]:
    pool = [(count.entries[index], count.chosen[index]) for index in count.pooled]
    if not pool:
        return
    minutes, units = sum(entry.minutes for entry, _ in pool), sum(units for _, units in pool)
    yield f"{minutes} timed minutes, each code counted alone, make {_units(units)}"
    for entry, of_entry in pool:
        yield f"{_name(entry)}: {entry.minutes} min = {_units(of_entry)} ({_range(of_entry)})"


def _caregivers(count: Count) -> Iterator[str]:
    for entry, units in zip(count.entries, count.chosen, strict=True):
        if not entry.pooled:
            yield (
                f"{_name(entry)}: {entry.minutes} min = {_units(units)}, outside the pool "
                "(first unit from 16 min, further ones from 38, 53, ...)"
            )


def _untimed(lines: Sequence[UnitLine], day: DayOfWork) -> Iterator[str]:
    for line in lines:
        if line.timed or day.policy is None:
            continue
        if line.units:
            yield f"{line.code}: untimed, 1 unit a day whatever its {line.minutes} min"
        elif line.code in day.policy.bundled_codes:
            yield f"{line.code}: {day.policy.name} never pays it apart, 0 units"
        else:
            yield f"{line.code}: all its minutes are contested or interrupted, 0 units"


def _left_out(excluded: Sequence[Exclusion]) -> Iterator[str]:
    for left_out in excluded:
        text = f"{left_out.code}: {left_out.minutes} min left out, {_WHY[left_out.reason]}"
        if left_out.taken_from:
            text += f"; taken out of {', '.join(left_out.taken_from)}"
        yield text


def _not_paid(day: DayOfWork, minutes: DayMinutes) -> Iterator[str]:
    policy = day.policy
    if policy is None:
        return
    for of_code in minutes.by_code:
        number = of_code.code.code
        if not policy.covers(number):
            yield f"{number}: {policy.name} does not cover it, so the claim would be held"
            continue
        for role in sorted({interval.role for interval in of_code.intervals}):
            if not policy.allows(number, role):
                yield f"{number}: {policy.name} does not pay it by {role}, so the claim would be held"


def _name(entry: TimedEntry) -> str:
    return " with ".join([part.code.code for part in entry.parts])


def _units(units: int) -> str:
    return "1 unit" if units == 1 else f"{units} units"


def _range(units: int) -> str:
    return f"{15 * units - 7} to {15 * units + 7}" if units else "under 8"
