"""From the facts of a session to the whole session: pure, and the same for every order of arrival."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from therapy_domain.case_sessions import CaseHead
from therapy_domain.events.base import Fact, split_source
from therapy_domain.events.session import (
    Amendment,
    Charge,
    Interval,
    IntervalRecorded,
    IntervalStarted,
    IntervalStopped,
    Note,
    NoteRecorded,
    SessionAmended,
    SessionChange,
    SessionOpened,
    SessionRecorded,
    SessionSigned,
    SessionVoided,
    SessionWithdrawn,
    Signature,
)
from therapy_domain.facts import SubjectFacts
from therapy_domain.fields import Instant
from therapy_domain.identity import case_id, claim_id


@dataclass(slots=True)
class Consolidated:
    """What the facts of a session come to."""

    opened: SessionOpened | None = None
    """The head with every amendment in it; None = still waited for."""
    path: dict[str, CaseHead] = field(default_factory=dict)
    """The cases it went through by the time of its facts, the present one last."""
    intervals: dict[str, Interval] = field(default_factory=dict)
    note: dict[str, Any] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    charges: tuple[Charge, ...] | None = None
    amendments: list[Amendment] = field(default_factory=list)
    voided: bool = False

    @property
    def complete(self) -> bool:
        """Opened and signed: nothing else is awaited."""
        return self.opened is not None and bool(self.signatures)


_INTERVAL_FIELDS = tuple(Interval.model_fields)
_STARTED_FIELDS = tuple(IntervalStarted.model_fields)


def consolidate(org: str, facts: Iterable[Fact[Any]]) -> Consolidated:
    """Fold the facts of one session, which come by when they happened."""
    whole = Consolidated()
    running: set[str] = set()
    ends: dict[str, Instant] = {}
    for fact in facts:
        match fact.event:
            case SessionOpened() as event:
                _head(whole, org, event)
            case IntervalRecorded() as event:
                whole.intervals[event.interval_id] = _interval(event, _INTERVAL_FIELDS)
                running.discard(event.interval_id)
            case IntervalStarted() as event:
                whole.intervals[event.interval_id] = _interval(event, _STARTED_FIELDS)
                running.add(event.interval_id)
            case IntervalStopped(interval_id=interval, end=end):
                ends[interval] = end
            case NoteRecorded(items=items):
                whole.note.update((name, getattr(items, name)) for name in items.model_fields_set)
            case SessionSigned() as event:
                _sign(whole, event, fact.time)
            case SessionAmended() as event:
                _amend(whole, running, ends, org, fact)
            case SessionVoided():
                whole.voided = True
    for interval_id in running & ends.keys():
        whole.intervals[interval_id] = whole.intervals[interval_id].model_copy(update={"end": ends[interval_id]})
    return whole


def _interval(event: IntervalRecorded | IntervalStarted | Interval, names: Iterable[str]) -> Interval:
    return Interval.trusted(**{name: getattr(event, name) for name in names})


def _head(whole: Consolidated, org: str, opened: SessionOpened) -> None:
    whole.opened = opened
    head = CaseHead(org, opened.patient_id, opened.discipline, opened.payer_id, opened.date_of_service)
    case = case_id(*head)
    whole.path.pop(case, None)
    whole.path[case] = head


def _sign(whole: Consolidated, event: SessionSigned, at: Instant) -> None:
    whole.signatures[event.clinician_npi] = Signature.trusted(
        clinician_npi=event.clinician_npi,
        credentials=event.credentials,
        license_number=event.license_number,
        signed_at=at,
    )
    if event.charges is not None:
        whole.charges = event.charges


def _amend(
    whole: Consolidated, running: set[str], ends: Mapping[str, Instant], org: str, fact: Fact[SessionAmended]
) -> None:
    event, opened, minutes = fact.event, whole.opened, _minutes(whole, ends)
    for interval_id in event.remove_intervals or ():
        whole.intervals.pop(interval_id, None)
        running.discard(interval_id)
    for interval in event.replace_intervals or ():
        whole.intervals[interval.interval_id] = _interval(interval, _INTERVAL_FIELDS)
        running.discard(interval.interval_id)
    if event.set is not None and whole.opened is not None:
        _head(whole, org, _changed(whole.opened, event.set))
    before, now = (frozenset(head.diagnoses if head else ()) for head in (opened, whole.opened))
    intervals = ["intervals"] * bool(event.replace_intervals or event.remove_intervals)
    whole.amendments.append(
        Amendment(
            at=fact.time,
            changed=tuple(sorted([*intervals, *(event.set.model_fields_set if event.set else ())])),
            minutes_before=minutes,
            minutes_after=_minutes(whole, ends),
            clocked=all(interval.start and interval.end for interval in event.replace_intervals or ()),
            diagnoses_added=tuple(sorted(now - before)),
        )
    )


def _minutes(whole: Consolidated, ends: Mapping[str, Instant]) -> int:
    """Of treatment, each interval by its clock or else by the minutes it names [min]."""
    total = 0
    for interval in whole.intervals.values():
        if interval.activity == "treatment":
            ended = interval if interval.end else interval.model_copy(update={"end": ends.get(interval.interval_id)})
            total += (interval.minutes or 0) if ended.seconds is None else ended.seconds // 60
    return total


def _changed(opened: SessionOpened, change: SessionChange) -> SessionOpened:
    return opened.model_copy(update={name: getattr(change, name) for name in change.model_fields_set})


def note_of(whole: Consolidated) -> Note:
    """The merged note."""
    return Note.model_construct(_fields_set=set(whole.note), **whole.note)


class Account:
    """One session's facts, consolidated, and what to say of them. Pure: an auditor says it again from the record."""

    def __init__(self, stream: str, facts: SubjectFacts) -> None:
        ordered = facts.in_force()
        opened = [fact for fact in ordered if isinstance(fact.event, SessionOpened)]
        self.stream, self.facts = stream, facts
        self.session_id = ordered[0].subject
        self.org, self.clinic = split_source((opened or ordered)[-1].source)
        self.whole = consolidate(self.org, ordered)
        self.first_fact_at = ordered[0].time
        self.latest_fact_at = ordered[-1].time
        self.basis = facts.basis()

    @property
    def present(self) -> str:
        """The case the session is in now."""
        return next(reversed(self.whole.path))

    def recorded(self, revision: int) -> SessionRecorded:
        """The whole session, for its present case."""
        whole, case = self.whole, self.present
        assert whole.opened is not None
        return SessionRecorded.trusted(
            session_key=self.stream,
            session_id=self.session_id,
            org=self.org,
            clinic=self.clinic,
            revision=revision,
            case_id=case,
            claim_id=claim_id(case),
            opened=whole.opened,
            intervals=tuple(whole.intervals[key] for key in sorted(whole.intervals)),
            signatures=tuple(whole.signatures[key] for key in sorted(whole.signatures)),
            charges=whole.charges,
            note=note_of(whole),
            amended=bool(whole.amendments),
            amendments=tuple(whole.amendments),
            latest_fact_at=self.latest_fact_at,
            conflicts=self.facts.undecided,
            basis=self.basis,
        )

    def withdrawn(self, case: str, head: CaseHead, revision: int) -> SessionWithdrawn:
        """That the session left a case: for its present one, or because it is void."""
        moved_to = None if case == self.present else self.present
        return SessionWithdrawn.trusted(
            session_key=self.stream,
            session_id=self.session_id,
            org=self.org,
            clinic=self.clinic,
            revision=revision,
            case_id=case,
            claim_id=claim_id(case),
            patient_id=head.patient_id,
            payer_id=head.payer_id,
            discipline=head.discipline,
            date_of_service=head.date_of_service,
            reason="voided" if moved_to is None else "moved",
            moved_to=moved_to,
            basis=self.basis,
        )
