"""JSON as it should be: no repeated keys, no NaN, no endless nesting; a fault is found with its path."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from therapy_domain.errors import InputError

DEEPEST = 32
"""Levels of nesting that are read [levels]; our deepest question has four."""
_LONGEST_NUMBER = 40
_LONGEST_SHOWN = 80
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}", re.ASCII)


@dataclass(frozen=True)
class NotJson:
    """Stands in a parsed document where something was written that JSON does not allow or we do not read."""

    written: str
    expected: str


def parse(document: bytes | str) -> Any:
    """The value of a JSON text; numbers and constants that cannot be read stand in it as `NotJson`.

    Raises:  InputError: the text is not UTF-8 or not JSON, or nests too deep to be read at all.
    """
    try:
        text = document.decode("utf-8-sig") if isinstance(document, bytes) else document
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=lambda name: NotJson(name, "a finite number"),
        )
    except UnicodeDecodeError as error:
        raise InputError("$", f"byte {error.start} is not UTF-8", "JSON text in UTF-8") from None
    except json.JSONDecodeError as error:
        found = f"line {error.lineno} column {error.colno}: {error.msg}"
        raise InputError("$", found, "JSON text: one object, or an array of objects") from None
    except RecursionError:
        raise InputError("$", "nested too deep", f"JSON of at most {DEEPEST} levels") from None


def faults(value: object, path: str = "$", depth: int = 1) -> Iterator[InputError]:
    """Every place of a parsed value where `parse` met what it does not read, or the nesting goes too deep."""
    if isinstance(value, NotJson):
        yield InputError(path, value.written, value.expected)
    elif isinstance(value, dict | list) and depth > DEEPEST:
        yield InputError(path, "nested too deep", f"at most {DEEPEST} levels")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from faults(inner, path + step(name), depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from faults(inner, f"{path}[{index}]", depth + 1)


def step(part: int | str) -> str:
    """One step of a path: `.name`, `[0]`, or `["odd name"]` for a name that is no plain word."""
    if isinstance(part, int):
        return f"[{part}]"
    if _PLAIN_KEY.fullmatch(part):
        return f".{part}"
    return f"[{json.dumps(part[:_LONGEST_SHOWN])}]"


def shown(value: object) -> Any:
    """The value as an error shows it: itself where it is short, else a text of at most 80 characters."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str):
        return _printable(value[:_LONGEST_SHOWN])
    if isinstance(value, NotJson):
        return value.written[:_LONGEST_SHOWN]
    try:
        return json.dumps(value, default=shown, ensure_ascii=False)[:_LONGEST_SHOWN]
    except (RecursionError, ValueError, TypeError):
        return f"<{type(value).__name__}>"


def _printable(text: str) -> str:
    """The text without lone surrogates, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a name that comes twice gets a `NotJson` as its value."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        made[name] = NotJson("given twice", "every name once") if name in made else value
    return made


def _integer(digits: str) -> int | NotJson:
    if len(digits) > _LONGEST_NUMBER:
        return NotJson(digits[:_LONGEST_SHOWN], f"a number of at most {_LONGEST_NUMBER} digits")
    return int(digits)


def _number(written: str) -> float | NotJson:
    value = float(written)
    return value if math.isfinite(value) else NotJson(written[:_LONGEST_SHOWN], "a finite number")
