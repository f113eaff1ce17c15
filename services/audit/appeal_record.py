"""The record behind an appeal or a proposal, read from the log: what a letter may be made of."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from appeals.answers import ANSWERS
from appeals.clock import decision_due
from appeals.desk import denial_behind
from appeals.errors import UnknownItem
from appeals.payer import levels_of
from appeals.service import APPEALS
from appeals.state import Appeals, Filing
from appeals.views import item_row
from claim_validation.assembly import assemble, known_facts, names
from claim_validation.state import CHART, CLAIM, FACTS, SESSIONS, UNITS
from service_kit.reading import Reader
from therapy_domain.appeals.composing import Matter, NoLetter, Purpose, purpose_of
from therapy_domain.appeals.record import Dispute, Filed, Record, Reference, Visit
from therapy_domain.claims.case import Case
from therapy_domain.errors import DomainError
from therapy_domain.events.appeal import AppealOpened
from therapy_domain.events.appeal_work import AppealFiled
from therapy_domain.events.base import moment
from therapy_domain.events.claim import Adjustment, ClaimAdjudicated
from therapy_domain.identity import id_bytes, id_text
from therapy_domain.rulesets import Ruleset
from therapy_domain.streams import appeals_of, claim_of, sessions_of, subject_stream, units_of

EVIDENCE_LEVEL = 2
"""The level at which all evidence must be in (42 CFR 405.966)."""


class NoRecord(DomainError):
    """The claim behind an appeal is not on record as it was when it was answered."""

    code = "no-record"

    def __init__(self, item_id: str) -> None:
        self.item_id = item_id
        super().__init__(f"{item_id}: the visit behind the claim is not on record any more: nothing to argue from")


class Argued(NamedTuple):
    """What a letter is about: the item, what is disputed with its record, and when the evidence closed."""

    matter: Matter
    dispute: Dispute
    purpose: Purpose
    evidence_closed_on: date | None


def argued(read: Reader, item_id: str, rules: Ruleset, purpose: Purpose | None = None) -> Argued:
    """Everything that a letter about an item may rest on.

    Args:    purpose: what the letter is to ask for; without it, what the item asks for.
    Raises:  UnknownItem; NoRecord; NoLetter. event_log.keyring.Erased: the patient's key was destroyed.
    """
    row = item_row(read.rows(), item_id)
    if row is None:
        raise UnknownItem(item_id)
    state = read.fold(appeals_of(row["case_id"]), APPEALS).state
    answers = read.fold(claim_of(row["case_id"]), ANSWERS).state
    denial = denial_behind(state, item_id)
    said, assessed = answers.said[denial], answers.assessed.get(denial)
    case = _case(read, row["case_id"], rules)
    if case is None or assessed is None:
        raise NoRecord(item_id)
    matter = state.opened[item_id].event if item_id in state.opened else state.proposals[item_id].event
    wanted = purpose or purpose_of(matter)
    _check_purpose(state, item_id, wanted)
    filed, others = _filed(state, matter, wanted, rules), tuple(_others(read, case))
    record = Record(
        case=case,
        assessed_id=assessed.id,
        assessed=assessed.event,
        adjudicated_id=denial,
        adjudicated=said,
        others=others,
        filed=filed,
        references=_references(read, _named(case, assessed.id, denial, others, filed)),
        rules=rules,
    )
    payer = read.fold(subject_stream("payer", said.org, said.payer_id), FACTS).state
    program = levels_of(said, payer, rules).program
    dispute = Dispute(program, matter.services, tuple(_contested(said, matter)), record)
    return Argued(matter, dispute, wanted, _evidence_closed_on(state, matter))


def _check_purpose(state: Appeals, item_id: str, purpose: Purpose) -> None:
    """Raises:  NoLetter: nothing was dismissed; nobody is asked to decide."""
    end = state.concluded.get(item_id)
    if purpose == "vacate" and (end is None or end.event.vacate_by is None):
        raise NoLetter(item_id, "it was not dismissed: there is nothing to vacate")
    if purpose == "escalation" and (item_id not in state.opened or state.status(item_id) != "filed"):
        raise NoLetter(item_id, f"it is {state.status(item_id)}: no reviewer is late with it")


def _case(read: Reader, case: str, rules: Ruleset) -> Case | None:
    """The case as it stands; None where no session or no count of it is on record."""
    sessions = read.fold(sessions_of(case), SESSIONS).state
    units, claim = read.fold(units_of(case), UNITS).state, read.fold(claim_of(case), CLAIM).state
    if units is None or not sessions.recorded:
        return None
    named = names([case], read)[case]
    known = {stream: folded.state for stream, folded in known_facts(named, read).items()}
    charted = read.fold(named.chart, CHART)
    return assemble(named, sessions, units, claim.acts, known, charted, rules)


def _others(read: Reader, case: Case) -> Iterator[Visit]:
    """The patient's other visits under the same discipline, as their sessions stand."""
    charted = [known.event for known in case.history if known.event.discipline == case.discipline]
    folded = read.folds([sessions_of(entry.case_id) for entry in charted], SESSIONS)
    for entry in charted:
        sessions = folded[sessions_of(entry.case_id)].state.recorded.values()
        units = sum(line.units for line in entry.lines)
        yield Visit(entry.date_of_service, tuple(sessions), entry.payer_id, units)


