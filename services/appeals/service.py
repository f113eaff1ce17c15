"""The wiring of appeals: payers' and reviewers' answers in, sorted denials, corrections and appeals out."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import get_args

from appeals import state as appeals_state
from appeals import views
from appeals.decider import DENIED, Decisions, decide
from appeals.state import Appeals, decision_in_force
from rule_releases.rulesets import Rulesets
from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folder, Reader
from service_kit.service import Service
from therapy_domain import facts
from therapy_domain.events.appeal import AppealDecided
from therapy_domain.events.base import Fact, microseconds
from therapy_domain.events.claim import ClaimAdjudicated, ConflictSettled
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import appeal_id, id_bytes, id_text
from therapy_domain.rulesets.deadline_tables import Program, appeal_levels
from therapy_domain.streams import appeals_of, claim_of, subject_stream

NAME = "appeals"

APPEALS: Folder[Appeals] = Folder(
    "appeals", Appeals(), lambda state, seen: appeals_state.evolve(state, id_text(seen.recorded.event_id), seen.event)
)
FACTS: Folder[SubjectFacts] = Folder(
    "facts", SubjectFacts(), lambda state, seen: facts.evolve(state, seen.recorded.event_id, seen.event)
)


def _adjudicated(state: Mapping[str, ClaimAdjudicated], seen: Seen) -> Mapping[str, ClaimAdjudicated]:
    """A payment taken back denies nothing: what takes its place says whether the payer pays."""
    if not isinstance(seen.event, ClaimAdjudicated) or seen.event.is_reversal:
        return state
    return {**state, id_text(seen.recorded.event_id): seen.event}


ADJUDICATIONS: Folder[Mapping[str, ClaimAdjudicated]] = Folder("adjudications", {}, _adjudicated)


def _route(seen: Seen, read: Reader) -> Iterable[str]:
    match seen.event:
        case ClaimAdjudicated(case_id=case):
            return (case,)
        case Fact(event=AppealDecided()) as fact:
            return _case_of(fact, read)
        case _:
            return _cases_of_stream(seen.recorded.stream, read)


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
        read.folds([claim_of(case) for case in cases], ADJUDICATIONS)
        read.folds([stream for case in cases for stream in self._decided(case, read).values()], FACTS)

    def work(self, case: str, _events: Sequence[Seen], read: Reader) -> Outcome:
        outcome = Outcome()
        version, before = read.fold(appeals_of(case), APPEALS)
        answers = read.fold(claim_of(case), ADJUDICATIONS).state
        decisions = self._decisions(case, read, outcome)
        made, after = decide(before, answers, decisions, self._rulesets.current(read))
        events = (
            Made(each.event, id_bytes(each.event_id), each.event.org, microseconds(each.at), case_id=id_bytes(case))
            for each in made
        )
        outcome.append(appeals_of(case), expected=version, events=events)
        outcome.guard(appeals_of(case), version)  # what is shown must be the latest, also where nothing is appended
        views.show(outcome, after)
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
        answers = read.fold(claim_of(case), ADJUDICATIONS).state.values()
        denials = [answer for answer in answers if answer.outcome in DENIED]
        if not denials:
            return {}
        org, claim = denials[0].org, denials[0].claim_id
        rules = self._rulesets.current(read)
        most = len(denials) * max(len(appeal_levels(rules, program)) for program in get_args(Program))
        ids = (appeal_id(claim, number) for number in range(1, most + 1))
        return {appeal: subject_stream("appeal", org, appeal) for appeal in ids}


def service(rulesets: Rulesets) -> Service:
    """The appeals service, under the ruleset release in force."""
    appeals = _Appeals(rulesets)
    work: Callable[[str, Sequence[Seen], Reader], Outcome] = appeals.work
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in (ClaimAdjudicated, AppealDecided, ConflictSettled)),
        route=_route,
        work=work,
        prepare=appeals.prepare,
        tables=views.TABLES,
    )
