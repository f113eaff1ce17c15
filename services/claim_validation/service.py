"""The wiring of claim_validation: units and reference facts in, assessed claims and payers' answers out."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import orjson

from claim_validation.assembly import Names, assemble, known_facts, names
from claim_validation.decider import adjudicate
from claim_validation.state import CLAIM, CONCLUDED, FACTS, SESSIONS, UNITS, ClaimState
from claim_validation.views import CaseSubject, ClaimRow, PlanOfPatient, case_of_claim, cases_of, claim_body
from rule_releases.rulesets import Rulesets
from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Reader
from service_kit.service import Service
from service_kit.tables import upsert
from therapy_domain.claims.assess import assess, basis
from therapy_domain.claims.case import Case
from therapy_domain.events.appeal import AppealConcluded
from therapy_domain.events.base import Fact, microseconds
from therapy_domain.events.claim import (
    ClaimAdjudicated,
    ClaimAssessed,
    ConflictSettled,
    FactConflicted,
    FindingOverridden,
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
from therapy_domain.identity import decision_id, id_bytes, id_text
from therapy_domain.streams import appeals_of, claim_of, fact_stream, sessions_of, subject_stream, units_of

NAME = "claim-validation"
_LISTENS_TO = (
    UnitsCalculated,
    FindingOverridden,
    AppealConcluded,
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
        case UnitsCalculated(case_id=case) | FindingOverridden(case_id=case) | AppealConcluded(case_id=case):
            return (case,)
        case Fact():
            return _cases_of_fact(seen.event, seen.recorded.stream, read)
        case _:
            return _cases_of_stream(seen.recorded.stream, read)


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
    return cases_of(read.rows(), stream)


def _index(seen: Seen, outcome: Outcome) -> None:
    fact = seen.event
    patient = subject_stream("patient", fact.org, fact.event.patient_id)
    outcome.show(
        upsert(PlanOfPatient), {"patient": patient, "plan": fact_stream(fact.event.type, fact.source, fact.subject)}
    )


class _Validation:
    """claim_validation, under the ruleset release in force."""

    def __init__(self, rulesets: Rulesets) -> None:
        self._rulesets = rulesets
        self._names: dict[str, Names] = {}

    def prepare(self, cases: Collection[str], read: Reader) -> None:
        read.folds([units_of(case) for case in cases], UNITS)
        read.folds([claim_of(case) for case in cases], CLAIM)
        read.folds([appeals_of(case) for case in cases], CONCLUDED)
        self._names = names(cases, read)
        read.folds({stream for named in self._names.values() for stream in named.all()}, FACTS)

    def work(self, case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        outcome = Outcome()
        units = read.fold(units_of(case), UNITS).state
        sessions = read.fold(sessions_of(case), SESSIONS).state
        if units is None or units.event.sessions != sessions.ids():
            return outcome  # torn: the units of the newer revision are on their way
        named = self._names[case]
        version, claim = read.fold(claim_of(case), CLAIM)
        known, rules = known_facts(named, read), self._rulesets.current(read)
        whole = assemble(named, sessions, units, claim.overrides, known, rules)
        now = max(seen.recorded.occurred_at for seen in events)
        assessed = claim.assessed[1] if claim.assessed is not None else None
        if assessed is None or assessed.basis != basis(whole):
            assessed = assess(whole, rules)
        elif assessed.ruleset_hash != rules.hash:  # nothing new in the case: what was decided stays, under its release
            own = self._rulesets.get(read, assessed.ruleset, assessed.ruleset_hash)
            whole = assemble(named, sessions, units, claim.overrides, known, own)
        made = [*_newly_assessed(whole, assessed, claim, now), *_newly_adjudicated(whole, assessed, named, claim, read)]
        outcome.append(claim_of(case), expected=version, events=made)
        self._show(outcome, named, whole, assessed, claim, made, read)
        return outcome

    def _show(
        self,
        outcome: Outcome,
        named: Names,
        whole: Case,
        assessed: ClaimAssessed,
        claim: ClaimState,
        made: Sequence[Made],
        read: Reader,
    ) -> None:
        answers = [*claim.adjudicated.values(), *(e.event for e in made if isinstance(e.event, ClaimAdjudicated))]
        body = claim_body(assessed, answers, read.fold(appeals_of(whole.case_id), CONCLUDED).state)
        outcome.show(
            upsert(ClaimRow),
            {
                "case_id": whole.case_id,
                "claim_id": whole.claim_id,
                "org": whole.org,
                "clinic": assessed.clinic,
                "payer_id": whole.payer_id,
                "date_of_service": whole.date_of_service.isoformat(),
                "status": body["status"],
                "submitted": False,
                "body": orjson.dumps(body).decode(),
            },
        )
        if claim.assessed is None or any(isinstance(each.event, ClaimAssessed) for each in made):
            day = whole.date_of_service.isoformat()
            for subject in named.subjects():
                row = {"subject": subject, "date_of_service": day, "case_id": whole.case_id}
                outcome.show(upsert(CaseSubject), row)


def _assessment_id(assessed: ClaimAssessed) -> bytes:
    return decision_id(assessed.type, assessed.case_id, (*assessed.basis, assessed.ruleset_hash, assessed.rules))


def _newly_assessed(whole: Case, assessed: ClaimAssessed, claim: ClaimState, now: int) -> list[Made]:
    decided = _assessment_id(assessed)
    if claim.assessed is not None and claim.assessed[0] == id_text(decided):
        return []
    return [Made(assessed, decided, whole.org, now, case_id=id_bytes(whole.case_id))]


def _newly_adjudicated(
    whole: Case, assessed: ClaimAssessed, named: Names, claim: ClaimState, read: Reader
) -> list[Made]:
    """One decision for each remittance that has none yet."""
    made = []
    for fact in read.fold(named.remittances, FACTS).state.in_force():
        remittance = id_text(fact.fact_id)
        if remittance not in claim.adjudicated and isinstance(fact.event, RemittanceReceived):
            event = adjudicate(assessed, id_text(_assessment_id(assessed)), whole.policy, whole.policy_facts, fact)
            decided = decision_id(event.type, whole.case_id, (remittance,))
            made.append(Made(event, decided, whole.org, microseconds(fact.time), case_id=id_bytes(whole.case_id)))
    return made


def service(rulesets: Rulesets) -> Service:
    """claim_validation, under the ruleset release in force."""
    validation: _Validation = _Validation(rulesets)
    work: Callable[[str, Sequence[Seen], Reader], Outcome] = validation.work
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in _LISTENS_TO),
        route=_route,
        work=work,
        prepare=validation.prepare,
        index=_index,
        indexed=frozenset({PlanCertified.type}),
        tables=(ClaimRow, CaseSubject, PlanOfPatient),
    )
