"""RFC 3339 times: read with their offset, and written as an instant in one fixed form."""

import re
from datetime import UTC, datetime

from therapy_domain.fields import FIRST_INSTANT, INSTANT_PATTERN, INSTANT_WORDS, LAST_INSTANT

__all__ = ["INSTANT_WORDS", "read_instant"]

_matches = re.compile(INSTANT_PATTERN).fullmatch
_EDGES = ("0000", "0001", "9999")
_SECONDS = len("2026-03-02T09:00:00")


def read_instant(text: str) -> tuple[datetime, str] | None:
    """A time with its offset, and the same instant as text; None when it is no RFC 3339 time with an offset.

    The text is in UTC with `Z`, a fraction without trailing zeros and none where it is zero; it keeps the
    nanoseconds that the datetime cannot.

    >>> read_instant("2026-03-02T09:00:00.1234567890-05:00")
    >>> read_instant("2026-03-02T09:00:00.123456700-05:00")[1]
    '2026-03-02T14:00:00.1234567Z'
    """
    if _matches(text) is None:
        return None
    text = text.upper()
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if text[:4] in _EDGES and not FIRST_INSTANT <= time <= LAST_INSTANT:
        return None
    if text[-1] == "Z":
        seconds, tail = text[:_SECONDS], text[_SECONDS:-1]
    else:
        seconds = time.astimezone(UTC).isoformat()[:_SECONDS]
        tail = text[_SECONDS:-6]
    return time, seconds + (tail.rstrip("0").rstrip(".") if tail else "") + "Z"
