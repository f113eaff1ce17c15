"""What the appeals service has said of a case so far: its denials, corrections and appeals."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, NamedTuple, TypeVar

from therapy_domain.events.appeal import (
    AppealConcluded,
    AppealDecided,
    AppealOpened,
    CorrectionRequested,
    DenialSettled,
    DenialTriaged,
)
from therapy_domain.events.base import Event, Fact
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import decision_id, id_text

E = TypeVar("E", bound=Event)
Said = DenialTriaged | CorrectionRequested | AppealOpened | AppealConcluded | DenialSettled
Status = Literal["open", "decided", "settled", "moot"]


class Known(NamedTuple, Generic[E]):
    """An event with its id."""

    id: str
    event: E


@dataclass(frozen=True, slots=True)
class Appeals:
    """One case: what was said last of each of its denials and appeals."""

    denials: Mapping[str, Known[DenialTriaged]] = field(default_factory=dict)
    """By the event id of the ClaimAdjudicated that denied, as are corrections and settlements."""
    corrections: Mapping[str, Known[CorrectionRequested]] = field(default_factory=dict)
    opened: Mapping[str, Known[AppealOpened]] = field(default_factory=dict)
    """By appeal id, in the order they were first opened, as numbered."""
    concluded: Mapping[str, Known[AppealConcluded]] = field(default_factory=dict)
    settled: Mapping[str, Known[DenialSettled]] = field(default_factory=dict)

    def last(self) -> Known[AppealOpened] | None:
        """The appeal with the highest number."""
        return tuple(self.opened.values())[-1] if self.opened else None

    def following(self, appeal_id: str) -> Known[AppealOpened] | None:
        """The appeal at the level above one."""
        return next((each for each in self.opened.values() if each.event.follows == appeal_id), None)

    def status(self, appeal_id: str) -> Status:
        """Where an appeal stands: open, decided, settled (the payer paid), or moot (nothing stands against it)."""
        opened = self.opened[appeal_id].event
        if appeal_id in self.concluded:
            return "decided"
        if opened.denial in self.settled:
            return "settled"
        below = self.concluded[opened.follows].event if opened.follows is not None else None
        return "moot" if below is not None and below.next_level is None else "open"


def evolve(state: Appeals, event_id: str, event: object) -> Appeals:
    """The state with one more of our own decisions; other events change nothing."""
    match event:
        case DenialTriaged(basis=(denial, *_)):
            return replace(state, denials={**state.denials, denial: Known(event_id, event)})
        case CorrectionRequested(basis=(denial, *_)):
            return replace(state, corrections={**state.corrections, denial: Known(event_id, event)})
        case AppealOpened(appeal_id=appeal):
            return replace(state, opened={**state.opened, appeal: Known(event_id, event)})
        case AppealConcluded(appeal_id=appeal):
            return replace(state, concluded={**state.concluded, appeal: Known(event_id, event)})
        case DenialSettled(denial=denial):
            return replace(state, settled={**state.settled, denial: Known(event_id, event)})
        case _:
            return state


def identified(event: Said) -> Known[Said]:
    """A decision under its derived id."""
    return Known(id_text(decision_id(event.type, event.case_id, event.basis)), event)


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
