"""The attributes of a CloudEvents envelope: each checked by itself, its fault told in words."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from interchange.arrival import Fault
from interchange.problems import fault
from therapy_domain.canonical import NotCanonical, canonical_json
from therapy_domain.fields import SOURCE

OURS = frozenset({"specversion", "id", "source", "type", "subject", "time", "traceparent", "data"})
"""The attributes that are read; every other one is kept."""
LONGEST_ID = 1000
LONGEST_SUBJECT = 200

_SOURCE_WORDS = "/orgs/{org}/clinics/{clinic}, or /orgs/{org}"
_control = re.compile(r"[\x00-\x1f\x7f-\x9f]").search
_trace_context = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?"
).fullmatch
_json_type = re.compile(r"(?:application|text)/(?:json|[^\s;/]+\+json)\s*(?:;.*)?", re.IGNORECASE).fullmatch


def check_version(given: object, told: list[Fault]) -> None:
    """`specversion` is the text 1.0."""
    if given != "1.0":
        told.append(fault("$.specversion", given, 'the text "1.0"'))


def check_id(given: object, told: list[Fault]) -> str:
    """`id`, or an empty text once its fault is told."""
    return _text("$.id", given, LONGEST_ID, told)


def check_subject(given: object, told: list[Fault]) -> str:
    """`subject`, or an empty text once its fault is told."""
    return _text("$.subject", given, LONGEST_SUBJECT, told)


def check_source(given: object, told: list[Fault]) -> tuple[str, str, str | None]:
    """`source` with its org and clinic; empty texts once its fault is told."""
    found = _tenant(given) if type(given) is str else None
    if found is None:
        told.append(fault("$.source", given, _SOURCE_WORDS))
        return "", "", None
    return found


def check_others(envelope: Mapping[str, Any], told: list[Fault]) -> dict[str, Any]:
    """The attributes that are kept, without those that are null: CloudEvents takes null for absent."""
    kept = {name: value for name, value in envelope.items() if name not in OURS and value is not None}
    if kept:
        _check_media_type(kept, told)
        for name, value in kept.items():
            if type(value) is not str and not _can_be_kept(value):
                told.append(fault(f"$.{name}", value, "a value that RFC 8785 has a form for"))
    return kept


def trace_context(given: object) -> str | None:
    """A `traceparent` that W3C Trace Context accepts; None for every other."""
    return given if type(given) is str and _trace_context(given) else None


@lru_cache(maxsize=4096)
def _tenant(source: str) -> tuple[str, str, str | None] | None:
    found = SOURCE.fullmatch(source)
    return None if found is None else (source, found[1], found[2])


def _text(path: str, given: object, longest: int, told: list[Fault]) -> str:
    if type(given) is str and 0 < len(given) <= longest and _control(given) is None:
        return given
    told.append(fault(path, given, f"a text of 1 to {longest} characters, no control characters in it"))
    return ""


def _check_media_type(kept: Mapping[str, Any], told: list[Fault]) -> None:
    media_type = kept.get("datacontenttype")
    if media_type is not None and not (type(media_type) is str and _json_type(media_type)):
        told.append(fault("$.datacontenttype", media_type, "application/json, or no datacontenttype"))
    if "data_base64" in kept:
        told.append({"path": "$.data_base64", "value": "<not shown>", "expected": "data, as a JSON object"})


def _can_be_kept(value: object) -> bool:
    try:
        canonical_json(value)
    except (NotCanonical, TypeError, ValueError, RecursionError):
        return False
    return True
