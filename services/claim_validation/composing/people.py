"""Who stands on a claim: names out of records that keep them in one text, numbers out of sessions and plans."""

import re
from collections.abc import Iterator, Mapping, Sequence

from interchange.professional import PersonName, Provider
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.visit import ASSISTANTS, Sitting
from therapy_domain.events.reference import ClinicianCredentialed

Credentials = Mapping[str, Known[ClinicianCredentialed]]
"""By NPI: what is recorded of clinicians, of physicians too where a clinic says it."""

NAME_NOT_KNOWN = "NOT ON FILE"
"""Stands for a name that the record lacks: X12 has no provider without a name."""
_CREDENTIAL = re.compile(r"[A-Z]{1,4}(?:[-/][A-Z]{1,4})*\.?|[A-Z](?:\.[A-Z])+\.?")


def person(text: str) -> PersonName:
    """A name as one text: `Given Family`, `Family, Given`, credentials behind it or not.

    >>> person("Rowan Q. Example, PT, DPT").family, person("Example, Rowan").given, person("Dr. Rowan Example").given
    ('Example', 'Rowan', 'Rowan')
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    parts = [part for place, part in enumerate(parts) if place == 0 or not _CREDENTIAL.fullmatch(part)]
    if not parts:
        return PersonName(family=NAME_NOT_KNOWN)
    if len(parts) > 1:
        return PersonName(family=parts[0], given=parts[1].split()[0])
    words = [word for word in parts[0].split() if word.rstrip(".").lower() not in ("dr", "mr", "ms", "mrs")]
    if len(words) > 2 and _CREDENTIAL.fullmatch(words[-1]):
        words.pop()
    if len(words) < 2:
        return PersonName(family=words[0] if words else parts[0])
    return PersonName(family=words[-1], given=words[0])


def provider(npi: str, known: Credentials, name: str | None = None) -> Provider:
    """A provider by number; the name as given, else as credentialed, else `NAME_NOT_KNOWN`."""
    if name is None and npi in known:
        name = known[npi].event.name
    return Provider(name=person(name) if name and name.strip() else PersonName(family=NAME_NOT_KNOWN), npi=npi)


def is_named(who: Provider) -> bool:
    """Whether the record has the provider's name."""
    return not (isinstance(who.name, PersonName) and who.name.family == NAME_NOT_KNOWN)


def billed_npi(sitting: Sitting, known: Credentials) -> str:
    """Who is billed for a session: its clinician; of an assistant, who does not enroll, the supervising therapist."""
    clinician = sitting.recorded.opened.clinician_npi
    if clinician in known and known[clinician].event.role in ASSISTANTS:
        return next(iter(supervisors(sitting)), clinician)
    return clinician


def supervisors(sitting: Sitting) -> Iterator[str]:
    """Who supervised the assistants of a session, in the order of its intervals."""
    found = (i.supervisor_npi for i in sitting.recorded.intervals if i.performer.role in ASSISTANTS)
    return iter(dict.fromkeys(npi for npi in found if npi is not None))


def named_npis(case: Case) -> tuple[str, ...]:
    """Providers that the claim may have to name beside the sessions' clinicians."""
    npis: set[str | None] = set()
    for known in case.sessions:
        npis.add(known.event.opened.referring_npi)
        npis.update(interval.supervisor_npi for interval in known.event.intervals)
    npis.update(plan.event.certified_by_npi for plan in case.plans)
    npis.difference_update([None, *(known.subject for known in case.clinicians)])
    return tuple(sorted(npi for npi in npis if npi is not None))


def credentials(case: Case, others: Sequence[Known[ClinicianCredentialed]]) -> dict[str, Known[ClinicianCredentialed]]:
    """The sessions' clinicians and those others, by NPI."""
    return {known.subject: known for known in (*others, *case.clinicians)}