def _filed(state: Appeals, matter: Matter, purpose: Purpose, rules: Ruleset) -> Filed | None:
    """The request that a dismissal or a late decision is about."""
    if not isinstance(matter, AppealOpened):
        return None
    reviewed = purpose == "appeal" and matter.against == "dismissal" and matter.follows is not None
    appeal = matter.follows if reviewed and matter.follows is not None else matter.appeal_id
    turn, opened = state.turns.get(appeal), state.opened[appeal]
    if turn is None or not isinstance(turn.event, AppealFiled):
        return None
    filed = turn.event
    due = decision_due(opened.event, Filing(filed.filed_on, turn), rules)
    last_day = opened.event.file_by
    return Filed(turn.id, filed.filed_on, filed.how, filed.proof, last_day, due, filed.good_cause)


def _evidence_closed_on(state: Appeals, matter: Matter) -> date | None:
    """When all evidence had to be in: with the filing at level 2, below this one; None where it is still open."""
    if not isinstance(matter, AppealOpened) or matter.new_evidence != "good-cause":
        return None
    below: AppealOpened | None = matter
    while below is not None and below.level > EVIDENCE_LEVEL:
        below = state.opened[below.follows].event if below.follows is not None else None
    if below is None:
        return None
    turn, end = state.turns.get(below.appeal_id), state.concluded.get(below.appeal_id)
    if turn is not None and isinstance(turn.event, AppealFiled):
        return turn.event.filed_on
    return end.event.decided_on if end is not None else None


def _contested(said: ClaimAdjudicated, matter: Matter) -> Iterator[Adjustment]:
    """The adjustments that the item is about."""
    lines = {service.line for service in matter.services}
    for each in said.adjustments:
        about = f"{each.group}-{each.carc}" in matter.reasons
        if about and each.amount_cents >= 0 and (each.line is None or each.line in lines or not lines):
            yield each


def _named(case: Case, assessed: str, denial: str, others: Iterable[Visit], filed: Filed | None) -> Iterator[str]:
    """The ids of every event that a letter may name."""
    yield from (assessed, denial, case.units.id)
    yield from (known.id for known in case.sessions)
    yield from (known.id for known in case.plans)
    yield from (known.id for known in case.progress)
    yield from (known.id for known in case.coverages)
    yield from (known.id for known in case.clinicians)
    yield from (event_id for visit in others for event_id, _ in visit.sessions)
    if filed is not None:
        yield filed.event_id


def _references(read: Reader, event_ids: Iterable[str]) -> dict[str, Reference]:
    rows = read.log.read_events({id_bytes(event_id) for event_id in event_ids})
    return {
        id_text(row.event_id): Reference(
            id_text(row.event_id),
            row.type,
            row.position,
            row.leaf_hash.hex(),
            moment(row.occurred_at),
            moment(row.recorded_at),
        )
        for row in rows
    }
