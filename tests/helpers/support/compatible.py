"""Whether what an older JSON Schema accepts is accepted by a newer one too, field by field."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME = ("pattern", "format", "multipleOf", "uniqueItems", "discriminator")


class Pair:
    """An older and a newer schema, with the parts that each refers to."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new

    def breaks(self) -> list[str]:
        """Every way in which the newer one refuses or forgets what the older one has."""
        return list(self._between(self._old, self._new, "$"))

    def _between(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        olds, news = _choices(old, self._old), _choices(new, self._new)
        if len(olds) > 1 or len(news) > 1:
            for each in olds:
                tried = [list(self._between(each, other, path)) for other in news]
                if all(tried):
                    yield from min(tried, key=len)
            return
        yield from self._types(old, new, path)
        yield from self._values(old, new, path)
        yield from self._fields(old, new, path)
        for name in ("items", "additionalProperties"):
            if isinstance(new.get(name), Mapping) and isinstance(old.get(name), Mapping):
                yield from self._between(old[name], new[name], f"{path}[]")

    @staticmethod
    def _types(old: Schema, new: Schema, path: str) -> Iterator[str]:
        was, now = _names(old), _names(new)
        if now and not was:
            yield f"{path}: had any type, has {sorted(now)} now"
        lost = {each for each in was if each not in now and not (each == "integer" and "number" in now)}
        if now and lost:
            yield f"{path}: is no {sorted(lost)} any more"

    @staticmethod
    def _values(old: Schema, new: Schema, path: str) -> Iterator[str]:
        allowed, before = _allowed(new), _allowed(old)
        if allowed is not None and (before is None or not all(each in allowed for each in before)):
            yield f"{path}: fewer values are allowed"
        for name in _LEAST:
            if name in new and new[name] > old.get(name, float("-inf")):
                yield f"{path}: {name} is {new[name]} now"
        for name in _MOST:
            if name in new and new[name] < old.get(name, float("inf")):
                yield f"{path}: {name} is {new[name]} now"
        for name in _SAME:
            if name in new and new[name] != old.get(name):
                yield f"{path}: {name} is another"

    def _fields(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        for name in set(new.get("required", ())) - set(old.get("required", ())):
            yield f"{path}.{name}: is required now"
        for name, schema in before.items():
            if name in now:
                yield from self._between(schema, now[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}: is gone"
        if new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
            yield f"{path}: takes no other fields any more"


def _resolved(schema: Schema, whole: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _choices(schema: Schema, whole: Schema) -> list[Schema]:
    inner = schema.get("anyOf") or schema.get("oneOf")
    if not inner:
        return [schema]
    return [choice for each in inner for choice in _choices(_resolved(each, whole), whole)]


def _names(schema: Schema) -> frozenset[str]:
    given = schema.get("type", ())
    return frozenset([given] if isinstance(given, str) else given)


def _allowed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")
