"""The count of one patient's day: minutes, units, lines, and every step in words."""

from therapy_domain.rulesets.codes import codes
from therapy_domain.rulesets.release import Ruleset
from therapy_domain.units.assistants import TenPercent
from therapy_domain.units.entries import Count, count_units, timed_entries
from therapy_domain.units.explain import explain
from therapy_domain.units.lines import lines_of, untimed_line
from therapy_domain.units.midpoint import units_alone
from therapy_domain.units.minutes import CodeMinutes, count_minutes
from therapy_domain.units.model import DayOfWork, RoundedApart, UnitLine, UnitsResult


def calculate(day: DayOfWork, ruleset: Ruleset, *, method: TenPercent = "exact") -> UnitsResult:
    """Units and lines of one day under one payer and one discipline. Pure; independent of the input's order.

    Args:    method: how an assistant's share is tested against 10%.
    Returns: lines with every counted code, also those that earn nothing. An unknown payer (`policy` None) gets
             minutes and no units: there is no default rule.
    Source:  CMS Pub. 100-04, chapter 5, sections 20.1 and 20.2; CPT, "Time".
    """
    table = codes(ruleset)
    minutes = count_minutes(day, table)
    rule = day.policy.unit_rule if day.policy else None
    count = count_units(timed_entries(minutes.by_code, table), rule, day.fees)
    untimed = [untimed_line(m, day, method) for m in minutes.by_code if not m.code.timed]
    lines = _lines(count, count.chosen, untimed, day, method)
    return UnitsResult.trusted(
        rule=rule,
        ruleset=ruleset.id,
        total_minutes=sum(entry.minutes for entry in count.entries),
        total_units=sum(count.chosen),
        treatment_minutes=sum(of_code.minutes for of_code in minutes.by_code),
        lines=lines,
        excluded=minutes.excluded,
        alternatives=tuple([_lines(count, other, untimed, day, method) for other in count.others]),
        overlaps=minutes.overlaps,
        rounded_apart=_rounded_apart(minutes.by_code),
        unclocked=minutes.unclocked,
        explanation=tuple(explain(day, minutes, count, lines)),
    )


def _lines(
    count: Count, units: tuple[int, ...], untimed: list[UnitLine], day: DayOfWork, method: TenPercent
) -> tuple[UnitLine, ...]:
    lines = list(untimed)
    for entry, of_entry in zip(count.entries, units, strict=True):
        lines += lines_of(entry, of_entry, day, method)
    lines.sort(key=_by_code)  # stable: the line without an assistant stays first
    return tuple(lines)


def _by_code(line: UnitLine) -> str:
    return line.code


def _rounded_apart(by_code: tuple[CodeMinutes, ...]) -> tuple[RoundedApart, ...]:
    """Codes of several sessions that would lose units if each session were rounded for itself (TIM-005)."""
    found = []
    for of_code in by_code:
        if len(of_code.by_session) < 2 or not of_code.code.pool_member:
            continue
        apart, together = sum(map(units_alone, of_code.by_session)), units_alone(of_code.minutes)
        if apart < together:
            found.append(
                RoundedApart(
                    code=of_code.code.code,
                    minutes=of_code.by_session,
                    units_apart=apart,
                    units_together=together,
                )
            )
    return tuple(found)
