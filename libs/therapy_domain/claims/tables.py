"""Typed views of this package's tables in a ruleset: vague words, diagnoses, modifiers on charges, unpaired codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from therapy_domain.rulesets.release import Ruleset

words_of = re.compile(r"\w+").findall
"""The words of a text."""


@dataclass(frozen=True, slots=True)
class VagueWords:
    """What tells a specific exercise text from a vague one."""

    phrases: Mapping[str, tuple[str, ...]]
    """Phrases that say nothing, by their first words."""
    vague: re.Pattern[str]
    """The same as whole words: a text without any of the phrases need not be searched by it, which takes longer."""
    detail: re.Pattern[str]
    """A dose, surface, level or assistance."""
    duration: re.Pattern[str]
    """A length of time: no detail beside a vague phrase."""
    filler: frozenset[str]
    """Words that name no activity."""


@cache
def vague_words(ruleset: Ruleset) -> VagueWords:
    """The vague list of the release."""
    table = ruleset.toml["vague_words"]
    words = [word for name in ("dose", "surface", "level", "assistance") for word in table["detail"][name]]
    return VagueWords(
        phrases=_by_first_word(table["vague"]["phrases"]),
        vague=_any_of(table["vague"]["phrases"]),
        detail=re.compile(r"\d|" + _any_of(words).pattern),
        duration=re.compile(r"\d+\s*(?:minutes|minute|mins|min)\b\.?"),
        filler=frozenset(table["filler"]["words"]),
    )


def _by_first_word(phrases: list[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        first = words_of(phrase)[0]
        found[first] = (*found.get(first, ()), phrase)
    return found


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(r"\b(?:" + "|".join(re.escape(phrase) for phrase in longest_first) + r")\b")


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A category that is no valid diagnosis of its own from a date on."""

    category: str
    since: date
    codes: frozenset[str] | None
    """The valid ones; None = any subdivision."""
    source: str


@dataclass(frozen=True, slots=True)
class DiagnosisGroups:
    """What a diagnosis needs beside its prefix; all without dots."""

    deficits: tuple[str, ...]
    """Functional deficits: what a postoperative code needs beside it."""
    bare: tuple[str, ...]
    """Weakness and pain codes: alone they are a warning, not a denial."""
    encounters: Mapping[str, str]
    """Seventh characters that an injury's category allows."""
    subdivisions: tuple[Subdivision, ...]
    fall_risk: tuple[str, ...]


@cache
def diagnosis_groups(ruleset: Ruleset) -> DiagnosisGroups:
    """The diagnosis groups of the release."""
    table = ruleset.toml["diagnosis_groups"]
    return DiagnosisGroups(
        deficits=tuple(table["deficits"]["prefixes"]),
        bare=tuple(table["bare"]["prefixes"]),
        encounters=MappingProxyType(dict(table["encounters"]["characters"])),
        subdivisions=tuple(
            Subdivision(
                row["category"], row["from"], frozenset(row["codes"]) if "codes" in row else None, row["source"]
            )
            for row in table["subdivisions"]
        ),
        fall_risk=tuple(table["fall_risk"]["prefixes"]),
    )


@dataclass(frozen=True, slots=True)
class ChargeModifiers:
    """Which modifiers a clinic may charge on which codes."""

    known: frozenset[str]
    never: frozenset[str]
    """Not on therapy lines at all."""
    not_timed: frozenset[str]
    """Not on a line of timed units."""
    only_on: Mapping[str, frozenset[str]]
    """Modifiers that belong to certain codes alone."""
    exclusive: tuple[frozenset[str], ...]
    """Sets of which a line carries one at most."""
    informational: frozenset[str]
    """They decide no payment: the first to go where a line has no room."""
    repeats: frozenset[str]
    """The same service again: for codes with a limit by the line alone."""


@cache
def charge_modifiers(ruleset: Ruleset) -> ChargeModifiers:
    """The modifiers of the release."""
    table = ruleset.toml["charge_modifiers"]
    return ChargeModifiers(
        known=frozenset(table["known"]["modifiers"]),
        never=frozenset(table["never"]["modifiers"]),
        not_timed=frozenset(table["not_timed"]["modifiers"]),
        only_on=MappingProxyType({row["modifier"]: frozenset(row["codes"]) for row in table["only_on"]}),
        exclusive=tuple(frozenset(row["modifiers"]) for row in table["exclusive"]),
        informational=frozenset(table["informational"]["modifiers"]),
        repeats=frozenset(table["repeats"]["modifiers"]),
    )


@dataclass(frozen=True, slots=True)
class UnpairedCodes:
    """Codes among which no pair edit holds, whichever published file answers for the day."""

    codes: frozenset[str]
    since: date

    def hold(self, codes: frozenset[str], on: date) -> bool:
        """Whether all of these are among them."""
        return on >= self.since and codes <= self.codes


@cache
def unpaired_codes(ruleset: Ruleset) -> UnpairedCodes:
    """The unpaired codes of the release."""
    row = ruleset.toml["unpaired_codes"]["core"]
    return UnpairedCodes(frozenset(row["codes"]), row["from"])
