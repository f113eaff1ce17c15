"""The disputed visit: its minutes and units, who furnished them, and when one service ended and the other began."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from therapy_domain.appeals.evidence.finding import Found, Gap, item, missing
from therapy_domain.appeals.record import Dispute
from therapy_domain.appeals.words import clock_words, counted, day_words, listed
from therapy_domain.events.session import Interval
from therapy_domain.rulesets.codes import codes

_ASSISTANTS = frozenset({"PTA", "OTA"})


class _Worked(NamedTuple):
    """A stretch of treatment of the day."""

    event_id: str
    """Of the session revision."""
    session_id: str
    interval: Interval

    @property
    def by_the_clock(self) -> bool:
        return self.interval.start is not None and self.interval.end is not None

    @property
    def span(self) -> str:
        """From when to when; empty where no clock was kept."""
        start, end = self.interval.start, self.interval.end
        return f"{clock_words(start)} to {clock_words(end)}" if start is not None and end is not None else ""

    @property
    def words(self) -> str:
        each = self.interval
        when = "no clock times" if each.minutes is None else f"{counted(each.minutes, 'minute')}, no clock times"
        if self.by_the_clock:
            when = f"{self.span}, {counted((each.seconds or 0) // 60, 'minute')}"
        supervised = f", supervised by {each.supervisor_npi}" if each.supervisor_npi else ""
        contact = each.contact.replace("_", "-")
        return f"{each.code}: {when}, {contact}, by {each.performer.role} {each.performer.id}{supervised}"


def _treated(dispute: Dispute, *, disputed: bool) -> list[_Worked]:
    """The day's treatment, of the disputed codes or of the others, in time's order."""
    found = [
        _Worked(known.id, known.event.session_id, interval)
        for known in dispute.record.case.sessions
        for interval in known.event.intervals
        if interval.activity == "treatment" and (interval.code in dispute.codes) is disputed
    ]
    return sorted(found, key=_in_time)


def _in_time(each: _Worked) -> tuple[bool, float, str]:
    start = each.interval.start
    return start is None, start.timestamp() if start is not None else 0.0, each.interval.interval_id


def minutes(dispute: Dispute) -> Found:
    """The minutes of the disputed services, interval by interval; only those that count to a code are argued with."""
    worked = _treated(dispute, disputed=True)
    result = dispute.record.case.units.event.result
    counting = {code: sum(line.minutes for line in result.lines if line.code == code) for code in dispute.codes}
    absent = [code for code, length in counting.items() if not length]
    gaps = [Gap("minutes", f"no minutes of {code} count on {day_words(dispute.day)}") for code in absent]
    no_clock = dict.fromkeys(each.interval.code for each in worked if not each.by_the_clock)
    if no_clock:
        gaps.append(Gap("minutes", f"no clock times for {listed(no_clock)}"))
    if not worked:
        return Found(gaps=tuple(gaps))
    lines = [each.words for each in worked]
    lines += [
        f"Not counted: {counted(each.minutes, 'minute')} of {each.code} ({each.reason.replace('_', ' ')})"
        for each in result.excluded
        if each.code in dispute.codes
    ]
    if any(known.event.amended for known in dispute.record.case.sessions):
        lines.append("The record was amended after it was made; every entry as it first stood is kept.")
    title = f"Minutes of the disputed services on {day_words(dispute.day)}"
    shown = item("minutes", title, lines, dispute, [each.event_id for each in worked])
    held = {interval_id for line in result.lines for interval_id in line.interval_ids}
    argued = [each for each in worked if each.interval.interval_id in held]
    return Found(shown, () if absent else tuple(_furnished(dispute, argued, counting)), tuple(gaps))


def _furnished(dispute: Dispute, worked: list[_Worked], counting: Mapping[str, int]) -> Iterator[str]:
    names = codes(dispute.record.rules)
    for code, length in counting.items():
        name = f" ({names[code].name})" if code in names else ""
        own = [each for each in worked if each.interval.code == code]
        at = f", from {listed(each.span for each in own)}" if all(each.by_the_clock for each in own) else ""
        yield f"{code}{name} was furnished on {day_words(dispute.day)} for {counted(length, 'minute')}{at}."


def units(dispute: Dispute) -> Found:
    """How the minutes make the units, and whether they make those that were billed."""
    known = dispute.record.case.units
    counted_units: dict[str, int] = {}
    for line in known.event.result.lines:
        counted_units[line.code] = counted_units.get(line.code, 0) + line.units
    billed: dict[str, int] = {}
    for service in dispute.record.assessed.lines:
        billed[service.code] = billed.get(service.code, 0) + service.units
    short = [code for code in dispute.codes if counted_units.get(code, 0) < billed.get(code, 0)]
    gaps = tuple(
        Gap("units", f"the minutes of {code} make {counted_units.get(code, 0)} units, the claim has {billed[code]}")
        for code in short
    )
    steps = known.event.result.explanation
    if not steps or not counted_units:
        return missing("units", f"no units were counted for {day_words(dispute.day)}")
    title = f"How the minutes of {day_words(dispute.day)} make the units"
    shown = item("units", title, steps, dispute, [known.id])
    each = listed(f"{counted(counted_units.get(code, 0), 'unit')} of {code}" for code in dispute.codes)
    return Found(shown, () if short else (f"{steps[0].rstrip('.')}; of these, {each}.",), gaps)


def modifiers(dispute: Dispute) -> Found:
    """The modifiers of the disputed lines, and whether our own check finds fault with them."""
    record = dispute.record
    disputed = {service.line for service in dispute.services}
    lines = [line for line in record.assessed.lines if line.line in disputed]
    faults = [
        finding
        for finding in record.assessed.findings
        if finding.rule.startswith("MOD-") and finding.line in (None, *disputed) and finding.severity != "advice"
    ]
    bare = [line for line in lines if not line.modifiers]
    gaps = [Gap("modifiers", f"{finding.rule}: {finding.message}") for finding in faults]
    gaps += [Gap("modifiers", f"line {line.line} ({line.code}) carries no modifier") for line in bare]
    if any(each.carc == "119" for each in dispute.adjustments):
        without = [line for line in lines if "KX" not in line.modifiers]
        gaps += [Gap("modifiers", f"line {line.line} ({line.code}) has no KX") for line in without]
    if not lines:
        return missing("modifiers", "no line of the claim is known")
    words = [f"Line {line.line}: {' '.join([line.code, *line.modifiers])}" for line in lines]
    words.append(f"Discipline of the visit: {record.case.discipline}")
    shown = item("modifiers", "Modifiers of the disputed lines", words, dispute, [record.assessed_id])
    told = listed(f"{' '.join(line.modifiers)} on line {line.line} ({line.code})" for line in lines)
    says = () if gaps else (f"The claim carries {told}, as the record of the visit asks for.",)
    return Found(shown, says, tuple(gaps))


def assistant_minutes(dispute: Dispute) -> Found:
    """What an assistant furnished of the disputed services."""
    worked = [each for each in _treated(dispute, disputed=True) if each.interval.performer.role in _ASSISTANTS]
    if not worked:
        treated = _treated(dispute, disputed=True)
        if not treated:
            return missing("assistant-minutes", "no treatment minutes to look at")
        return Found(says=("No assistant took part in the disputed services.",))
    shown = item(
        "assistant-minutes",
        "Minutes of the assistant",
        [each.words for each in worked],
        dispute,
        [each.event_id for each in worked],
    )
    length = sum((each.interval.seconds or 0) // 60 or each.interval.minutes or 0 for each in worked)
    return Found(shown, (f"An assistant furnished {counted(length, 'minute')} of the disputed services.",))


def time_blocks(dispute: Dispute) -> Found:
    """Whether the disputed services have times of their own: beside other codes, and beside the same code again."""
    own, others = _treated(dispute, disputed=True), _treated(dispute, disputed=False)
    if not own:
        return missing("time-blocks", f"no treatment of {listed(dispute.codes)} on {day_words(dispute.day)}")
    every = sorted((*own, *others), key=_in_time)
    no_clock = dict.fromkeys(each.interval.code for each in every if not each.by_the_clock)
    gaps = [Gap("time-blocks", f"no clock times for {listed(no_clock)}")] if no_clock else []
    gaps += [
        Gap("time-blocks", f"{one.interval.code} {one.span} and {two.interval.code} {two.span} overlap")
        for one, two in combinations(every, 2)
        if _overlap(one, two)
    ]
    if any(each.carc == "18" for each in dispute.adjustments):
        gaps += _twice(dispute, own)
    elif not others and len(dispute.codes) < 2:
        gaps.append(Gap("time-blocks", f"no other service on {day_words(dispute.day)} to be separate from"))
    title = f"Times of the services on {day_words(dispute.day)}"
    lines = [f"{each.words}, session {each.session_id}" for each in every]
    shown = item("time-blocks", title, lines, dispute, [each.event_id for each in every])
    spans = listed(f"{each.interval.code} from {each.span}" for each in every)
    says = () if gaps else (f"The services were furnished at separate times: {spans}.",)
    return Found(shown, says, tuple(gaps))


def _twice(dispute: Dispute, own: list[_Worked]) -> Iterator[Gap]:
    """A service that is called a duplicate must have been furnished twice."""
    same_day = [session for visit in dispute.record.others if visit.day == dispute.day for _, session in visit.sessions]
    for code in dispute.codes:
        sessions = {each.session_id for each in own if each.interval.code == code}
        sessions |= {session.session_id for session in same_day if any(i.code == code for i in session.intervals)}
        if len(sessions) < 2:
            yield Gap("time-blocks", f"only one session of {code} is on record for {day_words(dispute.day)}")


def _overlap(one: _Worked, two: _Worked) -> bool:
    """Whether two stretches share time. In one session, two people at the same code are a team."""
    first, second = one.interval, two.interval
    if first.start is None or first.end is None or second.start is None or second.end is None:
        return False
    team = first.code == second.code and one.session_id == two.session_id
    return not team and first.start < second.end and second.start < first.end
