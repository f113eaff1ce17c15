"""FHIR R4 (4.0.1): Claim, ClaimResponse and ExplanationOfBenefit as JSON values, in bundles."""

from interchange.fhir.answers import Answer, answer_bundle
from interchange.fhir.claim import claim_bundle

__all__ = ["Answer", "answer_bundle", "claim_bundle"]
