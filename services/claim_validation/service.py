"""The wiring of claim_validation: units and reference facts in, assessed claims and payers' answers out."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from claim_validation.appealed import FOLLOWED
from claim_validation.assembly import Names, assemble, clinician_named, known_facts, names
from claim_validation.decider import adjudicate
from claim_validation.resending import due_of, submission_answered
from claim_validation.set_aside import ClaimKey, SetAsideRow, Submitted, put_to_its_claim, waiting_for
from claim_validation.state import APPEALED, CHART, CLAIM, FACTS, PLANS, SESSIONS, UNITS, ClaimState
from claim_validation.submissions import Due, Sent
from claim_validation.views import (
    CaseSubject,
    ClaimRow,
    DueClaim,
    PlanOfClinician,
    case_of_claim,
    cases_of,
    cases_of_clinician,
    cases_of_each,
    claim_body,
)
from event_log.protocol import Recorded
from rule_releases.rulesets import Rulesets
from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folded, Reader
from service_kit.service import Service
from service_kit.tables import remove, short_key, upsert
from therapy_domain.claims.assess import Asked, assess_together, basis
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.chart import LOOK_BACK, Chart, history_hash
from therapy_domain.events.base import Fact, microseconds, moment
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.claim import (
    ClaimAdjudicated,
    ClaimAssessed,
    ClaimQuestioned,
    ConflictSettled,
    FactConflicted,
    FindingOverridden,
    PlanAttached,
    QuestionAnswered,
    RemittanceReceived,
    UnitsCalculated,
)
from therapy_domain.events.reference import (
    ClinicianCredentialed,
    CoverageVerified,
    OrganizationConfigured,
    PatientRegistered,
    PayerPolicyPublished,
    PlanCertified,
    ProgressReported,
)
from therapy_domain.events.submission import ClaimAcknowledged, ClaimSubmitted
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import claim_id, decision_id, id_bytes, id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.streams import (
    appeals_of,
    claim_of,
    fact_stream,
    plans_of,
    sessions_of,
    subject_stream,
    units_of,
)

NAME = "claim-validation"
_LISTENS_TO = (
    UnitsCalculated,
    VisitCharted,
    FindingOverridden,
    ClaimQuestioned,
    QuestionAnswered,
    ClaimSubmitted,
    ClaimAcknowledged,
    *FOLLOWED,
    RemittanceReceived,
    OrganizationConfigured,
    PatientRegistered,
    CoverageVerified,
    PlanCertified,
    ProgressReported,
    ClinicianCredentialed,
    PayerPolicyPublished,
    FactConflicted,
    ConflictSettled,
)


def _route(seen: Seen, read: Reader) -> Iterable[str]:
    match seen.event:
        case VisitCharted():
            return _route_together([seen], read)[seen.recorded.event_id]
        case UnitsCalculated() | FindingOverridden() | ClaimQuestioned() | QuestionAnswered():
            return (seen.event.case_id,)
        case ClaimSubmitted(case_id=case) | ClaimAcknowledged(case_id=case):
            return (case,)
        case _ if isinstance(seen.event, FOLLOWED):
            return (seen.event.case_id,)
        case Fact():
            return _cases_of_fact(seen.event, seen.recorded.stream, read)
        case _:
            return _cases_of_stream(seen.recorded.stream, read)


def _route_together(batch: Iterable[Seen], read: Reader) -> dict[bytes, list[str]]:
    """The patient's other cases that see a visit: those of its day, and those of the year behind it."""
    visits = [(seen.recorded.event_id, seen.event) for seen in batch if isinstance(seen.event, VisitCharted)]
    asked = [
        (
            subject_stream("patient", entry.org, entry.patient_id),
            entry.date_of_service,
            entry.date_of_service + LOOK_BACK,
        )
        for _, entry in visits
    ]
    return {
        event_id: [case for case in cases if case != entry.case_id]
        for (event_id, entry), cases in zip(visits, cases_of_each(read.rows(), asked), strict=True)
    }


def _cases_of_fact(fact: Fact[Any], stream: str, read: Reader) -> Iterable[str]:
    """The cases that a reference fact can change: those that name its subject, from its first day on."""
    rows = read.rows()
    match fact.event:
        case RemittanceReceived():
            case = case_of_claim(rows, fact.org, fact.subject)
            return (case,) if case else ()
        case PlanCertified(patient_id=patient, from_=first):
            of_patient = cases_of(rows, subject_stream("patient", fact.org, patient), first)
            return dict.fromkeys((*cases_of(rows, stream), *of_patient))
        case ProgressReported(reported_on=day):
            return cases_of(rows, stream, day)
        case CoverageVerified(from_=first):
            return cases_of(rows, stream, first)
        case PayerPolicyPublished(effective_from=first):
            return cases_of(rows, stream, first)
        case ClinicianCredentialed():
            return dict.fromkeys(cases_of_clinician(rows, stream))
        case _:
            return cases_of(rows, stream)


