"""Payer policies: the shipped profiles, and an organization's own settings over one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from therapy_domain.rulesets.codes import codes
from therapy_domain.rulesets.release import Ruleset

UnitRule = Literal["cms-8-minute", "cpt-midpoint"]
UnitLimits = Literal["by_indicator", "advice"]
SeparateServiceModifier = Literal["59", "X"]
Indicator = Literal[0, 1, 9]


@dataclass(frozen=True, slots=True)
class AppealLevel:
    """One level of appeal: its name and the days to file within, counted from receipt."""

    name: str
    days: int


@dataclass(frozen=True, eq=False, slots=True)
class PayerPolicy:
    """What one payer asks for and pays, for the dates its caller chose it for."""

    payer_id: str
    name: str
    profile: str
    """The shipped profile it is, or extends."""
    unit_rule: UnitRule
    requires_start_stop: bool
    requires_authorization: bool
    requires_certified_plan: bool
    assistant_modifiers: bool
    kx_threshold: bool
    repeated_visits: int
    """So many visits of the same activity and dose, without progression or a new cue, are too many."""
    daily_max_units: Mapping[str, int]
    """The payer's own maximum by code [units a day]; the published MUE applies beside it."""
    unit_limits: UnitLimits
    """How the published MUE speaks: by its adjudication indicator, or as advice."""
    pair_edits: Mapping[tuple[str, str], Indicator]
    """The payer's own pair edits by column 1 and column 2, in place of the published ones; 9 = it has none there."""
    separate_service_modifier: SeparateServiceModifier
    """What tells of separate services: 59, or the one of XE, XP, XS and XU that says why."""
    telehealth_codes: frozenset[str] | None
    """The payer's own list; None = Medicare's windows and list for Medicare, every covered code for others."""
    telehealth_modifier: str
    habilitation_modifiers: bool
    """Whether its lines tell habilitative (96) from rehabilitative (97) services."""
    covered_codes: frozenset[str]
    bundled_codes: frozenset[str]
    """Covered, never paid apart: a line with 0 units."""
    performers: Mapping[str, frozenset[str]]
    """Roles the payer pays, by code."""
    diagnosis_prefixes: Mapping[str, tuple[str, ...]]
    """By code, the beginnings of diagnoses that support it: upper case, no dot."""
    diagnosis_prefixes_severity: Literal["deny", "advice"]
    """Of the shipped lists; a list that the payer published itself denies."""
    own_diagnosis_lists: frozenset[str]
    """Codes whose list the payer published itself: its prefixes stand as they are."""
    secondary_only_prefixes: tuple[str, ...]
    """Of those, the ones that count as a further diagnosis only."""
    needs_deficit_prefixes: tuple[str, ...]
    """Of those, the ones that need a code of a functional deficit beside them."""
    timely_filing_days: int | None
    """Days to file after the date of service; None = one calendar year (42 CFR 424.44)."""
    variance_tolerance_cents: int
    """So much a line may be paid otherwise than expected before anybody asks [cents]."""
    appeal_levels: tuple[AppealLevel, ...]
    """First level first."""
    modifier_order: tuple[str, ...]
    """Modifiers in the order they take on a line."""
    source: str
    claim_file: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What the payer asks of claim files, as an organization published it; absent settings are the profile's."""

    @property
    def medicare_like(self) -> bool:
        """Whether it is Medicare, or an organization's own policy over it."""
        return self.profile == "medicare"

    def covers(self, code: str) -> bool:
        """Whether the payer covers the code at all."""
        return code in self.covered_codes

    def allows(self, code: str, role: str) -> bool:
        """Whether the payer pays that role for the code; a code without a list of its own allows nobody."""
        return role in self.performers.get(code, frozenset())


@cache
def shipped(ruleset: Ruleset) -> Mapping[str, PayerPolicy]:
    """The shipped profiles of a release, by id.

    Medicare pays no therapy code by a chiropractor, and the others do only where configured: `performers`
    starts from the code table, which names DC for manipulation alone.
    Source:  payer settings as published to clinics; CMS Pub. 100-02, chapter 15, section 240 (chiropractors).
    """
    tables = ruleset.toml["payers"]
    return MappingProxyType(
        {name: _profile(name, row, tables["defaults"], ruleset) for name, row in tables["profiles"].items()}
    )


