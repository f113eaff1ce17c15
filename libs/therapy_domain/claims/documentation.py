"""Family DOC, the clock and the whole record: when the visit was, and when each service began and ended."""

from collections.abc import Iterator
from datetime import datetime

from therapy_domain.claims.registry import NOTE, SERVICE_DATE, Fault, rule
from therapy_domain.claims.visit import ASSISTANTS, Sitting, Visit, blank
from therapy_domain.events.claim import Severity
from therapy_domain.events.session import Interval
from therapy_domain.fields import zone


@rule(
    "DOC-001",
    severity="reject",
    source="CMS Pub. 100-02, chapter 15, section 220.3.E; zone of the times: Claimtrail's reading",
    fix="Correct the date of service, or the clock of the system that records.",
    place=SERVICE_DATE,
)
def the_visit_has_a_date(visit: Visit) -> Iterator[Fault]:
    """The date of service is not in the future, and times are told in the clinic's own zone."""
    if visit.on > visit.today:
        yield Fault(
            f"the date of service {visit.on} is later than the latest fact of the visit, {visit.today}",
            fields=("opened.date_of_service",),
        )
    for sitting in visit.sittings:
        if sitting.zone_name is not None and _disagrees(sitting, sitting.zone_name):
            yield Fault(
                f"{sitting.name}: times are written at another offset than the clinic's zone {sitting.zone_name} has",
                fields=("interval.start", "interval.end", "signed.time"),
                severity="advice",
                fix="Write times at the clinic's own offset; the offset decides the instant.",
            )


def _disagrees(sitting: Sitting, zone_name: str) -> bool:
    clock = zone(zone_name)
    times = [time for i in sitting.recorded.intervals for time in (i.start, i.end) if time is not None]
    if times:  # without clock times the signature's is the export's, not the clinic's
        times += [signature.signed_at for signature in sitting.recorded.signatures]
    return any(_offset_differs(time, time.astimezone(clock)) for time in times)


def _offset_differs(written: datetime, local: datetime) -> bool:
    return written.utcoffset() != local.utcoffset()


@rule(
    "DOC-002",
    severity="deny",
    source="Payer contracts that ask for start and stop times; CMS Pub. 100-02, chapter 15, section 220.3.E does not",
    fix="Complete the start and end of each interval.",
    place=SERVICE_DATE,
    also=("TIM-002",),
)
def timed_services_have_start_and_end(visit: Visit) -> Iterator[Fault]:
    """Each timed service has its start and end."""
    severity: Severity = "deny" if visit.policy is not None and visit.policy.requires_start_stop else "advice"
    idle = {(e.session_id, e.interval_id) for e in visit.result.excluded if e.reason != "no_time"}
    wanting: dict[str, str] = {}
    for sitting, interval in visit.intervals:
        lengthless = _without_length(interval)
        if lengthless is None and (sitting.recorded.session_key, interval.interval_id) in idle:
            continue
        row = visit.codes.get(interval.code)
        if lengthless is not None:
            wanting[interval.code] = lengthless
        elif row is not None and row.timed and _unclocked(interval):
            wanting.setdefault(interval.code, "minutes that no start and end times bear out")
    for code, words in sorted(wanting.items()):
        yield Fault(
            f"{code}: {words}",
            line=visit.line_of.get(code),
            fields=("interval.start", "interval.end"),
            severity=severity,
        )


def _without_length(interval: Interval) -> str | None:
    """Why an interval has no length at all: it counts nothing, and whatever it interrupts is counted too long."""
    if interval.minutes is not None or interval.seconds is not None:
        return None
    if interval.start is not None and interval.end is not None:
        return "an interval's end lies before its start"
    return "an interval was started and never stopped"


def _unclocked(interval: Interval) -> bool:
    """Without both clock times, or with minutes beside them that say something else."""
    seconds = interval.seconds
    return seconds is None or (interval.minutes is not None and seconds // 60 != interval.minutes)


@rule(
    "DOC-014",
    severity="deny",
    source="42 CFR 410.59, 410.60; CMS Pub. 100-02, chapter 15, section 230",
    fix="Name the supervisor of each assistant's interval, and describe the supervision in the note.",
    place=NOTE,
)
def assistants_are_supervised(visit: Visit) -> Iterator[Fault]:
    """An assistant's work names its supervisor, and the note describes the supervision."""
    for sitting in visit.sittings:
        assisted = [i for i in sitting.recorded.intervals if i.performer.role in ASSISTANTS]
        if any(interval.supervisor_npi is None for interval in assisted):
            yield Fault(
                f"{sitting.name}: an assistant's interval names no supervisor", fields=("interval.supervisor_npi",)
            )
        elif assisted and blank(sitting.recorded.note.assistant_supervision):
            yield Fault(
                f"{sitting.name}: the note does not describe how the assistant was supervised",
                fields=("note.assistant_supervision",),
                severity="advice",
            )
