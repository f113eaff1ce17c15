"""A message of clinics and payers, read: CloudEvents in structured, batched or binary mode.

Source: CloudEvents Kafka protocol binding 1.0.2, section 3.
"""

from collections.abc import Mapping
from typing import cast

from interchange.arrival import NOT_SHOWN, Arrived, Fault, Refused
from interchange.binary_mode import read_binary
from interchange.cloudevents import read_event
from interchange.lines import LONGEST_LINE
from service_kit.kafka.envelope import Message
from suite.http.documents import elements
from suite.http.problems import Problem

_BATCH = "application/cloudevents-batch+json"
_STRUCTURED = "application/cloudevents"
_PREFIX = "ce_"


def events_in(message: Message) -> list[Arrived | Refused]:
    """The events of one message, mostly one; nothing that is sent makes it raise."""
    body = message.value or b""
    if len(body) > LONGEST_LINE:
        return [_refused(f"at most {LONGEST_LINE} bytes")]
    headers = {name.lower(): value for name, value in message.headers}
    kind = _text(headers.get("content-type")).lower()
    if kind.startswith(_BATCH):
        return _batch(body)
    if f"{_PREFIX}specversion" in headers and not kind.startswith(_STRUCTURED):
        return [read_binary(_attributes(headers), body)]
    return [read_event(body)]


def _attributes(headers: Mapping[str, bytes | None]) -> dict[str, str | None]:
    """The attributes, with a mark for every one that is no text: it is refused under its name."""
    attributes: dict[str, str | None] = {"traceparent": _text(headers.get("traceparent")) or None}
    for name, value in headers.items():
        if name.startswith(_PREFIX):
            attributes[name.removeprefix(_PREFIX)] = _text(value)
    return attributes


def _batch(body: bytes) -> list[Arrived | Refused]:
    try:
        return [read_event(element) for element in elements(body)]
    except Problem as problem:
        return [Refused(None, None, tuple(cast("list[Fault]", problem.errors)))]


def _refused(expected: str) -> Refused:
    return Refused(None, None, ({"path": "$", "value": NOT_SHOWN, "expected": expected},))


def _text(value: bytes | None) -> str:
    """The text of a header; what is no UTF-8 becomes a control character, which no attribute may hold."""
    try:
        return (value or b"").decode()
    except UnicodeDecodeError:
        return "\x00"
