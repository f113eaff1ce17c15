"""How the fields of a claim have to fit together, and what the payer's guide asks: each rule a small function."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from interchange.professional.choices import Frequency, RelatedCause, Transmission
from interchange.professional.claim import ProfessionalClaim, ServiceLine
from interchange.professional.guide import CompanionGuide
from interchange.professional.parties import OrganizationName

_MOST_DIAGNOSES = 12
_MOST_POINTERS = _MOST_MODIFIERS = 4
_MOST_ATTACHMENTS = 10
_MOST_CHARGE = 99_999_999_99
"""In the ten characters of an amount that every payer reads [US cent]."""
_POST_BOX = re.compile(r"\bP\.?\s*O\.?\s*BOX\b|\bPOST OFFICE BOX\b|\bLOCK\s?BOX\b", re.IGNORECASE)


class Wrong(NamedTuple):
    """A fault, before its places and what may be shown of it."""

    path: str
    expected: str
    value: Any = None


Rule = Callable[[ProfessionalClaim, CompanionGuide], Iterator[Wrong]]


def needs(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[Wrong]:
    """What the guide requires or refuses is there or not."""
    for path, need in guide.needs.items():
        here: Any = claim
        for step in path.split("."):
            here = getattr(here, step, None)
        if need == "required" and here is None:
            yield Wrong(path, f"this field, which {guide.name} requires")
        elif need == "refused" and here is not None:
            yield Wrong(path, f"nothing: {guide.name} takes no such field", here)


def choices(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[Wrong]:
    """The guide takes this frequency, coverage and member id."""
    if claim.frequency not in guide.frequencies:
        yield Wrong("frequency", _one_of(guide.frequencies, guide), claim.frequency.value)
    subscriber = claim.subscriber
    if subscriber.coverage not in guide.coverages:
        yield Wrong("subscriber.coverage", _one_of(guide.coverages, guide), subscriber.coverage.value)
    if re.fullmatch(guide.member_id, subscriber.member_id) is None:
        yield Wrong("subscriber.member_id", guide.member_id_words, subscriber.member_id)


def earlier_claim(claim: ProfessionalClaim, _guide: CompanionGuide) -> Iterator[Wrong]:
    """A replacement or void claim names the payer's number of the earlier one; an original names none."""
    number, original = claim.payer_claim_number, claim.frequency == Frequency.ORIGINAL
    if original and number is not None:
        yield Wrong("payer_claim_number", "nothing on an original claim", number)
    if not original and number is None:
        yield Wrong("payer_claim_number", "the payer's number of the claim that is replaced or voided")