def extend(
    profile: PayerPolicy, settings: Mapping[str, Any], *, payer_id: str | None = None, name: str | None = None
) -> PayerPolicy:
    """An organization's own policy: a shipped profile with the settings it names.

    Args:    settings: as in the contract's table (a published policy's data); None, and keys that are no
             setting, are passed over. Maps (`performers`, `daily_max_units`, `diagnosis_prefixes`) replace
             code by code, `pair_edits` pair by pair, lists replace whole. A code that gets performers of its own is
             covered unless `covered_codes` is given. `appeal_levels` are `{name, days}`, objects or mappings.
    """
    given = {key: value for key, value in settings.items() if value is not None}
    changes: dict[str, Any] = {key: given[key] for key in _PLAIN if key in given}
    performers = {code: frozenset(roles) for code, roles in given.get("performers", {}).items()}
    if "covered_codes" in given:
        changes["covered_codes"] = frozenset(given["covered_codes"])
    elif performers:
        changes["covered_codes"] = profile.covered_codes | {code for code, roles in performers.items() if roles}
    changes["performers"] = MappingProxyType({**profile.performers, **performers})
    changes["daily_max_units"] = MappingProxyType({**profile.daily_max_units, **given.get("daily_max_units", {})})
    own_prefixes = {code: _plain(values) for code, values in given.get("diagnosis_prefixes", {}).items()}
    changes["diagnosis_prefixes"] = MappingProxyType({**profile.diagnosis_prefixes, **own_prefixes})
    changes["own_diagnosis_lists"] = profile.own_diagnosis_lists.union(own_prefixes)
    own_edits = {(row["column_1"], row["column_2"]): row["indicator"] for row in given.get("pair_edits", ())}
    changes["pair_edits"] = MappingProxyType({**profile.pair_edits, **own_edits})
    if "telehealth_codes" in given:
        changes["telehealth_codes"] = frozenset(given["telehealth_codes"])
    if "appeal_levels" in given:
        changes["appeal_levels"] = tuple(_level(level) for level in given["appeal_levels"])
    if "modifier_order" in given:
        changes["modifier_order"] = tuple(given["modifier_order"])
    if "claim_file" in given:
        told = {key: value for key, value in given["claim_file"].items() if value is not None}
        changes["claim_file"] = MappingProxyType(told)
    return replace(
        profile,
        payer_id=payer_id or profile.payer_id,
        name=name or given.get("name") or profile.name,
        **changes,
    )


_PLAIN = (
    "unit_rule",
    "requires_start_stop",
    "requires_authorization",
    "requires_certified_plan",
    "assistant_modifiers",
    "kx_threshold",
    "repeated_visits",
    "unit_limits",
    "separate_service_modifier",
    "telehealth_modifier",
    "habilitation_modifiers",
    "timely_filing_days",
    "variance_tolerance_cents",
)


def _profile(name: str, row: Mapping[str, Any], defaults: Mapping[str, Any], ruleset: Ruleset) -> PayerPolicy:
    table = codes(ruleset)
    prefixes = {code: _plain(values) for code, values in defaults["diagnosis_prefixes"].items()}
    plain: dict[str, Any] = {key: row.get(key, defaults.get(key)) for key in _PLAIN}
    return PayerPolicy(
        payer_id=name,
        name=row["name"],
        profile=name,
        daily_max_units=MappingProxyType({}),
        pair_edits=MappingProxyType({}),
        telehealth_codes=None,
        covered_codes=frozenset(table) - frozenset(row.get("not_covered", ())),
        bundled_codes=frozenset(row.get("bundled", ())),
        performers=MappingProxyType({number: code.performers for number, code in table.items()}),
        diagnosis_prefixes=MappingProxyType(prefixes),
        diagnosis_prefixes_severity=row["diagnosis_prefixes_severity"],
        own_diagnosis_lists=frozenset(),
        secondary_only_prefixes=_plain(defaults["secondary_only_prefixes"]),
        needs_deficit_prefixes=_plain(defaults["needs_deficit_prefixes"]),
        appeal_levels=tuple(_level(level) for level in row["appeal_levels"]),
        modifier_order=tuple(defaults["modifier_order"]),
        source=row["source"],
        **plain,
    )


def _plain(prefixes: Iterable[str]) -> tuple[str, ...]:
    return tuple(prefix.replace(".", "").strip().upper() for prefix in prefixes)


def _level(level: Any) -> AppealLevel:
    if isinstance(level, Mapping):
        return AppealLevel(name=level["name"], days=level["days"])
    return AppealLevel(name=level.name, days=level.days)
