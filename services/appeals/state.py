"""What was said of a case's denials so far: by this service, by people, by the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from therapy_domain.events.appeal import (
    AppealConcluded,
    AppealDecided,
    AppealOpened,
    CorrectionRequested,
    DenialSettled,
    DenialTriaged,
    RemedyProposed,
)
from therapy_domain.events.appeal_work import (
    AppealFiled,
    AppealLapsed,
    AppealWithdrawn,
    DayBegan,
    DeadlineWarned,
    DecisionOverdue,
    EscalationRequested,
    NoteAdded,
    RemedySent,
    VacateRequested,
    WorkClosed,
    WorkTaken,
)
from therapy_domain.events.base import Event, Fact
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import decision_id, id_text

E = TypeVar("E", bound=Event)
Proposal = CorrectionRequested | RemedyProposed
Said = (
    DenialTriaged
    | CorrectionRequested
    | RemedyProposed
    | AppealOpened
    | AppealConcluded
    | DenialSettled
    | DeadlineWarned
    | AppealLapsed
    | DecisionOverdue
)
"""What the service concludes."""
Turn = AppealFiled | AppealWithdrawn | RemedySent | WorkClosed
"""What a person did that changes where an item stands: the last one holds."""
Status = Literal["open", "filed", "lapsed", "withdrawn", "declined", "decided", "settled", "moot", "sent", "done"]
BY_A_PERSON = (
    AppealFiled,
    AppealWithdrawn,
    EscalationRequested,
    NoteAdded,
    RemedySent,
    VacateRequested,
    WorkClosed,
    WorkTaken,
)


class Known(NamedTuple, Generic[E]):
    """An event with its id."""

    id: str
    event: E


class Answer(NamedTuple):
    """A payer's answer, and the claim that it answers."""

    id: str
    """Of the ClaimAdjudicated."""
    said: ClaimAdjudicated
    assessed: Known[ClaimAssessed] | None = None

    @property
    def assessed_id(self) -> str | None:
        """Of the claim that it answers."""
        return None if self.assessed is None else self.assessed.id

    @property
    def record(self) -> ClaimAssessed | None:
        """The claim, where our record of it is what it was when the payer answered.

        What was made to fit the answer says nothing about what was billed.
        """
        claim = None if self.assessed is None else self.assessed.event
        return None if claim is None or (claim.amended and claim.today > self.said.received_on) else claim

    def under(self, policy: tuple[str, ...]) -> tuple[str, ...]:
        """What it is sorted under, with these policy facts of the payer: see DenialTriaged.under."""
        return (self.assessed_id or "", *policy)


class Filing(NamedTuple):
    """How a reviewer got an appeal."""

    on: date
    """The reviewer's time to decide runs from here."""
    by: Known[Any] | None
    """The AppealFiled, or the conclusion that sent it back; None: the request to go on from a late level was it."""


