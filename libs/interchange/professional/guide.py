"""What one payer asks of a claim beyond the implementation guide: data, not code."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from interchange.professional.choices import Coverage, Frequency
from interchange.professional.places import PLACES
from interchange.x12.characters import CharacterSet
from interchange.x12.delimiters import STANDARD, Delimiters
from therapy_domain.errors import InputError

Need = Literal["required", "optional", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionGuide:
    """A payer's companion guide. Its defaults are what 005010X222A1 itself asks, in the characters that all take."""

    name: str
    source: str
    characters: CharacterSet = "basic"
    delimiters: Delimiters = STANDARD
    frequencies: frozenset[Frequency] = frozenset(Frequency)
    coverages: frozenset[Coverage] = frozenset(Coverage)
    member_id: str = ".*"
    """The form of a member id, as a regular expression for the whole."""
    member_id_words: str = "a member id"
    needs: Mapping[str, Need] = field(default_factory=dict)
    """By path of a field that may be absent, e.g. `billing.taxonomy`, `referring`, `prior_authorization`."""
    nine_digit_zip: bool = True
    """Of the billing provider and the facility: the implementation guide asks for all nine digits."""
    described_codes: frozenset[str] = frozenset()
    """Codes that say nothing without a description: unlisted procedures."""
    most_lines: int = 50
    no_other_insurance: str = ""
    """What box 11 says where nobody pays before: Medicare wants NONE."""


@cache
def companion_guides() -> Mapping[str, CompanionGuide]:
    """The shipped guides by name: `generic`, `medicare-part-b`, `workers-compensation`."""
    text = resources.files("interchange.professional").joinpath("guides.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: extended(_BASE, name, row) for name, row in tomllib.loads(text).items()})


_BASE = CompanionGuide(name="base", source="005010X222A1")


def extended(guide: CompanionGuide, name: str, settings: dict[str, Any]) -> CompanionGuide:
    """A guide with some settings of its own, as a TOML table or a payer's profile has them; `needs` add up.

    Raises:  InputError: a setting is unknown, or no value of its kind.
    """
    changes: dict[str, Any] = {}
    for key, value in settings.items():
        if key not in _READERS:
            raise InputError(f"guide.{key}", key, "one of " + ", ".join(sorted(_READERS)))
        try:
            changes[key] = _READERS[key](value)
        except (ValueError, TypeError, re.error):
            raise InputError(f"guide.{key}", value, _WORDS.get(key, "a value of its kind")) from None
    needs = MappingProxyType({**guide.needs, **changes.pop("needs", {})})
    return replace(guide, name=name, needs=needs, **changes)


def _needs(table: dict[str, str]) -> dict[str, str]:
    if not set(table) <= set(PLACES) or not set(table.values()) <= {"required", "optional", "refused"}:
        raise ValueError(table)
    return dict(table)


def _pattern(text: str) -> str:
    re.compile(text)
    return text


def _exactly(kind: type[Any]) -> Any:
    def read(value: object) -> object:
        if type(value) is not kind:
            raise TypeError(value)
        return value

    return read


def _one_of(*known: str) -> Any:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return read


_READERS: dict[str, Any] = {
    "source": _exactly(str),
    "characters": _one_of("basic", "extended"),
    "delimiters": lambda table: Delimiters(**table).checked(),
    "frequencies": lambda values: frozenset(map(Frequency, values)),
    "coverages": lambda values: frozenset(map(Coverage, values)),
    "member_id": _pattern,
    "member_id_words": _exactly(str),
    "needs": _needs,
    "nine_digit_zip": _exactly(bool),
    "described_codes": frozenset,
    "most_lines": _exactly(int),
    "no_other_insurance": _exactly(str),
}
_WORDS = {
    "characters": "basic or extended",
    "frequencies": "frequency codes 1, 7, 8",
    "coverages": "coverage codes of SBR09",
    "needs": "paths of fields with required, optional or refused",
    "member_id": "a regular expression",
}