def _cases_of_stream(stream: str, read: Reader) -> Iterable[str]:
    """The cases that a conflict on a subject holds, or its settlement lets go."""
    if stream.startswith("session/"):
        return ()  # a new revision of the session comes of it
    if stream.startswith("remittance/"):
        facts = read.fold(stream, FACTS).state.in_force()
        case = case_of_claim(read.rows(), facts[0].org, facts[0].subject) if facts else None
        return (case,) if case else ()
    if stream.startswith("clinician/"):
        return dict.fromkeys(cases_of_clinician(read.rows(), stream))
    return cases_of(read.rows(), stream)


def _index(seen: Seen, outcome: Outcome) -> None:
    """What a plan's facts make known to those who look for them.

    A plan is attached to its patient in the log itself: who assesses a case can guard what it knew of plans. Which
    plans name a clinician only tells where a fact about the clinician goes.
    """
    fact = seen.event
    stream = fact_stream(fact.event.type, fact.source, fact.subject)
    if isinstance(fact.event, PlanCertified):
        attached = PlanAttached.trusted(org=fact.org, patient_id=fact.event.patient_id, plan=stream)
        plans = plans_of(fact.org, fact.event.patient_id)
        decided = decision_id(attached.type, plans, (stream,))
        outcome.append(plans, expected=None, events=[Made(attached, decided, fact.org, microseconds(fact.time))])
    if clinician := clinician_named(fact):
        outcome.show(upsert(PlanOfClinician), {"clinician": short_key(clinician), "plan": stream})


_ANSWERS = frozenset(event.type for event in (RemittanceReceived, ClaimSubmitted, ClaimAcknowledged, *FOLLOWED))
"""That a claim was sent, what a payer says of it and what is done about that change nothing that its assessment looks
at, unless its sessions were amended."""


def _only_answered(claim: ClaimState, rows: Iterable[Recorded], read: Reader) -> bool:
    """Whether these events leave the assessment of a claim alone, and ask for no look at what is to be sent anew."""
    known = claim.assessed
    if known is None or known.event.amended:
        return False
    return all(
        row.type in _ANSWERS and (row.type != ClaimAcknowledged.type or read.see(row).event.verdict != "rejected")
        for row in rows
    )


def _news(claim: ClaimState, rows: Iterable[Recorded]) -> list[Recorded]:
    """Without the visits that were in the chart when the claim was assessed: most of a batch are charted before its
    claims are assessed, and reach these once more as events."""
    seen = claim.assessed.event.chart_version if claim.assessed else 0
    return [row for row in rows if row.type != VisitCharted.type or row.version > seen]


class _Gathered(NamedTuple):
    """Everything that the assessment of a case looks at."""

    names: Names
    known: Mapping[str, Folded[SubjectFacts]]
    """Reference facts by stream."""
    charted: Folded[Chart]
    whole: Case
    standing: Known[ClaimAssessed] | None
    """The assessment that rests on just this: it stays as it was decided, also under an older release."""


