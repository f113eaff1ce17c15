"""The wiring of the figures: payers' answers and what became of them in, rows to count out. It decides nothing."""

from collections.abc import Iterator, Mapping, Sequence

from billing.figures.counting import Answered, Disputes, answered_row, denial_rows, evolve
from billing.figures.views import TABLES, AnsweredRow, DenialRow
from claim_validation.state import CLAIM, ClaimState
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
        self._assessed: Mapping[str, ClaimAssessed] = {}
        """What the answers of the batch rest on, by event id."""

    def prepare(self, work: Mapping[str, Sequence[Recorded]], read: Reader) -> None:
        claims = read.folds([claim_of(case) for case in work], CLAIM)
        answers = read.folds([claim_of(case) for case in work], ADJUDICATED)
        read.folds([appeals_of(case) for case in work], DISPUTES)
        latest = [claim.state.assessed for claim in claims.values()]
        known = {each.id: each.event for each in latest if each is not None}
        named = {
            _assessment(answer, sent)
            for claim, said in answers.items()
            for answer, sent in _answered(said.state, claims[claim].state)
        }
        older = read.log.read_events([id_bytes(each) for each in named.difference(known)])
        self._assessed = known | {id_text(row.event_id): read.see(row).event for row in older}

    def work(self, case: str, _events: Sequence[Seen], read: Reader) -> Outcome:
        outcome = Outcome()
        disputes, rules = read.fold(appeals_of(case), DISPUTES).state, self._rulesets.current(read)
        said = read.fold(claim_of(case), ADJUDICATED).state
        for event_id, (answer, sent) in zip(said, _answered(said, read.fold(claim_of(case), CLAIM).state), strict=True):
            answered = Answered(event_id, answer, self._assessed[_assessment(answer, sent)], sent)
            outcome.show(upsert(AnsweredRow), answered_row(answered))
            outcome.show(remove(DenialRow, "answer"), {"answer": event_id})
            for row in denial_rows(answered, disputes, rules):
                outcome.show(upsert(DenialRow), row)
        return outcome


def _answered(
    said: Mapping[str, ClaimAdjudicated], claim: ClaimState
) -> Iterator[tuple[ClaimAdjudicated, ClaimSubmitted | None]]:
    """Each answer with the claim as it went out, where it did."""
    sent = {each.event.submission: each.event for each in claim.sent}
    for answer in said.values():
        yield answer, sent.get(answer.submission or 0)


def _assessment(answer: ClaimAdjudicated, sent: ClaimSubmitted | None) -> str:
    """The assessment that a claim rests on as it went out, or as it stood when it was answered; by event id."""
    return sent.basis[0] if sent is not None else answer.basis[1]


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
