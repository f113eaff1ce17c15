"""The wiring of session_capture's second half: session facts in, whole sessions out."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import orjson

from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folder, Reader
from service_kit.service import Service
from service_kit.tables import upsert
from session_capture.decider import Consolidated, consolidate, note_of
from session_capture.views import SessionRow, session_rows
from therapy_domain import facts as subject
from therapy_domain.case_sessions import CaseHead
from therapy_domain.events.base import Event, microseconds, split_source
from therapy_domain.events.claim import ConflictSettled, FactConflicted
from therapy_domain.events.session import (
    IntervalRecorded,
    IntervalStarted,
    IntervalStopped,
    NoteRecorded,
    SessionAmended,
    SessionOpened,
    SessionRecorded,
    SessionSigned,
    SessionVoided,
    SessionWithdrawn,
)
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import claim_id, decision_id, id_bytes, id_text
from therapy_domain.streams import sessions_of, subject_stream

NAME = "session-capture"
FACTS: Folder[SubjectFacts] = Folder(
    "facts", SubjectFacts(), lambda state, seen: subject.evolve(state, seen.recorded.event_id, seen.event)
)
_SESSION_FACTS = (
    SessionOpened,
    IntervalRecorded,
    IntervalStarted,
    IntervalStopped,
    NoteRecorded,
    SessionSigned,
    SessionAmended,
    SessionVoided,
)


def _route(seen: Seen, _read: Reader) -> Iterable[str]:
    stream = seen.recorded.stream
    return (stream,) if stream.startswith("session/") else ()


class _Capture:
    """One session's consolidation: what to say of it, given what was said before."""

    def __init__(self, stream: str, facts: SubjectFacts, before: dict[str, Any] | None) -> None:
        ordered = facts.in_force()
        first = ordered[0]
        self.stream, self.facts = stream, facts
        self.source = next((fact.source for fact in ordered if isinstance(fact.event, SessionOpened)), first.source)
        self.session_id = first.subject
        self.org, self.clinic = split_source(self.source)
        self.whole: Consolidated = consolidate(self.org, ordered)
        self.before = before or {}
        self.basis = facts.basis()
        self.latest_fact_at = max(fact.time for fact in ordered)
        self.occurred_at = microseconds(self.latest_fact_at)
        self.first_at = first.time.isoformat()
        self.left: set[str] = set(self.before.get("left", "").split())
        self.revision: int = self.before.get("revision", 0)
        self.decision: str | None = self.before.get("decision")
        self.case: str | None = self.before.get("case_id")
        self.head: str | None = self.before.get("head")

    def outcome(self) -> Outcome:
        """What to append and show."""
        outcome = Outcome()
        if self.whole.complete:
            self._say(outcome)
        waits_for = "opened" if self.whole.opened is None else None if self.whole.signatures else "signed"
        outcome.show(
            upsert(SessionRow),
            {
                "stream": self.stream,
                "org": self.org,
                "clinic": self.clinic,
                "session_id": self.session_id,
                "waits_for": None if self.whole.voided and waits_for == "signed" else waits_for,
                "first_at": self.first_at,
                "revision": self.revision,
                "case_id": self.case,
                "head": self.head,
                "decision": self.decision,
                "left": " ".join(sorted(self.left)),
            },
        )
        return outcome

    def _say(self, outcome: Outcome) -> None:
        *passed, present = self.whole.path
        event_type = SessionWithdrawn.type if self.whole.voided else SessionRecorded.type
        decided = decision_id(event_type, f"{present} {self.stream}", self.basis)
        if id_text(decided) == self.decision:
            return
        self.revision += 1
        gone = {case: self.whole.path[case] for case in passed}
        if self.case is not None and self.case != present:
            gone.setdefault(self.case, _read_head(self.head or ""))
        for case, head in gone.items():
            if case not in self.left:
                self._withdraw(outcome, case, head, moved_to=present)
        self.left.update(gone)
        if self.whole.voided:
            self._withdraw(outcome, present, self.whole.path[present], decided=decided)
            self.left.add(present)
        else:
            self._record(outcome, present, decided)
            self.left.discard(present)
        self.case, self.decision = present, id_text(decided)
        self.head = orjson.dumps(self.whole.path[present]).decode()

    def _record(self, outcome: Outcome, case: str, decided: bytes) -> None:
        whole = self.whole
        assert whole.opened is not None
        event = SessionRecorded.model_construct(
            session_key=self.stream,
            session_id=self.session_id,
            org=self.org,
            clinic=self.clinic,
            revision=self.revision,
            case_id=case,
            claim_id=claim_id(case),
            opened=whole.opened,
            intervals=tuple(whole.intervals[key] for key in sorted(whole.intervals)),
            signatures=tuple(whole.signatures[key] for key in sorted(whole.signatures)),
            charges=whole.charges,
            note=note_of(whole),
            amended=whole.amended,
            latest_fact_at=self.latest_fact_at,
            conflicts=self.facts.undecided,
            basis=self.basis,
        )
        patient = subject_stream("patient", self.org, whole.opened.patient_id)
        self._append(outcome, case, event, decided, seal_for=patient)

    def _withdraw(
        self,
        outcome: Outcome,
        case: str,
        head: CaseHead,
        *,
        moved_to: str | None = None,
        decided: bytes | None = None,
    ) -> None:
        event = SessionWithdrawn.model_construct(
            session_key=self.stream,
            session_id=self.session_id,
            org=self.org,
            clinic=self.clinic,
            revision=self.revision,
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
        decided = decided or decision_id(event.type, f"{case} {self.stream}", self.basis)
        self._append(outcome, case, event, decided)

    def _append(
        self, outcome: Outcome, case: str, event: Event, decided: bytes, *, seal_for: str | None = None
    ) -> None:
        made = Made(
            event,
            decided,
            self.org,
            self.occurred_at,
            case_id=id_bytes(case),
            seal_for=seal_for,
        )
        outcome.append(sessions_of(case), expected=None, events=(made,))


def _read_head(text: str) -> CaseHead:
    org, patient, discipline, payer, day = orjson.loads(text)
    return CaseHead(org, patient, discipline, payer, date.fromisoformat(day))


class _Before:
    """The session rows of the batch in hand, read in one query."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def prepare(self, streams: Collection[str], read: Reader) -> None:
        self.rows = session_rows(read.rows(), streams)
        read.folds(streams, FACTS)

    def work(self, stream: str, _events: Sequence[Seen], read: Reader) -> Outcome:
        state = read.fold(stream, FACTS).state
        if not state.facts:
            return Outcome()
        return _Capture(stream, state, self.rows.get(stream)).outcome()


def service() -> Service:
    """session_capture over a log."""
    before = _Before()
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in (*_SESSION_FACTS, FactConflicted, ConflictSettled)),
        route=_route,
        work=before.work,
        prepare=before.prepare,
        tables=(SessionRow,),
    )


def is_session_fact(event: Event) -> bool:
    """Whether an event is about a session, and waits for its `opened`."""
    return isinstance(event, _SESSION_FACTS)


def patient_in(state: SubjectFacts) -> str | None:
    """The stream of the session's patient, once its `opened` is among the facts."""
    for fact in state.facts.values():
        if isinstance(fact.event, SessionOpened):
            return subject_stream("patient", fact.org, fact.event.patient_id)
    return None
