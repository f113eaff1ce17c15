"""Everything one assessment may look at, gathered from the streams that the case names."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from claim_validation.state import FACTS, PLANS, SESSIONS, Acts
from service_kit.reading import Folded, Reader
from therapy_domain.case_sessions import CaseHead, CaseSessions
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.chart import Chart, others, own_entry
from therapy_domain.events.base import Event, Fact
from therapy_domain.events.claim import RemittanceReceived, UnitsCalculated
from therapy_domain.events.reference import (
    ClinicianCredentialed,
    CoverageVerified,
    OrganizationConfigured,
    PatientRegistered,
    PlanCertified,
    ProgressReported,
)
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import claim_id, id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import Ruleset
from therapy_domain.streams import chart_of, plans_of, sessions_of, subject_stream

E = TypeVar("E", bound=Event)


class Names:
    """The reference streams that a case names."""

    def __init__(self, case: str, head: CaseHead, sessions: CaseSessions, plans_of_patient: Iterable[str]) -> None:
        self.case, self.head = case, head
        org = self.head.org
        visits = [session.opened for _, session in sessions.recorded.values()]
        self.organization = subject_stream("organization", org, org)
        self.patient = subject_stream("patient", org, self.head.patient_id)
        self.attached = plans_of(org, self.head.patient_id)
        self.payer = subject_stream("payer", org, self.head.payer_id)
        self.named_plans = frozenset(subject_stream("plan", org, visit.plan_id) for visit in visits if visit.plan_id)
        self.plans = tuple(sorted(self.named_plans.union(plans_of_patient)))
        self.clinicians = tuple(sorted({subject_stream("clinician", org, visit.clinician_npi) for visit in visits}))
        self.referrers = frozenset(subject_stream("clinician", org, npi) for v in visits if (npi := v.referring_npi))
        self.remittances = subject_stream("remittance", org, claim_id(case))
        self.chart = chart_of(org, self.head.patient_id)

    def subjects(self) -> list[str]:
        """The subjects that many cases name: their facts reach the case by a row of `case_subject`."""
        return [self.organization, self.patient, self.payer, *self.plans, *self.clinicians]

    def all(self) -> list[str]:
        """Every stream whose facts reach the case; remittances name the claim themselves."""
        return [*self.subjects(), self.remittances]

    def looked_at(self, facts_of: Callable[[str], SubjectFacts]) -> list[str]:
        """All of these, and the streams of the clinicians whom plans, reports and referrals name."""
        own = self.all()
        people = self.of_plans({stream: facts_of(stream) for stream in self.plans}) | self.referrers
        return [*own, *sorted(people.difference(own))]

    def of_plans(self, known: Mapping[str, SubjectFacts]) -> frozenset[str]:
        """The streams of clinicians whom the plans and their reports name: facts reach the case through the plan."""
        return frozenset([stream for fact in plan_facts(self, known) if (stream := clinician_named(fact))])


def clinician_named(fact: Fact[Any]) -> str | None:
    """The stream of the clinician who certified a plan, or reported on it."""
    npi = fact.event.certified_by_npi if isinstance(fact.event, PlanCertified) else fact.event.by_npi
    return subject_stream("clinician", fact.org, npi) if npi else None


def plan_facts(named: Names, known: Mapping[str, SubjectFacts]) -> list[Fact[Any]]:
    """Plans that a visit names or that may be in force, and the reports up to the day."""
    day, discipline = named.head.date_of_service, named.head.discipline

    def concerns(fact: Fact[Any], stream: str) -> bool:
        match fact.event:
            case ProgressReported(reported_on=reported):
                return reported <= day
            case plan:
                return stream in named.named_plans or (plan.discipline == discipline and plan.from_ <= day)

    return [fact for stream in named.plans for fact in known[stream].standing() if concerns(fact, stream)]


def names(cases: Collection[str], read: Reader) -> dict[str, Names]:
    """The streams that each of these cases names, looked up together."""
    folded = read.folds([sessions_of(case) for case in cases], SESSIONS)
    states = {case: folded[sessions_of(case)].state for case in cases if folded[sessions_of(case)].version}
    heads = {case: state.head() for case, state in states.items()}
    attached = {case: plans_of(head.org, head.patient_id) for case, head in heads.items()}
    plans = read.folds(set(attached.values()), PLANS)
    return {case: Names(case, heads[case], states[case], plans[attached[case]].state) for case in states}


def known_facts(named: Names, read: Reader) -> dict[str, Folded[SubjectFacts]]:
    """The facts of every reference stream that the case names, as they stand now, each at its version."""
    streams = named.looked_at(lambda stream: read.fold(stream, FACTS).state)
    return {stream: read.fold(stream, FACTS) for stream in streams}


def assemble(
    named: Names,
    sessions: CaseSessions,
    units: Known[UnitsCalculated],
    acts: Acts,
    known: Mapping[str, SubjectFacts],
    charted: tuple[int, Chart],
    rules: Ruleset,
) -> Case:
    """The case as one assessment sees it: pure, so that an auditor assembles it again from the recorded facts.

    Args:    charted: the version of the patient's chart, and the chart.
    """
    head, day = named.head, named.head.date_of_service
    patient = known[named.patient].standing()
    plans = plan_facts(named, known)
    policy, policy_facts = resolve_policy(head.payer_id, day, known[named.payer], rules)
    clinicians = sorted(stream for stream in known if stream.startswith("clinician/"))
    amended = any(session.amendments for _, session in sessions.recorded.values())
    return Case(
        case_id=named.case,
        claim_id=claim_id(named.case),
        org=head.org,
        patient_id=head.patient_id,
        payer_id=head.payer_id,
        discipline=head.discipline,
        date_of_service=day,
        sessions=tuple(
            Known(event_id, session, key, session.latest_fact_at)
            for key, (event_id, session) in sorted(sessions.recorded.items())
        ),
        units=units,
        organization=_one(_of(known[named.organization].standing(), OrganizationConfigured)),
        patient=_one(_of(patient, PatientRegistered)),
        coverages=tuple(each for each in _of(patient, CoverageVerified) if each.event.from_ <= day),
        plans=tuple(_of(plans, PlanCertified)),
        progress=tuple(_of(plans, ProgressReported)),
        clinicians=tuple(
            each for stream in clinicians for each in _of(known[stream].standing(), ClinicianCredentialed)
        ),
        policy=policy,
        policy_facts=policy_facts,
        conflicts=tuple(sorted({conflict for state in known.values() for conflict in state.undecided})),
        settled=tuple(sorted({event_id for state in known.values() for event_id in state.decisions})),
        overrides=acts.overrides,
        questions=acts.questions,
        answers=acts.answers,
        remittances=tuple(_of(known[named.remittances].in_force(), RemittanceReceived)) if amended else (),
        history=others(charted[1], named.case, day),
        charted=own_entry(charted[1], named.case, sessions.ids()),
        chart_version=charted[0],
    )


def _of(facts: Iterable[Fact[Any]], kind: type[E]) -> list[Known[E]]:
    return [
        Known(id_text(fact.fact_id), fact.event, fact.subject, fact.time)
        for fact in facts
        if isinstance(fact.event, kind)
    ]


def _one(found: list[Known[E]]) -> Known[E] | None:
    return found[-1] if found else None
