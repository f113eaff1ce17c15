"""The wiring of the figures: payers' answers and what became of them in, rows to count out. It decides nothing."""

from collections.abc import Iterator, Mapping, Sequence

from billing.figures.counting import Answered, Disputes, answered_row, denial_rows, evolve
from billing.figures.views import TABLES, AnsweredRow, DenialRow
from claim_validation.state import CLAIM
from event_log.protocol import Recorded
from rule_releases.rulesets import Rulesets
from service_kit.codec import Seen
from service_kit.outcome import Outcome
from service_kit.reading import Folder, Reader
from service_kit.service import Service
from service_kit.tables import remove, upsert
from therapy_domain.events.appeal import AppealConcluded, AppealOpened, DenialSettled
from therapy_domain.events.appeal_work import AppealFiled, AppealLapsed, AppealWithdrawn, WorkClosed
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.identity import id_bytes, id_text
from therapy_domain.streams import appeals_of, claim_of

NAME = "denial-figures"
_LISTENS_TO = (
    *(ClaimAdjudicated, AppealOpened, AppealConcluded, DenialSettled),
    *(AppealFiled, AppealLapsed, AppealWithdrawn, WorkClosed),
)
DISPUTES: Folder[Disputes] = Folder("disputes", Disputes(), lambda state, seen: evolve(state, seen.event))


def _adjudicated(state: Mapping[str, ClaimAdjudicated], seen: Seen) -> Mapping[str, ClaimAdjudicated]:
    if not isinstance(seen.event, ClaimAdjudicated) or seen.event.is_reversal:
        return state
    return {**state, id_text(seen.recorded.event_id): seen.event}


ADJUDICATED: Folder[Mapping[str, ClaimAdjudicated]] = Folder("answers", {}, _adjudicated)
"""By event id; a payment taken back answers nothing."""


class _Figures:
    def __init__(self, rulesets: Rulesets) -> None:
        self._rulesets = rulesets

    def prepare(self, work: Mapping[str, Sequence[Recorded]], read: Reader) -> None:
        read.folds([claim_of(case) for case in work], CLAIM)
        read.folds([claim_of(case) for case in work], ADJUDICATED)
        read.folds([appeals_of(case) for case in work], DISPUTES)

    def work(self, case: str, _events: Sequence[Seen], read: Reader) -> Outcome:
        outcome = Outcome()
        disputes, rules = read.fold(appeals_of(case), DISPUTES).state, self._rulesets.current(read)
        for answer in _answers(case, read):
            outcome.show(upsert(AnsweredRow), answered_row(answer))
            outcome.show(remove(DenialRow, "answer"), {"answer": answer.id})
            for row in denial_rows(answer, disputes, rules):
                outcome.show(upsert(DenialRow), row)
        return outcome


def _answers(case: str, read: Reader) -> Iterator[Answered]:
    """Each answer with the claim as it went out."""
    sent = {each.event.submission: each.event for each in read.fold(claim_of(case), CLAIM).state.sent}
    said = read.fold(claim_of(case), ADJUDICATED).state
    submitted = {event_id: sent.get(answer.submission or 0) for event_id, answer in said.items()}
    named = {event_id: submitted[event_id] or answer for event_id, answer in said.items()}
    rows = read.log.read_events({id_bytes(_assessment(each)) for each in named.values()})
    assessed: dict[str, ClaimAssessed] = {id_text(row.event_id): read.see(row).event for row in rows}
    for event_id, answer in said.items():
        yield Answered(event_id, answer, assessed[_assessment(named[event_id])], submitted[event_id])


def _assessment(decision: ClaimSubmitted | ClaimAdjudicated) -> str:
    """The assessment that it rests on, by event id."""
    return decision.basis[0] if isinstance(decision, ClaimSubmitted) else decision.basis[1]


def service(rulesets: Rulesets) -> Service:
    """The figures, by the denial codes of the ruleset release in force."""
    figures = _Figures(rulesets)
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in _LISTENS_TO),
        route=lambda seen, _read: (seen.event.case_id,),
        work=figures.work,
        prepare=figures.prepare,
        tables=TABLES,
    )
