"""The wiring of unit_calculation: sessions and payer policies in, units out."""

from collections.abc import Callable, Collection, Iterable, Sequence

from rule_releases.rulesets import Rulesets
from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folder, Reader
from service_kit.service import Service
from service_kit.tables import upsert
from therapy_domain import case_sessions, facts
from therapy_domain.case_sessions import CaseSessions
from therapy_domain.events.claim import ConflictSettled, FactConflicted, UnitsCalculated
from therapy_domain.events.reference import PayerPolicyPublished
from therapy_domain.events.session import SessionRecorded, SessionWithdrawn
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import decision_id, id_bytes, id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.streams import sessions_of, subject_stream, units_of
from unit_calculation.decider import decide
from unit_calculation.views import CaseOfPayer, cases_of_payer

NAME = "unit-calculation"

SESSIONS: Folder[CaseSessions] = Folder(
    "sessions", CaseSessions(), lambda state, seen: case_sessions.evolve(state, seen.recorded.event_id, seen.event)
)
FACTS: Folder[SubjectFacts] = Folder(
    "facts",
    SubjectFacts(),
    lambda state, seen: facts.evolve(state, seen.recorded.event_id, seen.event),
    lasting=True,
)
LATEST: Folder[tuple[str, str] | None] = Folder(
    "latest", None, lambda _state, seen: (id_text(seen.recorded.event_id), seen.event.ruleset_hash)
)
"""The id of the latest decision, and the hash of the release it was made under."""


def _route(seen: Seen, read: Reader) -> Iterable[str]:
    match seen.event:
        case SessionRecorded(case_id=case) | SessionWithdrawn(case_id=case):
            return (case,)
        case _:
            stream = seen.recorded.stream
            if not stream.startswith("payer/"):
                return ()
            days = [fact.event.effective_from for fact in read.fold(stream, FACTS).state.in_force()]
            return cases_of_payer(read.rows(), stream, min(days)) if days else ()


def _prepare(cases: Collection[str], read: Reader) -> None:
    read.folds([units_of(case) for case in cases], LATEST)
    folded = read.folds([sessions_of(case) for case in cases], SESSIONS)
    heads = [each.state.head() for each in folded.values() if each.version]
    read.folds({subject_stream("payer", head.org, head.payer_id) for head in heads}, FACTS)


def _work(rulesets: Rulesets) -> Callable[[str, Sequence[Seen], Reader], Outcome]:
    def work(case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        outcome, rules = Outcome(), rulesets.current(read)
        sessions = read.fold(sessions_of(case), SESSIONS).state
        head = sessions.head()
        payer = subject_stream("payer", head.org, head.payer_id)
        policy, policy_basis = resolve_policy(head.payer_id, head.date_of_service, read.fold(payer, FACTS).state, rules)
        version, latest = read.fold(units_of(case), LATEST)
        calculated = decide(case, sessions, policy, policy_basis, rules)
        if latest is not None and latest[0] == id_text(_decided(calculated, latest[1])):
            return outcome  # nothing new in the case: what was decided stays, also under an older release
        made = Made(
            calculated,
            _decided(calculated, rules.hash),
            head.org,
            max(seen.recorded.occurred_at for seen in events),
            case_id=id_bytes(case),
        )
        outcome.append(units_of(case), expected=version, events=(made,))
        if version == 0:
            row = {"payer": payer, "date_of_service": head.date_of_service.isoformat(), "case_id": case}
            outcome.show(upsert(CaseOfPayer), row)
        return outcome

    return work


def _decided(calculated: UnitsCalculated, ruleset_hash: str) -> bytes:
    return decision_id(calculated.type, calculated.case_id, (*calculated.basis, ruleset_hash))


def service(rulesets: Rulesets) -> Service:
    """unit_calculation, under the ruleset release in force."""
    listens_to = (SessionRecorded, SessionWithdrawn, PayerPolicyPublished, FactConflicted, ConflictSettled)
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in listens_to),
        route=_route,
        work=_work(rulesets),
        prepare=_prepare,
        tables=(CaseOfPayer,),
    )


__all__ = ["NAME", "UnitsCalculated", "service"]
