"""A case as the rules read it: what several rules ask for, worked out once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.lines import Lines
from therapy_domain.claims.plans import Standing, plan_of
from therapy_domain.events.reference import CoverageVerified
from therapy_domain.events.session import Charge, Interval, SessionRecorded
from therapy_domain.fields import zone
from therapy_domain.rulesets.codes import Code, codes
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.rulesets.release import Ruleset
from therapy_domain.units.model import UnitsResult

ASSISTANTS = frozenset({"PTA", "OTA"})
UNLICENSED = frozenset({"AIDE", "STUDENT"})


def blank(text: str | None) -> bool:
    """Whether nothing is written: absent, empty, or spaces alone."""
    return text is None or not text.strip()


@dataclass(frozen=True, slots=True)
class Sitting:
    """One session of the case."""

    known: Known[SessionRecorded]
    treated: frozenset[str]
    """Codes with an interval that is treatment or a modality, whoever gave it."""
    timed: bool
    """Whether a timed code is among the treated."""
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
        self.case, self.ruleset, self.lines = case, ruleset, lines
        self.codes: Mapping[str, Code] = codes(ruleset)
        self.result: UnitsResult = case.units.event.result
        self.policy: PayerPolicy | None = case.policy
        self.on: date = case.date_of_service

    @cached_property
    def sittings(self) -> tuple[Sitting, ...]:
        """The sessions, by session key."""
        ordered = sorted(self.case.sessions, key=lambda known: known.event.session_key)
        return tuple([self._sitting(known) for known in ordered])

    def _sitting(self, known: Known[SessionRecorded]) -> Sitting:
        recorded = known.event
        treated = frozenset([i.code for i in recorded.intervals if i.activity in ("treatment", "passive_modality")])
        rows = [code for number in treated if (code := self.codes.get(number)) is not None]
        return Sitting(
            known=known,
            treated=treated,
            timed=any(code.timed for code in rows),
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

    @cached_property
    def intervals(self) -> tuple[tuple[Sitting, Interval], ...]:
        """Every interval with its session."""
        return tuple([(sitting, interval) for sitting in self.sittings for interval in sitting.recorded.intervals])

    def treatments(self) -> Iterator[tuple[Sitting, Interval]]:
        """The intervals that treat, whoever gave them and however."""
        return ((s, i) for s, i in self.intervals if i.activity in ("treatment", "passive_modality"))

    @cached_property
    def units_of(self) -> Mapping[str, int]:
        """Units that the minutes earned, by code."""
        found: dict[str, int] = {}
        for line in self.result.lines:
            found[line.code] = found.get(line.code, 0) + line.units
        return found

    @cached_property
    def minutes_of(self) -> Mapping[str, int]:
        """Counted minutes by code [min]."""
        found: dict[str, int] = {}
        for line in self.result.lines:
            found[line.code] = found.get(line.code, 0) + line.minutes
        return found

    @cached_property
    def line_of(self) -> Mapping[str, int]:
        """The first claim line of each code."""
        return {line.code: line.line for line in reversed(self.lines.lines)}

    @cached_property
    def charges(self) -> tuple[tuple[Sitting, Charge], ...]:
        """What the clinic meant to bill, with its session."""
        return tuple([(s, charge) for s in self.sittings for charge in s.recorded.charges or ()])

    @cached_property
    def charged(self) -> Mapping[str, int]:
        """Units that the clinic meant to bill, by code; only codes it named."""
        found: dict[str, int] = {}
        for _, charge in self.charges:
            found[charge.code] = found.get(charge.code, 0) + charge.units
        return found

    @cached_property
    def charged_whole(self) -> bool:
        """Whether every session that holds intervals also says what it meant to bill."""
        return all(s.recorded.charges is not None for s in self.sittings if s.recorded.intervals)

    @cached_property
    def coverage(self) -> Known[CoverageVerified] | None:
        """The payer's coverage on the date of service; of several, the one that began last."""
        return max(
            (known for known in self.case.coverages if _covers(known.event, self.case.payer_id, self.on)),
            key=lambda known: (known.event.from_, known.occurred_at, known.id),
            default=None,
        )

    @cached_property
    def today(self) -> date:
        """The latest local date among the case's own facts, in the clinic's zone where it is known.

        The date of service and the clock times that a fact only speaks of are no such dates.
        """
        dates = [_local(sitting.known.occurred_at, sitting, as_written=False) for sitting in self.sittings]
        dates += [
            _local(signature.signed_at, sitting, as_written=True)
            for sitting in self.sittings
            for signature in sitting.recorded.signatures
        ]
        return max(dates, default=self.on)

    @cached_property
    def left_out(self) -> Mapping[str, Mapping[str, int]]:
        """Minutes that count to no code, by the code they would have counted to and the reason [min]."""
        found: dict[str, dict[str, int]] = {}
        for exclusion in self.result.excluded:
            for code in exclusion.taken_from or (exclusion.code,):
                of_code = found.setdefault(code, {})
                of_code[exclusion.reason] = of_code.get(exclusion.reason, 0) + exclusion.minutes
        return found

    @cached_property
    def plans(self) -> tuple[tuple[Standing, tuple[Sitting, ...]], ...]:
        """The plans that the sessions stand under, with those sessions; by plan id."""
        by_id: dict[str | None, list[Sitting]] = {}
        for sitting in self.sittings:
            by_id.setdefault(sitting.recorded.opened.plan_id, []).append(sitting)
        ordered = sorted(by_id.items(), key=lambda item: item[0] or "")
        return tuple([(plan_of(self.case, plan_id, self.today), tuple(sittings)) for plan_id, sittings in ordered])


def _covers(coverage: CoverageVerified, payer_id: str, on: date) -> bool:
    return coverage.payer_id == payer_id and coverage.from_ <= on and (coverage.to is None or on <= coverage.to)


def _local(moment: datetime, sitting: Sitting, *, as_written: bool) -> date:
    """The date where it happened: in the clinic's zone, else as written, else at the session's own offset."""
    if sitting.zone_name is not None:
        return moment.astimezone(zone(sitting.zone_name)).date()
    if not as_written:
        for interval in sitting.recorded.intervals:
            if interval.start is not None:
                return moment.astimezone(interval.start.tzinfo).date()
    return moment.date()
