"""Why a line carries the assistant's modifier, or does not, in words."""

from collections.abc import Iterator, Sequence
from datetime import date

from therapy_domain.units.assistants import MIDPOINT_SINCE, MODIFIERS_SINCE
from therapy_domain.units.model import DayOfWork, UnitLine

SOURCE = "Source of CQ and CO: 42 CFR 410.59(a)(4), 410.60(a)(4); CMS Pub. 100-04, chapter 5, section 20.1"


def tell(lines: Sequence[UnitLine], day: DayOfWork) -> Iterator[str]:
    """The assistant's part of every code that earned a unit, where the payer asks for its modifier."""
    if day.policy is None or not day.policy.assistant_modifiers or day.date_of_service < MODIFIERS_SINCE:
        return
    by_work: dict[tuple[bool, tuple[str, ...]], list[UnitLine]] = {}
    for line in lines:
        if line.assistant_minutes and line.units:
            by_work.setdefault((line.timed, line.interval_ids), []).append(line)
    for of_work in by_work.values():
        yield from _one(of_work, day.date_of_service)
    if by_work:
        yield SOURCE


def _one(lines: list[UnitLine], on: date) -> Iterator[str]:
    first = lines[0]
    name = " with ".join(dict.fromkeys(line.code for line in lines))
    therapist, assistant = first.therapist_minutes, first.assistant_minutes
    marked = [line for line in lines if _modifier(line)]
    units, with_ = sum(line.units for line in lines), sum(line.units for line in marked)
    outcome = f"{units - with_} without, {with_} with {_modifier(marked[0])}" if marked else "no modifier"
    if not first.timed or not therapist:
        share = f"the assistant's {assistant} of {therapist + assistant} min"
        yield f"{name}: {share} apart from the therapist: {outcome} (more than 10% brings it)"
        return
    yield (
        f"{name}: therapist {_fifteens(therapist)}; assistant apart {_fifteens(assistant)}; {units} in all: {outcome}"
    )
    if units > therapist // 15 + assistant // 15:
        yield f"{name}: {_last_unit(therapist % 15, assistant % 15, on)}"


def _last_unit(therapist: int, assistant: int, on: date) -> str:
    if on >= MIDPOINT_SINCE and therapist >= 8:
        return f"the therapist has {therapist} min, 8 or more, of what is left: that unit has no modifier"
    return f"of what is left the assistant has {assistant} of {therapist + assistant} min: more than 10% brings it"


def _fifteens(minutes: int) -> str:
    return f"{minutes} min = {minutes // 15} x 15 min, {minutes % 15} over"


def _modifier(line: UnitLine) -> str | None:
    return next((modifier for modifier in line.modifiers if modifier in ("CQ", "CO")), None)
