"""What came in through a door: an event that is understood, or what is wrong with it."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

from therapy_domain.events import Event

NOT_SHOWN = "<not shown>"
"""Stands for a value that may identify a person."""


class Fault(TypedDict):
    """One thing that is wrong: where, what it is, what would be right."""

    path: str
    """From `$`, the envelope: `$.data.performer.role`."""
    value: Any
    """As an error shows it: short values themselves, else 80 characters; never a personal field's."""
    expected: str


class Arrived(NamedTuple):
    """A contract event, read and checked."""

    source: str
    org: str
    clinic: str | None
    """None for what has no clinic."""
    id: str
    type: str
    subject: str
    time: datetime
    """When it happened, with the offset it was written in, to the microsecond."""
    event: Event
    fact_id: bytes
    """16 bytes: the log's id of `(source, id)`."""
    content: bytes
    """The RFC 8785 form of `data`, `subject`, `time` as an instant, `type`: what repetitions are compared by.

    It holds what the clinic sent, with nulls and unknown precision kept; the event holds what we understood.
    """
    data: bytes
    """The RFC 8785 form of the data alone."""
    traceparent: str | None
    """A valid W3C trace context; one that is malformed is dropped, as W3C asks."""
    extensions: Mapping[str, Any]
    """Every other attribute, as it came."""


class Refused(NamedTuple):
    """What cannot be understood, with every reason found."""

    id: str | None
    source: str | None
    errors: tuple[Fault, ...]


def fingerprint(key: bytes, content: bytes) -> bytes:
    """What is kept of a content for comparing: HMAC-SHA-256 under the installation's key [32 bytes]."""
    begun = _begun(key).copy()  # a third of the time of beginning anew
    begun.update(content)
    return begun.digest()


@lru_cache(maxsize=8)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")
