"""From a payer's denial to what we do about it: pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from appeals.payer import Levels
from appeals.state import Answer, Known, Proposal, denial_of
from therapy_domain.appeals.deadlines import (
    REOPENING_SOURCE,
    TIMELY_FILING_SOURCE,
    AppealDeadline,
    filing_deadline,
    reopening_deadline,
)
from therapy_domain.appeals.denials import REMEDIES, Remedy, SortedAdjustment, Strategy, sort_denial
from therapy_domain.appeals.own_record import own_record
from therapy_domain.events.appeal import (
    AppealOpened,
    CorrectionRequested,
    DenialTriaged,
    DeniedService,
    RemedyProposed,
)
from therapy_domain.events.appeal import SortedAdjustment as ToldAdjustment
from therapy_domain.events.appeal_work import WorkClosed
from therapy_domain.events.claim import ClaimAdjudicated
from therapy_domain.identity import appeal_id, work_id
from therapy_domain.rulesets.denials import KnownFact, denial_codes

FIRST_LEVEL = 1
_PATIENTS_SHARE = frozenset({"1", "2", "3"})
"""Deductible, coinsurance, copayment."""
Proposed = Literal["corrected-claim", "reopening", "write-off-proposal", "bill-patient"]
PROPOSED: tuple[Proposed, ...] = ("corrected-claim", "reopening", "write-off-proposal", "bill-patient")
"""What a person decides on, in the order in which the proposals of one denial are numbered."""


@dataclass(frozen=True)
class Work:
    """What a denial asks for."""

    strategy: Strategy
    of: Mapping[Remedy, tuple[SortedAdjustment, ...]]
    """By what is to be done first; an adjustment whose line asks for something else before is not there."""
    appealable: frozenset[Remedy]
    """Of those, what touches a line that may be appealed as well."""
    without_reason: bool
    """The payer denied and gave no code at all."""


def work_of(answer: Answer, levels: Levels) -> Work:
    """Lines are worked apart; within a line, or the claim as a whole, the first remedy in strategy order leads.

    The patient's share is no refusal: it asks for no work.
    """
    said, record = answer.said, answer.record
    in_time, known = levels.filed_in_time(said), dict[int | None, frozenset[KnownFact]]()
    if record is not None:
        known |= own_record(said.adjustments, record, levels.rules, filed_in_time=in_time)
    strategy = sort_denial(said.adjustments, levels.rules, program=levels.program, known=known, on=said.received_on)
    lines: dict[int | None, list[SortedAdjustment]] = {}
    for each in strategy.adjustments:
        if each.rights.denial:
            lines.setdefault(each.line, []).append(each)
    of: dict[Remedy, tuple[SortedAdjustment, ...]] = {}
    appealable: set[Remedy] = set()
    for line in lines.values():
        lead = min((each.rights.remedy for each in line), key=REMEDIES.index)
        of[lead] = (*of.get(lead, ()), *(each for each in line if each.rights.remedy == lead))
        if any(each.rights.appealable for each in line):
            appealable.add(lead)
    return Work(strategy, of, frozenset(appealable), said.outcome == "denied" and not said.adjustments)


def triage(answer: Answer, levels: Levels) -> DenialTriaged:
    """Each adjustment sorted, with its reason and source and what to show, and what comes first."""
    work = work_of(answer, levels)
    remedies = [each.rights.remedy for each in work.strategy.adjustments]
    return DenialTriaged(
        case_id=answer.said.case_id,
        claim_id=answer.said.claim_id,
        org=answer.said.org,
        remittance_id=answer.said.remittance_id,
        action="appeal" if work.without_reason else min(remedies, key=REMEDIES.index, default="none"),
        adjustments=tuple(map(_told, work.strategy.adjustments)),
        answers=answer.assessed_id,
        policy=levels.facts,
        ruleset=levels.rules.id,
        ruleset_hash=levels.rules.hash,
        basis=_basis(answer, (), levels),
    )


def propose(
    answer: Answer, remedy: Proposed, before: Known[Proposal] | None, levels: Levels
) -> CorrectionRequested | RemedyProposed | None:
    """What a denial asks a person for; None where it does not ask for this.

    Args:    before: the proposal of the claim with the highest number; a proposal of the same denial, made where it
             was sorted otherwise, hands its id on.
    """
    work = work_of(answer, levels)
    concerned = work.of.get(remedy, ())
    if not concerned:
        return None
    said = answer.said
    file_by, limit = _do_by(said, concerned[0], levels, appealable=remedy in work.appealable)
    sources = (*(each.rights.source for each in concerned), limit)
    common = {
        "item_id": _item_id(answer, before, levels),
        "case_id": said.case_id,
        "claim_id": said.claim_id,
        "org": said.org,
        "payer_id": said.payer_id,
        "remittance_id": said.remittance_id,
        "amount_cents": sum(each.amount_cents for each in concerned),
        "reasons": _reasons(concerned),
        "services": _services(answer, concerned),
        "evidence": _evidence(concerned),
        "answers": answer.assessed_id,
        "policy": levels.facts,
        "file_by": file_by,
        "source": _joined(sources),
        "at": said.at,
        "ruleset": levels.rules.id,
        "ruleset_hash": levels.rules.hash,
        "basis": _basis(answer, () if before is None else (before.id,), levels),
    }
    if remedy == "corrected-claim":
        return CorrectionRequested.model_validate(common)
    return RemedyProposed.model_validate(common | {"remedy": remedy, "ground": concerned[0].rights.reopening})


def open_first(answer: Answer, before: Known[AppealOpened] | None, levels: Levels) -> AppealOpened | None:
    """The first appeal of a denial; None where there is nothing to appeal.

    Args:    before: the appeal of the claim with the highest number; the denial's own, opened where it was sorted
             otherwise, hands its id on.
    """
    work = work_of(answer, levels)
    concerned = work.of.get("appeal", ())
    if not concerned and not work.without_reason:
        return None
    return _opened(answer, concerned, before, levels)


def open_contested(
    answer: Answer,
    proposal: Known[Proposal],
    contested: Known[WorkClosed],
    before: Known[AppealOpened] | None,
    levels: Levels,
) -> AppealOpened | None:
    """The appeal that a person wants in place of what was proposed; None where the law gives no right to it."""
    work, event = work_of(answer, levels), proposal.event
    remedy: Proposed = event.remedy if isinstance(event, RemedyProposed) else "corrected-claim"
    if remedy not in work.appealable:
        return None
    opened = _opened(answer, work.of[remedy], before, levels, instead_of=event.item_id)
    at = max(answer.said.at, contested.event.at)
    return opened.model_copy(update={"at": at, "basis": (*opened.basis, proposal.id, contested.id)})


def _opened(
    answer: Answer,
    concerned: Sequence[SortedAdjustment],
    before: Known[AppealOpened] | None,
    levels: Levels,
    *,
    instead_of: str | None = None,
) -> AppealOpened:
    said = answer.said
    deadline = first_deadline(said, levels)
    on = said.notice_date or said.received_on
    amount = sum(each.amount_cents for each in concerned) if concerned else said.charge_cents or 0
    return AppealOpened(
        appeal_id=_appeal_id(answer, before, levels, instead_of),
        case_id=said.case_id,
        claim_id=said.claim_id,
        org=said.org,
        payer_id=said.payer_id,
        program=levels.program,
        denial=answer.id,
        instead_of=instead_of,
        follows=None,
        against="denial",
        level=FIRST_LEVEL,
        level_name=levels.name(FIRST_LEVEL, on),
        received_on=deadline.receipt,
        file_by=deadline.last_day,
        amount_cents=amount,
        reasons=_reasons(concerned),
        services=_services(answer, concerned),
        controversy_cents=_controversy(said, concerned) if levels.medicare else None,
        required=levels.required(FIRST_LEVEL, deadline.receipt, deadline.last_day),
        new_evidence=levels.row(FIRST_LEVEL, on).new_evidence,
        evidence=_evidence(concerned),
        answers=answer.assessed_id,
        policy=levels.facts,
        source=_joined((deadline.source, *_why(concerned, levels))),
        at=said.at,
        ruleset=levels.rules.id,
        ruleset_hash=levels.rules.hash,
        basis=_basis(answer, () if before is None else (before.id,), levels),
    )


def first_deadline(said: ClaimAdjudicated, levels: Levels) -> AppealDeadline:
    """By when a first appeal must be there. `received_on` is evidence of receipt: nothing is presumed."""
    return levels.deadline(FIRST_LEVEL, notice_date=said.notice_date, received_on=said.received_on)


def _item_id(answer: Answer, before: Known[Proposal] | None, levels: Levels) -> str:
    if before is None:
        return work_id(answer.said.claim_id, 1)
    if denial_of(before.event) == answer.id and before.event.under != answer.under(levels.facts):
        return before.event.item_id
    return work_id(answer.said.claim_id, _number(before.event.item_id) + 1)


def _appeal_id(answer: Answer, before: Known[AppealOpened] | None, levels: Levels, instead_of: str | None) -> str:
    if before is not None and before.event.against == "denial":
        opened = before.event
        if (opened.denial, opened.instead_of) == (answer.id, instead_of) and opened.under != answer.under(levels.facts):
            return opened.appeal_id
    return next_appeal_id(answer.said.claim_id, before)


def next_appeal_id(claim_id: str, before: Known[AppealOpened] | None) -> str:
    """The id after the highest one."""
    return appeal_id(claim_id, 1 if before is None else _number(before.event.appeal_id) + 1)


def _number(item_id: str) -> int:
    return int(item_id[item_id.rindex("-") + 2 :])


def _basis(answer: Answer, more: Collection[str], levels: Levels) -> tuple[str, ...]:
    assessed = () if answer.assessed is None else (answer.assessed.id,)
    return (answer.id, *assessed, *more, *levels.facts)


def _do_by(
    said: ClaimAdjudicated, first: SortedAdjustment, levels: Levels, *, appealable: bool
) -> tuple[date | None, str]:
    """The last day that leaves no right behind, and why."""
    if appealable:
        deadline = first_deadline(said, levels)
        return deadline.last_day, deadline.source
    if first.rights.remedy == "reopening":
        return reopening_deadline(said.notice_date or said.received_on), REOPENING_SOURCE
    if first.rights.remedy == "corrected-claim" and levels.medicare:
        return filing_deadline(said.date_of_service), TIMELY_FILING_SOURCE
    return None, ""


def _services(answer: Answer, concerned: Sequence[SortedAdjustment]) -> tuple[DeniedService, ...]:
    """The lines in dispute; all of them where the claim was denied as a whole."""
    if answer.assessed is None:
        return ()
    lines = answer.assessed.event.lines
    whole = not concerned or any(each.line is None for each in concerned)
    denied: dict[int, int] = {}
    for each in concerned:
        if each.line is not None:
            denied[each.line] = denied.get(each.line, 0) + each.amount_cents
    as_charged = sum(each.amount_cents for each in concerned) == sum(line.charge_cents or 0 for line in lines)
    return tuple(
        DeniedService(
            line=line.line,
            code=line.code,
            units=line.units,
            modifiers=line.modifiers,
            charge_cents=line.charge_cents,
            denied_cents=denied.get(line.line, line.charge_cents if whole and (as_charged or not concerned) else None),
        )
        for line in lines
        if whole or line.line in denied
    )


def _controversy(said: ClaimAdjudicated, concerned: Sequence[SortedAdjustment]) -> int:
    """Charged, less paid, less the patient's share, for the lines in dispute [cents].

    What was taken off a line is its charge less what was paid for it.
    Source:  42 CFR 405.1006(d).
    """
    if not concerned:
        return said.charge_cents or 0
    lines = {each.line for each in concerned}
    return sum(
        each.amount_cents
        for each in said.adjustments
        if each.line in lines and not (each.group == "PR" and each.carc in _PATIENTS_SHARE)
    )


def _why(concerned: Sequence[SortedAdjustment], levels: Levels) -> tuple[str, ...]:
    if not concerned:
        return (denial_codes(levels.rules).unlisted.source,)
    return tuple(each.rights.source for each in concerned)


def _reasons(adjustments: Iterable[SortedAdjustment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{each.group}-{each.carc}" for each in adjustments))


def _evidence(adjustments: Iterable[SortedAdjustment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for each in adjustments for key in each.rights.evidence))


def _joined(sources: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, sources)))


def _told(each: SortedAdjustment) -> ToldAdjustment:
    rights = each.rights
    return ToldAdjustment.model_validate(
        {
            "group": each.group,
            "carc": each.carc,
            "rarcs": each.rarcs,
            "amount_cents": each.amount_cents,
            "line": each.line,
            "action": rights.action,
            "appealable": rights.appealable,
            "source": rights.source,
            "reopening": rights.reopening,
            "category": rights.category,
            "reason": rights.meaning,
            "record": rights.record,
            "evidence": rights.evidence,
        }
    )
