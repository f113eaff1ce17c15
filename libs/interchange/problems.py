"""A pydantic error of an event's data, said in plain words: path, value, what would be right."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from interchange.arrival import NOT_SHOWN, Fault
from therapy_domain.events import Event
from therapy_domain.strict_json import shown, step

MOST_FAULTS = 100
"""So many faults of one event are told; nobody mends more at once."""

_NEVER_SHOWN = frozenset(
    {"name", "family_name", "given_name", "birth_date", "member_id", "performer", "phone", "reason"}
)
"""Fields that hold people, and one where a text of the record may stand in place of a word of the contract."""
_WORDS: Mapping[str, str] = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "greater_than_equal": "{ge} or more",
    "int_from_float": "a whole number, written without a fraction",
    "int_type": "a whole number",
    "less_than_equal": "{le} or less",
    "missing": "this field, which is missing",
    "model_type": "an object",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "string_too_long": "a text of at most {max_length} characters",
    "string_type": "a text",
    "tuple_type": "a list",
    "json_invalid": "data that nests less deep",
}


def fault(path: str, value: object, expected: str) -> Fault:
    """One fault, its value cut to what an error shows."""
    return {"path": path, "value": shown(value), "expected": expected}


def one_a_place(told: Iterable[Fault]) -> tuple[Fault, ...]:
    """The first fault of every path, in the order they were found."""
    found: dict[str, Fault] = {}
    for item in told:
        found.setdefault(item["path"], item)
    return tuple(found.values())


def data_faults(error: ValidationError, kind: type[Event], data: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault of an event's data, in the order of its fields; at most MOST_FAULTS."""
    for detail in error.errors(include_url=False, include_input=False)[:MOST_FAULTS]:
        yield _fault(detail, kind, data)


def nearest(name: str, known: tuple[str, ...]) -> str:
    """A hint at the known name that is most like a misspelt one; empty where none is like it."""
    like = get_close_matches(name[:80], known, 1)
    return f"; nearest: {like[0]}" if like else ""


def _fault(detail: ErrorDetails, kind: type[Event], data: Mapping[str, Any]) -> Fault:
    location, context = detail["loc"], detail.get("ctx", {})
    if "field" in context:
        location = (*location, context["field"])
    if "beside" in context:
        location = (*location[:-1], context["beside"])
    is_key = bool(location) and location[-1] == "[key]"
    if is_key:
        location = location[:-1]
    value = location[-1] if is_key else _at(data, location)
    hidden = _is_personal(location, kind) or detail["type"] in ("extra_forbidden", "json_invalid")
    return {
        "path": "$.data" + "".join(step(part) for part in location),
        "value": NOT_SHOWN if hidden and value is not None else shown(value),
        "expected": _expected(detail, location, kind),
    }


def _is_personal(location: tuple[int | str, ...], kind: type[Event]) -> bool:
    return bool(location) and (location[0] in kind.personal or location[-1] in _NEVER_SHOWN)


def _expected(detail: ErrorDetails, location: tuple[int | str, ...], kind: type[Event]) -> str:
    words, context = detail["type"], detail.get("ctx", {})
    if words == "extra_forbidden":
        owner = _model_at(kind, location[:-1])
        known = tuple(field.alias or name for name, field in owner.model_fields.items()) if owner else ()
        return f"a field of {kind.type} (unknown field{nearest(str(location[-1]), known)})"
    if words == "literal_error":
        texts: str = context["expected"]
        return "one of " + ", ".join(re.findall(r"'([^']*)'", texts) or texts.replace(" or ", ", ").split(", "))
    if words in _WORDS:
        return _WORDS[words].format_map(context)
    return detail["msg"]


def _at(data: object, location: tuple[int | str, ...]) -> object:
    here: Any = data
    for part in location:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that the value at this location is read as."""
    here: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, str) and here is not None:
            fields = here.model_fields.items()
            here = next((_model_in(field.annotation) for name, field in fields if part in (name, field.alias)), None)
    return here


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
