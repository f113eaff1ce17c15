"""W3C trace context: every event carries one, also when nobody collects spans."""

import re

_TRACEPARENT = re.compile(r"^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$")


def is_traceparent(text: str) -> bool:
    """Whether the text is a valid `traceparent` (W3C Trace Context, level 1)."""
    return _TRACEPARENT.match(text) is not None


def started_by(event_id: bytes) -> str:
    """The trace context of an event that came without one: derived from its id, not sampled."""
    text = event_id.hex()
    return f"00-{text}-{text[:16]}-00"


def continued(cause: str | None, event_id: bytes) -> str:
    """The trace context of an event caused by another: the same trace, a span named after the event."""
    if cause is None:
        return started_by(event_id)
    return f"{cause[:36]}{event_id.hex()[:16]}{cause[52:55]}"


def trace_id(traceparent: str | None) -> str | None:
    """The trace's 32 hexadecimal digits."""
    return traceparent[3:35] if traceparent else None