def addresses(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[Wrong]:
    """The billing provider has a street; provider and facility have nine-digit ZIP codes where the guide asks."""
    address = claim.billing.address
    for name in ("line1", "line2"):
        if _POST_BOX.search(getattr(address, name) or ""):
            yield Wrong(
                f"billing.address.{name}", "a street; a post office box goes into pay_to", getattr(address, name)
            )
    told = [("billing.address", address)]
    if claim.facility is not None:
        told.append(("facility.address", claim.facility.address))
    for path, where in told:
        if guide.nine_digit_zip and len(where.zip) == 5:
            yield Wrong(f"{path}.zip", "a ZIP code of 9 digits", where.zip)


def people(claim: ProfessionalClaim, _guide: CompanionGuide) -> Iterator[Wrong]:
    """Referring and supervising providers are persons."""
    for name in ("referring", "supervising"):
        provider = getattr(claim, name)
        if provider is not None and isinstance(provider.name, OrganizationName):
            yield Wrong(f"{name}.name", "the name of a person", provider.name.name)


def accident(claim: ProfessionalClaim, _guide: CompanionGuide) -> Iterator[Wrong]:
    """An accident has a day; one with a car also a state, and no other has."""
    if claim.accident is None:
        return
    causes = claim.accident.causes
    if not 1 <= len(set(causes)) == len(causes) <= 2:
        yield Wrong("accident.causes", "one or two different causes", [cause.value for cause in causes])
    if claim.accident.happened_on is None and set(causes) & {RelatedCause.AUTO_ACCIDENT, RelatedCause.OTHER_ACCIDENT}:
        yield Wrong("accident.happened_on", "the day of the accident")
    if RelatedCause.AUTO_ACCIDENT in causes and claim.accident.state is None:
        yield Wrong("accident.state", "the state of the auto accident")
    if RelatedCause.AUTO_ACCIDENT not in causes and claim.accident.state is not None:
        yield Wrong("accident.state", "nothing unless a car was in it", claim.accident.state)


def dates(claim: ProfessionalClaim, _guide: CompanionGuide) -> Iterator[Wrong]:
    """Nothing happened after the service; the patient was born before it."""
    if not claim.lines:
        return
    first = min(line.service_date for line in claim.lines)
    last = max(line.service_date for line in claim.lines)
    happened = None if claim.accident is None else claim.accident.happened_on
    told: list[tuple[str, date | None, date]] = [
        ("subscriber.birth_date", claim.subscriber.birth_date, first),
        ("accident.happened_on", happened, first),
        ("onset_on", claim.onset_on, first),
        ("initial_treatment_on", claim.initial_treatment_on, first),
        ("acute_manifestation_on", claim.acute_manifestation_on, first),
        ("last_seen_on", claim.last_seen_on, last),
    ]
    for path, day, limit in told:
        if day is not None and day > limit:
            yield Wrong(path, f"a day not after the service of {limit}", day.isoformat())


def extent(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[Wrong]:
    """So many lines, diagnoses and attachments fit; amounts stay within what payers read."""
    if not 1 <= len(claim.lines) <= guide.most_lines:
        yield Wrong("lines", f"1 to {guide.most_lines} lines", len(claim.lines))
    plain = [code.replace(".", "") for code in claim.diagnoses]
    if not 1 <= len(set(plain)) == len(plain) <= _MOST_DIAGNOSES:
        yield Wrong("diagnoses", f"1 to {_MOST_DIAGNOSES} different diagnoses", len(plain))
    if len(claim.attachments) > _MOST_ATTACHMENTS:
        yield Wrong("attachments", f"at most {_MOST_ATTACHMENTS} attachments", len(claim.attachments))
    if claim.charge_cents > _MOST_CHARGE >= max(line.charge_cents for line in claim.lines):
        yield Wrong("lines", f"charges of at most {_MOST_CHARGE} cents together", claim.charge_cents)
    if claim.patient_paid_cents is not None and claim.patient_paid_cents > max(claim.charge_cents, 0):
        yield Wrong("patient_paid_cents", "at most the total charge", claim.patient_paid_cents)


def attachments(claim: ProfessionalClaim, _guide: CompanionGuide) -> Iterator[Wrong]:
    """Papers that are sent can be found by a number."""
    for place, attachment in enumerate(claim.attachments):
        if attachment.control_number is None and attachment.transmission != Transmission.ON_REQUEST:
            yield Wrong(f"attachments[{place}].control_number", "a number by which the papers are found")


def lines(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[Wrong]:
    """Each line points at diagnoses of the claim, has modifiers that fit, and a number of its own."""
    numbers = [line.control_number for line in claim.lines]
    for place, line in enumerate(claim.lines):
        path = f"lines[{place}]"
        yield from _pointers(f"{path}.diagnosis_pointers", line.diagnosis_pointers, len(claim.diagnoses))
        if not len(set(line.modifiers)) == len(line.modifiers) <= _MOST_MODIFIERS:
            yield Wrong(f"{path}.modifiers", f"at most {_MOST_MODIFIERS} different modifiers", list(line.modifiers))
        if line.control_number in numbers[:place]:
            yield Wrong(f"{path}.control_number", "a number that no other line of the claim has", line.control_number)
        yield from _description(path, line, guide)


def _pointers(path: str, pointers: Sequence[int], diagnoses: int) -> Iterator[Wrong]:
    if not 1 <= len(set(pointers)) == len(pointers) <= _MOST_POINTERS:
        yield Wrong(path, f"1 to {_MOST_POINTERS} different places in the claim's diagnoses", list(pointers))
    for place, pointer in enumerate(pointers):
        if pointer > diagnoses > 0:
            yield Wrong(f"{path}[{place}]", f"1 to {diagnoses}, a diagnosis of the claim", pointer)


def _description(path: str, line: ServiceLine, guide: CompanionGuide) -> Iterator[Wrong]:
    if line.code in guide.described_codes and line.description is None:
        yield Wrong(f"{path}.description", f"what was done: {line.code} is an unlisted service")


def _one_of(known: frozenset[Any], guide: CompanionGuide) -> str:
    return "one of " + ", ".join(sorted(choice.value for choice in known)) + f" (guide {guide.name})"


RULES: tuple[Rule, ...] = (
    needs,
    choices,
    earlier_claim,
    addresses,
    people,
    accident,
    dates,
    extent,
    attachments,
    lines,
)
