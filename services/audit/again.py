"""Each recorded decision made again from exactly the events that its basis names: pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from appeals.replay import decide_again as appeal_again
from audit.basis import Basis, NotReplayable
from audit.charts import Charts
from claim_validation.assembly import Names, assemble
from claim_validation.charting import organization_of
from claim_validation.composing import named_npis
from claim_validation.decider import adjudicate
from claim_validation.resending import credentialed
from claim_validation.state import CHART, acts_among, known_units
from claim_validation.submitting import DUE_OF, Export, Ready, decide, submitted
from session_capture.decider import Account
from therapy_domain.case_sessions import CaseHead
from therapy_domain.claims.assess import Asked, assess
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.catalog import REGISTRY as RULES
from therapy_domain.claims.chart import Chart, chart
from therapy_domain.events.base import REGISTRY, Event, moment
from therapy_domain.events.claim import (
    ClaimAssessed,
    RemittanceReceived,
    UnitsCalculated,
)
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.streams import subject_stream
from unit_calculation.decider import decide as calculate_units
from unit_calculation.elsewhere import occupied

Said = Mapping[str, Any]
"""A decision's stored JSON, what is personal still sealed. Of it a decider sees only what names its work: whose it is
and its edition."""

STAGES = (
    "SessionRecorded",
    "SessionWithdrawn",
    "UnitsCalculated",
    "VisitCharted",
    "ClaimAssessed",
    "ClaimSubmitted",
    "ClaimAdjudicated",
    "DenialTriaged",
    "AppealOpened",
    "CorrectionRequested",
    "RemedyProposed",
    "AppealConcluded",
    "DenialSettled",
    "DeadlineWarned",
    "AppealLapsed",
    "DecisionOverdue",
)
"""The types of what services conclude: none rests on one that stands behind it."""
_WHICH = ("remedy", "item_id")
"""Which of several proposals of a denial a decision is, or is about."""
STAGE = {decision: number for number, decision in enumerate(STAGES)}
DECISIONS = frozenset(STAGES)
"""Facts, conflicts and what people did are given, not decided."""


def decide_again(decision: str, said: Said, basis: Basis, rules: Ruleset, charts: Charts) -> Event:
    """The decision, made again from what it says it rests on.

    Args:    decision: its type.
    Raises:  NotReplayable, UnknownRules, or another DomainError: the record does not hold what it takes.
    """
    match decision:
        case "SessionRecorded" | "SessionWithdrawn":
            return _session(decision, said, basis)
        case "UnitsCalculated":
            head = basis.sessions(said["case_id"]).head()
            return units_again(
                said, basis, rules, *_policy(head.org, head.payer_id, head.date_of_service, basis, rules)
            )
        case "VisitCharted":
            return _entry(said, basis, rules)
        case "ClaimAssessed":
            return assess(*asked_again(said, basis, rules, charts))
        case "ClaimSubmitted":
            return _submitted(said, basis, rules)
        case "ClaimAdjudicated":
            return _adjudicated(basis, rules)
        case _:
            kind = REGISTRY[decision]
            which = {name: said[name] for name in _WHICH if name in said}
            named = kind.trusted(basis=tuple(said["basis"]), **which)
            return appeal_again(named, [seen.event for seen in basis.seen], rules)


def _session(decision: str, said: Said, basis: Basis) -> Event:
    key: str = said["session_key"]
    state = basis.subjects().get(key, SubjectFacts())
    if not state.facts:
        raise NotReplayable(f"no fact of {key} is in the record")
    account = Account(key, state)
    if decision == "SessionRecorded":
        return account.recorded(said["revision"])
    case: str = said["case_id"]
    return account.withdrawn(case, account.whole.path.get(case, _head(said)), said["revision"])


def _head(said: Said) -> CaseHead:
    day = date.fromisoformat(said["date_of_service"])
    return CaseHead(said["org"], said["patient_id"], said["discipline"], said["payer_id"], day)


def _policy(
    org: str, payer_id: str, day: date, basis: Basis, rules: Ruleset
) -> tuple[PayerPolicy | None, tuple[str, ...]]:
    """The payer's policy, and the ids of the facts that it was made from."""
    published = basis.subjects().get(subject_stream("payer", org, payer_id), SubjectFacts())
    return resolve_policy(payer_id, day, published, rules)


