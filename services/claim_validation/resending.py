"""What is to be sent anew of a claim that was sent, once its facts have changed or it came back."""

from collections.abc import Sequence

from claim_validation.composing import Submission, companion, compose, named_npis
from claim_validation.composing.people import credentials
from claim_validation.state import FACTS, ClaimState
from claim_validation.submissions import Due, Sent, due, standing
from interchange.professional import Frequency, ProfessionalClaim
from service_kit.reading import Reader
from therapy_domain.claims.case import Case, Known
from therapy_domain.errors import InputError
from therapy_domain.events.claim import ClaimAssessed, RemittanceReceived
from therapy_domain.events.reference import ClinicianCredentialed
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_text
from therapy_domain.rulesets import Ruleset
from therapy_domain.streams import subject_stream

_ANY = Submission(1, Frequency.ORIGINAL)


def due_of(
    claim: ClaimState,
    assessed: ClaimAssessed,
    case: Case,
    read: Reader,
    rules: Ruleset,
    *,
    unchanged: bool = False,
) -> Due | None:
    """What is to be sent of a claim, as the record is now; see `submissions.due`."""

    def now() -> ProfessionalClaim | None:
        if case.policy is None or not case.sessions:
            return None
        try:
            told = companion(case.policy)
        except InputError:  # the export tells of it
            return None
        return compose(case, assessed, credentials(case, others(case, read)), told, _ANY, rules).claim

    return due(claim.sent, claim.adjudicated.values(), assessed, now, unchanged=unchanged)


def others(case: Case, read: Reader) -> list[Known[ClinicianCredentialed]]:
    """What is recorded of the providers that the claim may have to name beside the sessions' clinicians."""
    streams = {npi: subject_stream("clinician", case.org, npi) for npi in named_npis(case)}
    folded = read.folds(streams.values(), FACTS)
    found = (credentialed(npi, folded[stream].state) for npi, stream in streams.items())
    return [known for known in found if known is not None]


def credentialed(npi: str, facts: SubjectFacts) -> Known[ClinicianCredentialed] | None:
    """What was last said of a clinician; None where nothing was."""
    said = [fact for fact in facts.standing() if isinstance(fact.event, ClinicianCredentialed)]
    return Known(id_text(said[-1].fact_id), said[-1].event, npi, said[-1].time) if said else None


def submission_answered(sent: Sequence[Sent], answer: RemittanceReceived) -> tuple[str, ClaimSubmitted] | None:
    """The submission that a remittance answers: the one it names, else what the payer has of the claim."""
    named = next((each for each in sent if each.event.submission == answer.submission), None)
    found = named or standing(sent) or (sent[-1] if sent else None)
    return (found.id, found.event) if found is not None else None
