"""The wiring of session_capture's second half: session facts in, whole sessions out."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import orjson

from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folder, Reader
from service_kit.service import Service
from service_kit.tables import row_key, upsert
from session_capture.decider import Account
from session_capture.views import SessionRow, session_rows
from therapy_domain import facts as subject
from therapy_domain.case_sessions import CaseHead
from therapy_domain.events.base import microseconds
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
from therapy_domain.identity import decision_id, id_bytes, id_text
from therapy_domain.streams import sessions_of, subject_stream

NAME = "session-capture"
FACTS: Folder[SubjectFacts] = Folder(
    "session-facts", SubjectFacts(), lambda state, seen: subject.evolve(state, seen.recorded.event_id, seen.event)
)
_FACTS = (
    SessionOpened,
    IntervalRecorded,
    IntervalStarted,
    IntervalStopped,
    NoteRecorded,
    SessionSigned,
    SessionAmended,
    SessionVoided,
)


SESSION_FACTS: frozenset[str] = frozenset(event.type for event in _FACTS)
"""The contract types about a session: they wait for its `opened`."""


def _route(seen: Seen, _read: Reader) -> Iterable[str]:
    stream = seen.recorded.stream
    return (stream,) if stream.startswith("session/") else ()


class _Capture:
    """What to append and show of one session, given what was said before."""

    def __init__(self, account: Account, before: dict[str, Any] | None) -> None:
        said = before or {}
        self.account = account
        self.left: set[str] = set(said.get("left", "").split())
        self.revision: int = said.get("revision", 0)
        self.decision: str | None = said.get("decision")
        self.case: str | None = said.get("case_id")
        self.head: str | None = said.get("head")

    def outcome(self) -> Outcome:
        """The decisions, if there is something new to say, and the session's row."""
        outcome = Outcome()
        whole = self.account.whole
        if whole.complete:
            self._say(outcome)
        waits_for = "opened" if whole.opened is None else None if whole.signatures or whole.voided else "signed"
        outcome.show(
            upsert(SessionRow),
            {
                "key": row_key(self.account.stream),
                "stream": self.account.stream,
                "org": self.account.org,
                "clinic": self.account.clinic,
                "session_id": self.account.session_id,
                "waits_for": waits_for,
                "first_at": self.account.first_fact_at.isoformat(),
                "revision": self.revision,
                "case_id": self.case,
                "head": self.head,
                "decision": self.decision,
                "left": " ".join(sorted(self.left)),
            },
        )
        return outcome

    def _say(self, outcome: Outcome) -> None:
        account, whole = self.account, self.account.whole
        *passed, present = whole.path
        event_type = SessionWithdrawn.type if whole.voided else SessionRecorded.type
        decided = id_text(_decision(event_type, present, account))
        if decided == self.decision:
            return
        self.revision += 1
        gone = {case: whole.path[case] for case in passed}
        if self.case is not None and self.case != present:
            gone.setdefault(self.case, _read_head(self.head or ""))
        for case, head in gone.items():
            if case not in self.left:
                self._append(outcome, account.withdrawn(case, head, self.revision))
        self.left.update(gone)
        if whole.voided:
            self._append(outcome, account.withdrawn(present, whole.path[present], self.revision))
            self.left.add(present)
        else:
            patient = subject_stream("patient", account.org, whole.path[present].patient_id)
            self._append(outcome, account.recorded(self.revision), seal_for=patient)
            self.left.discard(present)
        self.case, self.decision = present, decided
        self.head = orjson.dumps(list(whole.path[present])).decode()

    def _append(
        self, outcome: Outcome, event: SessionRecorded | SessionWithdrawn, *, seal_for: str | None = None
    ) -> None:
        made = Made(
            event,
            _decision(event.type, event.case_id, self.account),
            event.org,
            microseconds(self.account.latest_fact_at),
            case_id=id_bytes(event.case_id),
            seal_for=seal_for,
        )
        outcome.append(sessions_of(event.case_id), expected=None, events=(made,))


def _decision(event_type: str, case: str, account: Account) -> bytes:
    return decision_id(event_type, f"{case} {account.stream}", account.basis)


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
        return _Capture(Account(stream, state), self.rows.get(stream)).outcome()


def service() -> Service:
    """session_capture over a log."""
    before = _Before()
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in (*_FACTS, FactConflicted, ConflictSettled)),
        route=_route,
        work=before.work,
        prepare=before.prepare,
        tables=(SessionRow,),
    )


def patient_in(state: SubjectFacts) -> str | None:
    """The stream of the session's patient, once its `opened` is among the facts."""
    for fact in state.facts.values():
        if isinstance(fact.event, SessionOpened):
            return subject_stream("patient", fact.org, fact.event.patient_id)
    return None
