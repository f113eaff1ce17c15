"""What stands in each box of a CMS-1500 (02/12), as text: the numbers and rules of the boxes, nothing of its looks.

Source:  NUCC, 1500 claim form reference instruction manual; CMS Pub. 100-04, chapter 26.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interchange.cms1500.words import address, dollars, full_name, letter_of, long_day, person, phone, short_day, yes
from interchange.professional import (
    Assignment,
    BenefitsAssigned,
    CompanionGuide,
    Coverage,
    Frequency,
    ProfessionalClaim,
    RelatedCause,
    Release,
    ServiceLine,
    TaxIdKind,
    require_valid,
)
from interchange.x12.characters import folded

LINES_A_PAGE = 6
CONTINUED = "CONTINUED"
_ON_FILE = "SIGNATURE ON FILE"
_TAXONOMY = "ZZ"
_PROGRAMS = {
    Coverage.MEDICARE_PART_B: "Medicare",
    Coverage.MEDICARE_ADVANTAGE: "Medicare",
    Coverage.MEDICAID: "Medicaid",
    Coverage.TRICARE: "TRICARE",
    Coverage.VETERANS: "CHAMPVA",
    Coverage.OTHER_FEDERAL: "FECA",
    **dict.fromkeys(
        (
            Coverage.AUTO,
            Coverage.LIABILITY,
            Coverage.WORKERS_COMPENSATION,
            Coverage.DISABILITY,
            Coverage.MUTUALLY_DEFINED,
        ),
        "Other",
    ),
}
"""By coverage; all others are group plans."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of box 24: A, B, D, E, F, G, I and J, and the shaded upper half."""

    boxes: Mapping[str, str]
    shaded: str
    """What was done, or a note, in own words."""
    shaded_j: str
    """The rendering provider's taxonomy."""


@dataclass(frozen=True, slots=True)
class Page:
    """One form."""

    number: int
    of: int
    boxes: Mapping[str, str]
    """By number: `1a`, `24` apart. A box that is empty is absent. `payer` is the payer's name and address."""
    rows: tuple[Row, ...]


def pages(claim: ProfessionalClaim, guide: CompanionGuide) -> tuple[Page, ...]:
    """The forms of a claim: six lines each; the total stands on the last, the others say that it goes on.

    Box 15 has room for one date: the first that there is of accident, initial treatment, acute manifestation and
    last seen. Box 17 has room for one provider: the referring one, else the supervising one.

    Raises:  InvalidClaim: the claim has faults.
    """
    require_valid(claim, guide)
    boxes = {number: text for number, text in _boxes(claim, guide) if text}
    chunks = [claim.lines[start : start + LINES_A_PAGE] for start in range(0, len(claim.lines), LINES_A_PAGE)]
    made = []
    for number, lines in enumerate(chunks, start=1):
        last = number == len(chunks)
        total = {"28": dollars(claim.charge_cents)} if last else {"28": CONTINUED}
        rows = tuple(_row(line, claim) for line in lines)
        made.append(Page(number, len(chunks), _without_payment(boxes, last=last) | total, rows))
    return tuple(made)


def _without_payment(boxes: Mapping[str, str], *, last: bool) -> dict[str, str]:
    return {number: text for number, text in boxes.items() if last or number != "29"}


