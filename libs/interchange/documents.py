"""JSON text to an object whose every value can be stored: no name twice, no number or text that gets lost."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from interchange.arrival import NOT_SHOWN, Fault
from interchange.problems import MOST_FAULTS, fault
from therapy_domain.canonical import LARGEST_INTEGER
from therapy_domain.errors import InputError
from therapy_domain.strict_json import faults, parse, step

DEEPEST = 100
"""Levels of nesting [levels]; the contract's deepest event has six."""
_BOM = b"\xef\xbb\xbf"
_OBJECT_WORDS = "one JSON object, a CloudEvents 1.0 envelope"
_BATCH_WORDS = " a line (an array of them goes to POST /v1/events as application/cloudevents-batch+json)"


class Unreadable(Exception):
    """No envelope at all; `id` and `source` are what could be read of it."""

    def __init__(self, *told: Fault, envelope: object = None) -> None:
        self.told = told
        known: Mapping[str, Any] = envelope if isinstance(envelope, dict) else {}
        self.id, self.source = _text(known.get("id")), _text(known.get("source"))
        super().__init__(f"{len(told)} faults")


def read_object(raw: bytes | Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Fault]]:
    """The object, and every place in it that cannot be kept as it was sent.

    Args:    raw: JSON text in UTF-8 (a byte order mark before it is passed over), or what a JSON reader made.
    Raises:  Unreadable: not UTF-8, not JSON, not an object, or nested beyond what is read.
    """
    text: bytes | None = None
    if isinstance(raw, bytes):
        text = raw[3:] if raw.startswith(_BOM) else raw
        value = _loads(text)
        if type(value) is not dict:
            raise Unreadable(_not_shown("$", _OBJECT_WORDS + (_BATCH_WORDS if type(value) is list else "")))
    else:
        value = dict(raw)
    try:
        whole = orjson.dumps(value)
    except TypeError:
        raise Unreadable(*(list(unfit(value)) or [_not_shown("$", _OBJECT_WORDS)]), envelope=value) from None
    if b"\\u0000" in whole:
        return value, list(unfit(value))
    if text is not None and (text.count(b":") != whole.count(b":") or b"\\u003" in text):
        # Without a name twice, text and object have the same colons, unless one is written as an escape.
        return value, _repeated(text)
    return value, []


def _loads(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        found = str(error)
    try:
        value = parse(raw)
    except InputError as error:
        words = _OBJECT_WORDS + (_BATCH_WORDS if raw.lstrip()[:1] == b"[" else "")
        raise Unreadable(_not_shown("$", f"{words}; found {error.value}")) from None
    told = [_told(error) for error, _ in zip(faults(value), range(MOST_FAULTS), strict=False)]
    told = told or list(unfit(value)) or [_not_shown("$", f"{_OBJECT_WORDS}; found {found}")]
    raise Unreadable(*told, envelope=value)


def _repeated(raw: bytes) -> list[Fault]:
    try:
        value = parse(raw)
    except InputError:
        return [_not_shown("$", _OBJECT_WORDS)]
    return [_told(error) for error, _ in zip(faults(value), range(MOST_FAULTS), strict=False)]


def unfit(value: object, path: str = "$", depth: int = 1) -> Iterator[Fault]:
    """Every place of a value that has no form in RFC 8785, or that a database cannot hold."""
    if isinstance(value, dict | list | tuple):
        if depth > DEEPEST:
            yield _not_shown(path, f"JSON that nests at most {DEEPEST} levels")
        elif isinstance(value, dict):
            yield from _unfit_in_object(value, path, depth)
        else:
            for index, inner in enumerate(value):
                yield from unfit(inner, f"{path}[{index}]", depth + 1)
    elif isinstance(value, str):
        if not _can_be_stored(value):
            yield _not_shown(path, "a text without U+0000 and without half of a surrogate pair")
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            yield fault(path, str(value), "a whole number within 2^53")
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield fault(path, str(value), "a finite number")
    elif value is not None:
        yield _not_shown(path, "a JSON value")


def _unfit_in_object(value: dict[Any, Any], path: str, depth: int) -> Iterator[Fault]:
    for name, inner in value.items():
        if isinstance(name, str) and _can_be_stored(name):
            yield from unfit(inner, path + step(name), depth + 1)
        else:
            yield _not_shown(path, "an object whose names are texts without U+0000 and without half surrogates")


def _can_be_stored(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _told(error: InputError) -> Fault:
    return fault(error.path, error.value, error.expected)


def _not_shown(path: str, expected: str) -> Fault:
    return {"path": path, "value": NOT_SHOWN, "expected": expected}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and _can_be_stored(value) else None
