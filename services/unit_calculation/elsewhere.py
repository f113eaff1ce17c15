"""A clinician is one-on-one with one patient at a time: which sessions of other patients held the same clinicians."""

from collections.abc import Iterable, Iterator

from service_kit.reading import Reader
from therapy_domain.case_sessions import CaseSessions
from therapy_domain.events.session import SessionRecorded
from therapy_domain.fields import npi_is_valid
from therapy_domain.remembered import remembered
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.codes import codes
from therapy_domain.units.kinds import occupies
from therapy_domain.units.model import Occupied, WorkedInterval
from therapy_domain.units.spans import micros
from unit_calculation.decider import worked
from unit_calculation.views import Engaged, engaged_meanwhile

LONGEST = 24 * 3600 * 1_000_000
"""A session that claims a clinician for longer tells nothing of where they were [microseconds]."""


@remembered(2_048)
def engaged(session: SessionRecorded, rules: Ruleset) -> list[Engaged]:
    """Which clinicians the session held one-on-one, and from when to when; it is asked thrice."""
    found: dict[str, tuple[int, int]] = {}
    for interval in _occupying(session, rules):
        clinician = _identity(session, interval.performer_id)
        if clinician is not None and interval.start is not None and interval.end is not None:
            begin, end = micros(interval.start), micros(interval.end)
            before = found.get(clinician, (begin, end))
            found[clinician] = min(before[0], begin), max(before[1], end)
    return [Engaged(who, begin, end) for who, (begin, end) in found.items() if 0 < end - begin <= LONGEST]


def _occupying(session: SessionRecorded, rules: Ruleset) -> Iterator[WorkedInterval]:
    table = codes(rules)
    return (interval for interval in worked((session,)) if occupies(interval, table.get(interval.code)))


def _identity(session: SessionRecorded, performer_id: str) -> str | None:
    """Who that is: an NPI is one person in the whole organization, any other id one in its clinic."""
    if not performer_id.strip():
        return None
    if len(performer_id) == 10 and performer_id.isascii() and performer_id.isdigit() and npi_is_valid(performer_id):
        return f"{session.org}/{performer_id}"
    return f"{session.org}/{session.clinic or ''}/{performer_id}"


def cases_meanwhile(sessions: Iterable[SessionRecorded], rules: Ruleset, read: Reader) -> set[str]:
    """The other cases that may hold a clinician of these sessions at the same time."""
    held = [(session.case_id, span) for session in sessions for span in engaged(session, rules)]
    return {case for own, span in held for case in engaged_meanwhile(read.rows(), span, LONGEST) if case != own}


def occupied(sessions: CaseSessions, meanwhile: Iterable[CaseSessions], rules: Ruleset) -> tuple[Occupied, ...]:
    """When clinicians of these sessions were one-on-one with other patients."""
    own = [session for _, session in sessions.recorded.values()]
    patients = {session.opened.patient_id for session in own}
    spans = [span for session in own for span in engaged(session, rules)]
    busy: list[Occupied] = []
    for other in [session for case in meanwhile for _, session in case.recorded.values()]:
        if other.opened.patient_id in patients:
            continue  # one patient in two cases is no second patient
        clashing = {span.clinician for span in engaged(other, rules) if _clashes(span, spans)}
        busy += [
            Occupied(interval.performer_id, interval.start, interval.end, other.session_key)
            for interval in _occupying(other, rules)
            if _identity(other, interval.performer_id) in clashing and interval.start and interval.end
        ]
    return tuple(sorted(busy, key=_in_order))


def _clashes(span: Engaged, spans: Iterable[Engaged]) -> bool:
    return any(own.clinician == span.clinician and own.begin < span.end and span.begin < own.end for own in spans)


def _in_order(occupied: Occupied) -> tuple[str, int, int, str]:
    return occupied.performer_id, micros(occupied.start), micros(occupied.end), occupied.session_id
