"""The states that claim_validation folds: a case's sessions, units, claim and appeals, and reference facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service_kit.codec import Seen
from service_kit.reading import Folder
from therapy_domain import case_sessions, facts
from therapy_domain.case_sessions import CaseSessions
from therapy_domain.claims.case import Known
from therapy_domain.claims.chart import Chart, entered
from therapy_domain.events.appeal import AppealConcluded
from therapy_domain.events.base import moment
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.claim import (
    ClaimAdjudicated,
    ClaimAssessed,
    FindingOverridden,
    PlanAttached,
    UnitsCalculated,
)
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_text


@dataclass(frozen=True, slots=True)
class ClaimState:
    """What was decided and said of one claim so far."""

    assessed: Known[ClaimAssessed] | None = None
    """The latest assessment."""
    adjudicated: Mapping[str, ClaimAdjudicated] = field(default_factory=dict)
    """By the remittance fact's id, in the order of the remittances' times."""
    overrides: tuple[Known[FindingOverridden], ...] = ()
    """What people released."""


def _evolve_claim(state: ClaimState, seen: Seen) -> ClaimState:
    event_id = id_text(seen.recorded.event_id)
    match seen.event:
        case ClaimAssessed():
            assessed = Known(event_id, seen.event, seen.event.case_id, moment(seen.recorded.occurred_at))
            return replace(state, assessed=assessed)
        case ClaimAdjudicated(basis=(remittance, *_)):
            return replace(state, adjudicated={**state.adjudicated, remittance: seen.event})
        case FindingOverridden():
            return replace(state, overrides=(*state.overrides, known_override(event_id, seen.event)))
        case _:
            return state


def known_units(seen: Seen) -> Known[UnitsCalculated]:
    """A recorded units decision, as an assessment names it."""
    recorded, event = seen
    return Known(id_text(recorded.event_id), event, event.case_id, moment(recorded.occurred_at))


def known_override(event_id: str, event: FindingOverridden) -> Known[FindingOverridden]:
    """A recorded override, as an assessment names it."""
    return Known(event_id, event, event.case_id, event.at)


def _latest_units(state: Known[UnitsCalculated] | None, seen: Seen) -> Known[UnitsCalculated] | None:
    return known_units(seen) if isinstance(seen.event, UnitsCalculated) else state


def _concluded(state: tuple[AppealConcluded, ...], seen: Seen) -> tuple[AppealConcluded, ...]:
    """A later conclusion of the same appeal replaces the earlier one."""
    if not isinstance(seen.event, AppealConcluded):
        return state
    return (*(other for other in state if other.appeal_id != seen.event.appeal_id), seen.event)


def _attached(state: tuple[str, ...], seen: Seen) -> tuple[str, ...]:
    return (*state, seen.event.plan) if isinstance(seen.event, PlanAttached) else state


SESSIONS: Folder[CaseSessions] = Folder(
    "sessions", CaseSessions(), lambda state, seen: case_sessions.evolve(state, seen.recorded.event_id, seen.event)
)
UNITS: Folder[Known[UnitsCalculated] | None] = Folder("units", None, _latest_units)
CLAIM: Folder[ClaimState] = Folder("claim", ClaimState(), _evolve_claim)


def _charted(chart: Chart, seen: Seen) -> Chart:
    if not isinstance(seen.event, VisitCharted):
        return chart
    recorded, event = seen
    return entered(chart, Known(id_text(recorded.event_id), event, event.case_id, moment(recorded.occurred_at)))


CHART: Folder[Chart] = Folder("chart", {}, _charted, lasting=True)
CONCLUDED: Folder[tuple[AppealConcluded, ...]] = Folder("concluded", (), _concluded)
FACTS: Folder[SubjectFacts] = Folder(
    "facts",
    SubjectFacts(),
    lambda state, seen: facts.evolve(state, seen.recorded.event_id, seen.event),
    lasting=True,
)
PLANS: Folder[tuple[str, ...]] = Folder("plans", (), _attached, lasting=True)
