"""What was last said of each session of a case: the state that units and claims are decided on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from therapy_domain.events.session import Discipline, SessionRecorded, SessionWithdrawn
from therapy_domain.identity import id_text


class CaseHead(NamedTuple):
    """What a case is one of."""

    org: str
    patient_id: str
    discipline: Discipline
    payer_id: str
    date_of_service: date


@dataclass(frozen=True, slots=True)
class CaseSessions:
    """The sessions of a case by session key, each with the id of the event that said it last."""

    recorded: Mapping[str, tuple[str, SessionRecorded]] = field(default_factory=dict)
    withdrawn: Mapping[str, tuple[str, SessionWithdrawn]] = field(default_factory=dict)

    def ids(self) -> tuple[str, ...]:
        """The event ids of the sessions that are in the case."""
        return tuple(sorted([event_id for event_id, _ in self.recorded.values()]))

    def basis(self) -> tuple[str, ...]:
        """The event ids of what was last said of every session, those that left included."""
        return tuple(sorted([event_id for said in (self.recorded, self.withdrawn) for event_id, _ in said.values()]))

    def head(self) -> CaseHead:
        """Whose case it is; known from any session that is or was in it."""
        if self.recorded:
            _, session = self.recorded[min(self.recorded)]
            opened = session.opened
            return CaseHead(session.org, opened.patient_id, opened.discipline, opened.payer_id, opened.date_of_service)
        _, gone = self.withdrawn[min(self.withdrawn)]
        return CaseHead(gone.org, gone.patient_id, gone.discipline, gone.payer_id, gone.date_of_service)


def of(said: Iterable[tuple[str, SessionRecorded | SessionWithdrawn]]) -> CaseSessions:
    """A case's sessions after these events, each with its id: as `evolve` makes it of one after the other."""
    recorded: dict[str, tuple[str, SessionRecorded]] = {}
    withdrawn: dict[str, tuple[str, SessionWithdrawn]] = {}
    for event_id, event in said:
        if isinstance(event, SessionRecorded):
            recorded[event.session_key] = event_id, event
            withdrawn.pop(event.session_key, None)
        else:
            withdrawn[event.session_key] = event_id, event
            recorded.pop(event.session_key, None)
    return CaseSessions(recorded, withdrawn)


def evolve(state: CaseSessions, event_id: bytes, event: Any) -> CaseSessions:
    """The state with one more event of the case's sessions."""
    match event:
        case SessionRecorded(session_key=key):
            return CaseSessions(
                {**state.recorded, key: (id_text(event_id), event)},
                {other: said for other, said in state.withdrawn.items() if other != key},
            )
        case SessionWithdrawn(session_key=key):
            return CaseSessions(
                {other: said for other, said in state.recorded.items() if other != key},
                {**state.withdrawn, key: (id_text(event_id), event)},
            )
        case _:
            return state
