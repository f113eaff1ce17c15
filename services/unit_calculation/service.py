"""The wiring of unit_calculation: sessions and payer policies in, units out."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence

from event_log.keyring import Erased
from event_log.protocol import Recorded
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
from therapy_domain.identity import decision_id, id_bytes
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import load
from therapy_domain.streams import sessions_of, subject_stream, units_of
from unit_calculation.decider import decide
from unit_calculation.elsewhere import cases_meanwhile, engaged, occupied
from unit_calculation.views import CaseOfPayer, ClinicianTime, cases_of_payer

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
LATEST: Folder[tuple[str, ...] | None] = Folder("latest", None, lambda _state, seen: seen.event.basis)
"""What the latest decision rests on."""


def _said_so_far(seen: Seen, read: Reader) -> Iterable[SessionRecorded]:
    """Every revision of the session in its case; what was erased holds nobody any more."""
    for row in read.log.read_stream(seen.recorded.stream, upto=seen.recorded.position):
        try:
            event = read.see(row).event
        except Erased:
            continue
        if isinstance(event, SessionRecorded) and event.session_key == seen.event.session_key:
            yield event


class _Counting:
    """unit_calculation, under the ruleset release in force."""

    def __init__(self, rulesets: Rulesets) -> None:
        self._rulesets = rulesets
        self._others: dict[str, list[CaseSessions]] = {}

    def index(self, seen: Seen, outcome: Outcome) -> None:
        session: SessionRecorded = seen.event
        for span in engaged(session, load()):  # of a release only its codes are asked, and those come with the software
            outcome.show(upsert(ClinicianTime), ClinicianTime.row(span, session.session_key, session.case_id))

    def route(self, seen: Seen, read: Reader) -> Iterable[str]:
        match seen.event:
            case SessionRecorded(case_id=case, revision=1):
                return (case, *self._meanwhile_of([seen.event], read))
            case SessionRecorded(case_id=case) | SessionWithdrawn(case_id=case):
                return (case, *self._meanwhile_of(_said_so_far(seen, read), read))
            case _:
                stream = seen.recorded.stream
                if not stream.startswith("payer/"):
                    return ()
                days = [fact.event.effective_from for fact in read.fold(stream, FACTS).state.in_force()]
                return cases_of_payer(read.rows(), stream, min(days)) if days else ()

    def prepare(self, work: Mapping[str, Sequence[Recorded]], read: Reader) -> None:
        read.folds([units_of(case) for case in work], LATEST)
        folded = read.folds([sessions_of(case) for case in work], SESSIONS)
        states = {case: state for case in work if (state := folded[sessions_of(case)].state).recorded}
        heads = [each.state.head() for each in folded.values() if each.version]
        read.folds({subject_stream("payer", head.org, head.payer_id) for head in heads}, FACTS)
        self._others = {
            case: list(self._meanwhile_of([session for _, session in state.recorded.values()], read).values())
            for case, state in states.items()
        }

    def _meanwhile_of(self, sessions: Iterable[SessionRecorded], read: Reader) -> dict[str, CaseSessions]:
        """The cases that may hold the same clinicians, and their sessions; what was erased holds nobody."""
        found: dict[str, CaseSessions] = {}
        for case in sorted(cases_meanwhile(sessions, load(), read)):  # as they were indexed
            with contextlib.suppress(Erased):
                found[case] = read.fold(sessions_of(case), SESSIONS).state
        return found

    def work(self, case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        outcome, rules = Outcome(), self._rulesets.current(read)
        sessions = read.fold(sessions_of(case), SESSIONS).state
        head = sessions.head()
        payer = subject_stream("payer", head.org, head.payer_id)
        of_payer = read.fold(payer, FACTS)
        policy, policy_basis = resolve_policy(head.payer_id, head.date_of_service, of_payer.state, rules)
        others = self._others.get(case, ())
        elsewhere = occupied(sessions, others, rules) if others else ()
        elsewhere_basis = tuple({event_id for other in others for event_id in other.basis()})
        version, latest = read.fold(units_of(case), LATEST)
        calculated = decide(case, sessions, policy, policy_basis, rules, elsewhere, elsewhere_basis)
        if calculated.basis == latest:
            return outcome  # nothing new in the case: what was decided stays, also under an older release
        made = Made(
            calculated,
            decision_id(calculated.type, case, (*calculated.basis, rules.hash)),
            head.org,
            max(seen.recorded.occurred_at for seen in events),
            case_id=id_bytes(case),
        )
        outcome.append(units_of(case), expected=version, events=(made,))
        outcome.guard(payer, of_payer.version)
        if version == 0:
            outcome.show(upsert(CaseOfPayer), CaseOfPayer.row(payer, head.date_of_service, case))
        return outcome


def service(rulesets: Rulesets) -> Service:
    """unit_calculation, under the ruleset release in force."""
    counting = _Counting(rulesets)
    listens_to = (SessionRecorded, SessionWithdrawn, PayerPolicyPublished, FactConflicted, ConflictSettled)
    return Service(
        name=NAME,
        listens_to=frozenset(event.type for event in listens_to),
        route=counting.route,
        work=counting.work,
        prepare=counting.prepare,
        index=counting.index,
        indexed=frozenset({SessionRecorded.type}),
        tables=(CaseOfPayer, ClinicianTime),
    )


__all__ = ["NAME", "UnitsCalculated", "service"]
