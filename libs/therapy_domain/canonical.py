"""RFC 8785 canonical JSON: the one byte form that is hashed, compared and stored."""

from typing import Any

import orjson
import rfc8785

LARGEST_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps whole."""

_BASIC_PLANE = bytes(range(0xF0))
"""The bytes of UTF-8 below those that begin a character beyond the basic plane."""


class NotCanonical(ValueError):
    """A value that RFC 8785 has no form for: an integer beyond 2^53, or a number that is not finite."""


def canonical_json(value: Any, *, numbers_are_plain: bool = False) -> bytes:
    """The RFC 8785 form of a JSON value.

    Args:    numbers_are_plain: the caller's types rule out floats and integers beyond 2^53: no need to look.

    orjson's sorted output is that form but for some floats and for keys beyond the basic plane; those go through
    the `rfc8785` library, which is thirty times slower.

    Raises:  NotCanonical: an integer beyond 2^53 - 1, or a float that is not finite.
    """
    if numbers_are_plain:
        return _sorted(value) or _with_floats(value)
    return plain_json(value) or _with_floats(value)


def trimmed(encoded: bytes) -> bytes:
    """The same bytes, in no more memory than they need: for what is kept.

    orjson answers with its working buffer, which it makes eight times as large as the longest text it has to hold, and
    never gives back: 3.5 kB of a sealed claim took 32.
    """
    return bytes(memoryview(encoded))


def plain_json(value: Any) -> bytes | None:
    """The RFC 8785 form of a value without floats; None for one with floats, or with keys beyond the basic plane.

    Raises:  NotCanonical: an integer beyond 2^53 - 1.
    """
    return None if _has_float(value) else _sorted(value)


def _sorted(value: Any) -> bytes | None:
    encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return None if not encoded.isascii() and encoded.translate(None, _BASIC_PLANE) else encoded


def _with_floats(value: Any) -> bytes:
    try:
        encoded = orjson.dumps(_eased(value), option=orjson.OPT_SORT_KEYS)
        if encoded.isascii() or not encoded.translate(None, _BASIC_PLANE):
            return encoded
    except _HardFloat:
        pass
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(str(error)) from error


class _HardFloat(Exception):
    """A float that orjson writes otherwise than RFC 8785: very small, very large, or not finite."""


def _eased(value: Any) -> Any:
    """The value with whole floats as integers: 44.0 is written 44; other floats of middle size are left."""
    kind = type(value)
    if kind is float:
        if value.is_integer() and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            return int(value)
        if 0.001 <= abs(value) <= LARGEST_INTEGER:
            return value
        raise _HardFloat
    if kind is dict:
        return {name: item if type(item) is str else _eased(item) for name, item in value.items()}
    if kind is list or kind is tuple:
        return [_eased(item) for item in value]
    return value


def _has_float(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        value = value.values()
    elif kind is int:
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise NotCanonical(f"the integer {value} is beyond 2^53 - 1")
        return False
    elif kind is not list and kind is not tuple:
        return kind is float
    for item in value:  # noqa: SIM110 -- a generator takes half as long again
        if type(item) is not str and _has_float(item):
            return True
    return False
