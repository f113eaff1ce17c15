"""Names of the log's streams: facts by subject, decisions by case."""

from functools import lru_cache
from urllib.parse import quote

from therapy_domain.events.base import split_source

_BY_TYPE = {
    "claimtrail.organization.configured.v1": "organization",
    "claimtrail.patient.registered.v1": "patient",
    "claimtrail.coverage.verified.v1": "patient",
    "claimtrail.plan.certified.v1": "plan",
    "claimtrail.progress.reported.v1": "plan",
    "claimtrail.clinician.credentialed.v1": "clinician",
    "claimtrail.payer.policy.published.v1": "payer",
    "claimtrail.remittance.received.v1": "remittance",
    "claimtrail.appeal.decided.v1": "appeal",
}


@lru_cache(maxsize=16_384)
def _part(text: str) -> str:
    """One part of a stream's name: a slash in an id must not look like a separator."""
    return quote(text, safe=" !$&'()*+,;=:@-._~")


@lru_cache(maxsize=4096)
def _clinic(source: str) -> str:
    org, clinic = split_source(source)
    return f"session/{_part(org)}/{_part(clinic or '')}/"


def session_stream(source: str, session_id: str) -> str:
    """The facts of one session; session ids are unique within a source."""
    return _clinic(source) + _part(session_id)


@lru_cache(maxsize=65_536)
def subject_stream(kind: str, org: str, subject: str) -> str:
    """The facts about one subject of an organization: `kind` is patient, plan, clinician, payer, …."""
    return f"{kind}/{_part(org)}/{_part(subject)}"


def kind_of_fact(event_type: str) -> str:
    """What a contract event is about: session, patient, plan, …: the first part of its stream's name."""
    return _BY_TYPE.get(event_type, "session")


def fact_stream(event_type: str, source: str, subject: str) -> str:
    """The stream that a contract event belongs to."""
    kind = kind_of_fact(event_type)
    if kind == "session":
        return session_stream(source, subject)
    return subject_stream(kind, split_source(source)[0], subject)


def plans_of(org: str, patient_id: str) -> str:
    """Which plans name a patient."""
    return subject_stream("plans", org, patient_id)


def sessions_of(case: str) -> str:
    """What session_capture says of a case's sessions."""
    return f"case/{case}/sessions"


def units_of(case: str) -> str:
    """What unit_calculation decided for a case."""
    return f"case/{case}/units"


def claim_of(case: str) -> str:
    """What claim_validation decided for a case."""
    return f"case/{case}/claim"


def chart_of(org: str, patient_id: str) -> str:
    """The patient's chart: one entry a visit, said again where a visit changes."""
    return subject_stream("chart", org, patient_id)


CLOCK = "clock"
"""The days that the clock told."""


def appeals_of(case: str) -> str:
    """What the appeals service decided for a case, and what people did about it."""
    return f"case/{case}/appeals"


CLAIM_FILES = "claim-files"
"""Every claim file of the installation: the stream's order gives the control numbers."""


def set_aside_of(item: str) -> str:
    """An answer of a payer that fits no claim, and what became of it."""
    return f"set-aside/{item}"


def answer_file_of(sha256: str) -> str:
    """A payer's file, by the hash of its bytes."""
    return f"answer-file/{sha256}"


def file_of(number: int) -> str:
    """What became of one claim file."""
    return f"claim-file/{number}"
