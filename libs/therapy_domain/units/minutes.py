"""From intervals to minutes by code: what counts, what is left out and why, what is contested."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from therapy_domain.rulesets.codes import Code
from therapy_domain.units.kinds import ASSISTANTS, INTERRUPTS, reason_against
from therapy_domain.units.model import DayOfWork, Exclusion, Occupied, Overlap, Reason, WorkedInterval
from therapy_domain.units.spans import MINUTE, Busy, Clash, Cut, Span, Tally, micros
from therapy_domain.units.timeline import tally

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = (1 << 62, 1 << 62)


class CodeMinutes(NamedTuple):
    """What counts under one recorded code on the day, whole minutes of the summed time [min]."""

    code: Code
    minutes: int
    assistant: int
    """Of these, the assistant apart from the therapist."""
    therapist: int
    """Therapist and team time; its fraction of a minute is floored for itself, as the assistant's is."""
    all_lost: bool
    """Time was recorded, and all of it was contested or interrupted."""
    by_session: tuple[int, ...]
    intervals: tuple[WorkedInterval, ...]


class DayMinutes(NamedTuple):
    """The minutes of a day, before any unit rule."""

    by_code: tuple[CodeMinutes, ...]
    excluded: tuple[Exclusion, ...]
    overlaps: tuple[Overlap, ...]
    unclocked: tuple[str, ...]


def count_minutes(day: DayOfWork, table: Mapping[str, Code]) -> DayMinutes:
    """The day's minutes by code.

    Time is summed in microseconds and floored once for each code. Independent of the intervals' order.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2.
    """
    sorted_out = _Sorting(table)
    for interval, clock in sorted([(i, _clock(i)) for i in day.intervals], key=_in_time):
        sorted_out.take(interval, clock)
    clashes = _run_clocks(sorted_out, day.elsewhere)
    by_code = tuple(
        _code_minutes(table[number], sorted_out.counted[number], sorted_out.tallies.get(number))
        for number in sorted(sorted_out.counted)
    )
    contested = [x for span in sorted_out.spans for x in _contested(span)] if clashes else []
    excluded = [_exclusion(*left_out) for left_out in sorted_out.left_out]
    return DayMinutes(
        by_code=by_code,
        excluded=tuple(sorted(excluded + contested, key=_in_order)),
        overlaps=tuple(_overlap(clash) for clash in clashes),
        unclocked=tuple(sorted_out.unclocked),
    )


class _Sorting:
    """The intervals in heaps: countable on the clock, countable without, and left out."""

    def __init__(self, table: Mapping[str, Code]) -> None:
        self.table = table
        self.spans: list[Span] = []
        self.cuts: list[Cut] = []
        self.tallies: dict[str, Tally] = {}
        self.counted: dict[str, list[WorkedInterval]] = {}
        self.left_out: list[tuple[WorkedInterval, Reason, int, Cut | None]] = []
        self.unclocked: list[str] = []

    def take(self, interval: WorkedInterval, clock: tuple[int, int] | None) -> None:
        """Put one interval where it belongs."""
        code = self.table.get(interval.code)
        reason = reason_against(interval, code)
        if clock is None and interval.minutes is None:
            reason = reason or "no_time"
        if reason is not None or code is None:
            self._leave_out(interval, reason or "unknown_code", clock)
            return
        self.counted.setdefault(interval.code, []).append(interval)
        if clock is not None:
            self.spans.append(Span(interval, code, *clock))
            return
        self.unclocked.append(interval.interval_id)
        self.tallies.setdefault(interval.code, Tally()).add(
            (interval.minutes or 0) * MINUTE, interval.session_id, assistant=interval.role in ASSISTANTS
        )

    def _leave_out(self, interval: WorkedInterval, reason: Reason, clock: tuple[int, int] | None) -> None:
        cut = None
        if clock is not None and reason in INTERRUPTS:
            cut = Cut(interval, *clock)
            self.cuts.append(cut)
        length = clock[1] - clock[0] if clock else (interval.minutes or 0) * MINUTE
        self.left_out.append((interval, reason, length, cut))


def _run_clocks(heaps: _Sorting, elsewhere: Sequence[Occupied]) -> list[Clash]:
    """Supervised modalities run for themselves, code by code; all else shares the patient's one clock."""
    attended = [span for span in heaps.spans if span.code.attendance not in ("supervised", "any")]
    if len(attended) < len(heaps.spans):
        for number in {span.code.code for span in heaps.spans} - {span.code.code for span in attended}:
            tally([span for span in heaps.spans if span.code.code == number], (), (), heaps.tallies)
    busy = [Busy(o.performer_id, o.session_id, micros(o.start), micros(o.end)) for o in elsewhere]
    return tally(attended, heaps.cuts, busy, heaps.tallies)


def _clock(interval: WorkedInterval) -> tuple[int, int] | None:
    if interval.start is None or interval.end is None:
        return None
    start, end = micros(interval.start), micros(interval.end)
    return (start, end) if end >= start else None


def _in_time(timed: tuple[WorkedInterval, tuple[int, int] | None]) -> tuple[object, ...]:
    interval, clock = timed
    return clock or _NEVER, interval.code, interval.session_id, interval.interval_id


def _code_minutes(code: Code, intervals: list[WorkedInterval], counted: Tally | None) -> CodeMinutes:
    of_code = counted or Tally()
    return CodeMinutes(
        code=code,
        minutes=of_code.total // MINUTE,
        assistant=of_code.assistant // MINUTE,
        therapist=(of_code.total - of_code.assistant) // MINUTE,
        all_lost=not of_code.total and any(i.minutes or i.start != i.end for i in intervals),
        by_session=tuple(of_code.by_session[key] // MINUTE for key in sorted(of_code.by_session)),
        intervals=tuple(intervals),
    )


def _exclusion(interval: WorkedInterval, reason: Reason, length: int, cut: Cut | None) -> Exclusion:
    return Exclusion.trusted(
        code=interval.code,
        minutes=length // MINUTE,
        reason=reason,
        interval_id=interval.interval_id,
        session_id=interval.session_id,
        taken_from=tuple(sorted(cut.taken_from)) if cut and cut.taken_from else (),
    )


def _contested(span: Span) -> list[Exclusion]:
    found = []
    if span.lost_to_codes:
        found.append(_exclusion(span.interval, "overlap_codes", span.lost_to_codes, None))
    if span.lost_to_patients:
        found.append(_exclusion(span.interval, "overlap_patients", span.lost_to_patients, None))
    return found


def _in_order(exclusion: Exclusion) -> tuple[str, str, int, str, str]:
    return (
        exclusion.code,
        exclusion.reason,
        exclusion.minutes,
        exclusion.session_id,
        exclusion.interval_id,
    )


def _overlap(clash: Clash) -> Overlap:
    return Overlap.trusted(
        kind="codes" if clash.kind == "codes" else "patients",
        codes=tuple(sorted({span.interval.code for span in clash.spans})),
        minutes=(clash.end - clash.start) // MINUTE,
        start=_written(clash.start),
        end=_written(clash.end),
        interval_ids=tuple(span.interval.interval_id for span in clash.spans),
        other_session_ids=clash.others,
    )


def _written(moment: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")
    except OverflowError:  # an instant of the first or last day that has a date
        return "0001-01-01T00:00:00Z" if moment < 0 else "9999-12-31T23:59:59Z"
