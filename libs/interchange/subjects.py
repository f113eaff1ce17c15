"""What a type's `subject` must look like, where its kind of id has a shape."""

import re
from collections.abc import Callable

from therapy_domain.fields import npi_is_valid

Check = Callable[[str, str], bool]
"""(subject, org of the source) -> whether it is that kind of id."""

_npi = re.compile(r"[0-9]{10}").fullmatch
_claim = re.compile(r"C[0-9A-HJKMNP-TV-Z]{16}").fullmatch
_appeal = re.compile(r"C[0-9A-HJKMNP-TV-Z]{16}-A[1-9][0-9]{0,3}").fullmatch


def _is_npi(subject: str, _org: str) -> bool:
    return _npi(subject) is not None and npi_is_valid(subject)


def _is_claim_id(subject: str, _org: str) -> bool:
    return _claim(subject) is not None


def _is_appeal_id(subject: str, _org: str) -> bool:
    return _appeal(subject) is not None


def _is_the_org(subject: str, org: str) -> bool:
    return subject == org


SUBJECTS: dict[str, tuple[Check, str]] = {
    "claimtrail.clinician.credentialed.v1": (
        _is_npi,
        "the clinician's NPI: 10 digits whose last is its Luhn check digit",
    ),
    "claimtrail.organization.configured.v1": (_is_the_org, "the org of the source: {org}"),
    "claimtrail.remittance.received.v1": (
        _is_claim_id,
        "a claim id: C and 16 Crockford base-32 characters, e.g. C5J2K8Q0V7M3T9XA4",
    ),
    "claimtrail.appeal.decided.v1": (
        _is_appeal_id,
        "an appeal id: a claim id and -A with the appeal's number, e.g. C5J2K8Q0V7M3T9XA4-A1",
    ),
}
"""By type: the check, and in words what is right. Every other type takes any id."""
