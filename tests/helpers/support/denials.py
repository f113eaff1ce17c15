"""One denied case without a log: what payers, reviewers, people and the clock say, and what the decider makes of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from appeals.acting import act_on
from appeals.acts import Act
from appeals.decider import decide
from appeals.desk import Desk, denial_behind
from appeals.payer import levels_of
from appeals.replay import decide_again
from appeals.state import BY_A_PERSON, Answer, Appeals, Decision, Known, decision_in_force, evolve
from therapy_domain import facts
from therapy_domain.events.appeal import AppealDecided, AppealOpened
from therapy_domain.events.appeal_work import DayBegan
from therapy_domain.events.base import Event, Fact, fact
from therapy_domain.events.claim import Adjustment, ClaimAdjudicated, ClaimAssessed
from therapy_domain.events.reference import AppealLevel, PayerPolicyPublished
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import appeal_id, case_id, claim_id, decision_id, id_text, work_id
from therapy_domain.rulesets import load

RULES = load()
CASE = case_id("org-1", "P-1", "PT", "medicare", date(2026, 1, 12))
CLAIM = claim_id(CASE)
START = datetime(2026, 2, 1, 12, tzinfo=UTC)
NECESSITY = Adjustment(group="CO", carc="50", amount_cents=10_000)
LARGE = Adjustment(group="CO", carc="50", amount_cents=30_000)
"""Enough in controversy for a hearing."""
MODIFIER = Adjustment(group="CO", carc="4", amount_cents=4_000)
LATE = Adjustment(group="CO", carc="29", amount_cents=10_000)

Answers = Mapping[str, ClaimAdjudicated]
Facts = Mapping[str, SubjectFacts]
Said = tuple[str, Any] | Fact[Any] | Event | date
"""An answer or a person's act with its id, a fact, or a day that the clock tells."""


def answer(number: int, *adjustments: Adjustment, **changes: Any) -> tuple[str, ClaimAdjudicated]:
    """The payer's n-th answer, n hours after the first."""
    said: dict[str, Any] = {
        "case_id": CASE,
        "claim_id": CLAIM,
        "org": "org-1",
        "payer_id": "medicare",
        "payer_profile": "medicare",
        "appeal_days": None,
        "discipline": "PT",
        "date_of_service": date(2026, 1, 12),
        "remittance_id": f"R-{number}",
        "outcome": "denied",
        "paid_cents": 0,
        "adjustments": adjustments,
        "received_on": date(2026, 2, 8),
        "notice_date": None,
        "charge_cents": 20_000,
        "at": START + timedelta(hours=number),
        "ruleset": RULES.id,
        "ruleset_hash": RULES.hash,
        "basis": (id_text(number.to_bytes(16, "big")),),
    }
    event = ClaimAdjudicated.model_validate(said | changes)
    return id_text(decision_id(event.type, CASE, event.basis)), event


def decided(appeal: str, outcome: str, hours: float, paid_cents: int | None = None, **changes: Any) -> Fact[Any]:
    """A reviewer's decision, so many hours after the first answer."""
    said = {"outcome": outcome, "decided_on": date(2026, 6, 1), "paid_cents": paid_cents} | changes
    return fact(
        AppealDecided.model_validate(said),
        source="/orgs/org-1",
        event_id=f"{appeal}-{outcome}-{hours}",
        subject=appeal,
        time=START + timedelta(hours=hours),
    )


def policy(number: int, *levels: tuple[str, int], payer: str = "acme", **changes: Any) -> Fact[Any]:
    """A payer's policy with levels of its own; later numbers replace earlier ones."""
    said = {
        "name": "Acme",
        "effective_from": date(2026, 1, 1),
        "extends": "commercial-cms",
        "appeal_levels": tuple(AppealLevel(name=name, days=days) for name, days in levels) or None,
    }
    return fact(
        PayerPolicyPublished.model_validate(said | changes),
        source="/orgs/org-1",
        event_id=f"policy-{number}",
        subject=payer,
        time=START + timedelta(minutes=number),
    )


def known(*events: Fact[Any]) -> dict[str, SubjectFacts]:
    """Facts by what they are about."""
    found: dict[str, SubjectFacts] = {}
    for event in events:
        found[event.subject] = facts.evolve(found.get(event.subject, SubjectFacts()), event.fact_id, event)
    return found


def in_force(said: Facts) -> dict[str, Decision]:
    """The decisions that hold."""
    return {appeal: found for appeal, each in said.items() if (found := decision_in_force(each)) is not None}


def appeal(number: int) -> str:
    return appeal_id(CLAIM, number)


def work(number: int) -> str:
    return work_id(CLAIM, number)


