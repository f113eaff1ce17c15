"""RFC 8785 canonical JSON: the one byte form that is hashed, compared and stored."""

from typing import Any

import orjson
import rfc8785

_LARGEST_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """A value that RFC 8785 has no form for: an integer beyond 2^53, or a number that is not finite."""


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value.

    orjson's sorted output is that form but for floats and for keys beyond the basic plane; those go through the
    `rfc8785` library, which is thirty times slower.

    Raises:  NotCanonical: an integer beyond 2^53 - 1, or a float that is not finite.
    """
    if not _has_float(value):
        encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if encoded.isascii() or max(encoded) < 0xF0:
            return encoded
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(str(error)) from error


def _has_float(value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return False
    if kind is dict:
        for item in value.values():
            if type(item) is not str and _has_float(item):
                return True
        return False
    if kind is list or kind is tuple:
        for item in value:
            if type(item) is not str and _has_float(item):
                return True
        return False
    if kind is int:
        if not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
            raise NotCanonical(f"the integer {value} is beyond 2^53 - 1")
        return False
    return kind is float
