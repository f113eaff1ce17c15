"""Exact arithmetic: published decimals as whole numbers, and the one rounding that payment uses."""

from decimal import Decimal, InvalidOperation

from therapy_domain.errors import InputError


def scaled(text: str, places: int) -> int:
    """A published decimal as a whole number of its last place; refuses what does not fit.

    Raises:  InputError: not a number of that many decimals, or below 0.

    >>> scaled("33.4009", 4)
    334009
    """
    expected = f"a decimal of at most {places} places, 0 or more, as text"
    try:
        value = Decimal(text).scaleb(places)
    except (InvalidOperation, TypeError, ValueError):
        raise InputError("amount", text, expected) from None
    if not value.is_finite() or value < 0 or value != value.to_integral_value():
        raise InputError("amount", text, expected)
    return int(value)


def half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest whole number, a half upward; both at least 0.

    >>> [half_up(n, 10) for n in (4, 5, 15, 25)]
    [0, 1, 2, 3]
    """
    return (2 * numerator + denominator) // (2 * denominator)


def dollars(cents: int) -> str:
    """An amount as people write it.

    >>> dollars(-123456)
    '-$1,234.56'
    """
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02}"
