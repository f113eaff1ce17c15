"""How a claim's appeals stand, as far as its status and money go: folded from what was said of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from therapy_domain.events.appeal import (
    AppealConcluded,
    AppealOpened,
    CorrectionRequested,
    DenialTriaged,
    RemedyProposed,
)
from therapy_domain.events.appeal_work import AppealFiled, AppealLapsed, AppealWithdrawn, RemedySent, WorkClosed

FOLLOWED = (DenialTriaged, AppealConcluded, AppealOpened, AppealFiled, AppealLapsed, AppealWithdrawn, WorkClosed)
"""What changes a claim's status."""
Entry = tuple[datetime, tuple[str, ...], str]
"""When, what it rests on, and the status it gives the claim: the latest one counts."""


@dataclass(frozen=True, slots=True)
class Appealed:
    """The appeals of one claim, and what else its denials ask for."""

    opened: Mapping[str, AppealOpened] = field(default_factory=dict)
    concluded: Mapping[str, AppealConcluded] = field(default_factory=dict)
    """A later conclusion of the same appeal replaces the earlier one."""
    turns: Mapping[str, AppealFiled | AppealWithdrawn | RemedySent | WorkClosed] = field(default_factory=dict)
    """By item: the last thing a person did that changes where it stands."""
    lapsed: Mapping[str, AppealLapsed] = field(default_factory=dict)
    mending: Mapping[str, CorrectionRequested | RemedyProposed] = field(default_factory=dict)
    """The claims to correct and the decisions to reopen."""
    sorted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By denial: what it was sorted under last. What was said under anything else is moot."""

    def entries(self) -> Iterator[Entry]:
        """What each appeal says of the claim's status."""
        live = self._live()
        for end in self.standing():
            yield end.at, end.basis, _after(end)
        if self._given_up(live):
            yield from self._ends(live)
        for appeal, opened in live.items():
            if self._is_filed(appeal):
                yield max(opened.at, _end_of(self._filed_on(appeal))), (appeal,), "appealed"

    def standing(self) -> list[AppealConcluded]:
        """The conclusions that hold: those of appeals that are not moot."""
        live = self._live()
        return [end for appeal, end in self.concluded.items() if appeal in live or appeal not in self.opened]

    def _live(self) -> Mapping[str, AppealOpened]:
        return {appeal: opened for appeal, opened in self.opened.items() if self._lives(opened.denial, opened.under)}

    def _lives(self, denial: str, under: tuple[str, ...]) -> bool:
        return self.sorted.get(denial, under) == under

    def _filed_on(self, appeal: str) -> date:
        turn = self.turns.get(appeal)
        return turn.filed_on if isinstance(turn, AppealFiled) else self.opened[appeal].received_on

    def _is_filed(self, appeal: str) -> bool:
        if appeal in self.concluded:
            return False
        turn = self.turns.get(appeal)
        return isinstance(turn, AppealFiled) or (turn is None and self.opened[appeal].is_filed_by_escalation)

    def _given_up(self, live: Iterable[str]) -> bool:
        """Whether nothing is left that could still bring money: every appeal and every correction is over."""
        mending = [item for item, each in self.mending.items() if self._lives(each.basis[0], each.under)]
        waiting = [item for item in mending if not isinstance(self.turns.get(item), WorkClosed)]
        running = [each for each in live if each not in self.concluded and self._end(each) is None]
        return not waiting and not running

    def _ends(self, live: Iterable[str]) -> Iterator[Entry]:
        for appeal in live:
            end = self._end(appeal)
            if end is not None and appeal not in self.concluded:
                yield end, (appeal,), "closed"

    def _end(self, appeal: str) -> datetime | None:
        """When an appeal was given up, or its last day passed; None where it was not, or was filed after all."""
        lapsed = self.lapsed.get(appeal)
        match self.turns.get(appeal):
            case AppealFiled():
                return None
            case AppealWithdrawn(withdrawn_on=day):
                return _end_of(day)
            case WorkClosed(at=moment):
                return moment
        return lapsed.at if lapsed is not None and lapsed.file_by == self.opened[appeal].file_by else None


def _after(end: AppealConcluded) -> str:
    match end.outcome:
        case _ if end.closed == "remanded":
            return "appealed"
        case "overturned":
            return "paid"
        case "partly":
            return "partially_paid"
        case _:
            return "denied" if end.next_level_by is not None else "closed"


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def follow(state: Appealed, event: object) -> Appealed:
    """The state with one more event; events of other kinds change nothing."""
    match event:
        case AppealOpened(appeal_id=appeal):
            return replace(state, opened={**state.opened, appeal: event})
        case AppealConcluded(appeal_id=appeal):
            return replace(state, concluded={**state.concluded, appeal: event})
        case AppealLapsed(appeal_id=appeal):
            return replace(state, lapsed={**state.lapsed, appeal: event})
        case AppealFiled() | AppealWithdrawn() | RemedySent() | WorkClosed():
            return replace(state, turns={**state.turns, event.item_id: event})
        case DenialTriaged(basis=(denial, *_)):
            return replace(state, sorted={**state.sorted, denial: event.under})
        case CorrectionRequested(item_id=item) | RemedyProposed(item_id=item, remedy="reopening"):
            return replace(state, mending={**state.mending, item: event})
        case _:
            return state
