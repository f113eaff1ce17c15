"""From all that payers, reviewers and people said of a case, and the day it is, to what follows: pure.

The order of arrival does not matter: what is worked on is taken by when it happened.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from appeals.clock import Tick, lapse, overdue, running, warning
from appeals.levels import Before, conclude, open_escalated, open_next
from appeals.payer import NO_FACTS, Levels, levels_of
from appeals.state import (
    Answer,
    Appeals,
    Decision,
    Known,
    Said,
    denial_of,
    evolve,
    identified,
)
from appeals.triage import PROPOSED, open_contested, open_first, propose, triage
from therapy_domain.events.appeal import AppealConcluded, AppealOpened, DenialSettled
from therapy_domain.events.appeal_work import EscalationRequested, WorkClosed
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.facts import SubjectFacts
from therapy_domain.rulesets import Ruleset

Adjudications = Mapping[str, ClaimAdjudicated]
"""Every answer of the payer to the claim, by event id."""
Assessments = Mapping[str, Known[ClaimAssessed]]
"""The claim that an answer answers, by the answer's event id."""
Decisions = Mapping[str, Decision]
"""The reviewers' decisions in force, by appeal id; also of appeals that are not open yet."""
DENIED = frozenset({"denied", "partial"})


class Made(NamedTuple):
    """A decision, its id, and when what it rests on happened."""

    event_id: str
    event: Said
    at: datetime


class _Step(NamedTuple):
    """Something that waits to be worked on; the earliest comes first."""

    at: datetime
    fact: str
    """The id of the fact it is about: of two at the same time, always the same one comes first."""
    work: Callable[[], None]


def decide(
    state: Appeals,
    adjudications: Adjudications,
    decisions: Decisions,
    rules: Ruleset,
    *,
    assessed: Assessments | None = None,
    payer: SubjectFacts = NO_FACTS,
    today: Tick | None = None,
) -> tuple[list[Made], Appeals]:
    """Work off every denial, decision and act of a person that nothing was said about yet, in the order they happened.

    Appeals and proposals are numbered in that order, so a history that arrives late at once is numbered as one that
    came in time. An id once given stays.

    Args:    payer: what was published about the payer. today: the latest day that the clock told; without it no
             deadline is spoken of.
    Returns: what is new, and the state with it. Deciding again on that state makes nothing.
    """
    work = _Work(state, adjudications, decisions, rules, assessed or {}, payer)
    while steps := [*work.denials(), *work.contested(), *work.escalated(), *work.concluded()]:
        min(steps, key=lambda step: step[:2]).work()
    work.settle()
    if today is not None:
        work.tick(today)
    return work.made, work.state


