"""What a clinic that counts right would charge: units by the payer's rule, or None where the rule leaves a choice."""

from collections.abc import Mapping

_CMS_PAYERS = frozenset(("medicare", "commercial-cms"))


def units(payer: str, minutes: Mapping[str, int]) -> dict[str, int] | None:
    """Units of each timed code of a day for that payer.

    Args:    minutes: whole minutes of each timed code [min].
    Returns: units [1 unit = 15 min]; None where equal remainders leave a free choice.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2 C; the midpoint rule of the CPT.

    >>> units("medicare", {"97112": 28, "97530": 16})
    {'97112': 2, '97530': 1}
    >>> units("medicare", {"97110": 9, "97112": 9}) is None
    True
    """
    if payer not in _CMS_PAYERS:
        return {code: (count + 7) // 15 for code, count in minutes.items()}
    earned = {code: count // 15 for code, count in minutes.items()}
    extra = (sum(minutes.values()) + 7) // 15 - sum(earned.values())
    order = sorted(minutes, key=lambda code: (-(minutes[code] % 15), code))
    if 0 < extra < len(order) and minutes[order[extra - 1]] % 15 == minutes[order[extra]] % 15:
        return None
    for code in order[:extra]:
        earned[code] += 1
    return earned
