"""The wiring of appeals: what payers, reviewers, people and the clock say in; what follows from it out."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import get_args

from appeals import state as appeals_state
from appeals import views
from appeals.answers import ANSWERS, Answers
from appeals.clock import Tick
from appeals.decider import DENIED, Decisions, decide
from appeals.state import BY_A_PERSON, Appeals, decision_in_force
from event_log.protocol import Recorded
from rule_releases.rulesets import Rulesets
from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folder, Reader
from service_kit.service import Service
from therapy_domain import facts
from therapy_domain.events.appeal import AppealDecided
from therapy_domain.events.appeal_work import DayBegan
from therapy_domain.events.base import Fact, microseconds
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed, ConflictSettled
from therapy_domain.events.reference import PayerPolicyPublished
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import appeal_id, id_bytes, id_text
from therapy_domain.rulesets.deadline_tables import Program, appeal_levels
from therapy_domain.streams import CLOCK, appeals_of, claim_of, subject_stream

NAME = "appeals"

APPEALS: Folder[Appeals] = Folder(
    "appeals", Appeals(), lambda state, seen: appeals_state.evolve(state, id_text(seen.recorded.event_id), seen.event)
)
FACTS: Folder[SubjectFacts] = Folder(
    "facts", SubjectFacts(), lambda state, seen: facts.evolve(state, seen.recorded.event_id, seen.event)
)
TODAY: Folder[Tick | None] = Folder(
    "today", None, lambda day, seen: appeals_state.latest_day(day, id_text(seen.recorded.event_id), seen.event)
)


def _route(seen: Seen, read: Reader) -> Iterable[str]:
    match seen.event:
        case DayBegan(today=day):
            return views.cases_with_alarm(read.rows(), day)
        case Fact(event=AppealDecided()) as fact:
            return _case_of(fact, read)
        case Fact(event=PayerPolicyPublished()) as fact:
            return views.cases_of_payer(read.rows(), fact.org, fact.subject)
        case ClaimAssessed(case_id=case):
            return (case,) if views.is_denied(read.rows(), case) else ()
        case ClaimAdjudicated(case_id=case, outcome=outcome):  # what is paid is work where a denial came before it
            return (case,) if outcome in DENIED or views.is_denied(read.rows(), case) else ()
        case Fact() | ConflictSettled():
            return _cases_of_stream(seen.recorded.stream, read)
        case _:
            return (seen.event.case_id,)


def _concerns(row: Recorded) -> bool:
    """A claim's first assessment has nothing before it that could have been denied."""
    return row.type != ClaimAssessed.type or row.version > 1


def _case_of(fact: Fact[AppealDecided], read: Reader) -> Iterable[str]:
    """The case of a decided appeal. None yet where it is not open: its stream is read when it opens."""
    case = views.case_of_appeal(read.rows(), fact.org, fact.subject)
    return (case,) if case else ()


def _cases_of_stream(stream: str, read: Reader) -> Iterable[str]:
    """The case whose decided appeal a person settled a conflict on."""
    decision = decision_in_force(read.fold(stream, FACTS).state) if stream.startswith("appeal/") else None
    return _case_of(decision.fact, read) if decision else ()


class _Appeals:
    """The appeals service, under the ruleset release in force."""

    def __init__(self, rulesets: Rulesets) -> None:
        self._rulesets = rulesets

    def prepare(self, cases: Collection[str], read: Reader) -> None:
        read.folds([appeals_of(case) for case in cases], APPEALS)
        answers = read.folds([claim_of(case) for case in cases], ANSWERS).values()
        decided = [stream for case in cases for stream in self._decided(case, read).values()]
        payers = {stream for folded in answers if (stream := _payer_of(folded.state))}
        read.folds({*decided, *payers}, FACTS)

    def work(self, case: str, _events: Sequence[Seen], read: Reader) -> Outcome:
        outcome = Outcome()
        version, before = read.fold(appeals_of(case), APPEALS)
        answered = read.fold(claim_of(case), ANSWERS)
        answers = answered.state
        payer = _payer_of(answers)
        if payer is None:
            return outcome
        told, published = read.fold(CLOCK, TODAY), read.fold(payer, FACTS)
        for stream, seen in ((claim_of(case), answered), (CLOCK, told), (payer, published)):
            outcome.guard(stream, seen.version)
        rules = self._rulesets.current(read)
        made, after = decide(
            before,
            answers.said,
            self._decisions(case, read, outcome),
            rules,
            assessed=answers.assessed,
            payer=published.state,
            today=told.state,
        )
        events = (
            Made(each.event, id_bytes(each.event_id), each.event.org, microseconds(each.at), case_id=id_bytes(case))
            for each in made
        )
        outcome.append(appeals_of(case), expected=version, events=events)
        outcome.guard(appeals_of(case), version)  # what is shown must be the latest, also where nothing is appended
        views.show(outcome, after, rules, told.state, next(iter(answers.said.values())).payer_id)
        return outcome

    def _decisions(self, case: str, read: Reader, outcome: Outcome) -> Decisions:
        """What was decided on the case's appeals; it must still be all when the outcome is committed."""
        streams = self._decided(case, read)
        folded = read.folds(streams.values(), FACTS)
        for stream, each in folded.items():
            outcome.guard(stream, each.version)
        found = {appeal: decision_in_force(folded[stream].state) for appeal, stream in streams.items()}
        return {appeal: decision for appeal, decision in found.items() if decision is not None}

    def _decided(self, case: str, read: Reader) -> dict[str, str]:
        """The streams of every appeal that the case has or may come to have in this work, by appeal id."""
        answers = read.fold(claim_of(case), ANSWERS).state.said.values()
        denials = [answer for answer in answers if answer.outcome in DENIED]
        if not denials:
            return {}
        state = read.fold(appeals_of(case), APPEALS).state
        org, claim = denials[0].org, denials[0].claim_id
        rules = self._rulesets.current(read)
        levels = max(len(appeal_levels(rules, program)) for program in get_args(Program))
        most = len(state.opened) + (len(denials) + len(state.turns)) * levels
        ids = (appeal_id(claim, number) for number in range(1, most + 1))
        return {appeal: subject_stream("appeal", org, appeal) for appeal in ids}


def _payer_of(answers: Answers) -> str | None:
    """The stream of the payer who denied; None where nobody did."""
    denied = next((said for said in answers.said.values() if said.outcome in DENIED), None)
    return subject_stream("payer", denied.org, denied.payer_id) if denied else None


_LISTENS_TO = (
    ClaimAssessed,
    ClaimAdjudicated,
    AppealDecided,
    PayerPolicyPublished,
    ConflictSettled,
    DayBegan,
    *BY_A_PERSON,
)


def service(rulesets: Rulesets) -> Service:
    """The appeals service, under the ruleset release in force."""
    appeals = _Appeals(rulesets)
    work: Callable[[str, Sequence[Seen], Reader], Outcome] = appeals.work
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in _LISTENS_TO),
        route=_route,
        concerns=_concerns,
        work=work,
        prepare=appeals.prepare,
        tables=views.TABLES,
    )