def units_again(
    said: Said, basis: Basis, rules: Ruleset, policy: PayerPolicy | None, policy_facts: tuple[str, ...]
) -> UnitsCalculated:
    """The units of a case, counted by that policy.

    Args:    basis: of the units' own decision: it holds what the clinicians did elsewhere.
    """
    case: str = said["case_id"]
    sessions, elsewhere = basis.sessions(case), basis.sessions_elsewhere(case)
    looked_at = tuple(event_id for other in elsewhere for event_id in other.basis())
    return calculate_units(case, sessions, policy, policy_facts, rules, occupied(sessions, elsewhere, rules), looked_at)


def _entry(said: Said, basis: Basis, rules: Ruleset) -> Event:
    org: str = said["org"]
    day = date.fromisoformat(said["date_of_service"])
    policy, policy_facts = _policy(org, said["payer_id"], day, basis, rules)
    organization = organization_of(basis.subjects().get(subject_stream("organization", org, org), SubjectFacts()))
    sessions = basis.sessions(said["case_id"]).recorded.values()
    return chart(known_units(basis.one(UnitsCalculated)), sessions, organization, policy, policy_facts, rules)


def asked_again(said: Said, basis: Basis, rules: Ruleset, charts: Charts) -> Asked:
    """What an assessment was asked.

    Raises:  NotReplayable, UnknownRules, or another DomainError: the record does not hold what it takes.
    """
    return Asked(case_again(said, basis, rules, charts), rules, RULES.edition_of(said["rules"]))


def case_again(said: Said, basis: Basis, rules: Ruleset, charts: Charts) -> Case:
    """The case that an assessment looked at.

    Raises:  NotReplayable.
    """
    version: int = said.get("chart_version", 0)
    return _case(said["case_id"], basis, rules, lambda named: (version, charts.at(named.chart, version)))


def _case(case: str, basis: Basis, rules: Ruleset, charted: Callable[[Names], tuple[int, Chart]]) -> Case:
    units, sessions, subjects = basis.one(UnitsCalculated), basis.sessions(case), basis.subjects()
    counted: UnitsCalculated = units.event
    head = CaseHead(counted.org, counted.patient_id, counted.discipline, counted.payer_id, counted.date_of_service)
    named = Names(case, head, sessions, [stream for stream in subjects if stream.startswith("plan/")])
    streams = named.looked_at(lambda stream: subjects.get(stream, SubjectFacts()))
    known = {stream: subjects.get(stream, SubjectFacts()) for stream in streams}
    return assemble(named, sessions, known_units(units), acts_among(basis.seen), known, charted(named), rules)


def _submitted(said: Said, basis: Basis, rules: Ruleset) -> Event:
    """A submission: put together again from what its assessment saw, or of a void claim from what it takes back."""
    case: str = said["case_id"]
    seen, subjects = basis.one(ClaimAssessed), basis.subjects()
    whole = _case(case, basis, rules, lambda _: (0, CHART.start))
    streams = {npi: subject_stream("clinician", whole.org, npi) for npi in named_npis(whole)}
    others = [credentialed(npi, subjects.get(stream, SubjectFacts())) for npi, stream in streams.items()]
    ready = Ready(
        case=whole,
        assessed=Known(id_text(seen.recorded.event_id), seen.event, case, moment(seen.recorded.occurred_at)),
        others=tuple(known for known in others if known is not None),
        due=DUE_OF[said["frequency"]],
        number=said["submission"],
        payer_claim_number=said.get("payer_claim_number"),
        at_payer=basis.submission(),
    )
    on = date.fromisoformat(said["exported_on"])
    decided = decide(ready, on, rules)
    if decided.claim is None:
        raise NotReplayable(f"the claim would be kept back: {', '.join(fault.path for fault in decided.faults)}")
    return submitted(ready, decided, Export(said["file"], on, datetime.fromisoformat(said["at"])))


def _adjudicated(basis: Basis, rules: Ruleset) -> Event:
    assessed, remittance = basis.one(ClaimAssessed), basis.one(RemittanceReceived)
    claim: ClaimAssessed = assessed.event
    policy, policy_facts = _policy(claim.org, claim.payer_id, claim.date_of_service, basis, rules)
    sent = basis.submission()
    answered = (sent.id, sent.event) if sent is not None else None
    return adjudicate(claim, id_text(assessed.recorded.event_id), policy, policy_facts, remittance.event, answered)
