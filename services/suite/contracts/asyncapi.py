"""AsyncAPI 3 of every topic: who sends what where, made from the code.

Source: the AsyncAPI specification 3.0.0, and its Kafka bindings 0.5.0.
"""

import importlib.metadata
from typing import Any

import yaml

from service_kit import names
from service_kit.kafka.topics import Topic
from suite.contracts.schemas import together
from suite.distributed import door
from suite.distributed.members import GROUP, services
from suite.topics import ALL, CLINIC, DEAD_LETTERS, LOG_TOPICS, REJECTS, topic_map
from therapy_domain.events import REGISTRY, Event

_REF = "#/components/schemas/{model}"
_KEYS = {
    "case": "The case id, as UUID text: all that is said of a case is in one partition, in order.",
    "stream": "32 hexadecimal digits: a keyed hash of the stream's name, so that no id which a clinic gave is shown.",
    "subject": "The subject, as the sender sees fit. It must not be a name.",
}
_SEALED = {
    "type": "object",
    "description": "A personal field: AES-GCM under the key of the patient it belongs to.",
    "required": ["key", "sealed"],
    "properties": {"key": {"type": "string"}, "sealed": {"type": "string", "contentEncoding": "base64"}},
}
_TEXT = {"type": "string"}
_ENVELOPE = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "description": "Unique within its source; both together are the idempotency key."},
    "source": {"type": "string", "description": "/orgs/{org}/clinics/{clinic}, or /orgs/{org}"},
    "subject": {"type": "string", "description": "The id of what it is about."},
    "time": {"type": "string", "format": "date-time", "description": "When it happened in the clinic."},
    "traceparent": {"type": "string", "description": "W3C trace context."},
}
_HEADERS = {
    names.HEADER_SPEC: {"const": "1.0"},
    names.HEADER_ID: {"type": "string", "format": "uuid", "description": "The event's id in the log."},
    names.HEADER_SOURCE: {"type": "string", "description": "/orgs/{org}/services/{service}: who appended it."},
    names.HEADER_TIME: {"type": "string", "format": "date-time", "description": "When it happened."},
    names.HEADER_CONTENT_TYPE: {"const": "application/json"},
    names.HEADER_POSITION: {"type": "string", "description": "Its position in the log."},
    names.HEADER_VERSION: {"type": "string", "description": "Its version in its stream."},
    names.HEADER_SCHEMA: {"type": "string", "description": "The version of its schema."},
    names.HEADER_RECORDED: {"type": "string", "description": "When it was recorded [us since the epoch, UTC]."},
    names.HEADER_CASE: {"type": "string", "description": "The case's id in hexadecimal, where it belongs to one."},
    names.HEADER_CAUSE: {"type": "string", "description": "The id of the event it came of, in hexadecimal."},
    names.HEADER_TRACE: {"type": "string", "description": "W3C trace context."},
    names.HEADER_SEAL: {
        "type": "string",
        "description": "The stream's name and the actor, sealed (AES-SIV); vouches for headers and value.",
    },
}
_EVENT_HEADERS = {
    "type": "object",
    "required": sorted(set(_HEADERS) - {names.HEADER_CASE, names.HEADER_CAUSE, names.HEADER_TRACE}),
    "properties": {**_HEADERS, names.HEADER_TYPE: {"type": "string", "description": "The event's type."}},
}
_TOLD = {
    names.HEADER_SERVICE: {"type": "string", "description": "Whose work it was."},
    names.HEADER_LETTER: {"type": "string", "description": "The dead letter's id: `claimtrail redrive ID`."},
    names.HEADER_ORIGIN: {"type": "string", "description": "topic/partition/offset of a message that is no event."},
    names.HEADER_REASON: _TEXT,
    names.HEADER_ERROR: _TEXT,
    names.HEADER_ATTEMPTS: _TEXT,
}


def document() -> dict[str, Any]:
    """The whole document."""
    schemas, shared = together(_REF)
    messages: dict[str, Any] = {}
    channels = {}
    for topic in ALL:
        made = _messages(topic, schemas)
        messages |= made
        channels[_id(topic)] = _channel(topic, made)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:claimtrail:events",
        "info": {
            "title": "Claimtrail events",
            "version": importlib.metadata.version("claimtrail"),
            "description": "What clinics send, what the services make of it, and where each event goes. "
            "Personal fields are sealed in every topic but the clinics' own.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": _operations(),
        "components": {"messages": messages, "schemas": {**shared, "EventHeaders": _EVENT_HEADERS, "Sealed": _SEALED}},
    }


def text() -> str:
    """The document as YAML: the same text for the same code."""
    return yaml.dump(document(), sort_keys=False, allow_unicode=True, width=120, Dumper=_Plain)


