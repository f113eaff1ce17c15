"""From what a person wants to do about an item to the event that it makes, or the reason why it cannot be: pure."""

from collections.abc import Callable, Mapping
from typing import Any

from appeals.acts import Act, Close, Escalate, File, GiveBack, Note, Send, Take, Vacate, Withdraw
from appeals.clock import due_on
from appeals.desk import (
    Desk,
    check_amount,
    check_day,
    check_possible,
    check_version,
    identified,
    possible,
    same,
    unless_said,
)
from appeals.errors import ActNotPossible, AlreadyTaken, NoRightToAppeal, NotLate, TooLateToVacate
from appeals.filing import filed
from appeals.state import Known, Proposal
from appeals.triage import Proposed, work_of
from therapy_domain.events.appeal import RemedyProposed
from therapy_domain.events.appeal_work import (
    AppealWithdrawn,
    EscalationRequested,
    NoteAdded,
    RemedySent,
    VacateRequested,
    WorkClosed,
    WorkTaken,
)
from therapy_domain.events.base import Event


def act_on(desk: Desk, act: Act, *, expected: int | None = None) -> Known[Any] | None:
    """The event that an act makes; None where it says what stands already.

    Args:    expected: the version of the item that the person saw; None = whatever it is.
    Raises:  a DomainError of appeals.errors, or AmountNotPublished: it cannot be.
    """
    check_version(desk, expected)
    check_possible(desk, type(act))
    made = _ACTS[type(act)](desk, act)
    return None if made is None else identified(desk, made)


def _take(desk: Desk, act: Take) -> Event | None:
    taken = desk.state.taken.get(desk.item_id)
    has = taken.event.taken_by if taken is not None else None
    if has == act.by:
        return None
    if taken is not None and has is not None and has != act.taken_from:
        since = taken.event.at.isoformat(timespec="minutes")
        raise AlreadyTaken(desk.item_id, taken_by=has, since=since, wanted_by=act.by)
    return WorkTaken(**desk.common(act.by), taken_by=act.by)


def _give_back(desk: Desk, act: GiveBack) -> Event | None:
    return None if desk.state.taken_by(desk.item_id) is None else WorkTaken(**desk.common(act.by), taken_by=None)


def _note(desk: Desk, act: Note) -> Event:
    return NoteAdded(**desk.common(act.by), text=act.text)


def _file_alone(desk: Desk, act: File) -> Event | None:
    return filed(desk, act, desk.opened.controversy_cents or 0)


def _send(desk: Desk, act: Send) -> Event | None:
    check_day(desk, "sent", act.on, desk.answer.said.received_on)
    event = RemedySent(
        **desk.common(act.by), sent_on=act.on, how=act.how, proof=act.proof, packet_sha256=act.packet_sha256
    )
    return unless_said(desk, event)


def _withdraw(desk: Desk, act: Withdraw) -> Event | None:
    filing = desk.state.filing(desk.item_id)
    assert filing is not None, "what is filed has a filing"
    check_day(desk, "withdrawn", act.on, filing.on)
    return AppealWithdrawn(**desk.common(act.by), withdrawn_on=act.on, reason=act.reason)


def _escalate(desk: Desk, act: Escalate) -> Event | None:
    due, level = due_on(desk.state, desk.item_id, desk.rules), desk.opened.level
    right = desk.levels.medicare and desk.levels.row(level, act.on).escalation_source is not None
    if not right or due is None or act.on <= due:
        raise NotLate(desk.item_id, level=level, due_on=due if right else None, requested_on=act.on)
    check_day(desk, "escalated", act.on, due)
    if desk.levels.required(level + 1, act.on, act.on):
        check_amount(desk, level + 1, act.on, desk.opened.controversy_cents or 0)
    event = EscalationRequested(**desk.common(act.by), requested_on=act.on, how=act.how, proof=act.proof)
    said = desk.state.escalated.get(desk.item_id)
    return None if said is not None and same(said.event, event) else event


def _vacate(desk: Desk, act: Vacate) -> Event | None:
    end = desk.state.concluded[desk.item_id].event
    check_day(desk, "asked to be vacated", act.on, end.decided_on)
    if end.vacate_by is None or act.on > end.vacate_by:
        last, source = end.vacate_by or end.decided_on, end.vacate_source or end.source
        raise TooLateToVacate(desk.item_id, requested_on=act.on, last_day=last, source=source)
    return VacateRequested(**desk.common(act.by), requested_on=act.on, how=act.how, proof=act.proof, reason=act.reason)


def _close(desk: Desk, act: Close) -> Event | None:
    if desk.item_id in desk.state.opened:
        if act.outcome != "declined":
            allowed = [name for name in possible(desk.state, desk.item_id) if name != "close"]
            raise ActNotPossible(
                desk.item_id, f"close as {act.outcome}", status=desk.status, possible=[*allowed, "close as declined"]
            )
    elif act.outcome == "contested":
        _check_right(desk, desk.state.proposals[desk.item_id].event)
    return unless_said(desk, WorkClosed(**desk.common(act.by), outcome=act.outcome, reason=act.reason))


def _check_right(desk: Desk, proposal: Proposal) -> None:
    remedy: Proposed = proposal.remedy if isinstance(proposal, RemedyProposed) else "corrected-claim"
    if remedy not in work_of(desk.answer, desk.levels).appealable:
        raise NoRightToAppeal(desk.item_id, source=proposal.source)


_ACTS: Mapping[type, Callable[[Desk, Any], Event | None]] = {
    Take: _take,
    GiveBack: _give_back,
    Note: _note,
    File: _file_alone,
    Send: _send,
    Withdraw: _withdraw,
    Escalate: _escalate,
    Vacate: _vacate,
    Close: _close,
}
