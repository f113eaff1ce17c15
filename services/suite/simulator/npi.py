"""Invented national provider identifiers with a right check digit."""

_STEP = 61_803_399
"""Odd and no multiple of 5, so that counting in such steps meets each of the 10^8 numbers once."""


def check_digit(nine: str) -> int:
    """The tenth digit: Luhn over `80840` and the nine digits.

    Source:  CMS, National Provider Identifier check digit.

    >>> check_digit("123456789")
    3
    """
    total = 24  # what the prefix 80840 adds
    for place, digit in enumerate(reversed(nine)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def npi(number: int) -> str:
    """The invented identifier of that number; numbers below 10^8 give identifiers that all differ."""
    nine = f"1{number * _STEP % 10**8:08d}"
    return f"{nine}{check_digit(nine)}"
