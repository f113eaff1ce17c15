"""All that was said about one subject as a state: facts, conflicting repetitions, and what people decided on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Any

import orjson

from therapy_domain.events.base import REGISTRY, Event, Fact
from therapy_domain.events.claim import ConflictSettled, FactConflicted
from therapy_domain.events.reference import CoverageVerified, PayerPolicyPublished, PlanCertified, ProgressReported
from therapy_domain.identity import id_text


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """All facts about one subject: a session, a patient, a plan, …"""

    facts: Mapping[str, Fact[Any]] = field(default_factory=dict)
    """By event id."""
    conflicts: Mapping[str, FactConflicted] = field(default_factory=dict)
    """By the conflict's own event id, also those that a person settled."""
    settled: Mapping[str, tuple[str, ConflictSettled]] = field(default_factory=dict)
    """By the conflict's id: the decision's own id, and the decision."""
    _in_force: list[tuple[Fact[Any], ...]] = field(default_factory=list, init=False, compare=False, repr=False)
    _standing: list[tuple[Fact[Any], ...]] = field(default_factory=list, init=False, compare=False, repr=False)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The ids of the conflicts that wait for a person."""
        if not self.conflicts:
            return ()
        return tuple(sorted([conflict for conflict in self.conflicts if conflict not in self.settled]))

    @property
    def decisions(self) -> tuple[str, ...]:
        """The ids of the conflicts that a person settled, and of what was decided."""
        if not self.settled:
            return ()
        settled = [(conflict, decision) for conflict, (decision, _) in self.settled.items()]
        return tuple(sorted(event_id for pair in settled for event_id in pair))

    def in_force(self) -> tuple[Fact[Any], ...]:
        """The facts by when they happened; where a person chose the second content of one, with that."""
        if not self._in_force:
            self._in_force.append(tuple(self._ordered()))
        return self._in_force[0]

    def standing(self) -> tuple[Fact[Any], ...]:
        """What of reference facts holds: a later one replaces the earlier one of the same subject and first day."""
        if not self._standing:
            self._standing.append(tuple(standing(self.in_force())))
        return self._standing[0]

    def _ordered(self) -> list[Fact[Any]]:
        chosen = {
            self.conflicts[conflict].fact: self.conflicts[conflict].envelope
            for conflict, (_, decision) in self.settled.items()
            if decision.keep == "second" and conflict in self.conflicts
        }
        facts = (
            _reread(fact, chosen[event_id]) if event_id in chosen else fact for event_id, fact in self.facts.items()
        )
        return sorted(facts if chosen else self.facts.values(), key=_BY_TIME)

    def basis(self) -> tuple[str, ...]:
        """The ids of everything here."""
        return tuple(sorted((*self.facts, *self.conflicts, *(decision for decision, _ in self.settled.values()))))


_BY_TIME = attrgetter("time", "source", "id")  # Fact.order, without a call of ours for each


def evolve(state: SubjectFacts, event_id: bytes, event: Fact[Any] | Event) -> SubjectFacts:
    """The state with one more recorded event; events of other kinds change nothing."""
    match event:
        case Fact():
            return SubjectFacts({**state.facts, id_text(event_id): event}, state.conflicts, state.settled)
        case FactConflicted():
            return replace(state, conflicts={**state.conflicts, id_text(event_id): event})
        case ConflictSettled(conflict=conflict):
            return replace(state, settled={**state.settled, conflict: (id_text(event_id), event)})
        case _:
            return state


def _reread(fact: Fact[Any], envelope: str) -> Fact[Any]:
    content = orjson.loads(envelope)
    event = REGISTRY[content["type"]].model_validate_json(orjson.dumps(content["data"]))
    return replace(fact, event=event)


def standing(facts: Iterable[Fact[Any]]) -> list[Fact[Any]]:
    """What of some reference facts holds: a later one replaces the earlier one of the same subject and first day.

    Progress reports add up. Facts must come by when they happened; they come back so.
    """
    latest: dict[tuple[object, ...], Fact[Any]] = {}
    for fact in facts:
        key = (type(fact.event), fact.subject, *_first_day(fact))
        latest.pop(key, None)
        latest[key] = fact
    return list(latest.values())


def _first_day(fact: Fact[Any]) -> tuple[object, ...]:
    match fact.event:
        case CoverageVerified(payer_id=payer, from_=first):
            return (first, payer)
        case PlanCertified(from_=first):
            return (first,)
        case PayerPolicyPublished(effective_from=first):
            return (first,)
        case ProgressReported():
            return (fact.fact_id,)
        case _:
            return ()


def policy_in_force(state: SubjectFacts, day: date) -> Fact[PayerPolicyPublished] | None:
    """The payer policy that holds on a date of service: the one that took effect last, on that day or before."""
    published = [
        fact
        for fact in state.standing()
        if isinstance(fact.event, PayerPolicyPublished) and fact.event.effective_from <= day
    ]
    return max(published, key=lambda fact: fact.event.effective_from, default=None)
