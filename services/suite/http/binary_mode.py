"""CloudEvents' binary mode: the attributes in `ce-` headers, the data alone in the body."""

import re
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.datastructures import Headers

from interchange.arrival import NOT_SHOWN, Arrived, Refused
from interchange.cloudevents import read_event

_PREFIX = "ce-"
_name = re.compile(r"[a-z0-9]{1,40}").fullmatch


def is_binary(headers: Headers) -> bool:
    """Whether the headers hold an event's attributes."""
    return f"{_PREFIX}specversion" in headers


def read_binary(headers: Headers, body: bytes) -> Arrived | Refused:
    """The event of these headers and this body; `traceparent` is taken from its own header too.

    Source:  CloudEvents HTTP protocol binding 1.0.2, section 3.1 (values are percent-encoded).
    """
    envelope: dict[str, Any] = {"traceparent": headers.get("traceparent")}
    for header, value in headers.items():
        if header.startswith(_PREFIX) and _name(name := header.removeprefix(_PREFIX)) and name != "data":
            envelope[name] = unquote(value, errors="replace").strip('"')
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        fault = {"path": "$.data", "value": NOT_SHOWN, "expected": f"a JSON object; found {error.msg}"}
        return Refused(envelope.get("id"), envelope.get("source"), (fault,))  # type: ignore[arg-type]  # mypy and TypedDict literals
    # As text, so that a name that stands twice in the data is noticed.
    attributes = orjson.dumps(envelope)
    return read_event(b'%b,"data":%b}' % (attributes[:-1], body))
