"""The recorded events that a decision names, as the deciders want them."""

from collections.abc import Mapping, Sequence
from typing import Any

from claim_validation.submissions import Sent
from service_kit.codec import Seen
from service_kit.reading import Recently
from therapy_domain import case_sessions, facts
from therapy_domain.case_sessions import CaseSessions
from therapy_domain.errors import DomainError
from therapy_domain.events.base import Fact
from therapy_domain.events.session import SessionRecorded, SessionWithdrawn
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_text

Folds = Recently[tuple[str, tuple[bytes, ...]], SubjectFacts]
"""What was folded lately, by stream and the ids of its events: many claims name the same organization or plan."""


_DECIDED = ("case/", "chart/")
"""Where decisions stand, and no facts."""


class NotReplayable(DomainError):
    """A decision that cannot be run again."""

    code = "not-replayable"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Basis:
    """The events, in the order in which the decision names them."""

    def __init__(self, seen: Sequence[Seen], folds: Folds | None = None) -> None:
        self.seen = seen
        self._folds = folds
        self._subjects: dict[str, SubjectFacts] | None = None
        self._by_case: dict[str, CaseSessions] | None = None

    def subjects(self) -> Mapping[str, SubjectFacts]:
        """The facts among them, folded by stream."""
        if self._subjects is None:
            streams: dict[str, list[Seen]] = {}
            for seen in self.seen:
                stream = seen.recorded.stream
                if not stream.startswith(_DECIDED):
                    streams.setdefault(stream, []).append(seen)
            self._subjects = {stream: self._folded(stream, of_stream) for stream, of_stream in streams.items()}
        return self._subjects

    def _folded(self, stream: str, seen: list[Seen]) -> SubjectFacts:
        if self._folds is None or stream.startswith("session/"):
            return _fold(seen)
        key = stream, tuple([recorded.event_id for recorded, _ in seen])
        held = self._folds.get(key)
        if held is None:
            held = _fold(seen)
            self._folds.put(key, held)
        return held

    def sessions(self, case: str) -> CaseSessions:
        """What was last said of each session of the case."""
        return self._cases().get(case, CaseSessions())

    def sessions_elsewhere(self, case: str) -> list[CaseSessions]:
        """The same of every other case that was looked at."""
        return [state for other, state in self._cases().items() if other != case]

    def _cases(self) -> Mapping[str, CaseSessions]:
        if self._by_case is None:
            said: dict[str, list[tuple[str, SessionRecorded | SessionWithdrawn]]] = {}
            for recorded, event in self.seen:
                if isinstance(event, (SessionRecorded, SessionWithdrawn)):
                    said.setdefault(event.case_id, []).append((id_text(recorded.event_id), event))
            self._by_case = {case: case_sessions.of(events) for case, events in said.items()}
        return self._by_case

    def one(self, kind: type[Any]) -> Seen:
        """The only event of a kind.

        Raises:  NotReplayable: it is not there.
        """
        for seen in self.seen:
            if isinstance(seen.event.event if isinstance(seen.event, Fact) else seen.event, kind):
                return seen
        raise NotReplayable(f"the record does not hold the {kind.__name__} that the decision rests on")

    def submission(self) -> Sent | None:
        """The submission among them: what a payer answers, or a void claim takes back."""
        found = [seen for seen in self.seen if isinstance(seen.event, ClaimSubmitted)]
        return Sent(id_text(found[0].recorded.event_id), found[0].event) if found else None


def _fold(seen: list[Seen]) -> SubjectFacts:
    state = SubjectFacts({id_text(recorded.event_id): event for recorded, event in seen if isinstance(event, Fact)})
    for recorded, event in seen:
        if not isinstance(event, Fact):
            state = facts.evolve(state, recorded.event_id, event)
    return state
