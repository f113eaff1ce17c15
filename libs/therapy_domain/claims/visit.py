"""A case as the rules read it: what several rules ask for, worked out once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, Generic, TypeVar, overload

from therapy_domain.claims.accrual import Tally, accrued
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.clocks import TREATING
from therapy_domain.claims.lines import Lines
from therapy_domain.claims.plans import Standing, plan_of
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.reference import CoverageVerified
from therapy_domain.events.session import Charge, Interval, SessionRecorded
from therapy_domain.fields import zone
from therapy_domain.rulesets.codes import Code, codes
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.rulesets.release import Ruleset
from therapy_domain.units.model import UnitLine, UnitsResult

ASSISTANTS = frozenset({"PTA", "OTA"})
UNLICENSED = frozenset({"AIDE", "STUDENT"})

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 -- reads as the decorator it is
    """`functools.cached_property` without its lock, which Python 3.11 takes on every first use."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work, self.__doc__ = work, work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "once[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "T | once[T]":
        if instance is None:
            return self
        found = instance.__dict__[self._name] = self._work(instance)
        return found


def blank(text: str | None) -> bool:
    """Whether nothing is written: absent, empty, or spaces alone."""
    return text is None or not text.strip()


@dataclass(frozen=True, slots=True)
class Sitting:
    """One session of the case."""

    known: Known[SessionRecorded]
    treated: frozenset[str]
    """Codes with an interval that is treatment or a modality, whoever gave it."""
    beyond_evaluation: bool
    """Whether anything but an evaluation is among the treated."""
    zone_name: str | None
    """The session's own, else its clinic's; None = not known."""

    @property
    def recorded(self) -> SessionRecorded:
        """The session."""
        return self.known.event

    @property
    def name(self) -> str:
        """How a message calls it."""
        return f"session {self.recorded.session_id}"


class Visit:
    """One case under one ruleset. Everything is worked out on first use and kept."""

    def __init__(self, case: Case, ruleset: Ruleset, lines: Lines) -> None:
        self.case, self.ruleset, self.lines = case, ruleset, lines  # lines: before `decided.decided` marks them
        self.codes: Mapping[str, Code] = codes(ruleset)
        self.result: UnitsResult = case.units.event.result
        self.policy: PayerPolicy | None = case.policy
        self.on: date = case.date_of_service

    @once
    def sittings(self) -> tuple[Sitting, ...]:
        """The sessions, by session key."""
        ordered = sorted(self.case.sessions, key=lambda known: known.event.session_key)
        return tuple([self._sitting(known) for known in ordered])

    def _sitting(self, known: Known[SessionRecorded]) -> Sitting:
        recorded = known.event
        treated = frozenset([i.code for i in recorded.intervals if i.activity in TREATING])
        rows = [code for number in treated if (code := self.codes.get(number)) is not None]
        return Sitting(
            known=known,
            treated=treated,
            beyond_evaluation=len([code for code in rows if code.evaluation]) < len(treated),
            zone_name=recorded.opened.timezone or self._clinic_zone(recorded.clinic),
        )

    def _clinic_zone(self, clinic: str | None) -> str | None:
        if self.case.organization is None:
            return None
        for place in self.case.organization.event.clinics:
            if place.id == clinic:
                return place.timezone
        return None

    @once
    def intervals(self) -> tuple[tuple[Sitting, Interval], ...]:
        """Every interval with its session."""
        return tuple([(sitting, interval) for sitting in self.sittings for interval in sitting.recorded.intervals])

    @once
    def treatments(self) -> tuple[tuple[Sitting, Interval], ...]:
        """The intervals that treat, whoever gave them and however."""
        return tuple([(s, i) for s, i in self.intervals if i.activity in TREATING])

    def entry(self, code: str) -> str:
        """What a code counts as: itself, or the base code with whose minutes an add-on's are counted."""
        row = self.codes.get(code)
        return code if row is None else row.entry

    def given(self, code: str) -> list[tuple[Sitting, Interval]]:
        """The treatments that count to a code's lines: base and add-on share theirs, under whichever recorded."""
        entry = self.entry(code)
        return [(sitting, interval) for sitting, interval in self.treatments if self.entry(interval.code) == entry]

    @once
    def roles_of(self) -> Mapping[str, frozenset[str]]:
        """Who treated, by code; codes in order."""
        found: dict[str, set[str]] = {}
        for _, interval in self.treatments:
            found.setdefault(interval.code, set()).add(interval.performer.role)
        return {code: frozenset(found[code]) for code in sorted(found)}

    @once
    def units_of(self) -> Mapping[str, int]:
        """Units that the minutes earned, by code."""
        return _units(self.result.lines)

    @once
    def minutes_of(self) -> Mapping[str, int]:
        """Counted minutes by code [min]."""
        found: dict[str, int] = {}
        for line in self.result.lines:
            found[line.code] = found.get(line.code, 0) + line.minutes
        return found

    @once
    def line_of(self) -> Mapping[str, int]:
        """The first claim line of each code."""
        return {line.code: line.line for line in reversed(self.lines.lines)}

    @once
    def charges(self) -> tuple[tuple[Sitting, Charge], ...]:
        """What the clinic meant to bill, with its session."""
        return tuple([(s, charge) for s in self.sittings for charge in s.recorded.charges or ()])

    @once
    def charges_of(self) -> Mapping[str, tuple[Charge, ...]]:
        """The same by code; codes in order."""
        found: dict[str, list[Charge]] = {}
        for _, charge in self.charges:
            found.setdefault(charge.code, []).append(charge)
        return {code: tuple(found[code]) for code in sorted(found)}

    @once
    def charged(self) -> Mapping[str, int]:
        """Units that the clinic meant to bill, by code; only codes it named."""
        return {code: sum([charge.units for charge in charges]) for code, charges in self.charges_of.items()}

    @once
    def agreed(self) -> tuple[UnitLine, ...]:
        """Of the allocations that the count allows, the one nearest to the charges; without a choice, the only one."""
        allowed = (self.result.lines, *self.result.alternatives)
        return min(allowed, key=self._apart) if self.result.alternatives and self.charges else allowed[0]

    def _apart(self, lines: tuple[UnitLine, ...]) -> int:
        earned = _units(lines)
        return sum(abs(self.charged.get(code, 0) - earned.get(code, 0)) for code in {*earned, *self.charged})

    @once
    def earned(self) -> Mapping[str, int]:
        """Units by code that charges may name: those of the allocation that they follow."""
        return _units(self.agreed)

    @once
    def charged_whole(self) -> bool:
        """Whether every session that holds intervals also says what it meant to bill."""
        return all(s.recorded.charges is not None for s in self.sittings if s.recorded.intervals)

    @once
    def coverages(self) -> tuple[Known[CoverageVerified], ...]:
        """The payer's coverages on the date of service, the one that began last at the end."""
        held = [known for known in self.case.coverages if _covers(known.event, self.case.payer_id, self.on)]
        return tuple(sorted(held, key=lambda known: (known.event.from_, known.occurred_at, known.id)))

    @once
    def coverage(self) -> Known[CoverageVerified] | None:
        """The payer's coverage on the date of service; of several, the one that began last."""
        return self.coverages[-1] if self.coverages else None

    @once
    def before(self) -> tuple[VisitCharted, ...]:
        """The patient's visits before this one, in order; of one day, those whose case id is lower."""
        own = self.on, self.case.case_id
        entries = [known.event for known in self.case.history]
        while entries and (entries[-1].date_of_service, entries[-1].case_id) >= own:
            entries.pop()  # a history is in order
        return tuple(entries)

    @once
    def treated_before(self) -> tuple[VisitCharted, ...]:
        """Of those, the visits of this discipline on earlier days at which somebody treated."""
        discipline = self.case.discipline
        return tuple(
            [e for e in self.before if e.treated and e.discipline == discipline and e.date_of_service < self.on]
        )

    @once
    def treats(self) -> bool:
        """Whether this is a treatment day: somebody treated, on whatever code."""
        return any(interval.activity == "treatment" for _, interval in self.intervals)

    @once
    def accrued(self) -> Tally | None:
        """How the lines stand to the yearly therapy threshold; None where there is none for them."""
        return accrued(self.case, self.lines.lines, self.coverage, self.ruleset)

    @once
    def other_claims(self) -> tuple[VisitCharted, ...]:
        """What this organization bills the same payer for the same patient and day on other claims."""
        found = []
        for known in reversed(self.case.history):
            if known.event.date_of_service != self.on:
                break  # a history is in order, and nothing in it is later
            if known.event.payer_id == self.case.payer_id:
                found.append(known.event)
        return tuple(reversed(found))

    @once
    def today(self) -> date:
        """The latest local date among the case's own facts, in the clinic's zone where it is known.

        The date of service and the clock times that a fact only speaks of are no such dates.
        """
        return max([_local(s.recorded.latest_fact_at, s.zone_name) for s in self.sittings], default=self.on)

    @once
    def left_out(self) -> Mapping[str, Mapping[str, int]]:
        """Minutes that count to no code, by the code they would have counted to and the reason [min]."""
        found: dict[str, dict[str, int]] = {}
        for exclusion in self.result.excluded:
            for code in exclusion.taken_from or (exclusion.code,):
                of_code = found.setdefault(code, {})
                of_code[exclusion.reason] = of_code.get(exclusion.reason, 0) + exclusion.minutes
        return found

    @once
    def plans(self) -> tuple[tuple[Standing, tuple[Sitting, ...]], ...]:
        """The plans that the sessions stand under, with those sessions; by plan id."""
        by_id: dict[str | None, list[Sitting]] = {}
        for sitting in self.sittings:
            by_id.setdefault(sitting.recorded.opened.plan_id, []).append(sitting)
        ordered = sorted(by_id.items(), key=lambda item: item[0] or "")
        return tuple([(plan_of(self.case, plan_id, self.today), tuple(sittings)) for plan_id, sittings in ordered])

    @once
    def episode_began(self) -> date | None:
        """The first day of treatment under the plans, by the earliest certification we know: renewal begins no new one.

        None without a plan.
        """
        held = {standing.plan.subject for standing, _ in self.plans if standing.plan is not None}
        plans = [known.event for known in self.case.plans if known.subject in held]
        return min((min(p.from_, p.initial_evaluation_on or p.from_) for p in plans), default=None)


def of_visit(work: Callable[[Visit], T]) -> Callable[[Visit], T]:
    """A family's own view of a visit: worked out when it is first asked for, and kept with the visit."""
    name = f"{work.__module__}.{work.__qualname__}"

    @wraps(work)
    def kept(visit: Visit) -> T:
        held = visit.__dict__
        if name not in held:
            held[name] = work(visit)
        found: T = held[name]
        return found

    return kept


def _units(lines: tuple[UnitLine, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        found[line.code] = found.get(line.code, 0) + line.units
    return found


def _covers(coverage: CoverageVerified, payer_id: str, on: date) -> bool:
    return coverage.payer_id == payer_id and coverage.from_ <= on and (coverage.to is None or on <= coverage.to)


def _local(moment: datetime, zone_name: str | None) -> date:
    """The date where it happened: in the clinic's zone, else as written."""
    return moment.date() if zone_name is None else moment.astimezone(zone(zone_name)).date()
