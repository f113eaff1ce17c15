"""CloudEvents' binary mode over HTTP: the attributes in `ce-` headers, the data alone in the body."""

from urllib.parse import unquote

from starlette.datastructures import Headers

from interchange import binary_mode
from interchange.arrival import Arrived, Refused

_PREFIX = "ce-"


def is_binary(headers: Headers) -> bool:
    """Whether the headers hold an event's attributes."""
    return f"{_PREFIX}specversion" in headers


def read_binary(headers: Headers, body: bytes) -> Arrived | Refused:
    """The event of these headers and this body; `traceparent` is taken from its own header too.

    Source:  CloudEvents HTTP protocol binding 1.0.2, section 3.1 (values are percent-encoded).
    """
    attributes: dict[str, str | None] = {"traceparent": headers.get("traceparent")}
    for header, value in headers.items():
        if header.startswith(_PREFIX):
            attributes[header.removeprefix(_PREFIX)] = unquote(value, errors="replace").strip('"')
    return binary_mode.read_binary(attributes, body)