@dataclass(frozen=True, slots=True)
class Appeals:
    """One case: what was said last of each of its denials, appeals and proposals."""

    denials: Mapping[str, Known[DenialTriaged]] = field(default_factory=dict)
    """By the event id of the ClaimAdjudicated that denied, as are settlements."""
    settled: Mapping[str, Known[DenialSettled]] = field(default_factory=dict)
    proposals: Mapping[str, Known[Proposal]] = field(default_factory=dict)
    """By item id, in the order they were made, as numbered."""
    opened: Mapping[str, Known[AppealOpened]] = field(default_factory=dict)
    """By appeal id, in the order they were first opened, as numbered."""
    concluded: Mapping[str, Known[AppealConcluded]] = field(default_factory=dict)
    turns: Mapping[str, Known[Turn]] = field(default_factory=dict)
    """By item: the last thing a person did that changes where it stands."""
    escalated: Mapping[str, Known[EscalationRequested]] = field(default_factory=dict)
    """By the appeal whose decision is late."""
    vacating: Mapping[str, Known[VacateRequested]] = field(default_factory=dict)
    taken: Mapping[str, Known[WorkTaken]] = field(default_factory=dict)
    notes: Mapping[str, tuple[Known[NoteAdded], ...]] = field(default_factory=dict)
    lapsed: Mapping[tuple[str, date], Known[AppealLapsed]] = field(default_factory=dict)
    """By appeal and the last day that passed."""
    overdue: Mapping[tuple[str, date], Known[DecisionOverdue]] = field(default_factory=dict)
    """By appeal and the day by which it was to be decided."""
    warned: Mapping[tuple[str, str, date], int] = field(default_factory=dict)
    """By item, kind of deadline and last day: the tightest threshold that was told [days]."""
    versions: Mapping[str, int] = field(default_factory=dict, compare=False)
    """By item: how often something was said that changes where it stands or who has it."""

    def last(self) -> Known[AppealOpened] | None:
        """The appeal with the highest number."""
        return tuple(self.opened.values())[-1] if self.opened else None

    def last_proposal(self) -> Known[Proposal] | None:
        """The proposal with the highest number."""
        return tuple(self.proposals.values())[-1] if self.proposals else None

    def following(self, appeal_id: str) -> Known[AppealOpened] | None:
        """The appeal at the level above one; a review of its dismissal that sent it back is over, and none."""
        above = (each for each in self.opened.values() if each.event.follows == appeal_id)
        return next((each for each in above if not self._sent_back(each.event.appeal_id)), None)

    def _sent_back(self, appeal_id: str) -> bool:
        return appeal_id in self.concluded and self.concluded[appeal_id].event.closed == "remanded"

    def _remand(self, appeal_id: str) -> Known[AppealConcluded] | None:
        """The review of its dismissal that sent an appeal back; None where there is none, or it was decided since."""
        end = self.concluded.get(appeal_id)
        if end is None or end.event.outcome != "dismissed":
            return None
        reviews = [each for each, opened in self.opened.items() if opened.event.follows == appeal_id]
        sent_back = [self.concluded[each] for each in reviews if self._sent_back(each)]
        later = (each for each in sent_back if each.event.at > end.event.at)
        return max(later, key=lambda each: each.event.at, default=None)

    def status(self, item_id: str) -> Status:
        """Where an appeal or a proposal stands.

        open: to be filed, or to be decided on by a person; filed: the reviewer has it; lapsed: nobody filed it in time;
        withdrawn, declined: a person gave it up; decided; settled: the payer paid; moot: nothing asks for it any more;
        sent, done: a proposal that went out, or that a person is through with (also one that is appealed instead).
        """
        return self._of_proposal(item_id) if item_id in self.proposals else self._of_appeal(item_id)

    def _of_appeal(self, appeal_id: str) -> Status:
        opened = self.opened[appeal_id].event
        if self._was_sorted_otherwise(opened.denial, opened.under):
            return "moot"
        if appeal_id in self.concluded:
            return "decided" if self._remand(appeal_id) is None else "filed"
        if opened.denial in self.settled:
            return "settled"
        if self._is_moot(opened):
            return "moot"
        turn = self.turns.get(appeal_id)
        match turn.event if turn else None:
            case AppealFiled():
                return "filed"
            case AppealWithdrawn():
                return "withdrawn"
            case WorkClosed():
                return "declined"
        if opened.is_filed_by_escalation:
            return "filed"
        return "lapsed" if (appeal_id, opened.file_by) in self.lapsed else "open"

    def _is_moot(self, opened: AppealOpened) -> bool:
        """The decision that it goes against was replaced by one that leaves no next level."""
        below = self.concluded.get(opened.follows) if opened.follows is not None else None
        return below is not None and below.event.next_level is None

    def _was_sorted_otherwise(self, denial: str, under: tuple[str, ...]) -> bool:
        """As the denial was sorted last, it does not ask for this."""
        return denial in self.denials and self.denials[denial].event.under != under

    def _of_proposal(self, item_id: str) -> Status:
        proposal = self.proposals[item_id].event
        denial = denial_of(proposal)
        if denial in self.settled:
            return "settled"
        if self._was_sorted_otherwise(denial, proposal.under):
            return "moot"
        turn = self.turns.get(item_id)
        match turn.event if turn else None:
            case RemedySent():
                return "sent"
            case WorkClosed(outcome="declined"):
                return "declined"
            case WorkClosed():
                return "done"
        return "open"

    def filing(self, appeal_id: str) -> "Filing | None":
        """How and when the reviewer got an appeal; None where nobody filed it, or took it back."""
        remand, turn = self._remand(appeal_id), self.turns.get(appeal_id)
        if remand is not None:
            return Filing(remand.event.decided_on, remand)
        match turn.event if turn else None:
            case AppealFiled(filed_on=day):
                return Filing(day, turn)
            case None if self.opened[appeal_id].event.is_filed_by_escalation:
                return Filing(self.opened[appeal_id].event.received_on, None)
        return None

    def taken_by(self, item_id: str) -> str | None:
        """Who has the item."""
        taken = self.taken.get(item_id)
        return taken.event.taken_by if taken is not None else None


def denial_of(proposal: Proposal) -> str:
    """The event id of the ClaimAdjudicated that a proposal answers."""
    return proposal.basis[0]


