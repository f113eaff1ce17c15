"""JSON Schemas of every event, as its model reads it."""

from collections.abc import Iterable
from typing import Any

import orjson
from pydantic.json_schema import models_json_schema

from suite.topics import LOG_TOPICS
from therapy_domain.events import REGISTRY, Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The schema of an event's data, personal fields in the clear."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:claimtrail:event:{event.type}:{event.version}",
        **event.model_json_schema(by_alias=True, mode="validation"),
    }


def file_name(event: type[Event]) -> str:
    """What the schema's file is called: the type and the version."""
    return f"{event.type.removeprefix('claimtrail.').removesuffix('.v1')}.{event.version}.json"


def documents() -> dict[str, bytes]:
    """Every event's schema by its file's name."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return {file_name(event): orjson.dumps(schema_of(event), option=option) for event in events()}


def events() -> Iterable[type[Event]]:
    """Every event that a topic has, by type."""
    types = frozenset[str]().union(*(topic.types | topic.also for topic in LOG_TOPICS))
    return (REGISTRY[name] for name in sorted(types))


def together(ref_template: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """All schemas at once, what they share told once.

    Args:    ref_template: how a shared part is referred to, `{model}` being its name.
    Returns: each event's schema by type, and the shared parts by name.
    """
    wanted = [(event, "validation") for event in events()]
    made, shared = models_json_schema(wanted, by_alias=True, ref_template=ref_template)  # type: ignore[arg-type]  # a list of literals
    return {event.type: made[event, "validation"] for event in events()}, shared["$defs"]