def _boxes(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[tuple[str, str]]:
    yield from _insured(claim, guide)
    yield from _condition(claim)
    yield from _provided(claim)


def _insured(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[tuple[str, str]]:
    """Boxes 1 to 13: who is insured. Where the guide names a word for no other insurance, 4, 7 and 11a stay empty."""
    subscriber, payer = claim.subscriber, claim.payer
    pays_first = bool(guide.no_other_insurance)
    name, born = person(subscriber.name), f"{long_day(subscriber.birth_date)} {letter_of(subscriber.sex)}".rstrip()
    where = [*address(subscriber.address), phone(subscriber.phone)]
    home = "\n".join(line for line in where if line)
    yield "payer", "\n".join((folded(payer.name), *(address(payer.address) if payer.address is not None else ())))
    yield "1", _PROGRAMS.get(subscriber.coverage, "Group")
    yield "1a", subscriber.member_id
    yield "2", name
    yield "3", born
    yield "4", "" if pays_first else name
    yield "5", home
    yield "6", "Self"
    yield "7", "" if pays_first else home
    causes = claim.accident.causes if claim.accident is not None else ()
    state = claim.accident.state if claim.accident is not None else None
    yield "10a", yes(RelatedCause.EMPLOYMENT in causes)
    yield "10b", f"{yes(RelatedCause.AUTO_ACCIDENT in causes)} {state or ''}".rstrip()
    yield "10c", yes(RelatedCause.OTHER_ACCIDENT in causes)
    yield "11", subscriber.group_number or guide.no_other_insurance
    yield "11a", "" if pays_first else born
    yield "11b", f"Y4 {subscriber.casualty_claim_number}" if subscriber.casualty_claim_number is not None else ""
    yield "11c", folded(subscriber.group_name or "")
    yield "11d", "" if pays_first else "NO"
    by_provider = "SIGNED BY THE PROVIDER" if claim.signature_by_provider else _ON_FILE
    yield "12", by_provider if claim.release == Release.SIGNED or claim.signature_by_provider else ""
    yield "13", _ON_FILE if claim.benefits_assigned == BenefitsAssigned.YES else ""


def _condition(claim: ProfessionalClaim) -> Iterator[tuple[str, str]]:
    """Boxes 14 to 23: what is treated, since when, on whose order."""
    happened = claim.accident.happened_on if claim.accident is not None else None
    others = (
        ("439", happened),
        ("454", claim.initial_treatment_on),
        ("453", claim.acute_manifestation_on),
        ("304", claim.last_seen_on),
    )
    yield "14", f"{long_day(claim.onset_on)} QUAL 431" if claim.onset_on is not None else ""
    told = [f"{long_day(day)} QUAL {qualifier}" for qualifier, day in others if day is not None]
    yield "15", told[0] if told else ""
    for qualifier, provider in (("DN", claim.referring), ("DQ", claim.supervising)):
        if provider is not None:
            yield "17", f"{qualifier} {full_name(provider.name)}"
            yield "17b", provider.npi
            break
    yield "19", " ".join(_additional(claim))
    yield "20", "NO"
    yield "21", "0"
    for letter, code in zip("ABCDEFGHIJKL", claim.diagnoses, strict=False):
        yield f"21{letter}", code.replace(".", "")
    if claim.frequency != Frequency.ORIGINAL:
        yield "22", f"{claim.frequency.value} {claim.payer_claim_number}"
    yield "23", claim.prior_authorization or claim.referral_number or ""


def _additional(claim: ProfessionalClaim) -> Iterator[str]:
    if claim.note is not None:
        yield folded(claim.note.text)
    for attachment in claim.attachments:
        yield f"PWK{attachment.report_type}{attachment.transmission.value}{attachment.control_number or ''}"


def _provided(claim: ProfessionalClaim) -> Iterator[tuple[str, str]]:
    """Boxes 25 to 33: who bills."""
    billing, facility = claim.billing, claim.facility
    kind = "EIN" if billing.tax_id_kind == TaxIdKind.EMPLOYER else "SSN"
    yield "25", f"{billing.tax_id.replace('-', '')} {kind}"
    yield "26", claim.claim_id
    yield "27", yes(claim.assignment == Assignment.ACCEPTED)
    yield "29", dollars(claim.patient_paid_cents) if claim.patient_paid_cents is not None else ""
    signer = full_name(claim.rendering.name) if claim.rendering is not None else full_name(billing.name)
    yield "31", f"{_ON_FILE}\n{signer}" if claim.provider_signed else ""
    if facility is not None:
        yield "32", "\n".join((folded(facility.name), *address(facility.address)))
        yield "32a", facility.npi or ""
    number = phone(billing.contact.phone) if billing.contact is not None else ""
    yield "33", "\n".join(line for line in (number, full_name(billing.name), *address(billing.address)) if line)
    yield "33a", billing.npi
    yield "33b", f"{_TAXONOMY}{billing.taxonomy}" if billing.taxonomy is not None else ""


def _row(line: ServiceLine, claim: ProfessionalClaim) -> Row:
    rendering = line.rendering or claim.rendering
    texts = [folded(text) for text in (line.description, line.note) if text is not None]
    day = short_day(line.service_date)
    boxes = {
        "A": f"{day} {day}",
        "B": line.place_of_service or claim.place_of_service,
        "D": " ".join((line.code, *line.modifiers)),
        "E": "".join("ABCDEFGHIJKL"[pointer - 1] for pointer in line.diagnosis_pointers),
        "F": dollars(line.charge_cents),
        "G": str(line.units),
        "J": rendering.npi if rendering is not None else claim.billing.npi,
    }
    taxonomy = rendering.taxonomy if rendering is not None else None
    shaded = f"ZZ {' '.join(texts)}" if texts else ""
    return Row(boxes | ({"I": _TAXONOMY} if taxonomy is not None else {}), shaded, taxonomy or "")
