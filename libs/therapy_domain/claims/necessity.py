"""Families DXM and MNC: diagnoses that are valid, and that support the code."""

from collections.abc import Iterator, Sequence
from typing import Literal

from therapy_domain.claims.registry import DIAGNOSES, Fault, rule
from therapy_domain.claims.tables import DiagnosisGroups, diagnosis_groups
from therapy_domain.claims.visit import Visit
from therapy_domain.events.claim import Severity
from therapy_domain.rulesets.diagnoses import diagnosis_codes
from therapy_domain.rulesets.payers import PayerPolicy

Support = Literal["supported", "bare", "outside"]
_FIELDS = ("opened.diagnoses",)


@rule(
    "DXM-001",
    severity="deny",
    source="The payer's diagnosis list; without one, groups in local coverage articles by Claimtrail's reading",
    fix="Correct the diagnosis if another one is true.",
    place=DIAGNOSES,
)
def a_diagnosis_supports_the_code(visit: Visit) -> Iterator[Fault]:
    """A diagnosis of the visit is on the payer's list for the code."""
    for code, found in _supports(visit):
        if "supported" in found:
            continue
        if "bare" in found:
            yield Fault(
                f"{code}: weakness or spinal pain alone, with no neuromuscular deficit",
                visit.line_of.get(code),
                _FIELDS,
                severity="advice",
            )
        else:
            yield Fault(
                f"{code}: no diagnosis is on the payer's list for it",
                visit.line_of.get(code),
                _FIELDS,
                severity=_severity(visit, code),
            )


@rule(
    "MNC-001",
    severity="deny",
    source="CMS Pub. 100-02, chapter 15, section 220.2; the payer's diagnosis list",
    fix="Correct the session's diagnosis, or document why it needs this code.",
    place=DIAGNOSES,
)
def each_session_needs_its_codes(visit: Visit) -> Iterator[Fault]:
    """Of several sessions, each has a diagnosis that supports its codes."""
    for code, found in _supports(visit):
        if "supported" in found and len(set(found)) > 1:
            yield Fault(
                f"{code}: one of the day's sessions has no diagnosis that is on the payer's list for it",
                visit.line_of.get(code),
                _FIELDS,
                severity=_severity(visit, code),
            )


def _severity(visit: Visit, code: str) -> Severity | None:
    """What the payer lists itself denies; the shipped lists speak as its profile says."""
    if visit.policy is None or code in visit.policy.own_diagnosis_lists:
        return None
    return visit.policy.diagnosis_prefixes_severity


def _supports(visit: Visit) -> Iterator[tuple[str, tuple[Support, ...]]]:
    """For each code with a list, how each session's diagnoses support it; sessions without diagnoses are DXM-002's."""
    if visit.policy is None:
        return
    groups = diagnosis_groups(visit.ruleset)
    for code in sorted(code for code, prefixes in visit.policy.diagnosis_prefixes.items() if prefixes):
        found = tuple(
            support(sitting.recorded.opened.diagnoses, code, visit.policy, groups)
            for sitting in visit.sittings
            if code in sitting.treated and sitting.recorded.opened.diagnoses
        )
        if found:
            yield code, found


def support(diagnoses: Sequence[str], code: str, policy: PayerPolicy, groups: DiagnosisGroups) -> Support:
    """Whether one session's diagnoses, primary first, support a code that the payer has a list for."""
    plain = [diagnosis.replace(".", "") for diagnosis in diagnoses]
    listed = policy.diagnosis_prefixes[code]
    if code in policy.own_diagnosis_lists:
        return "supported" if any(diagnosis.startswith(listed) for diagnosis in plain) else "outside"
    for place, diagnosis in enumerate(plain):
        if not diagnosis.startswith(listed) or not _is_whole(diagnosis, groups):
            continue
        if place == 0 and diagnosis.startswith(policy.secondary_only_prefixes):
            continue
        if diagnosis.startswith(policy.needs_deficit_prefixes) and not _has_deficit(plain, groups):
            continue
        return "supported"
    return "bare" if any(diagnosis.startswith(groups.bare) for diagnosis in plain) else "outside"


def _is_whole(diagnosis: str, groups: DiagnosisGroups) -> bool:
    for category, characters in groups.encounters.items():
        if diagnosis.startswith(category):
            return len(diagnosis) == 7 and diagnosis[6] in characters
    return True


def _has_deficit(diagnoses: Sequence[str], groups: DiagnosisGroups) -> bool:
    return any(diagnosis.startswith(groups.deficits) for diagnosis in diagnoses)


@rule(
    "DXM-002",
    severity="reject",
    source="ICD-10-CM of the fiscal year; 45 CFR 162.1002",
    fix="Use the most specific code that is valid on the date of service.",
    place=DIAGNOSES,
)
def diagnoses_are_valid(visit: Visit) -> Iterator[Fault]:
    """Each session has a diagnosis, and each is valid on the date of service."""
    listed = visit.policy.diagnosis_prefixes if visit.policy is not None else {}
    for sitting in visit.sittings:
        diagnoses = sitting.recorded.opened.diagnoses
        if not diagnoses:
            also = ("DXM-001",) if sitting.treated.intersection(listed) else ()
            yield Fault(f"{sitting.name}: no diagnosis", None, _FIELDS, also=also)
        for place, diagnosis in enumerate(diagnoses, start=1):
            why = _invalid(visit, diagnosis.replace(".", ""))
            if why is not None:
                yield Fault(f"{sitting.name}: diagnosis {place} {why}", None, _FIELDS)


def _invalid(visit: Visit, diagnosis: str) -> str | None:
    """What is wrong with it: by the fiscal year's own codes where the release holds them, else by what is known."""
    year = diagnosis_codes(visit.ruleset, visit.on)
    if year is None:
        return _subdivided(visit, diagnosis)
    if diagnosis in year.billable:
        return None
    if diagnosis in year.categories:
        return f"is a category, too short for a claim ({year.publication.name})"
    return f"is no code of {visit.on} ({year.publication.name})"


def _subdivided(visit: Visit, diagnosis: str) -> str | None:
    for row in diagnosis_groups(visit.ruleset).subdivisions:
        if not diagnosis.startswith(row.category):
            continue
        divided = diagnosis != row.category
        if visit.on < row.since:
            return f"is a subdivision of {row.category}, valid only from {row.since}" if divided else None
        if not divided:
            return f"is {row.category} without its subdivision, invalid from {row.since}"
        if row.codes is not None and diagnosis not in row.codes:
            return f"is no valid subdivision of {row.category}"
    return None
