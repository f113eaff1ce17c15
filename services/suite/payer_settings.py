"""A payer's settings: what each means and may hold, and how a policy stands, setting by setting."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from therapy_domain.events.reference import PayerPolicyPublished
from therapy_domain.events.session import Role
from therapy_domain.fields import ModifierCode, ServiceCode, Text, Units
from therapy_domain.rulesets.payers import AppealLevel, PayerPolicy
from therapy_domain.rulesets.release import Ruleset

HEAD = ("name", "effective_from", "extends")
"""What a published policy says beside its settings."""
_NAMED: tuple[tuple[Any, str], ...] = (
    (ServiceCode, "code"),
    (ModifierCode, "modifier"),
    (Units, "units"),
    (Role, "role"),
    (Text, "text"),
    (bool, "true or false"),
)
_MANY = {"code": "codes", "modifier": "modifiers", "role": "roles", "text": "texts"}


class Setting(NamedTuple):
    """One setting of the contract's table."""

    name: str
    meaning: str
    type: str
    """What it may hold, in words."""
    source: str


def settings(ruleset: Ruleset) -> tuple[Setting, ...]:
    """Every setting that a published policy may have, from the event's own model."""
    sources: Mapping[str, str] = ruleset.toml["payers"]["sources"]
    fallback: str = ruleset.toml["payers"]["defaults"]["source"]
    return tuple(
        Setting(name, field.description or "", type_words(field.annotation), sources.get(name, fallback))
        for name, field in PayerPolicyPublished.model_fields.items()
        if name not in HEAD
    )


def type_words(annotation: Any) -> str:
    """What a value of that type is, in words.

    >>> type_words(bool | None), type_words(dict[ServiceCode, Units] | None), type_words(tuple[ServiceCode, ...])
    ('true or false', 'an object of code to units', 'a list of codes')
    """
    for known, words in _NAMED:
        if annotation == known:
            return words
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in inner)
    if origin is Annotated:
        return _bounded(inner)
    if origin is tuple:
        each = type_words(inner[0])
        return f"a list of {_MANY.get(each, each)}"
    if origin is dict:
        return f"an object of {type_words(inner[0])} to {type_words(inner[1])}"
    if origin is Union or type(annotation).__name__ == "UnionType":
        return " or ".join(type_words(each) for each in inner if each is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "{" + ", ".join(f"`{name}`" for name in annotation.model_fields) + "}"
    return getattr(annotation, "__name__", str(annotation))


def _bounded(annotated: tuple[Any, ...]) -> str:
    """A number between two others."""
    marks = [mark for each in annotated[1:] if isinstance(each, FieldInfo) for mark in each.metadata]
    bounds = {name: getattr(mark, name) for mark in marks for name in ("ge", "le") if hasattr(mark, name)}
    if annotated[0] is int and bounds.keys() == {"ge", "le"}:
        return f"a whole number from {bounds['ge']} to {bounds['le']}"
    return type_words(annotated[0])


def value_of(policy: PayerPolicy, name: str) -> Any:
    """A policy's value of a setting, as a published policy would have it."""
    if name == "pair_edits":
        pairs = sorted(policy.pair_edits.items())
        return [{"column_1": one, "column_2": two, "indicator": indicator} for (one, two), indicator in pairs]
    return _plain(getattr(policy, name))


def _plain(value: Any) -> Any:
    match value:
        case AppealLevel(name=name, days=days):
            return {"name": name, "days": days}
        case frozenset():
            return sorted(value)
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {key: _plain(each) for key, each in sorted(value.items())}
        case _:
            return value


class Standing(NamedTuple):
    """How one setting stands in a policy."""

    setting: Setting
    value: Any
    by_event: bool
    """Whether the published policy set it; else the shipped profile did."""
    named: tuple[str, ...]
    """Of a setting by code, the codes that the published policy named; the others are the profile's."""


def standings(policy: PayerPolicy, published: PayerPolicyPublished | None, ruleset: Ruleset) -> Iterator[Standing]:
    """Each setting of a policy with its value, and who set it.

    Args:    published: the event that the policy was made from; None where it is a shipped profile.
    """
    for setting in settings(ruleset):
        given = getattr(published, setting.name, None)
        named = tuple(sorted(given)) if isinstance(given, Mapping) else ()
        yield Standing(setting, value_of(policy, setting.name), given is not None, named)
