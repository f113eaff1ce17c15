"""The door: what came in is deduplicated, kept as it came, and answered with its outcome."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import orjson

from event_log.errors import LogBusy
from event_log.keyring import Erased
from event_log.protocol import Append, Commit, EventLog, Found, Guard, NewEvent, Rows
from interchange.arrival import NOT_SHOWN, Arrived, Fault, Refused, fingerprint
from service_kit.codec import Codec
from service_kit.outcome import Made
from service_kit.reading import Reader, Recently
from service_kit.telemetry import Telemetry
from service_kit.trace_context import started_by
from session_capture.service import FACTS, NAME, SESSION_FACTS, patient_in
from therapy_domain.events.base import Fact, microseconds
from therapy_domain.events.claim import FactConflicted
from therapy_domain.events.reference import PlanCertified
from therapy_domain.events.session import SessionOpened
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import decision_id, id_text
from therapy_domain.streams import fact_stream, subject_stream

OutcomeWord = Literal["accepted", "duplicate", "conflict", "rejected", "parked"]
OPENED_SESSIONS = 20_000
EVENTS_A_COMMIT = 5_000
ATTEMPTS = 20


class Answer(NamedTuple):
    """What became of one event."""

    id: str | None
    source: str | None
    outcome: OutcomeWord
    errors: tuple[Fault, ...] = ()


OF_AN_ERASED_PATIENT: Fault = {
    "path": "$.subject",
    "value": NOT_SHOWN,
    "expected": "a patient whose data was not erased",
}


Note = Callable[[Sequence[Answer]], Rows]
"""What a caller writes with its events, once it knows their answers; what it raises keeps nothing of them."""


class _Placed(NamedTuple):
    """An event and the stream it belongs to."""

    event: Arrived
    stream: str


_NAMES_PATIENT = frozenset({SessionOpened.type, PlanCertified.type})


@dataclass(slots=True)
class _Request:
    """The events of one caller, waiting for their answers."""

    events: Sequence[Arrived | Refused]
    note: "Note | None" = None
    answers: list[Answer] = field(default_factory=list)
    done: bool = False
    error: BaseException | None = None


class Door:
    """Takes clinic events in, many callers at once; whoever holds the turn answers for all who wait."""

    def __init__(
        self,
        read: Reader,
        codec: Codec,
        key: bytes,
        telemetry: Telemetry,
        *,
        link: Callable[[str, str], None] = lambda _subject, _owner: None,
        ready: Callable[[Iterable[str]], None] = lambda _subjects: None,
        shared: bool = False,
    ) -> None:
        """`key` is the installation's fingerprint key; `link(subject, owner)` ties a session's key to its patient;
        `ready(subjects)` makes the keys of a batch together.

        `shared`: other processes take events in, too.
        """
        self._log: EventLog = read.log
        self._read, self._codec, self._key, self._telemetry = read, codec, key, telemetry
        self._link, self._ready = link, ready
        self._shared = shared
        self._turn = threading.Lock()
        self._waiting: deque[_Request] = deque()
        self._opened: Recently[str, str] = Recently(OPENED_SESSIONS)
        """The patient's stream by the session's, for sessions that are open."""
        self._alone: Recently[str, bool] = Recently(OPENED_SESSIONS)
        """Sessions whose first notes came before their patient was known: sealed with keys of their own."""

    def receive(self, events: Sequence[Arrived | Refused], note: Note | None = None) -> list[Answer]:
        """Keep the events; durable when this returns.

        Args:    note: makes rows for the same transaction of the answers.
        Returns: one answer an event, in their order.
        Raises:  what the log raises when it cannot be written (LogBusy, DiskFull, …), and what the rows raise:
                 nothing was kept then.
        """
        request = _Request(events, note)
        self._waiting.append(request)
        with self._turn:
            while not request.done:
                self._serve()
        if request.error is not None:
            raise request.error
        return request.answers

    def _serve(self) -> None:
        requests: list[_Request] = []
        count = 0
        while self._waiting and count < EVENTS_A_COMMIT:
            if requests and (requests[0].note or self._waiting[0].note):
                break  # rows that refuse their transaction must not refuse that of others
            requests.append(self._waiting.popleft())
            count += len(requests[-1].events)
        try:
            answers = self._keep([event for request in requests for event in request.events], requests[0].note)
        except Exception as error:  # noqa: BLE001 -- every caller who waits must hear of it
            for request in requests:
                request.error, request.done = error, True
            return
        start = 0
        for request in requests:
            request.answers = answers[start : start + len(request.events)]
            request.done = True
            start += len(request.events)

    def hand_in(self, events: Sequence[Arrived | Refused]) -> Callable[[], list[Answer]]:
        """As `receive`, without waiting for the disk: what comes back waits, and has the answers.

        It must be called, by the same thread, before this door takes anything else in.
        """
        self._turn.acquire()
        try:
            answers, batch = self._answered(events)
            written = self._log.submit(batch.appends(), service=NAME, guards=batch.guards()) if batch.new else None
        except BaseException:
            self._turn.release()
            raise

        def settle() -> list[Answer]:
            try:
                if written is not None and self._outrun(written.result()):
                    return self._keep(events, None)
                self._kept(answers, batch)
            finally:
                self._turn.release()
            return answers

        return settle

    def _keep(self, events: Sequence[Arrived | Refused], note: Note | None) -> list[Answer]:
        for _ in range(ATTEMPTS):
            answers, batch = self._answered(events)
            if (batch.new or note) and self._outrun(self._commit(batch, note(answers) if note else None)):
                continue
            self._kept(answers, batch)
            return answers
        raise LogBusy("other processes took events for the same sessions in at every attempt; send them again")

    def _commit(self, batch: "_Batch", rows: Rows | None) -> Commit:
        return self._log.commit(batch.appends(), service=NAME, rows=rows, guards=batch.guards())

    def _outrun(self, commit: Commit) -> bool:
        """Whether another process took something in for the same subjects meanwhile: then all is answered again."""
        for conflict in commit.conflicts:
            self._opened.drop(conflict.stream)
            self._alone.drop(conflict.stream)
        return bool(commit.conflicts)

    def _answered(self, events: Sequence[Arrived | Refused]) -> tuple[list[Answer], "_Batch"]:
        """What becomes of these events, and what is to be written so that it is true."""
        placed = [
            None if isinstance(event, Refused) else _Placed(event, fact_stream(event.type, event.source, event.subject))
            for event in events
        ]
        arrived = [each for each in placed if each is not None]
        versions = self._log.versions({stream for _, stream in arrived}) if self._shared else {}
        batch = _Batch(self._codec, self._log.find([event.fact_id for event, _ in arrived]), versions)
        self._learn_opened(arrived)
        self._ready(self._sealed_for(arrived))
        answers = [
            Answer(event.id, event.source, "rejected", event.errors)
            if isinstance(event, Refused)
            else self._answer(event, at.stream if at else "", batch)
            for event, at in zip(events, placed, strict=True)
        ]
        return answers, batch

    def _kept(self, answers: Sequence[Answer], batch: "_Batch") -> None:
        """It is written: what was understood stays at hand for the services, and the outcomes are counted."""
        for event_id, event in batch.made:
            self._read.remember(event_id, event)
        words = Counter([answer.outcome for answer in answers])
        for word, count in words.items():
            self._telemetry.ingested(word, count)

    def _learn_opened(self, arrived: Sequence[_Placed]) -> None:
        """Find out which sessions of the batch are open already, in one look at the log."""
        opened = self._opened.get
        unknown = {stream for event, stream in arrived if event.type in SESSION_FACTS and opened(stream) is None}
        if not unknown:
            return
        try:
            known = {stream: folded.state for stream, folded in self._read.folds(unknown, FACTS).items()}
        except Erased:
            known = {stream: state for stream in unknown if (state := self._state(stream)) is not None}
        for stream, state in known.items():
            if patient := patient_in(state):
                self._opened.put(stream, patient)
            elif any(fact.event.personal for fact in state.facts.values()):
                self._alone.put(stream, True)

    def _sealed_for(self, arrived: Sequence[_Placed]) -> Iterator[str]:
        """Whose keys seal these events, as far as it is known before they are gone through one by one."""
        for event, stream in arrived:
            if event.type in _NAMES_PATIENT or (event.event.personal and self._opened.get(stream)):
                yield self._key_subject(event, stream)
            elif event.event.personal and event.type not in SESSION_FACTS:
                yield stream

    def _state(self, stream: str) -> SubjectFacts | None:
        """A session's facts; None where its patient was erased: then its own key, gone too, stands for theirs."""
        try:
            return self._read.fold(stream, FACTS).state
        except Erased:
            self._opened.put(stream, stream)
            return None

    def _answer(self, event: Arrived, stream: str, batch: "_Batch") -> Answer:
        try:
            return Answer(event.id, event.source, self._outcome(event, stream, batch))
        except Erased:
            return Answer(event.id, event.source, "rejected", (OF_AN_ERASED_PATIENT,))

    def _outcome(self, event: Arrived, stream: str, batch: "_Batch") -> OutcomeWord:
        content = fingerprint(self._key, event.content)
        known = batch.known.get(event.fact_id)
        if known is not None:
            if known == content:
                return "duplicate"
            batch.keep(stream, _conflict(event, content, self._key_subject(event, stream)))
            return "conflict"
        batch.keep(stream, self._fact(event, content, stream))
        batch.known[event.fact_id] = content
        if event.type == SessionOpened.type:
            self._note_opened(event, stream)
        parked = event.type in SESSION_FACTS and self._opened.get(stream) is None
        return "parked" if parked else "accepted"

    def _note_opened(self, event: Arrived, stream: str) -> None:
        """The session's patient is known: their key is used from now on, and what was sealed alone is tied to them."""
        assert isinstance(event.event, SessionOpened)
        patient = subject_stream("patient", event.org, event.event.patient_id)
        if self._alone.get(stream):
            self._link(stream, patient)
            self._alone.drop(stream)
        self._opened.put(stream, patient)

    def _fact(self, event: Arrived, content: bytes, stream: str) -> Made:
        fact: Fact[Any] = Fact(
            event.event, event.source, event.id, event.subject, event.time, event.fact_id, event.extensions
        )
        trace = self._telemetry.received(event.type, event.fact_id, event.traceparent) or event.traceparent
        return Made(
            fact,
            event.fact_id,
            event.org,
            microseconds(event.time),
            event.source,
            None,
            None,
            trace or started_by(event.fact_id),
            self._key_subject(event, stream),
            content,
            event.data,
        )

    def _key_subject(self, event: Arrived, stream: str) -> str:
        """Whose key seals an event: its patient's where that is known, else its own subject's."""
        if event.type in _NAMES_PATIENT:
            return subject_stream("patient", event.org, event.event.patient_id)  # type: ignore[attr-defined]  # as its name says
        known = self._opened.get(stream)
        if known is None and event.event.personal:
            self._alone.put(stream, True)
        return known or stream