def evolve(state: Appeals, event_id: str, event: object) -> Appeals:
    """The state with one more event of the case's stream; events of other kinds change nothing."""
    if isinstance(event, BY_A_PERSON):
        return _counted(_evolve_by_a_person(state, event_id, event), event)
    return _counted(_evolve_by_us(state, event_id, event), event)


def _evolve_by_us(state: Appeals, event_id: str, event: object) -> Appeals:
    match event:
        case DenialTriaged(basis=(denial, *_)):
            return replace(state, denials={**state.denials, denial: Known(event_id, event)})
        case DenialSettled(denial=denial):
            return replace(state, settled={**state.settled, denial: Known(event_id, event)})
        case CorrectionRequested() | RemedyProposed():
            item = event.item_id or event.basis[0]
            return replace(state, proposals={**state.proposals, item: Known(event_id, event)})
        case AppealOpened(appeal_id=item):
            return replace(state, opened={**state.opened, item: Known(event_id, event)})
        case AppealConcluded(appeal_id=item):
            return replace(state, concluded={**state.concluded, item: Known(event_id, event)})
        case DeadlineWarned():
            key = event.item_id, event.deadline, event.last_day
            return replace(state, warned={**state.warned, key: min(event.days, state.warned.get(key, event.days))})
        case AppealLapsed(appeal_id=item, file_by=day):
            return replace(state, lapsed={**state.lapsed, (item, day): Known(event_id, event)})
        case DecisionOverdue(appeal_id=item, due_on=day):
            return replace(state, overdue={**state.overdue, (item, day): Known(event_id, event)})
        case _:
            return state


def _evolve_by_a_person(state: Appeals, event_id: str, event: object) -> Appeals:
    match event:
        case AppealFiled() | AppealWithdrawn() | RemedySent() | WorkClosed():
            return replace(state, turns={**state.turns, event.item_id: Known(event_id, event)})
        case EscalationRequested(item_id=item):
            return replace(state, escalated={**state.escalated, item: Known(event_id, event)})
        case VacateRequested(item_id=item):
            return replace(state, vacating={**state.vacating, item: Known(event_id, event)})
        case WorkTaken(item_id=item):
            return replace(state, taken={**state.taken, item: Known(event_id, event)})
        case NoteAdded(item_id=item):
            return replace(state, notes={**state.notes, item: (*state.notes.get(item, ()), Known(event_id, event))})
        case _:
            return state


def _counted(state: Appeals, event: object) -> Appeals:
    """The state in whose count of versions an event is that changes where an item stands or who has it."""
    match event:
        case CorrectionRequested() | RemedyProposed() | AppealFiled() | AppealWithdrawn() | RemedySent() | WorkClosed():
            item = event.item_id
        case EscalationRequested() | VacateRequested() | WorkTaken():
            item = event.item_id
        case AppealOpened() | AppealConcluded() | AppealLapsed() | DecisionOverdue():
            item = event.appeal_id
        case _:
            return state
    return replace(state, versions={**state.versions, item: state.versions.get(item, 0) + 1})


def identified(event: Said) -> Known[Said]:
    """A decision under its derived id.

    What the clock makes is named by what it is about, not by the day on which it was said: two clocks say it once.
    """
    return Known(id_text(decision_id(event.type, event.case_id, _named_by(event))), event)


def _named_by(event: Said) -> tuple[str, ...]:
    match event:
        case DeadlineWarned():
            return event.item_id, event.deadline, event.last_day.isoformat(), f"{event.days} days"
        case AppealLapsed():
            return event.appeal_id, event.file_by.isoformat()
        case DecisionOverdue():
            return event.appeal_id, event.due_on.isoformat()
        case _:
            return event.basis


class Decision(NamedTuple):
    """A reviewer's decision in force: the latest fact of an appeal."""

    fact: Fact[AppealDecided]
    basis: tuple[str, ...]
    """The fact's id, and what a person decided about a conflict on it."""


def decision_in_force(said: SubjectFacts) -> Decision | None:
    """The decision that holds among all that was said about one appeal: the latest replaces the earlier ones."""
    decided = [fact for fact in said.in_force() if isinstance(fact.event, AppealDecided)]
    if not decided:
        return None
    fact = id_text(decided[-1].fact_id)
    chosen = [
        event_id
        for conflict, (choice, settlement) in said.settled.items()
        if settlement.keep == "second" and conflict in said.conflicts and said.conflicts[conflict].fact == fact
        for event_id in (conflict, choice)
    ]
    return Decision(decided[-1], (fact, *sorted(chosen)))


def latest_day(day: Known[DayBegan] | None, event_id: str, event: object) -> Known[DayBegan] | None:
    """The clock's day with one more event: it never goes back."""
    if isinstance(event, DayBegan) and (day is None or event.today > day.event.today):
        return Known(event_id, event)
    return day
