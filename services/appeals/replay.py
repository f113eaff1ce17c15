"""Each recorded decision made again from exactly the events that its basis names: pure."""

from collections.abc import Sequence
from typing import Any, TypeVar

from appeals.decider import settle
from appeals.levels import conclude, open_next
from appeals.state import Known, decision_in_force
from appeals.triage import open_first, request_correction, triage
from therapy_domain import facts
from therapy_domain.errors import DomainError
from therapy_domain.events.appeal import (
    AppealConcluded,
    AppealOpened,
    CorrectionRequested,
    DenialSettled,
    DenialTriaged,
)
from therapy_domain.events.base import Event
from therapy_domain.events.claim import ClaimAdjudicated
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_bytes
from therapy_domain.rulesets import Ruleset

E = TypeVar("E", bound=Event)


class BasisMissing(DomainError):
    """A decision's basis does not hold, or does not lead to, what the decision says."""

    code = "basis-missing"

    def __init__(self, decision: str, wanted: str) -> None:
        self.decision, self.wanted = decision, wanted
        super().__init__(f"what {decision} rests on holds no {wanted}")


def decide_again(event: Event, basis: Sequence[Any], rules: Ruleset) -> Event:
    """The decision as it would be made now.

    Args:    event: the recorded decision; of it only its kind and the ids in its basis are used.
             basis: the events that its basis names, in that order; facts with their envelope. rules: the release it
             names.
    Raises:  BasisMissing: an event that such a decision rests on is not among them, or it would not be made at all.
    """
    named = _Basis(event, basis)
    again: Event | None
    match event:
        case DenialTriaged():
            again = triage(*named.one(ClaimAdjudicated), rules)
        case CorrectionRequested():
            again = request_correction(*named.one(ClaimAdjudicated), rules)
        case AppealOpened():
            again = _opened_again(named, rules)
        case AppealConcluded():
            again = _concluded_again(named, rules)
        case DenialSettled():
            again = settle(named.one(ClaimAdjudicated).id, named.last(ClaimAdjudicated))
        case _:
            raise BasisMissing(event.type, "rule of ours")
    if again is None:
        raise BasisMissing(event.type, "reason for it")
    return again


class _Basis:
    def __init__(self, event: Event, basis: Sequence[Any]) -> None:
        self.decision = event.type
        ids: tuple[str, ...] = getattr(event, "basis", ())
        self.named = list(zip(ids, basis, strict=True))

    def all(self, kind: type[E]) -> list[Known[E]]:
        """The events of a kind, in the order of the basis."""
        return [Known(event_id, event) for event_id, event in self.named if isinstance(event, kind)]

    def one(self, kind: type[E]) -> Known[E]:
        """The first event of a kind."""
        found = self.all(kind)
        if not found:
            raise BasisMissing(self.decision, kind.__name__)
        return found[0]

    def last(self, kind: type[E]) -> Known[E]:
        """The last event of a kind."""
        return (self.all(kind) or [self.one(kind)])[-1]

    def facts(self) -> SubjectFacts:
        """The facts, with what people decided on conflicts between them."""
        said = SubjectFacts()
        for event_id, event in self.named:
            said = facts.evolve(said, id_bytes(event_id), event)
        return said


def _opened_again(named: _Basis, rules: Ruleset) -> AppealOpened | None:
    before = named.all(AppealOpened)
    if named.all(ClaimAdjudicated):
        return open_first(*named.one(ClaimAdjudicated), before[0] if before else None, rules)
    return open_next(named.one(AppealOpened), named.one(AppealConcluded), named.last(AppealOpened), rules)


def _concluded_again(named: _Basis, rules: Ruleset) -> AppealConcluded:
    decision = decision_in_force(named.facts())
    if decision is None:
        raise BasisMissing(named.decision, "decision of a reviewer")
    return conclude(named.one(AppealOpened), decision, rules)