class _Batch:
    """What is known and what is new while one batch is answered."""

    def __init__(self, codec: Codec, found: Mapping[bytes, Found], versions: Mapping[str, int]) -> None:
        self._codec, self._versions = codec, versions
        self.known: dict[bytes, bytes | None] = {event_id: at.fingerprint for event_id, at in found.items()}
        self.new: dict[str, list[NewEvent]] = {}
        """The new events as the log takes them, by stream."""
        self.made: list[tuple[bytes, Any]] = []
        """The same as they are understood, with their ids."""

    def keep(self, stream: str, made: Made) -> None:
        """One more event for its stream.

        Raises:  Erased: it holds personal data of a patient whose key was destroyed.
        """
        encoded = self._codec.encode(made)
        self.new.setdefault(stream, []).append(encoded)
        self.made.append((made.event_id, made.event))

    def appends(self) -> list[Append]:
        """What to write."""
        return [Append(stream, None, made) for stream, made in self.new.items()]

    def guards(self) -> list[Guard]:
        """What the answers rest on where others write, too: the streams as they were before anything was looked up."""
        return [Guard(stream, self._versions[stream]) for stream in self.new if stream in self._versions]


def _conflict(event: Arrived, content: bytes, seal_for: str) -> Made:
    """The refused content, kept aside. The same content again is the same conflict."""
    first = id_text(event.fact_id)
    envelope = orjson.loads(event.content)
    conflict = FactConflicted(fact=first, envelope=orjson.dumps(envelope).decode())
    return Made(
        conflict,
        decision_id(conflict.type, first, (content.hex(),)),
        event.org,
        microseconds(event.time),
        actor=event.source,
        traceparent=event.traceparent or started_by(event.fact_id),
        seal_for=seal_for,
    )
