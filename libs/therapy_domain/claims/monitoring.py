"""RTM-001: how often codes of remote therapeutic monitoring may come, as far as codes and dates tell.

Not seen are the days on which a device sent data, the minutes of a month's management, and its live contact: no event
tells of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from therapy_domain.claims.registry import PROCEDURE, Fault, rule
from therapy_domain.claims.visit import Visit
from therapy_domain.rulesets.release import Ruleset


@dataclass(frozen=True, slots=True)
class MonitoringCodes:
    """The codes that stand for one thing, so that one of them excludes the others."""

    set_up: frozenset[str]
    device: frozenset[str]
    device_days: int
    """One device code in so many days [days]."""
    management: frozenset[str]
    """Of a calendar month, without those that add to it."""


@cache
def monitoring_codes(ruleset: Ruleset) -> MonitoringCodes:
    """The codes of the release."""
    table = ruleset.toml["remote_monitoring"]
    return MonitoringCodes(
        set_up=frozenset(table["set_up"]["codes"]),
        device=frozenset(table["device"]["codes"]),
        device_days=table["device"]["days"],
        management=frozenset(table["management"]["codes"]),
    )


@rule(
    "RTM-001",
    severity="deny",
    source="CMS physician fee schedule final rules for 2022 and 2026, remote therapeutic monitoring; CPT",
    fix="Take off the code that was billed already for the episode, the 30 days or the month.",
    place=PROCEDURE,
)
def monitoring_is_billed_once_a_period(visit: Visit) -> Iterator[Fault]:
    """Remote monitoring has one set-up an episode, one device code in 30 days, one management base a month."""
    table = monitoring_codes(visit.ruleset)
    period, episode, month = timedelta(days=table.device_days), visit.episode_began, visit.on.replace(day=1)
    yield from _again(
        visit, table.set_up, lambda day: episode is None or day >= episode, "set-up was billed already in this episode"
    )
    yield from _again(
        visit,
        table.device,
        lambda day: day > visit.on - period,
        f"a device code was billed already in these {table.device_days} days",
    )
    yield from _again(visit, table.management, lambda day: day >= month, "this month's management was billed already")


def _again(visit: Visit, codes: frozenset[str], in_period: Callable[[date], bool], words: str) -> Iterator[Fault]:
    """The lines with such a code where the period, or this claim above the line, has one."""
    lines = [line for line in visit.lines.lines if line.code in codes]
    if not lines:
        return
    days = [
        entry.date_of_service
        for entry in visit.before
        if in_period(entry.date_of_service) and any(line.code in codes for line in entry.lines)
    ]
    if days:
        yield Fault(f"{lines[0].code}: {words}, on {days[-1]}", lines[0].line, ("interval.code",))
    for line in lines[1:]:
        yield Fault(f"{line.code}: {words}, by {lines[0].code} of this claim", line.line, ("interval.code",))