class _Validation:
    """claim_validation, under the ruleset release in force."""

    def __init__(self, rulesets: Rulesets) -> None:
        self._rulesets = rulesets
        self._gathered: dict[str, _Gathered] = {}
        self._assessed: dict[str, ClaimAssessed] = {}
        """What is new in the batch."""
        self._waiting: Mapping[str, Sequence[tuple[str, str]]] = {}
        """The answers that wait for claims of the batch."""

    def prepare(self, work: Mapping[str, Sequence[Recorded]], read: Reader) -> None:
        claims = read.folds([claim_of(case) for case in work], CLAIM)
        states = {case: claims[claim_of(case)].state for case in work}
        news = {case: rows for case in work if (rows := _news(states[case], work[case]))}
        self._waiting = waiting_for(read.rows(), [claim_id(case) for case in news])
        read.folds([appeals_of(case) for case in news], APPEALED)
        answered = {case for case, rows in news.items() if _only_answered(states[case], rows, read)}
        known = [states[case].assessed for case in answered]
        read.folds({stream for each in known if each for stream in _answered_by(each.event)}, FACTS)
        self._assess([case for case in news if case not in answered], states, read)

    def _assess(self, cases: Collection[str], states: Mapping[str, ClaimState], read: Reader) -> None:
        """Gather what these cases rest on, and assess those of which something is new: together, which is quicker."""
        read.folds([units_of(case) for case in cases], UNITS)
        named = names(cases, read)
        read.folds({each.chart for each in named.values()}, CHART)
        folded = read.folds({stream for each in named.values() for stream in each.all()}, FACTS)
        facts = {stream: each.state for stream, each in folded.items()}
        read.folds({stream for each in named.values() for stream in each.of_plans(facts) | each.referrers}, FACTS)
        gathered = {case: self._gather(case, named.get(case), states[case], read) for case in cases}
        self._gathered = {case: each for case, each in gathered.items() if each is not None}
        new = {case: each.whole for case, each in self._gathered.items() if each.standing is None}
        rules, edition = self._rulesets.current(read), REGISTRY.edition()
        made = assess_together(Asked(whole, rules, edition) for whole in new.values())
        self._assessed = dict(zip(new, made, strict=True))

    def _gather(self, case: str, named: Names | None, claim: ClaimState, read: Reader) -> _Gathered | None:
        """None while it is torn: the units of the newer revision are on their way."""
        units = read.fold(units_of(case), UNITS).state
        sessions = read.fold(sessions_of(case), SESSIONS).state
        if named is None or units is None or units.event.sessions != sessions.ids():
            return None
        known, charted = known_facts(named, read), read.fold(named.chart, CHART)
        facts = {stream: folded.state for stream, folded in known.items()}
        whole = assemble(named, sessions, units, claim.acts, facts, charted, self._rulesets.current(read))
        stands = claim.assessed is not None and _rests_on(claim.assessed.event, whole)
        return _Gathered(named, known, charted, whole, claim.assessed if stands else None)

    def work(self, case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        version, claim = read.fold(claim_of(case), CLAIM)
        news = _news(claim, (seen.recorded for seen in events))
        if not news:
            return Outcome()
        if claim.assessed is not None and _only_answered(claim, news, read):
            made = self._newly_adjudicated(claim.assessed, claim, read)
            outcome = self._outcome(case, version, claim.assessed.event, claim, made, read)
            if any(isinstance(seen.event, ClaimSubmitted) for seen in events):
                _show_due(outcome, claim.assessed.event, None)
                self._fetch_answers(outcome, claim.assessed.event, claim.sent, ("277CA",), read)
            for stream in _answered_by(claim.assessed.event):
                outcome.guard(stream, read.fold(stream, FACTS).version)
            return outcome
        gathered = self._gathered.pop(case, None)  # needed once: it is not to be held for longer
        if gathered is None:
            return Outcome()
        named, known, charted, whole, standing = gathered
        now = microseconds(whole.happened_at)
        assessed = standing or _known(self._assessed.pop(case), now)
        made = [_made(assessed.event, id_bytes(assessed.id), now)] if standing is None else []
        outcome = self._outcome(
            case, version, assessed.event, claim, [*made, *self._newly_adjudicated(assessed, claim, read)], read
        )
        if claim.assessed is None:
            self._fetch_answers(outcome, assessed.event, claim.sent, ("835",), read)
        if claim.sent:
            rules = self._rulesets.current(read)
            _show_due(outcome, assessed.event, due_of(claim, assessed.event, whole, read, rules))
        for stream, folded in known.items():
            outcome.guard(stream, folded.version)
        outcome.guard(named.attached, read.fold(named.attached, PLANS).version)
        outcome.guard(named.chart, charted.version)
        if standing is None:
            facts = {stream: folded.state for stream, folded in known.items()}
            for subject in (*named.subjects(), *sorted(named.referrers - named.of_plans(facts))):
                outcome.show(upsert(CaseSubject), CaseSubject.row(subject, whole.date_of_service, case))
        return outcome

    def _fetch_answers(
        self, outcome: Outcome, assessed: ClaimAssessed, sent: Sequence[Sent], kinds: Collection[str], read: Reader
    ) -> None:
        """Put the answers to the claim that came before it was there."""
        for item, kind in self._waiting.get(assessed.claim_id, ()):
            if kind in kinds:
                key = ClaimKey(assessed.case_id, assessed.claim_id, assessed.org, assessed.patient_id)
                last = Submitted(sent[-1].event.submission, sent[-1].id) if sent else None
                put_to_its_claim(outcome, item, key, last, read)

    def _newly_adjudicated(self, assessed: Known[ClaimAssessed], claim: ClaimState, read: Reader) -> list[Made]:
        """One decision for each remittance that has none yet."""
        remittances, payer = _answered_by(assessed.event)
        answers = [
            fact
            for fact in read.fold(remittances, FACTS).state.in_force()
            if isinstance(fact.event, RemittanceReceived) and id_text(fact.fact_id) not in claim.adjudicated
        ]
        if not answers:
            return []
        payer_id, day = assessed.event.payer_id, assessed.event.date_of_service
        rules = self._rulesets.get(read, assessed.event.ruleset, assessed.event.ruleset_hash)
        policy, policy_facts = resolve_policy(payer_id, day, read.fold(payer, FACTS).state, rules)
        return [
            _adjudicated(
                adjudicate(
                    assessed.event, assessed.id, policy, policy_facts, fact, submission_answered(claim.sent, fact.event)
                )
            )
            for fact in answers
        ]

    def _outcome(
        self,
        case: str,
        version: int,
        assessed: ClaimAssessed,
        claim: ClaimState,
        made: Sequence[Made],
        read: Reader,
    ) -> Outcome:
        """The decisions, and the claim as it is listed with them: it must be the latest, also where nothing is new."""
        outcome = Outcome()
        outcome.append(claim_of(case), expected=version, events=made)
        outcome.guard(claim_of(case), version)
        appealed = read.fold(appeals_of(case), APPEALED)
        outcome.guard(appeals_of(case), appealed.version)
        answers = [*claim.adjudicated.values(), *(e.event for e in made if isinstance(e.event, ClaimAdjudicated))]
        body = claim_body(assessed, answers, appealed.state, claim.sent)
        outcome.show(
            upsert(ClaimRow),
            {
                "case_id": case,
                "claim_id": assessed.claim_id,
                "org": assessed.org,
                "clinic": assessed.clinic,
                "payer_id": assessed.payer_id,
                "date_of_service": assessed.date_of_service.isoformat(),
                "status": body["status"],
                "submitted": bool(claim.sent),
                "body": orjson.dumps(body).decode(),
            },
        )
        return outcome


def _show_due(outcome: Outcome, assessed: ClaimAssessed, due: Due | None) -> None:
    """What is to be sent anew of a claim that was sent."""
    if due is None:
        outcome.show(remove(DueClaim), {"claim_id": assessed.claim_id})
        return
    row = assessed.model_dump(include={"claim_id", "case_id", "org", "payer_id"})
    outcome.show(upsert(DueClaim), {**row, "due": due})


def _rests_on(assessed: ClaimAssessed, whole: Case) -> bool:
    """Whether the assessment saw all that is known now, and nothing else."""
    return assessed.basis == basis(whole) and assessed.history == history_hash(whole.history)


def _answered_by(assessed: ClaimAssessed) -> tuple[str, str]:
    """Where a claim's answers are, and its payer's policies."""
    org = assessed.org
    return subject_stream("remittance", org, assessed.claim_id), subject_stream("payer", org, assessed.payer_id)


def _known(assessed: ClaimAssessed, now: int) -> Known[ClaimAssessed]:
    rests_on = (*assessed.basis, assessed.ruleset_hash, assessed.rules, assessed.history or "")
    decided = decision_id(assessed.type, assessed.case_id, rests_on)
    return Known(id_text(decided), assessed, assessed.case_id, moment(now))


def _adjudicated(event: ClaimAdjudicated) -> Made:
    remittance, *_ = event.basis
    return _made(event, decision_id(event.type, event.case_id, (remittance,)), microseconds(event.at))


def _made(event: ClaimAssessed | ClaimAdjudicated, event_id: bytes, at: int) -> Made:
    return Made(event, event_id, event.org, at, case_id=id_bytes(event.case_id))


def service(rulesets: Rulesets) -> Service:
    """claim_validation, under the ruleset release in force."""
    validation: _Validation = _Validation(rulesets)
    work: Callable[[str, Sequence[Seen], Reader], Outcome] = validation.work
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in _LISTENS_TO),
        route=_route,
        route_together=_route_together,
        work=work,
        prepare=validation.prepare,
        index=_index,
        indexed=frozenset({PlanCertified.type, ProgressReported.type}),
        tables=(ClaimRow, DueClaim, SetAsideRow, CaseSubject, PlanOfClinician),
    )
