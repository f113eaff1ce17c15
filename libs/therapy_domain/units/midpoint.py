"""The midpoint rule of CPT (also "rule of eights"): every code is counted for itself."""

from therapy_domain.units.errors import NegativeMinutes


def units_alone(minutes: int) -> int:
    """Units of one code's minutes of the day: one more from every midpoint on.

    Args:    minutes: minutes of the code, all periods of the day summed [min].
    Returns: whole units [1 unit = 15 min]; 0 below 8 minutes.
    Raises:  NegativeMinutes: minutes < 0.
    Source:  CPT, "Time" (a unit is attained past its midpoint).

    >>> [units_alone(m) for m in (7, 8, 22, 23)]
    [0, 1, 1, 2]
    """
    if minutes < 0:
        raise NegativeMinutes(minutes)
    return (minutes + 7) // 15


def caregiver_units(minutes: int) -> int:
    """Units of caregiver training: the first past the midpoint of 30 minutes, then one for each further 15.

    Args:    minutes: minutes with the caregiver, patient absent, base and add-on code together [min].
    Returns: units of both codes together: 1 from 16 minutes, 2 from 38, 3 from 53.
    Raises:  NegativeMinutes: minutes < 0.
    Source:  CPT, "Time".

    >>> [caregiver_units(m) for m in (15, 16, 37, 38, 52, 53)]
    [0, 1, 1, 2, 2, 3]
    """
    if minutes < 0:
        raise NegativeMinutes(minutes)
    return (1 + max(0, minutes - 23) // 15) if minutes >= 16 else 0
