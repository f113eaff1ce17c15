"""The states that claim_validation folds: a case's sessions, units, claim and appeals, and reference facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from claim_validation.appealed import Appealed, follow
from claim_validation.submissions import Sent, acknowledged
from service_kit.codec import Seen
from service_kit.reading import Folder
from therapy_domain import case_sessions, facts
from therapy_domain.case_sessions import CaseSessions
from therapy_domain.claims.case import Known
from therapy_domain.claims.chart import Chart, entered
from therapy_domain.events.base import moment
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.claim import (
    ClaimAdjudicated,
    ClaimAssessed,
    ClaimQuestioned,
    FindingOverridden,
    PlanAttached,
    QuestionAnswered,
    UnitsCalculated,
)
from therapy_domain.events.submission import ClaimAcknowledged, ClaimSubmitted
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_text
from therapy_domain.values import lean


class Acts(NamedTuple):
    """What people did on one claim, in the order of the record."""

    overrides: tuple[Known[FindingOverridden], ...] = ()
    questions: tuple[Known[ClaimQuestioned], ...] = ()
    answers: tuple[Known[QuestionAnswered], ...] = ()

    def with_one(self, event_id: str, event: Any) -> "Acts":
        """With one more; other events change nothing."""
        match event:
            case FindingOverridden():
                return self._replace(overrides=(*self.overrides, _act(event_id, event)))
            case ClaimQuestioned():
                return self._replace(questions=(*self.questions, _act(event_id, event)))
            case QuestionAnswered():
                return self._replace(answers=(*self.answers, _act(event_id, event)))
            case _:
                return self


_ACTS = (FindingOverridden, ClaimQuestioned, QuestionAnswered)


def _act(event_id: str, event: Any) -> Known[Any]:
    return Known(event_id, event, event.case_id, event.at)


def acts_among(seen: Iterable[Seen]) -> Acts:
    """What people did, among recorded events."""
    acts = Acts()
    for recorded, event in seen:
        if isinstance(event, _ACTS):
            acts = acts.with_one(id_text(recorded.event_id), event)
    return acts


@dataclass(frozen=True, slots=True)
class ClaimState:
    """What was decided and said of one claim so far."""

    assessed: Known[ClaimAssessed] | None = None
    """The latest assessment."""
    adjudicated: Mapping[str, ClaimAdjudicated] = field(default_factory=dict)
    """By the remittance fact's id, in the order of the remittances' times."""
    acts: Acts = field(default_factory=Acts)
    sent: tuple[Sent, ...] = ()
    """What was sent of it, in order."""


def _evolve_claim(state: ClaimState, seen: Seen) -> ClaimState:
    event_id = id_text(seen.recorded.event_id)
    match seen.event:
        case ClaimAssessed():
            assessed = Known(event_id, seen.event, seen.event.case_id, moment(seen.recorded.occurred_at))
            return replace(state, assessed=assessed)
        case ClaimAdjudicated(basis=(remittance, *_)):
            return replace(state, adjudicated={**state.adjudicated, remittance: seen.event})
        case ClaimSubmitted():
            return replace(state, sent=(*state.sent, Sent(event_id, seen.event)))
        case ClaimAcknowledged():
            return replace(state, sent=acknowledged(state.sent, event_id, seen.event))
        case _:
            return replace(state, acts=state.acts.with_one(event_id, seen.event))


def known_units(seen: Seen) -> Known[UnitsCalculated]:
    """A recorded units decision, as an assessment names it."""
    recorded, event = seen
    return Known(id_text(recorded.event_id), event, event.case_id, moment(recorded.occurred_at))


def _latest_units(state: Known[UnitsCalculated] | None, seen: Seen) -> Known[UnitsCalculated] | None:
    return known_units(seen) if isinstance(seen.event, UnitsCalculated) else state


def _attached(state: tuple[str, ...], seen: Seen) -> tuple[str, ...]:
    return (*state, seen.event.plan) if isinstance(seen.event, PlanAttached) else state


SESSIONS: Folder[CaseSessions] = Folder(
    "sessions", CaseSessions(), lambda state, seen: case_sessions.evolve(state, seen.recorded.event_id, seen.event)
)
UNITS: Folder[Known[UnitsCalculated] | None] = Folder("units", None, _latest_units)
CLAIM: Folder[ClaimState] = Folder("claim", ClaimState(), _evolve_claim)


def charted(seen: Seen) -> Known[VisitCharted]:
    """An entry of a chart, for as long as the chart is held: there are as many as the patient has visits."""
    recorded, event = seen
    lean(event, *event.lines, *event.notes)
    return Known(id_text(recorded.event_id), event, event.case_id, moment(recorded.occurred_at))


def _charted(chart: Chart, seen: Seen) -> Chart:
    return entered(chart, charted(seen)) if isinstance(seen.event, VisitCharted) else chart


CHART: Folder[Chart] = Folder("chart", {}, _charted, lasting=True)
APPEALED: Folder[Appealed] = Folder("appealed", Appealed(), lambda state, seen: follow(state, seen.event))
FACTS: Folder[SubjectFacts] = Folder(
    "facts",
    SubjectFacts(),
    lambda state, seen: facts.evolve(state, seen.recorded.event_id, seen.event),
    lasting=True,
)
PLANS: Folder[tuple[str, ...]] = Folder("plans", (), _attached, lasting=True)
