"""Each recorded decision made again from exactly the events that its basis names: pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from appeals.clock import Running, kind, lapse, overdue, warning
from appeals.decider import settle
from appeals.levels import Before, conclude, open_escalated, open_next
from appeals.payer import Levels, levels_of
from appeals.state import Answer, Appeals, Filing, Known, Proposal, decision_in_force
from appeals.triage import open_contested, open_first, propose, triage
from therapy_domain import facts
from therapy_domain.errors import DomainError
from therapy_domain.events.appeal import (
    AppealConcluded,
    AppealOpened,
    CorrectionRequested,
    DenialSettled,
    DenialTriaged,
    RemedyProposed,
)
from therapy_domain.events.appeal_work import (
    AppealFiled,
    AppealLapsed,
    DayBegan,
    DeadlineWarned,
    DecisionOverdue,
    EscalationRequested,
    WorkClosed,
)
from therapy_domain.events.base import Event
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_bytes
from therapy_domain.policies import resolve_policy
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

    Args:    event: the recorded decision; of it only its kind and the ids in its basis are used, and for which of
             several proposals of a denial it stands.
             basis: the events that its basis names, in that order; facts with their envelope. rules: the release it
             names.
    Raises:  BasisMissing: an event that such a decision rests on is not among them, or it would not be made at all.
    """
    named = _Basis(event, basis)
    again: Event | None
    match event:
        case DenialTriaged():
            again = triage(named.answer(), named.levels_of_answer(rules))
        case CorrectionRequested():
            again = propose(named.answer(), "corrected-claim", named.proposal(), named.levels_of_answer(rules))
        case RemedyProposed():
            again = propose(named.answer(), event.remedy, named.proposal(), named.levels_of_answer(rules))
        case AppealOpened():
            again = _opened_again(named, rules)
        case AppealConcluded():
            again = _concluded_again(named, rules)
        case DenialSettled():
            again = settle(named.one(ClaimAdjudicated).id, named.last(ClaimAdjudicated))
        case _:
            again = _told_again(named, event, rules)
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

    def any(self, kind: type[E]) -> Known[E] | None:
        """The first event of a kind, if there is one."""
        return next(iter(self.all(kind)), None)

    def facts(self) -> SubjectFacts:
        """The facts, with what people decided on conflicts between them."""
        said = SubjectFacts()
        for event_id, event in self.named:
            said = facts.evolve(said, id_bytes(event_id), event)
        return said

    def answer(self) -> Answer:
        """The payer's answer, and the claim that it answers."""
        denial, said = self.one(ClaimAdjudicated)
        return Answer(denial, said, self.any(ClaimAssessed))

    def levels_of_answer(self, rules: Ruleset) -> Levels:
        """Whose rules the payer's answer is worked under."""
        return levels_of(self.one(ClaimAdjudicated).event, self.facts(), rules)

    def levels_of_appeal(self, appeal: AppealOpened, rules: Ruleset) -> Levels:
        """Whose rules an appeal follows: the payer's policy fact among the basis was the one in force."""
        policy, ids = resolve_policy(appeal.payer_id, date.max, self.facts(), rules)
        own = policy.appeal_levels if policy is not None and ids and not policy.medicare_like else ()
        return Levels(appeal.program, rules, own, ids)

    def proposal(self) -> Known[Proposal] | None:
        """The last proposal among the basis."""
        found = [(i, e) for i, e in self.named if isinstance(e, CorrectionRequested | RemedyProposed)]
        return Known(*found[-1]) if found else None


def _opened_again(named: _Basis, rules: Ruleset) -> AppealOpened | None:
    before, contested = named.all(AppealOpened), named.any(WorkClosed)
    if named.all(ClaimAdjudicated):
        answer, levels, last = named.answer(), named.levels_of_answer(rules), before[0] if before else None
        proposal = named.proposal()
        if contested is None or proposal is None:
            return open_first(answer, last, levels)
        return open_contested(answer, proposal, contested, last, levels)
    below, ends = named.one(AppealOpened), named.all(AppealConcluded)
    levels, escalation = named.levels_of_appeal(below.event, rules), named.any(EscalationRequested)
    if escalation is not None:
        return open_escalated(below, escalation, Before(named.last(AppealOpened), next(iter(ends), None)), levels)
    above = Before(named.last(AppealOpened), ends[1] if len(ends) > 1 else None)
    return open_next(below, named.one(AppealConcluded), above, levels)


def _concluded_again(named: _Basis, rules: Ruleset) -> AppealConcluded:
    decision = decision_in_force(named.facts())
    if decision is None:
        raise BasisMissing(named.decision, "decision of a reviewer")
    opened = named.one(AppealOpened)
    return conclude(opened, decision, named.levels_of_appeal(opened.event, rules))


def _told_again(named: _Basis, event: Event, rules: Ruleset) -> Event | None:
    """What the clock said, on the day that it told."""
    tick = named.one(DayBegan)
    match event:
        case DeadlineWarned():
            return warning(_running(named, event), Appeals(), tick)
        case AppealLapsed():
            return lapse(named.one(AppealOpened), "open", tick)
        case DecisionOverdue():
            return overdue(named.one(AppealOpened), _filing(named), tick, rules)
        case _:
            raise BasisMissing(event.type, "rule of ours")


def _running(named: _Basis, event: DeadlineWarned) -> Running:
    proposal, concluded = named.proposal(), named.any(AppealConcluded)
    if proposal is not None and proposal.event.file_by is not None:
        said = proposal.event
        assert said.file_by is not None
        return Running(said.item_id or event.item_id, kind(said), said.file_by, said.amount_cents, proposal)
    if concluded is not None and concluded.event.vacate_by is not None:
        end = concluded.event
        assert end.vacate_by is not None
        return Running(end.appeal_id, "vacate", end.vacate_by, end.left_cents, concluded)
    opened = named.one(AppealOpened)
    return Running(opened.event.appeal_id, "appeal", opened.event.file_by, opened.event.amount_cents, opened)


def _filing(named: _Basis) -> Filing:
    by: Known[Any] | None = named.any(AppealFiled) or named.any(AppealConcluded)
    match by.event if by else None:
        case AppealFiled(filed_on=day) | AppealConcluded(decided_on=day):
            return Filing(day, by)
    return Filing(named.one(AppealOpened).event.received_on, None)