class _Work:
    def __init__(
        self,
        state: Appeals,
        adjudications: Adjudications,
        decisions: Decisions,
        rules: Ruleset,
        assessed: Assessments,
        payer: SubjectFacts,
    ) -> None:
        self.state, self.made = state, list[Made]()
        self._adjudications, self._decisions, self._rules = adjudications, decisions, rules
        self._assessed, self._payer = assessed, payer

    def denials(self) -> Iterator[_Step]:
        """The denials that were not sorted yet under the payer's policy in force, as the claim that they answer.

        A remittance that came again under another event id is not new.
        """
        known = {
            _content(self._adjudications[denial]) for denial in self.state.denials if denial in self._adjudications
        }
        for denial, said in self._adjudications.items():
            if said.outcome not in DENIED:
                continue
            before = self.state.denials.get(denial)
            if before is None and _content(said) in known:
                continue
            if before is None or before.event.under != self._under(denial):
                yield _Step(*_order(said), partial(self._sort, denial))

    def contested(self) -> Iterator[_Step]:
        """The proposals in whose place a person wants an appeal, that was not opened yet."""
        for item, turn in self.state.turns.items():
            if not isinstance(turn.event, WorkClosed) or turn.event.outcome != "contested":
                continue
            if item not in self.state.proposals or self.state.status(item) in ("moot", "settled"):
                continue
            appeal = self._contest(item, turn.id, turn.event)
            if appeal is not None:
                yield _Step(turn.event.at, turn.id, partial(self._say, appeal, appeal.at))

    def escalated(self) -> Iterator[_Step]:
        """The appeals whose next level was asked because they are late, and that were not decided after all."""
        for appeal, escalation in self.state.escalated.items():
            below, following = self.state.opened.get(appeal), self.state.following(appeal)
            if below is None or appeal in self.state.concluded:
                continue
            if following is not None and {escalation.id, below.id}.issubset(following.event.basis):
                continue
            above = self._escalate(appeal, escalation)
            if above is not None:
                yield _Step(escalation.event.at, escalation.id, partial(self._say, above, above.at))

    def concluded(self) -> Iterator[_Step]:
        """The decisions in force of appeals, as they were last opened, that no conclusion rests on yet."""
        for appeal, opened in self.state.opened.items():
            decision, concluded = self._decisions.get(appeal), self.state.concluded.get(appeal)
            if decision is None or opened.event.denial not in self._adjudications:
                continue
            facts = self._levels(opened.event.denial).facts
            if opened.event.under != self._under(opened.event.denial):
                continue  # it is opened again as the denial is sorted now, or is moot
            if concluded is None or concluded.event.basis != (opened.id, *decision.basis, *facts):
                yield _Step(decision.fact.time, decision.basis[0], partial(self._conclude, appeal, decision))

    def settle(self) -> None:
        """Close every denial that the payer paid after all."""
        paid = sorted(
            (Known(answer, said) for answer, said in self._adjudications.items() if said.outcome == "paid"),
            key=lambda answer: _order(answer.event),
        )
        unsettled = [denial for denial in self.state.denials if denial not in self.state.settled]
        for denial in unsettled:
            since = _order(self._adjudications[denial])
            denied = self._adjudications[denial]
            later = (answer for answer in paid if _order(answer.event) > since)
            answer = next((answer for answer in later if not _other_part(denied, answer.event)), None)
            if answer is not None:
                self._say(settle(denial, answer), answer.event.at)

    def tick(self, today: Tick) -> None:
        """Say what the day brings: lapsed appeals, late decisions, and last days that are near."""
        for appeal, opened in tuple(self.state.opened.items()):
            lapsed = lapse(opened, self.state.status(appeal), today)
            if lapsed is not None:
                self._say(lapsed, lapsed.at)
            late = None
            if self.state.status(appeal) == "filed":
                late = overdue(opened, self.state.filing(appeal), today, self._rules)
            if late is not None and (appeal, late.due_on) not in self.state.overdue:
                self._say(late, late.at)
        for one in tuple(running(self.state)):
            near = warning(one, self.state, today)
            if near is not None:
                self._say(near, near.at)

    def _levels(self, denial: str) -> Levels:
        return levels_of(self._adjudications[denial], self._payer, self._rules)

    def _under(self, denial: str) -> tuple[str, ...]:
        """What a denial is sorted under now."""
        return self._answer(denial).under(self._levels(denial).facts)

    def _answer(self, denial: str) -> Answer:
        return Answer(denial, self._adjudications[denial], self._assessed.get(denial))

    def _sort(self, denial: str) -> None:
        """Sort a denial, and say what it asks for; what it asked for otherwise hands its ids on in order."""
        answer, levels = self._answer(denial), self._levels(denial)
        outdated = [
            proposal
            for proposal in self.state.proposals.values()
            if denial_of(proposal.event) == denial and proposal.event.under != answer.under(levels.facts)
        ]
        own = self._first_appeal(denial, None)
        self._say(triage(answer, levels), answer.said.at)
        for remedy in PROPOSED:
            before = outdated[0] if outdated else self.state.last_proposal()
            proposal = propose(answer, remedy, before, levels)
            if proposal is not None:
                outdated = outdated[1:]
                self._say(proposal, answer.said.at)
        appeal = open_first(answer, own or self.state.last(), levels)
        if appeal is not None:
            self._say(appeal, answer.said.at)

    def _first_appeal(self, denial: str, instead_of: str | None) -> Known[AppealOpened] | None:
        """The first level of what a denial asked for itself, or of what a person wanted instead of a proposal."""
        of_denial = (each for each in self.state.opened.values() if each.event.denial == denial)
        first = (each for each in of_denial if each.event.against == "denial")
        return next((each for each in first if each.event.instead_of == instead_of), None)

    def _contest(self, item: str, turn_id: str, turn: WorkClosed) -> AppealOpened | None:
        """The appeal instead of a proposal; None where it is open already, or the law gives no right to it."""
        proposal = self.state.proposals[item]
        denial = denial_of(proposal.event)
        if denial not in self._adjudications:
            return None
        own, levels = self._first_appeal(denial, item), self._levels(denial)
        if own is not None and own.event.under == self._under(denial):
            return None
        before = own or self.state.last()
        return open_contested(self._answer(denial), proposal, Known(turn_id, turn), before, levels)

    def _before(self, below: Known[AppealOpened]) -> Before:
        following = self.state.following(below.event.appeal_id)
        if following is not None:
            return Before(following)
        last = self.state.last() or below
        end = self.state.concluded.get(last.event.appeal_id)
        sent_back = end if end is not None and end.event.closed == "remanded" else None
        return Before(last, sent_back if last.event.follows == below.event.appeal_id else None)

    def _escalate(self, appeal: str, escalation: Known[EscalationRequested]) -> AppealOpened | None:
        below = self.state.opened[appeal]
        if below.event.denial not in self._adjudications:
            return None
        return open_escalated(below, escalation, self._before(below), self._levels(below.event.denial))

    def _conclude(self, appeal: str, decision: Decision) -> None:
        below = self.state.opened[appeal]
        levels = self._levels(below.event.denial)
        self._say(conclude(below, decision, levels), decision.fact.time)
        concluded: Known[AppealConcluded] = self.state.concluded[appeal]
        following = open_next(below, concluded, self._before(below), levels)
        if following is not None:
            self._say(following, decision.fact.time)

    def _say(self, event: Said, at: datetime) -> None:
        event_id, _ = identified(event)
        self.made.append(Made(event_id, event, at))
        self.state = evolve(self.state, event_id, event)


def settle(denial: str, paid: Known[ClaimAdjudicated]) -> DenialSettled:
    """A denial that the payer paid after all."""
    return DenialSettled(
        case_id=paid.event.case_id,
        claim_id=paid.event.claim_id,
        org=paid.event.org,
        denial=denial,
        remittance_id=paid.event.remittance_id,
        at=paid.event.at,
        basis=(denial, paid.id),
    )


def _other_part(denied: ClaimAdjudicated, paid: ClaimAdjudicated) -> bool:
    """Whether a payer split the claim and answers another part of it: that pays nothing of what it denied."""
    return (
        denied.payment is not None
        and denied.payment == paid.payment
        and denied.payer_claim_number != paid.payer_claim_number
    )


def _order(said: ClaimAdjudicated) -> tuple[datetime, str]:
    """When the remittance happened, then its fact's id: the same however it arrived."""
    return said.at, said.basis[0]


def _content(said: ClaimAdjudicated) -> tuple[object, ...]:
    """What makes two remittances one that was sent twice."""
    return (
        said.remittance_id,
        said.outcome,
        said.paid_cents,
        said.adjustments,
        said.received_on,
        said.notice_date,
    )
