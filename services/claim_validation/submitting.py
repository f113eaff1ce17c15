"""One claim decided for submission: what is sent of it and why, or what keeps it back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from claim_validation.composing import Companion, Composed, Submission, companion, compose, void
from claim_validation.composing.claim import PAYER_CLAIM_NUMBER
from claim_validation.composing.people import credentials
from claim_validation.submissions import Due, Sent
from interchange.professional import ClaimFault, Frequency, ProfessionalClaim, claim_text, place_of
from therapy_domain.appeals.deadlines import TIMELY_FILING_SOURCE
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.filing import timely
from therapy_domain.errors import InputError
from therapy_domain.events.claim import ClaimAssessed
from therapy_domain.events.reference import ClinicianCredentialed
from therapy_domain.events.submission import ClaimSubmitted, SubmittedLine
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy

TIMELY_FILING = "TFL-001"
_FREQUENCIES = {
    "original": Frequency.ORIGINAL,
    "again": Frequency.ORIGINAL,
    "replacement": Frequency.REPLACEMENT,
    "void": Frequency.VOID,
}


DUE_OF: Mapping[str, Due] = {"1": "original", "7": "replacement", "8": "void"}
"""What was due, by the frequency of what was sent: an original is put together the same, the first time or again."""


class Export(NamedTuple):
    """In which file and when a claim is sent."""

    file: int
    on: date
    """Timely filing is checked for this day."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Ready:
    """A claim as the export finds it."""

    case: Case
    assessed: Known[ClaimAssessed]
    others: tuple[Known[ClinicianCredentialed], ...]
    """What is recorded of providers beside the sessions' clinicians."""
    due: Due
    number: int
    """Of the submission that comes next, from 1."""
    payer_claim_number: str | None = None
    at_payer: Sent | None = None
    """What the payer has of the claim."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What comes of it: the claim to send, or the faults that keep it back."""

    claim: ProfessionalClaim | None
    faults: tuple[ClaimFault, ...] = ()
    advice: tuple[ClaimFault, ...] = ()
    file_by: date | None = None
    base_guide: str = ""


def next_submission(ready: Ready) -> Submission:
    """Its number, frequency and what it names."""
    frequency = _FREQUENCIES[ready.due]
    number = ready.payer_claim_number if frequency is not Frequency.ORIGINAL else None
    return Submission(ready.number, frequency, number)


def decide(ready: Ready, on: date, rules: Ruleset) -> Decided:
    """Whether and how a claim is sent on a day."""
    policy, submission = ready.case.policy, next_submission(ready)
    if policy is None and ready.due != "void":
        return Decided(None, (_fault("payer", None, "a policy of the payer (payer.policy.published)"),))
    try:
        told = companion(policy) if policy is not None else None
    except InputError as error:
        return Decided(None, (_fault("payer", error.value, f"{error.expected} ({error.path} of the payer's policy)"),))
    if policy is None or told is None or ready.due == "void":
        return _voided(ready, submission, told)
    late = _too_late(ready, on, policy)
    composed: Composed = compose(
        ready.case, ready.assessed.event, credentials(ready.case, ready.others), told, submission, rules
    )
    found = (*composed.faults, *((late,) if late is not None else ()))
    first = submission.frequency is Frequency.ORIGINAL
    file_by = timely(ready.case.date_of_service, policy, on).last_day if first else None
    return Decided(None if found else composed.claim, found, composed.advice, file_by, told.base)


def _voided(ready: Ready, submission: Submission, told: Companion | None) -> Decided:
    """What the payer has is taken back; the void claim says nothing else than that did."""
    former = ready.at_payer.claim if ready.at_payer is not None else None
    if former is None:
        return Decided(None, (_fault("claim_id", None, "a claim whose patient was not erased"),))
    found: list[ClaimFault] = []
    if submission.payer_claim_number is None:
        found.append(_fault("payer_claim_number", None, PAYER_CLAIM_NUMBER))
    if told is not None and Frequency.VOID not in told.guide.frequencies:
        found.append(_fault("frequency", Frequency.VOID.value, f"no void claim: {told.payer.name} takes none"))
    guide = told.base if told is not None else "generic"
    return Decided(None if found else void(former, submission), tuple(found), base_guide=guide)


def submitted(ready: Ready, decided: Decided, export: Export) -> ClaimSubmitted:
    """The event that a claim is sent."""
    claim, assessed = decided.claim, ready.assessed.event
    assert claim is not None, "only what has no fault is sent"
    former = ready.at_payer.id if ready.due == "void" and ready.at_payer is not None else None
    named = {*assessed.basis, *(() if former is not None else (known.id for known in ready.others))}
    return ClaimSubmitted(
        case_id=assessed.case_id,
        claim_id=assessed.claim_id,
        org=assessed.org,
        payer_id=assessed.payer_id,
        submission=ready.number,
        file=export.file,
        frequency=claim.frequency.value,
        payer_claim_number=claim.payer_claim_number,
        charge_cents=claim.charge_cents,
        lines=tuple(
            SubmittedLine(
                line=number,
                control_number=line.control_number,
                code=line.code,
                modifiers=line.modifiers,
                units=line.units,
                charge_cents=line.charge_cents,
            )
            for number, line in enumerate(claim.lines, start=1)
        ),
        sent=claim_text(claim),
        exported_on=export.on,
        file_by=decided.file_by,
        at=export.at,
        ruleset=assessed.ruleset,
        ruleset_hash=assessed.ruleset_hash,
        basis=(ready.assessed.id, *([former] if former is not None else ()), *sorted(named)),
    )


def _too_late(ready: Ready, on: date, policy: PayerPolicy) -> ClaimFault | None:
    """TFL-001 once more, on the day of the export; a person may have released it, with proof in the drawer."""
    if ready.due not in ("original", "again") or TIMELY_FILING in {o.event.rule for o in ready.case.overrides}:
        return None
    found = timely(ready.case.date_of_service, policy, on)
    if not found.late:
        return None
    source = TIMELY_FILING_SOURCE if policy.timely_filing_days is None else f"{policy.name}'s limit"
    expected = (
        f"an export by {found.last_day} ({TIMELY_FILING}, {source}); with proof of timely filing: claimtrail override"
    )
    return _fault("lines[0].service_date", on.isoformat(), expected)


def _fault(path: str, value: object, expected: str) -> ClaimFault:
    return ClaimFault(f"$.{path}", value, expected, *place_of(path))
