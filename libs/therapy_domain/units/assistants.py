"""The assistants' modifiers: which units of a code an assistant furnished, in whole or in part."""

from datetime import date
from typing import Literal, NamedTuple

from therapy_domain.units.errors import NegativeMinutes, UnitsOutOfStep

TenPercent = Literal["exact", "simple", "percent_rounded"]
"""How "more than 10%" is tested; `exact` is the regulation's own wording."""

MODIFIERS_SINCE = date(2020, 1, 1)
MIDPOINT_SINCE = date(2022, 1, 1)


class Split(NamedTuple):
    """Units of one code without and with the assistant's modifier."""

    without: int
    with_assistant: int


def more_than_tenth(assistant: int, total: int, method: TenPercent = "exact") -> bool:
    """Whether the assistant's part exceeds 10% of the total.

    Args:    assistant, total: minutes of the unit or service [min]; whole numbers, no floats.
    Source:  42 CFR 410.59(a)(4), 410.60(a)(4); CMS Pub. 100-04, chapter 5, section 20.1 (both manual methods).

    >>> [more_than_tenth(5, 45, method) for method in ("exact", "simple", "percent_rounded")]
    [True, False, True]
    """
    if assistant <= 0:
        return False
    match method:
        case "exact":
            return 10 * assistant > total
        case "simple":
            return assistant >= (total + 5) // 10 + 1
        case "percent_rounded":
            return (200 * assistant + total) // (2 * total) > 10


def untimed_has_modifier(therapist: int, assistant: int, on: date, method: TenPercent = "exact") -> bool:
    """Whether an untimed service (groups and supervised modalities too) carries the assistant's modifier.

    Args:    therapist: minutes of the therapist, team time included [min]. assistant: minutes apart [min].
    Source:  42 CFR 410.59(a)(4), 410.60(a)(4).
    """
    return on >= MODIFIERS_SINCE and more_than_tenth(assistant, therapist + assistant, method)


def cq_split(units: int, therapist: int, assistant: int, on: date, method: TenPercent = "exact") -> Split:
    """One timed code's units, without and with the assistant's modifier.

    Args:    units: of the code, before any limit [1 unit = 15 min]. therapist: minutes of the therapist, team
             time included [min]. assistant: minutes the assistant spent apart [min]. on: date of service.
    Raises:  NegativeMinutes: minutes < 0. UnitsOutOfStep: the units cannot come from these minutes.
    Source:  42 CFR 410.60(a)(4)(iv)-(v); CY2022 PFS final rule, 86 FR 64996; CMS Pub. 100-04, chapter 5,
             section 20.1.

    >>> cq_split(2, 18, 17, date(2026, 3, 2)), cq_split(1, 9, 12, date(2026, 3, 2))
    (Split(without=1, with_assistant=1), Split(without=1, with_assistant=0))
    """
    if min(therapist, assistant) < 0:
        raise NegativeMinutes(min(therapist, assistant))
    if on < MODIFIERS_SINCE:
        return Split(units, 0)
    without, of_therapist = divmod(therapist, 15)
    with_, of_assistant = divmod(assistant, 15)
    remaining = units - without - with_
    if remaining not in (0, 1, 2):
        raise UnitsOutOfStep(units, therapist=therapist, assistant=assistant, on=on)
    trips = more_than_tenth(of_assistant, of_therapist + of_assistant, method)
    if remaining and on >= MIDPOINT_SINCE and of_therapist >= 8:
        without, remaining = without + 1, remaining - 1
    return Split(without, with_ + remaining) if trips else Split(without + remaining, with_)
