"""Amounts, days, times and numbers as X12 writes them."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from interchange.x12.errors import BadElement
from interchange.x12.segments import Segment

MOST_CENTS = 10**12
"""Ten thousand million dollars: no amount of a file is larger."""
Days = tuple[date, date]
"""First and last day, both included."""

_amount = re.compile(r"(-?)([0-9]{0,16})(?:\.([0-9]{0,9}))?", re.ASCII).fullmatch
_whole = re.compile(r"[0-9]{1,9}", re.ASCII).fullmatch
_decimal = re.compile(r"-?(?:[0-9]{1,12}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})", re.ASCII).fullmatch


def cents(segment: Segment, place: int) -> int:
    """The amount of dollars at that place [cents].

    Raises:  BadElement: absent, no decimal number, more than two decimals, or beyond MOST_CENTS.
    """
    text = segment.element(place)
    match = _amount(text)
    if match is None or not (match[2] or match[3]):
        raise BadElement(segment.named(place), text, "an amount, e.g. 45 or -12.5", segment=segment.number)
    sign, dollars, fraction = match.groups()
    fraction = (fraction or "").rstrip("0")
    amount = int(dollars or 0) * 100 + int(fraction.ljust(2, "0"))
    if len(fraction) > 2 or amount > MOST_CENTS:
        raise BadElement(segment.named(place), text, "an amount of whole cents below 10^10", segment=segment.number)
    return -amount if sign else amount


def optional_cents(segment: Segment, place: int) -> int | None:
    """The same, or None where the element is absent."""
    return cents(segment, place) if segment.element(place) else None


def amount_text(amount: int) -> str:
    """Cents as X12 writes dollars: no zeros that say nothing.

    >>> [amount_text(cents) for cents in (4500, 4550, -5, 123456, 0)]
    ['45', '45.5', '-.05', '1234.56', '0']
    """
    dollars, rest = divmod(abs(amount), 100)
    text = f"{dollars or ''}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(dollars)
    return f"-{text}" if amount < 0 else text


def quantity(segment: Segment, place: int) -> Decimal | None:
    """The number of units or days at that place; None where it is absent."""
    text = segment.element(place)
    if not text:
        return None
    if _decimal(text) is None:
        raise BadElement(segment.named(place), text, "a number", segment=segment.number)
    return Decimal(text)


def quantity_text(number: Decimal | None) -> str:
    """A number of units or days without zeros that say nothing.

    >>> quantity_text(Decimal("2.50")), quantity_text(Decimal(100)), quantity_text(None)
    ('2.5', '100', '')
    """
    if number is None:
        return ""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(segment: Segment, place: int) -> int:
    """The count at that place."""
    text = segment.element(place)
    if _whole(text) is None:
        raise BadElement(segment.named(place), text, "a whole number", segment=segment.number)
    return int(text)


def day(segment: Segment, place: int) -> date:
    """The day at that place, written CCYYMMDD."""
    found = _day(segment.element(place))
    if found is None:
        raise BadElement(segment.named(place), segment.element(place), "a day CCYYMMDD", segment=segment.number)
    return found


def optional_day(segment: Segment, place: int) -> date | None:
    """The same, or None where the element is absent."""
    return day(segment, place) if segment.element(place) else None


def days(segment: Segment, form: int, place: int) -> Days:
    """The day or the days (D8 or RD8, as the element at `form` says) at that place."""
    text, first, last = segment.element(place), None, None
    if segment.element(form) == "RD8" and len(text) == 17 and text[8] == "-":
        first, last = _day(text[:8]), _day(text[9:])
    elif segment.element(form) == "D8":
        first = last = _day(text)
    if first is None or last is None or last < first:
        raise BadElement(segment.named(place), text, "CCYYMMDD, or CCYYMMDD-CCYYMMDD with RD8", segment=segment.number)
    return first, last


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def day_text(value: date) -> str:
    """A day as X12 writes it, CCYYMMDD."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def moment(segment: Segment, on: int, at: int) -> datetime:
    """A day CCYYMMDD or YYMMDD and a time HHMM (seconds and fractions are passed over), in the sender's own time."""
    text, time = segment.element(on), segment.element(at)
    found = _day(f"20{text}" if len(text) == 6 else text)
    if found is None:
        raise BadElement(segment.named(on), text, "a day CCYYMMDD or YYMMDD", segment=segment.number)
    if not (time.isascii() and time.isdigit() and 4 <= len(time) <= 8) or time[:2] > "23" or time[2:4] > "59":
        raise BadElement(segment.named(at), time, "a time HHMM", segment=segment.number)
    return datetime(found.year, found.month, found.day, int(time[:2]), int(time[2:4]))  # noqa: DTZ001 -- X12 tells no zone
