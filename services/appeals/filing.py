"""A filing, alone or together with others: in time, late with good cause, with enough in controversy. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from appeals.acts import File
from appeals.desk import Desk, check_amount, check_day, check_possible, check_version, identified, unless_said
from appeals.errors import AppealTooLate, NotAlike
from appeals.state import Known
from therapy_domain.appeals.aggregation import AGGREGATION_SOURCE
from therapy_domain.events.appeal_work import AppealFiled
from therapy_domain.events.base import Event


def file_together(desks: Sequence[Desk], act: File, *, expected: int | None = None) -> list[Known[Any]]:
    """The filings of several appeals in one request; what stands already is left out.

    Args:    desks: the appeal that is filed, then those that `act` names beside it. expected: of the first.
    Raises:  as act_on; NotAlike.
    """
    first, *others = desks
    for other in others:
        _check_alike(first, other)
    together = sum(desk.opened.controversy_cents or 0 for desk in desks)
    ids = [desk.item_id for desk in desks]
    made = []
    for number, desk in enumerate(desks):
        one = replace(act, together_with=tuple(each for each in ids if each != desk.item_id))
        check_version(desk, expected if number == 0 else None)
        check_possible(desk, File)
        event = filed(desk, one, together)
        if event is not None:
            made.append(identified(desk, event))
    return made


def filed(desk: Desk, act: File, together: int) -> Event | None:
    """The filing of one appeal; None where it is said already.

    Args:    together: what is in controversy in the whole request [cents].
    Raises:  DayNotPossible, AppealTooLate, AmountTooSmall, AmountNotPublished.
    """
    opened = desk.opened
    row = desk.levels.row(opened.level, act.on)
    earliest = opened.received_on - timedelta(days=row.presumed_receipt_days)
    check_day(desk, "filed", act.on, earliest)
    if act.on > opened.file_by and not opened.is_filed_by_escalation and not act.good_cause:
        raise AppealTooLate(desk.item_id, filed_on=act.on, last_day=opened.file_by)
    if opened.required:
        check_amount(desk, opened.level, act.on, together)
    event = AppealFiled(
        **desk.common(act.by),
        filed_on=act.on,
        how=act.how,
        proof=act.proof,
        good_cause=act.good_cause,
        together_with=act.together_with,
        together_cents=together if act.together_with else None,
        packet_sha256=act.packet_sha256,
    )
    return unless_said(desk, event)


def _check_alike(first: Desk, other: Desk) -> None:
    one, two = first.opened, other.opened
    differs = {
        "they are not at one level that asks for an amount": one.level != two.level or not one.required,
        "they are not of one party": one.org != two.org,
        "they were not denied for the same reasons": sorted(one.reasons) != sorted(two.reasons),
    }
    why = next((words for words, true in differs.items() if true), None)
    if why is not None:
        raise NotAlike(first.item_id, other.item_id, why=why, source=AGGREGATION_SOURCE)
