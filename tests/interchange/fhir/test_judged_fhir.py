"""HAPI's validator (R4, 4.0.1, offline) finds no error in our FHIR resources: 200 claims, and answers to some."""

from datetime import date
from pathlib import Path

import pytest

from interchange.fhir import Answer, answer_bundle, claim_bundle
from interchange.professional import ProfessionalClaim, companion_guides
from interchange.simulated_payer import settle
from support.answers import DAY, answers_to, terms
from support.claims import guide_of, professional_claims
from support.judges import fhir_errors

GUIDES = companion_guides()
CREATED = date(2026, 3, 4)
BAD = [
    {"resourceType": "Claim", "status": "sent"},
    {"resourceType": "Patient", "gender": "femal", "birthDate": "2026-02-30"},
    {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Nothing"}}]},
]


def claim(made: ProfessionalClaim) -> object:
    return claim_bundle(made, GUIDES[guide_of(made)], created=CREATED)


def answered(made: ProfessionalClaim, seed: int) -> object:
    """A claim with its answer, that taken back, and another."""
    told = answers_to([made], seed)
    payment = settle(terms([made]), sum(answer.paid_cents for answer in told))
    answers = [Answer(payment, answer, number) for number, answer in enumerate(told, start=1)]
    return answer_bundle(made, GUIDES[guide_of(made)], answers, created=CREATED, answered=DAY)


@pytest.mark.timeout(900)  # the first time, Maven fetches 150 MB
def test_two_hundred_claims_and_their_answers_are_valid(tmp_path: Path) -> None:
    claims = [claim(made) for made in professional_claims("hapi", 180)]
    answers = [answered(made, seed) for seed, made in enumerate(professional_claims("hapi answers", 20))]
    told = fhir_errors([*claims, *answers, *BAD], tmp_path)
    assert [errors for errors in told[: -len(BAD)] if errors] == []
    assert all(told[-len(BAD) :]), "a judge that finds nothing wrong with anything is no judge"