class _Plain(yaml.SafeDumper):
    """No aliases: what is said twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        del data
        return True


def _id(topic: Topic) -> str:
    return topic.name.replace(".", "-")


def _channel(topic: Topic, messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": topic.name,
        "title": topic.name,
        "description": topic.about,
        "messages": {name.partition("@")[0]: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"topic": topic.name, "bindingVersion": "0.5.0"}},
    }


def _messages(topic: Topic, schemas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if topic is REJECTS:
        return {"Reject@rejects": _message("Reject", "A refusal.", _reject(), topic)}
    if topic is DEAD_LETTERS:
        about = "A copy of an event, or of a message that is none, with the reason."
        return {
            "DeadLetter@dead-letters": _message("DeadLetter", about, {}, topic, {"type": "object", "properties": _TOLD})
        }
    made = {}
    for event_type in sorted(topic.types | topic.also):
        event = REGISTRY[event_type]
        name = event.__name__
        if topic is CLINIC:
            payload = _structured(event, schemas[event_type])
            made[f"{name}@clinic"] = _message(name, _first(event), payload, topic)
            made[f"{name}@clinic"]["contentType"] = "application/cloudevents+json"
        else:
            headers = _headers({names.HEADER_TYPE: {"const": event_type}})
            payload = _stored(event, schemas[event_type])
            made[f"{name}@{topic.name.split('.')[1]}"] = _message(name, _first(event), payload, topic, headers)
    return made


def _message(
    name: str, about: str, payload: dict[str, Any], topic: Topic, headers: dict[str, Any] | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": name,
        "title": name,
        "summary": about,
        "payload": payload,
        "bindings": {"kafka": {"key": {"type": "string", "description": _KEYS[topic.keyed_by]},
                               "bindingVersion": "0.5.0"}},
    }  # fmt: skip
    if headers is not None:
        made["headers"] = headers
    return made


def _headers(properties: dict[str, Any]) -> dict[str, Any]:
    """What every event's message has, and this besides."""
    return {"allOf": [{"$ref": "#/components/schemas/EventHeaders"}, {"type": "object", "properties": properties}]}


def _first(event: type[Event]) -> str:
    return (event.__doc__ or "").strip().partition("\n")[0]


def _structured(event: type[Event], schema: dict[str, Any]) -> dict[str, Any]:
    """A contract event as clinics send it; other CloudEvents attributes are kept."""
    required = ["specversion", "id", "source", "type", "subject", "time", "data"]
    properties = {**_ENVELOPE, "type": {"const": event.type}, "data": schema}
    return {"type": "object", "required": required, "properties": properties}


def _stored(event: type[Event], schema: dict[str, Any]) -> dict[str, Any]:
    """An event as the log stores it: a fact with its envelope, a decision alone; personal fields sealed."""
    sealed = _with_sealed(event, schema)
    if not event.type.startswith("claimtrail."):
        return sealed
    kept = {name: _ENVELOPE[name] for name in ("id", "source", "subject", "time")}
    return {"type": "object", "required": [*kept, "data"], "properties": {**kept, "data": sealed}}


def _with_sealed(event: type[Event], schema: dict[str, Any]) -> dict[str, Any]:
    if not event.personal:
        return schema
    made: dict[str, Any] = {"type": "object", "description": _first(event), "title": f"{event.__name__}Sealed"}
    if "$ref" in schema:
        schema = event.model_json_schema(by_alias=True, ref_template=_REF)
    names_of = {event.model_fields[name].alias or name for name in event.personal}
    made["required"] = schema.get("required", [])
    made["properties"] = {
        name: {"$ref": "#/components/schemas/Sealed"} if name in names_of else inner
        for name, inner in schema.get("properties", {}).items()
    }
    return made


def _reject() -> dict[str, Any]:
    fault = {"type": "object", "required": ["path", "expected"],
             "properties": {"path": _TEXT, "value": {}, "expected": _TEXT}}  # fmt: skip
    number = {"type": "integer"}
    return {
        "type": "object",
        "required": ["topic", "partition", "offset", "place", "outcome", "errors"],
        "properties": {
            "topic": _TEXT,
            "partition": number,
            "offset": number,
            "place": {"type": "integer", "description": "Its place in the message, from 0."},
            "id": {"type": ["string", "null"]},
            "source": {"type": ["string", "null"]},
            "outcome": {"enum": ["rejected", "conflict"]},
            "errors": {"type": "array", "items": fault},
        },
    }


def _operations() -> dict[str, Any]:
    made = {f"relay-sends-{_id(topic)}": _operation("send", "The relay sends the log.", topic) for topic in LOG_TOPICS}
    made["door-receives"] = _operation("receive", "The door for what clinics and payers send.", CLINIC, door.NAME)
    made["door-refuses"] = _operation("send", "What the door refuses, and why.", REJECTS)
    made["services-give-up"] = _operation("send", "What a service could not process.", DEAD_LETTERS)
    by_name = {topic.name: topic for topic in LOG_TOPICS}
    for service in services().values():
        for name in topic_map().listened(service.listens_to):
            topic = by_name[name]
            operation = _operation("receive", f"What {service.name} works on.", topic, service.name)
            wanted = sorted((topic.types | topic.also) & service.listens_to)
            operation["messages"] = [
                {"$ref": f"#/channels/{_id(topic)}/messages/{REGISTRY[each].__name__}"} for each in wanted
            ]
            made[f"{service.name}-receives-{_id(topic)}"] = operation
    return made


def _operation(action: str, about: str, topic: Topic, group: str | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"action": action, "summary": about, "channel": {"$ref": f"#/channels/{_id(topic)}"}}
    if group is not None:
        group_id = {"type": "string", "const": GROUP + group}
        made["bindings"] = {"kafka": {"groupId": group_id, "bindingVersion": "0.5.0"}}
    return made
