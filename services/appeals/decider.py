"""From all that payers and reviewers said of a case to what is to be done: pure, whatever the order of arrival."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from appeals.levels import conclude, open_next
from appeals.state import Appeals, Decision, Known, Said, evolve, identified
from appeals.triage import open_first, request_correction, triage
from therapy_domain.events.appeal import AppealConcluded, DenialSettled
from therapy_domain.events.claim import ClaimAdjudicated
from therapy_domain.rulesets import Ruleset

Adjudications = Mapping[str, ClaimAdjudicated]
"""Every answer of the payer to the claim, by event id."""
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
    state: Appeals, adjudications: Adjudications, decisions: Decisions, rules: Ruleset
) -> tuple[list[Made], Appeals]:
    """Work off every denial and every decision that nothing was said about yet, in the order they happened.

    Appeals are numbered in that order, so a history that arrives late at once is numbered as one that came in time.
    An id once given stays.

    Returns: what is new, and the state with it. Deciding again on that state makes nothing.
    """
    work = _Work(state, adjudications, decisions, rules)
    while steps := [*work.denials(), *work.concluded()]:
        min(steps, key=lambda step: step[:2]).work()
    work.settle()
    return work.made, work.state


class _Work:
    def __init__(self, state: Appeals, adjudications: Adjudications, decisions: Decisions, rules: Ruleset) -> None:
        self.state, self.made = state, list[Made]()
        self._adjudications, self._decisions, self._rules = adjudications, decisions, rules

    def denials(self) -> Iterator[_Step]:
        """The denials that were not sorted yet. A remittance that came again under another event id is not new."""
        known = {
            _content(self._adjudications[denial]) for denial in self.state.denials if denial in self._adjudications
        }
        for denial, said in self._adjudications.items():
            if said.outcome in DENIED and denial not in self.state.denials and _content(said) not in known:
                yield _Step(*_order(said), partial(self._sort, denial, said))

    def concluded(self) -> Iterator[_Step]:
        """The decisions in force of appeals, as they were last opened, that no conclusion rests on yet."""
        for appeal, opened in self.state.opened.items():
            decision, concluded = self._decisions.get(appeal), self.state.concluded.get(appeal)
            if decision is None or (concluded is not None and concluded.event.basis == (opened.id, *decision.basis)):
                continue
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

    def _sort(self, denial: str, said: ClaimAdjudicated) -> None:
        self._say(triage(denial, said, self._rules), said.at)
        correction = request_correction(denial, said, self._rules)
        if correction is not None:
            self._say(correction, said.at)
        appeal = open_first(denial, said, self.state.last(), self._rules)
        if appeal is not None:
            self._say(appeal, said.at)

    def _conclude(self, appeal: str, decision: Decision) -> None:
        below = self.state.opened[appeal]
        self._say(conclude(below, decision, self._rules), decision.fact.time)
        concluded: Known[AppealConcluded] = self.state.concluded[appeal]
        before = self.state.following(appeal) or self.state.last() or below
        following = open_next(below, concluded, before, self._rules)
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
