"""What a decision about a person's act may look at, and what every act is checked for: pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from appeals.acts import NAMES, Close, Escalate, File, GiveBack, Note, Send, Take, Vacate, Withdraw
from appeals.errors import ActNotPossible, AmountTooSmall, ChangedMeanwhile, DayNotPossible, UnknownItem
from appeals.payer import Levels
from appeals.state import Answer, Appeals, Known, Status
from therapy_domain.appeals import deadlines
from therapy_domain.events.appeal import AppealOpened
from therapy_domain.events.appeal_work import NoteAdded
from therapy_domain.events.base import Event
from therapy_domain.identity import decision_id, id_text
from therapy_domain.rulesets import Ruleset

_OF_APPEALS: Mapping[Status, tuple[type, ...]] = {
    "open": (File, Close),
    "lapsed": (File, Close),
    "declined": (File,),
    "withdrawn": (File,),
    "filed": (File, Withdraw, Escalate),
    "decided": (Vacate,),
}
_OF_PROPOSALS: Mapping[Status, tuple[type, ...]] = {
    "open": (Send, Close),
    "sent": (Send, Close),
    "declined": (Send, Close),
}
_ALWAYS: tuple[type, ...] = (Take, GiveBack, Note)


class Desk(NamedTuple):
    """What a decision about an act may look at."""

    state: Appeals
    item_id: str
    levels: Levels
    answer: Answer
    """The denial that it is about."""
    today: date
    at: datetime
    version: int = 0
    """Of the case's stream, at which the state was folded: what is decided on it is refused where it changed."""

    @property
    def rules(self) -> Ruleset:
        """The ruleset release."""
        return self.levels.rules

    @property
    def status(self) -> Status:
        """Where the item stands."""
        return self.state.status(self.item_id)

    @property
    def opened(self) -> AppealOpened:
        """The appeal."""
        return self.state.opened[self.item_id].event

    def common(self, by: str) -> dict[str, Any]:
        """The fields that every act has."""
        item = self.state.opened.get(self.item_id) or self.state.proposals[self.item_id]
        about = {name: getattr(item.event, name) for name in ("case_id", "claim_id", "org")}
        return about | {"item_id": self.item_id, "by": by, "at": self.at}


def denial_behind(state: Appeals, item_id: str) -> str:
    """The event id of the denial that an item is about.

    Raises:  UnknownItem.
    """
    if item_id in state.opened:
        return state.opened[item_id].event.denial
    if item_id in state.proposals:
        return state.proposals[item_id].event.basis[0]
    raise UnknownItem(item_id)


def possible(state: Appeals, item_id: str) -> list[str]:
    """The names of what can be done about an item now, as far as its standing goes."""
    status = state.status(item_id)
    table = _OF_APPEALS if item_id in state.opened else _OF_PROPOSALS
    kinds = (*table.get(status, ()), *_ALWAYS)
    vacatable = _may_be_vacated(state, item_id)
    return [NAMES[kind] for kind in kinds if kind is not Vacate or vacatable]


def check_possible(desk: Desk, kind: type) -> None:
    """Raises:  ActNotPossible: the item does not stand so."""
    allowed = possible(desk.state, desk.item_id)
    if NAMES[kind] not in allowed:
        raise ActNotPossible(desk.item_id, NAMES[kind], status=desk.status, possible=allowed)


def _may_be_vacated(state: Appeals, item_id: str) -> bool:
    end = state.concluded.get(item_id)
    return end is not None and end.event.vacate_by is not None and item_id not in state.vacating


def check_version(desk: Desk, expected: int | None) -> None:
    """Raises:  ChangedMeanwhile: the item is not as the person saw it."""
    actual = desk.state.versions.get(desk.item_id, 0)
    if expected is not None and actual != expected:
        raise ChangedMeanwhile(desk.item_id, expected=expected, actual=actual, last=_last(desk))


def _last(desk: Desk) -> str:
    """Who did what last."""
    state, item = desk.state, desk.item_id
    said = [each.get(item) for each in (state.turns, state.taken, state.escalated, state.vacating)]
    acts = [known.event for known in said if known is not None]
    if not acts:
        return f"it is {desk.status} now"
    latest = max(acts, key=lambda event: event.at)
    return f"it is {desk.status} now, last by {latest.by} ({latest.type})"


def check_day(desk: Desk, what: str, day: date, earliest: date) -> None:
    """Raises:  DayNotPossible: it is before what it follows, or still to come."""
    if not earliest <= day <= max(desk.today, earliest):
        raise DayNotPossible(desk.item_id, what, day, earliest=earliest, latest=max(desk.today, earliest))


def check_amount(desk: Desk, level: int, on: date, cents: int) -> None:
    """Raises:  AmountTooSmall; AmountNotPublished: of that year."""
    required = deadlines.amount_in_controversy(level, on, desk.rules)
    if required.amount_cents is not None and cents < required.amount_cents:
        raise AmountTooSmall(
            desk.item_id,
            level=level,
            year=on.year,
            cents=cents,
            required_cents=required.amount_cents,
            source=required.source,
        )


def identified(desk: Desk, event: Event) -> Known[Any]:
    """An act under an id of its own.

    What stood before it is part of the id, so the same again later is another act; free text is no part of it.
    """
    before = [known.id for each in (desk.state.turns, desk.state.taken) if (known := each.get(desk.item_id))]
    unnamed = {"at", *event.personal} if not isinstance(event, NoteAdded) else set(event.personal)
    said = event.model_dump_json(exclude=unnamed)
    return Known(id_text(decision_id(event.type, desk.answer.said.case_id, (said, *before))), event)


def unless_said(desk: Desk, event: Event) -> Event | None:
    """The event; None where what a person did last says the same."""
    said = desk.state.turns.get(desk.item_id)
    return None if said is not None and same(said.event, event) else event


def same(said: Event, event: Event) -> bool:
    """Whether two acts say the same, whoever said it and when."""
    unsaid = {"by", "at"}
    return type(said) is type(event) and said.model_dump(exclude=unsaid) == event.model_dump(exclude=unsaid)
