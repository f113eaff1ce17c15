"""CloudEvents' binary mode, whatever carries it: the attributes beside the body, the data alone in it."""

import re
from collections.abc import Mapping

import orjson

from interchange.arrival import NOT_SHOWN, Arrived, Fault, Refused
from interchange.cloudevents import read_event

_name = re.compile(r"[a-z0-9]{1,40}").fullmatch


def read_binary(attributes: Mapping[str, str | None], body: bytes) -> Arrived | Refused:
    """The event of these attributes and this data. What is no name of an attribute is passed over."""
    envelope = {name: value for name, value in attributes.items() if _name(name) and name != "data"}
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        fault: Fault = {"path": "$.data", "value": NOT_SHOWN, "expected": f"a JSON object; found {error.msg}"}
        return Refused(envelope.get("id"), envelope.get("source"), (fault,))
    # As text, so that a name that stands twice in the data is noticed.
    return read_event(b'%b,"data":%b}' % (orjson.dumps(envelope)[:-1], body))