def began(day: date) -> Known[DayBegan]:
    """A day that the clock told."""
    event = DayBegan(today=day, at=datetime.combine(day, time(0, 1), UTC))
    return Known(id_text(decision_id(event.type, "clock", (day.isoformat(),))), event)


class Told:
    """A case, worked on after everything that is said; working on it again makes nothing, and every decision is
    made again from the events that its basis names."""

    def __init__(self) -> None:
        self.answers: dict[str, ClaimAdjudicated] = {}
        self.assessed: Known[ClaimAssessed] | None = None
        """The claim that all of them answer, where it is known."""
        self.decisions: list[Fact[Any]] = []
        self.payer = SubjectFacts()
        self.state = Appeals()
        self.today: Known[DayBegan] | None = None
        self.named: dict[str, Any] = {}
        self.said: list[Event] = []
        """Every event of ours and of people, in order."""

    def hears(self, *said: Said) -> Self:
        for each in said:
            self._take(each)
        return self.works()

    def does(self, item: str, act: Act, *, on: date = date(2030, 1, 1), expected: int | None = None) -> Self:
        """A person does something, as seen on a day."""
        made = act_on(self.desk(item, on), act, expected=expected)
        if made is not None:
            self._take((made.id, made.event))
        return self.works()

    def desk(self, item: str, on: date = date(2030, 1, 1)) -> Desk:
        denial = denial_behind(self.state, item)
        said = self.answers[denial]
        at = datetime.combine(on, time(9), UTC)
        answer = Answer(denial, said, self.assessed)
        return Desk(self.state, item, levels_of(said, self.payer, RULES), answer, on, at)

    def works(self) -> Self:
        made = self._decide()
        for each in made:
            self.named[each.event_id] = each.event
            self.said.append(each.event)
            again = decide_again(each.event, [self.named[name] for name in each.event.basis], RULES)
            assert again.canonical() == each.event.canonical()
        assert self._decide() == []
        return self

    def _take(self, said: Said) -> None:
        match said:
            case date():
                tick = began(said)
                self.named[tick.id] = tick.event
                if self.today is None or tick.event.today > self.today.event.today:
                    self.today = tick
            case Fact(event=PayerPolicyPublished()):
                self.payer = facts.evolve(self.payer, said.fact_id, said)
                self.named[id_text(said.fact_id)] = said
            case Fact():
                self.decisions.append(said)
                self.named[id_text(said.fact_id)] = said
            case (event_id, ClaimAssessed() as event):
                self.assessed = Known(event_id, event)
                self.named[event_id] = event
            case (event_id, ClaimAdjudicated() as event):
                self.answers[event_id] = event
                self.named[event_id] = event
            case (event_id, event) if isinstance(event, BY_A_PERSON):
                self.named[event_id] = event
                self.said.append(event)
                self.state = evolve(self.state, event_id, event)

    def _decide(self) -> Any:
        decisions = in_force(known(*self.decisions))
        assessed = {} if self.assessed is None else dict.fromkeys(self.answers, self.assessed)
        made, self.state = decide(
            self.state, self.answers, decisions, RULES, assessed=assessed, payer=self.payer, today=self.today
        )
        return made

    def opened(self, number: int) -> AppealOpened:
        return self.state.opened[appeal(number)].event

    def statuses(self) -> dict[str, str]:
        """Where each item stands, by the end of its id."""
        items = [*self.state.opened, *self.state.proposals]
        return {item.rpartition("-")[2]: self.state.status(item) for item in items}

    def of(self, kind: type[Event]) -> list[Any]:
        """What was said of a kind, in order."""
        return [event for event in self.said if isinstance(event, kind)]


def told(*said: Said) -> Told:
    return Told().hears(*said)


def essence(state: Appeals) -> dict[str, Any]:
    """What a case comes to, whatever the order of arrival: no ids of events, and what is moot left out."""
    unsaid = {"basis", "at", "answers", "policy", "ruleset_hash"}
    items = [*state.opened, *state.proposals]
    standing = {item: state.status(item) for item in items}
    live = [item for item, status in standing.items() if status != "moot"]
    events: Mapping[str, Iterable[Any]] = {
        item: [part[item].event for part in (state.opened, state.proposals, state.concluded) if item in part]
        for item in live
    }
    return {
        item: (standing[item], [event.model_dump(exclude=unsaid) for event in events[item]], state.taken_by(item))
        for item in live
    }


def act_id(event: Event) -> tuple[str, Event]:
    """A person's act under some id of its own."""
    return id_text(decision_id(event.type, CASE, (event.model_dump_json(),))), event
