"""Forgetting a patient: the key is destroyed; who asked for it and why is an event of its own."""

from datetime import UTC, datetime

from event_log.protocol import Append
from service_kit.outcome import Made
from suite.installation import Installation
from therapy_domain.errors import DomainError
from therapy_domain.events.base import Event, microseconds
from therapy_domain.fields import Identifier, Instant, Text
from therapy_domain.identity import decision_id
from therapy_domain.streams import subject_stream

NAME = "claimtrail"


class PatientErased(Event):
    """A patient's key was destroyed. Holds nothing that the key sealed."""

    org: Identifier
    patient_id: Identifier
    by: Text
    reason: Text
    """Why; it must not name the patient, for nothing seals it."""
    at: Instant


class NothingToErase(DomainError):
    """The patient has no key in this store."""

    code = "nothing-to-erase"

    def __init__(self, org: str, patient: str) -> None:
        self.org, self.patient = org, patient
        super().__init__(f"patient {patient!r} of organization {org!r} has no data here, or it is erased already")


def erase(installation: Installation, *, org: str, patient: str, reason: str, by: str) -> tuple[str, ...]:
    """Forget a patient: what the key sealed is gone for good; the log's hashes and proofs stay valid.

    Returns: the subjects whose keys were destroyed.
    Raises:  NothingToErase.
    """
    subject = subject_stream("patient", org, patient)
    rows = installation.log.connection()
    key = rows.execute("SELECT destroyed_at FROM data_key WHERE subject = ?", (subject,)).fetchone()
    if key is None or key[0] is not None:
        raise NothingToErase(org, patient)
    gone = installation.key_ring.destroy(subject)
    installation.read.forget()
    now = datetime.now(UTC)
    event = PatientErased(org=org, patient_id=patient, by=by, reason=reason, at=now)
    made = Made(event, decision_id(event.type, subject, ()), org, microseconds(now), actor=by)
    stream = subject_stream("erasure", org, patient)
    installation.log.commit([Append(stream, None, [installation.codec.encode(made)])], service=NAME)
    installation.work_off()
    return gone
