"""Family MUE: the most units of a code a day, by the published limits and by the payer's own."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from therapy_domain.claims.case import Case
from therapy_domain.claims.lines import MostUnits
from therapy_domain.claims.registry import UNITS, Fault, rule
from therapy_domain.claims.visit import Visit, of_visit
from therapy_domain.events.claim import Severity
from therapy_domain.rulesets.edits import UnitLimit, unit_limits
from therapy_domain.rulesets.release import Ruleset
from therapy_domain.rulesets.separate_services import edit_setting


class _Held(NamedTuple):
    """The published limits that speak for a claim."""

    limits: Mapping[str, UnitLimit]
    """By code."""
    binding: bool
    """Whether they are of the claim's own setting; else only the nearest we hold."""


def _limits_of(case: Case, ruleset: Ruleset) -> _Held:
    setting = edit_setting(ruleset, [known.event.opened.place_of_service for known in case.sessions])
    held = unit_limits(ruleset, setting)
    if held.publications:
        return _Held(held.on(case.date_of_service), binding=True)
    return _Held(unit_limits(ruleset).on(case.date_of_service), binding=setting == "practitioner")


def line_limits(case: Case, ruleset: Ruleset) -> MostUnits:
    """How many units one line of a code may carry: only a limit by the line ends a line.

    Source:  CMS Medically Unlikely Edits, adjudication indicator 1: further lines with 76 or 77.
    """
    held = _limits_of(case, ruleset).limits

    def most(code: str) -> int | None:
        limit = held.get(code)
        return limit.units if limit is not None and limit.indicator == 1 else None

    return most


def marks(visit: Visit) -> Iterator[tuple[int, str, str]]:
    """76 or 77 on lines that go on with a code whose line was full: line, modifier, why."""
    for number in visit.lines.repeated:
        code = visit.lines.lines[number - 1].code
        people = {interval.performer.id for _, interval in visit.given(code)}
        modifier = "76" if len(people) < 2 else "77"
        yield number, modifier, f"{modifier}: goes on with {code}, of which one line carries no more units"


@of_visit
def over_the_limit(visit: Visit) -> dict[str, Fault]:
    """The codes of the claim with more units on the day than the payer takes, each with its fault."""
    if visit.policy is None:
        return {}
    found: dict[str, Fault] = {}
    held = _limits_of(visit.case, visit.ruleset)
    for code in visit.line_of:
        units, others = visit.units_of.get(code, 0), _units_elsewhere(visit, code)
        own = visit.policy.daily_max_units.get(code)
        limit = held.limits.get(code)
        if own is not None and units + others > own:
            found[code] = _fault(
                visit, code, others, f"the payer's own {own} a day", None, "Prove the units, or cut them."
            )
        elif limit is not None and _exceeded(visit, limit, units, others):
            found[code] = _published(visit, limit, others, binding=held.binding)
    return found


def _units_elsewhere(visit: Visit, code: str) -> int:
    return sum([line.units for other in visit.other_claims for line in other.lines if line.code == code])


def _exceeded(visit: Visit, limit: UnitLimit, units: int, others: int) -> bool:
    """A limit of 0 tells that Medicare never pays the code alone: of other payers it says nothing."""
    if limit.units == 0:
        return visit.policy is not None and visit.policy.medicare_like and visit.policy.covers(limit.code)
    return units + (0 if limit.indicator == 1 else others) > limit.units


_FIXES = {
    1: "The units stand on several lines with 76 or 77; keep the record that proves them.",
    2: "Correct the code or the minutes; no record brings more units than this.",
    3: "Prove the units by the record of minutes, for an appeal; or correct the minutes.",
}


def _published(visit: Visit, limit: UnitLimit, others: int, *, binding: bool) -> Fault:
    binds = binding and limit.binds(visit.on)
    kind = f"adjudication indicator {limit.indicator}, {limit.publication.name}"
    words = f"the published {limit.units} ({kind}{'' if binds else ', the nearest file we hold'})"
    holds = binds and limit.indicator != 1 and visit.policy is not None and visit.policy.unit_limits == "by_indicator"
    return _fault(visit, limit.code, others, words, None if holds else "advice", _FIXES[limit.indicator])


def _fault(visit: Visit, code: str, others: int, limit: str, severity: Severity | None, fix: str) -> Fault:
    units = visit.units_of[code]
    beside = f" and {others} on other claims of the day" if others else ""
    fields = ("interval.minutes", "interval.start", "interval.end")
    told = f"{code}: {units} {'unit' if units == 1 else 'units'}{beside}, more than {limit}"
    return Fault(told, visit.line_of[code], fields, severity=severity, fix=fix)


@rule(
    "MUE-001",
    severity="deny",
    source="CMS NCCI Policy Manual, chapter 1, section V; CMS Medically Unlikely Edits files; the payer's own maximum",
    fix="Prove the units, or correct the minutes.",
    place=UNITS,
)
def units_stay_within_the_limit(visit: Visit) -> Iterator[Fault]:
    """The day's units of a code stay within the published limit and the payer's own."""
    yield from over_the_limit(visit).values()
