"""From a case's sessions and its payer's policy to its units: pure."""

from collections.abc import Iterable

from therapy_domain.case_sessions import CaseSessions
from therapy_domain.events.claim import UnitsCalculated
from therapy_domain.events.session import SessionRecorded
from therapy_domain.identity import claim_id
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.units.calculate import calculate
from therapy_domain.units.model import DayOfWork, Occupied, WorkedInterval


def decide(
    case: str,
    sessions: CaseSessions,
    policy: PayerPolicy | None,
    policy_basis: tuple[str, ...],
    rules: Ruleset,
    elsewhere: tuple[Occupied, ...] = (),
    elsewhere_basis: tuple[str, ...] = (),
) -> UnitsCalculated:
    """Count one case.

    Args:    elsewhere: when its clinicians were one-on-one with other patients.
             elsewhere_basis: what was last said in every case that was looked at for it. Without those that hold nobody
             any more, a count that comes out as once before would rest on the same facts, and not be said again.
    Returns: the decision; its basis is what was last said of every session, the policy's facts, and `elsewhere_basis`.
    """
    head = sessions.head()
    day = DayOfWork(
        policy=policy,
        discipline=head.discipline,
        date_of_service=head.date_of_service,
        intervals=tuple(worked(session for _, session in sessions.recorded.values())),
        elsewhere=elsewhere,
    )
    return UnitsCalculated.trusted(
        case_id=case,
        claim_id=claim_id(case),
        org=head.org,
        patient_id=head.patient_id,
        payer_id=head.payer_id,
        discipline=head.discipline,
        date_of_service=head.date_of_service,
        sessions=sessions.ids(),
        result=calculate(day, rules),
        ruleset=rules.id,
        ruleset_hash=rules.hash,
        basis=tuple(sorted((*sessions.basis(), *policy_basis, *elsewhere_basis))),
    )


def worked(sessions: Iterable[SessionRecorded]) -> Iterable[WorkedInterval]:
    """The intervals that ended, over all sessions. A clock that runs backwards leaves an interval without times."""
    for session in sessions:
        for interval in session.intervals:
            start, end = interval.start, interval.end
            if start is None or end is None or end < start:
                if interval.minutes is None:
                    continue
                start = end = None
            yield WorkedInterval(
                interval.interval_id,
                session.session_key,
                interval.code,
                start,
                end,
                interval.minutes,
                interval.performer.id,
                interval.performer.role,
                interval.contact,
                interval.activity,
                interval.technique,
                interval.skilled,
                interval.supervisor_npi,
            )
