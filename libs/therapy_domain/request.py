"""Questions that come as JSON (one object, or an array) and the answers that go back, each in its place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from therapy_domain.errors import InputError
from therapy_domain.strict_json import faults, parse, shown, step

_WORDS: Mapping[str, str] = {
    "bool_type": "true or false",
    "date_type": "a date YYYY-MM-DD",
    "dict_type": "an object",
    "enum": "one of {expected}",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "int_from_float": "an integer",
    "int_parsing": "an integer",
    "int_type": "an integer",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "list_type": "a list",
    "literal_error": "one of {expected}",
    "missing": "this field, which is missing",
    "model_attributes_type": "an object",
    "model_type": "an object",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "string_too_long": "a text of at most {max_length} characters",
    "string_too_short": "a text of at least {min_length} characters",
    "string_type": "a text",
    "timezone_aware": "a time with an offset, such as 2026-03-02T09:00:00-05:00",
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} items",
    "tuple_type": "a list",
}
"""What would be right, in words, by pydantic's error type; filled from the error's context."""

_OWN_WORDS_COME_FIRST = ("extra_forbidden", "too_long", "too_short")
"""Errors whose own sentence says more than the field's description."""

Location = tuple[int | str, ...]
Handler = Callable[[dict[str, Any]], Mapping[str, Any]]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Answers:
    """What goes back: `body` is one answer, or a list of them for an array; `failed` counts the errors."""

    body: dict[str, Any] | list[dict[str, Any]]
    failed: int

    @property
    def exit_code(self) -> int:
        """0 when every element was understood, else 1."""
        return 1 if self.failed else 0


def answer_each(document: bytes | str, handler: Handler) -> Answers:
    """Answer one JSON object, or each object of an array in its place.

    Args:    document: JSON text. handler: one object to its answer; it may raise InputError (with a path
             that starts at the object, `$`) or pydantic's ValidationError.
    Returns: an answer or `{"error": {"path", "value", "expected"}}` for each element, in order. Text that is
             not JSON is one error at `$`.
    """
    try:
        value = parse(document)
    except InputError as error:
        return Answers(_as_error(error.path, error.value, error.expected), failed=1)
    if isinstance(value, list):
        answers = [_answer(element, handler, f"$[{index}]") for index, element in enumerate(value)]
        return Answers(answers, failed=sum("error" in answer for answer in answers))
    answer = _answer(value, handler, "$")
    return Answers(answer, failed=int("error" in answer))


def check(model: type[Model], document: Mapping[str, Any]) -> Model:
    """The document as that model.

    Raises:  InputError: the first fault: its path from `$`, its value and what would be right.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InputError(**problem(error, document, model=model)) from None


def problem(
    error: ValidationError, document: object, *, model: type[BaseModel] | None = None, root: str = "$"
) -> dict[str, Any]:
    """The first fault of a pydantic error as `{"path", "value", "expected"}` in plain words.

    Args:    document: the value that was validated. model: what it was validated against; a field's
             `description` ("an integer from 1 to 5") is then what the error expects. root: the path of
             the document itself.
    """
    first = error.errors(include_url=False)[0]
    location = _in_document(first["loc"], document, missing=first["type"] == "missing")
    return {
        "path": path_of(location, root),
        "value": shown(_value_at(document, location)),
        "expected": _expected(first["type"], first.get("ctx", {}), first["msg"], first["loc"], model),
    }


def path_of(location: Sequence[int | str], root: str = "$") -> str:
    """A location as a path: `("a", 0, "b")` is `$.a[0].b`."""
    return root + "".join(step(part) for part in location)


def _answer(element: object, handler: Handler, root: str) -> dict[str, Any]:
    for fault in faults(element, root):
        return _as_error(fault.path, fault.value, fault.expected)
    if not isinstance(element, dict):
        return _as_error(root, element, "an object")
    try:
        return dict(handler(element))
    except InputError as error:
        return _as_error(root + error.path.removeprefix("$"), error.value, error.expected)
    except ValidationError as error:
        return {"error": problem(error, element, root=root)}


def _as_error(path: str, value: object, expected: str) -> dict[str, Any]:
    return {"error": {"path": path, "value": shown(value), "expected": expected}}


def _in_document(location: Location, document: object, *, missing: bool) -> Location:
    """The parts of pydantic's location that are in the document (it also names union members)."""
    kept: list[int | str] = []
    here: Any = document
    for part in location:
        if _has(here, part):
            here = here[part]
            kept.append(part)
    return (*kept, location[-1]) if missing and location else tuple(kept)


def _value_at(document: object, location: Location) -> object:
    here: Any = document
    for part in location:
        if not _has(here, part):
            return None
        here = here[part]
    return here


def _has(holder: object, part: int | str) -> bool:
    if isinstance(holder, Mapping):
        return part in holder
    return isinstance(holder, list | tuple) and isinstance(part, int) and part < len(holder)


def _expected(
    kind: str, context: Mapping[str, Any], message: str, location: Location, model: type[BaseModel] | None
) -> str:
    if "expected" in context and kind not in _WORDS:
        return str(context["expected"])
    owner = _described(model, location[:-1])[0] if model else None
    if kind == "extra_forbidden" and owner:
        return f"no such field; known are {', '.join(owner.model_fields)}"
    words = _described(model, location)[1] if model else None
    if words and kind not in _OWN_WORDS_COME_FIRST:
        return words
    return _WORDS[kind].format_map(context) if kind in _WORDS else message[:1].lower() + message[1:]


def _described(model: type[BaseModel] | None, location: Location) -> tuple[type[BaseModel] | None, str | None]:
    """The model at that location, if one stands there, and the description of the field or item."""
    here: Any = model
    words: str | None = None
    for part in location:
        here, own = _unwrapped(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            if field is None:
                return None, None
            here, words = field.annotation, field.description
            words = words or _item_words(field.metadata)
        elif get_origin(here) in (list, tuple) and isinstance(part, int):
            here, words = get_args(here)[0], None
        elif get_origin(here) is dict:
            here, words = get_args(here)[1], None
        else:
            return None, words or own
    here, own = _unwrapped(here)
    return (here if isinstance(here, type) and issubclass(here, BaseModel) else None), words or own


def _unwrapped(annotation: Any) -> tuple[Any, str | None]:
    """An annotation without `Annotated` and `| None`, and the description that stood in it."""
    words: str | None = None
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *metadata = get_args(annotation)
            words = words or _item_words(metadata)
        elif get_origin(annotation) in (Union, UnionType):
            members = [member for member in get_args(annotation) if member is not type(None)]
            if len(members) != 1:
                return annotation, words
            annotation = members[0]
        else:
            return annotation, words


def _item_words(metadata: Sequence[Any]) -> str | None:
    return next((item.description for item in metadata if isinstance(item, FieldInfo)), None)
