"""From a payer's denial to what we do about it: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appeals.state import Known
from therapy_domain.appeals.deadlines import (
    MEDICARE,
    TIMELY_FILING_SOURCE,
    AppealDeadline,
    appeal_deadline,
    filing_deadline,
    level,
)
from therapy_domain.appeals.denials import ORDER, SortedAdjustment, Strategy, sort_denial
from therapy_domain.events.appeal import (
    AppealOpened,
    CorrectionRequested,
    DenialTriaged,
)
from therapy_domain.events.appeal import SortedAdjustment as ToldAdjustment
from therapy_domain.events.claim import ClaimAdjudicated
from therapy_domain.identity import appeal_id
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.deadline_tables import Program
from therapy_domain.rulesets.denials import denial_codes

FIRST_LEVEL = 1


@dataclass(frozen=True)
class _Work:
    """What a denial asks for."""

    strategy: Strategy
    correct: tuple[SortedAdjustment, ...]
    still_appealable: bool
    """Whether what is to be corrected may be appealed as well."""
    appeal: tuple[SortedAdjustment, ...]
    without_reason: bool
    """The payer denied and gave no code at all."""


def triage(denial: str, said: ClaimAdjudicated, rules: Ruleset) -> DenialTriaged:
    """Each adjustment sorted, with its source, and what comes first.

    Args:    denial: the event id of the ClaimAdjudicated.
    """
    work = _work(said, rules)
    return DenialTriaged(
        case_id=said.case_id,
        claim_id=said.claim_id,
        org=said.org,
        remittance_id=said.remittance_id,
        action="appeal" if work.without_reason else work.strategy.action,
        adjustments=tuple(map(_told, work.strategy.adjustments)),
        ruleset=rules.id,
        ruleset_hash=rules.hash,
        basis=(denial,),
    )


def request_correction(denial: str, said: ClaimAdjudicated, rules: Ruleset) -> CorrectionRequested | None:
    """The corrected claim that a denial asks for; None where it asks for none."""
    work = _work(said, rules)
    if not work.correct:
        return None
    file_by, limit = _correct_by(said, work, rules)
    sources = (*(each.rights.source for each in work.correct), limit)
    return CorrectionRequested(
        case_id=said.case_id,
        claim_id=said.claim_id,
        org=said.org,
        payer_id=said.payer_id,
        remittance_id=said.remittance_id,
        amount_cents=sum(each.amount_cents for each in work.correct),
        reasons=_reasons(work.correct),
        file_by=file_by,
        source="; ".join(dict.fromkeys(filter(None, sources))),
        at=said.at,
        ruleset=rules.id,
        ruleset_hash=rules.hash,
        basis=(denial,),
    )


def open_first(
    denial: str, said: ClaimAdjudicated, before: Known[AppealOpened] | None, rules: Ruleset
) -> AppealOpened | None:
    """The first appeal of a denial; None where there is nothing to appeal.

    Args:    before: the appeal of the claim with the highest number.
    """
    work = _work(said, rules)
    if not work.appeal and not work.without_reason:
        return None
    program = _program(said)
    deadline = _deadline(said, rules)
    amount = (said.charge_cents or 0) if work.without_reason else sum(each.amount_cents for each in work.appeal)
    return AppealOpened(
        appeal_id=appeal_id(said.claim_id, number_after(before)),
        case_id=said.case_id,
        claim_id=said.claim_id,
        org=said.org,
        payer_id=said.payer_id,
        program=program,
        denial=denial,
        follows=None,
        against="denial",
        level=FIRST_LEVEL,
        level_name=level(FIRST_LEVEL, rules, program=program, on=said.notice_date or said.received_on).name,
        received_on=deadline.receipt,
        file_by=deadline.last_day,
        amount_cents=amount,
        reasons=_reasons(work.appeal),
        source="; ".join(dict.fromkeys((deadline.source, *_why(work, rules)))),
        at=said.at,
        ruleset=rules.id,
        ruleset_hash=rules.hash,
        basis=(denial,) if before is None else (denial, before.id),
    )


def number_after(before: Known[AppealOpened] | None) -> int:
    """The number of the appeal after this one; 1 where there is none."""
    return 1 if before is None else int(before.event.appeal_id.rpartition("-A")[2]) + 1


def _work(said: ClaimAdjudicated, rules: Ruleset) -> _Work:
    """Lines are worked apart; within a line, or the claim as a whole, the first action in strategy order leads."""
    strategy = sort_denial(said.adjustments, rules, program=_program(said), on=said.received_on)
    lines: dict[int | None, list[SortedAdjustment]] = {}
    for each in strategy.adjustments:
        lines.setdefault(each.line, []).append(each)
    correct = [line for line in lines.values() if _lead(line) == "corrected-claim"]
    appeal = [line for line in lines.values() if _lead(line) == "appeal"]
    return _Work(
        strategy,
        correct=tuple(each for line in correct for each in line if each.rights.action == "corrected-claim"),
        still_appealable=any(each.rights.appealable for line in correct for each in line),
        appeal=tuple(each for line in appeal for each in line if each.rights.action == "appeal"),
        without_reason=said.outcome == "denied" and not said.adjustments,
    )


def _lead(line: Iterable[SortedAdjustment]) -> str:
    return min((each.rights.action for each in line), key=ORDER.index)


def _program(said: ClaimAdjudicated) -> Program:
    return MEDICARE if said.payer_profile == "medicare" else "other"


def _deadline(said: ClaimAdjudicated, rules: Ruleset) -> AppealDeadline:
    """By when a first appeal must be there. `received_on` is evidence of receipt: nothing is presumed."""
    program = _program(said)
    return appeal_deadline(
        FIRST_LEVEL,
        rules,
        notice_date=said.notice_date,
        received_on=said.received_on,
        program=program,
        limit_days=None if program == MEDICARE else said.appeal_days,
    )


def _correct_by(said: ClaimAdjudicated, work: _Work, rules: Ruleset) -> tuple[date | None, str]:
    if work.still_appealable:
        deadline = _deadline(said, rules)
        return deadline.last_day, deadline.source
    if _program(said) == MEDICARE:
        return filing_deadline(said.date_of_service), TIMELY_FILING_SOURCE
    return None, ""


def _why(work: _Work, rules: Ruleset) -> tuple[str, ...]:
    if work.without_reason:
        return (denial_codes(rules).unlisted.source,)
    return tuple(each.rights.source for each in work.appeal)


def _reasons(adjustments: Iterable[SortedAdjustment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{each.group}-{each.carc}" for each in adjustments))


def _told(each: SortedAdjustment) -> ToldAdjustment:
    return ToldAdjustment.model_validate(
        {
            "group": each.group,
            "carc": each.carc,
            "rarcs": each.rarcs,
            "amount_cents": each.amount_cents,
            "line": each.line,
            "action": each.rights.action,
            "appealable": each.rights.appealable,
            "source": each.rights.source,
        }
    )
