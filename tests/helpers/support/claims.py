"""Professional claims of every shape, the same for the same seed; all people are invented."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from interchange.claim_file import Batch
from interchange.professional import (
    Accident,
    Address,
    Assignment,
    Attachment,
    BenefitsAssigned,
    BillingProvider,
    Contact,
    Coverage,
    Frequency,
    Note,
    NoteKind,
    OrganizationName,
    Payer,
    PayerIdKind,
    PersonName,
    ProfessionalClaim,
    Provider,
    Receiver,
    RelatedCause,
    Release,
    ServiceFacility,
    ServiceLine,
    Sex,
    Submitter,
    Subscriber,
    TaxIdKind,
    Transmission,
)
from interchange.x12.output import Envelope, Partner

SERVICE_DAY = date(2026, 3, 2)
CREATED = datetime(2026, 3, 4, 9, 30)  # noqa: DTZ001 -- X12 tells no zone
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODES = ("97112", "97110", "97530", "97140", "97116", "97535", "97161", "G0283", "97150", "92507")
_DIAGNOSES = ("R26.81", "R2689", "G20.A1", "M62.81", "I69.351", "G35", "H81.11", "M54.50", "Z91.81", "R42", "G62.9")
_DIAGNOSES += ("S06.0X0A", "M25.561")
_FAMILIES = ("Muster", "Beispiel", "O'Hara", "Núñez", "Müller-Weiß", "de la Cruz", "Smith", "Żak")
_GIVEN = ("Eva", "Jörg", "Ann-Marie", "Zoë", "Bo", "José")
_STREETS = ("1 Mill Lane", "22 High St", "305 Æble Road", "7 County Road 9")
_CITIES = (("Millbrook", "NY", "125450001"), ("Austin", "TX", "78701-1234"), ("Dover", "DE", "199011111"))


def npi(number: int) -> str:
    """An invented identifier with a right check digit."""
    nine = f"1{number % 10**8:08d}"
    total = 24 + sum(
        (lambda doubled: doubled - 9 if doubled > 9 else doubled)(int(digit) * (2 if place % 2 == 0 else 1))
        for place, digit in enumerate(reversed(nine))
    )
    return f"{nine}{-total % 10}"


def claim_number(chance: Random) -> str:
    """C and 16 characters, as our claims are called."""
    return "C" + "".join(chance.choice(_CROCKFORD) for _ in range(16))


def address(chance: Random, *, second_line: bool = False) -> Address:
    city, state, code = chance.choice(_CITIES)
    line2 = "Suite 4" if second_line else None
    return Address(line1=chance.choice(_STREETS), line2=line2, city=city, state=state, zip=code)


def person(chance: Random) -> PersonName:
    middle, suffix = chance.choice([None, "Q"]), chance.choice([None, None, "Jr"])
    return PersonName(family=chance.choice(_FAMILIES), given=chance.choice(_GIVEN), middle=middle, suffix=suffix)


def provider(chance: Random, *, taxonomy: bool) -> Provider:
    return Provider(name=person(chance), npi=npi(chance.randrange(10**8)), taxonomy="225100000X" if taxonomy else None)


def billing_provider(chance: Random) -> BillingProvider:
    alone = chance.random() < 0.2
    contact = Contact(name="Front desk", phone="5125550100", extension=chance.choice([None, "12"]))
    return BillingProvider(
        name=person(chance) if alone else OrganizationName(name=f"Practice {chance.randrange(100)} & Co."),
        npi=npi(chance.randrange(10**8)),
        tax_id=chance.choice(["12-3456789", "987654321"]),
        tax_id_kind=TaxIdKind.SOCIAL_SECURITY if alone else TaxIdKind.EMPLOYER,
        taxonomy=chance.choice([None, "225100000X", "261QP2000X"]),
        address=address(chance, second_line=chance.random() < 0.3),
        contact=chance.choice([None, contact]),
        pay_to=address(chance) if chance.random() < 0.2 else None,
    )


def subscriber(chance: Random, coverage: Coverage) -> Subscriber:
    grouped = coverage != Coverage.MEDICARE_PART_B and chance.random() < 0.5
    named = coverage != Coverage.MEDICARE_PART_B and not grouped and chance.random() < 0.5
    member = "1EG4TE5MK73" if coverage == Coverage.MEDICARE_PART_B else f"W{chance.randrange(10**9)}"
    return Subscriber(
        name=person(chance),
        member_id=member,
        birth_date=date(1930, 1, 1) + timedelta(days=chance.randrange(30_000)),
        sex=chance.choice(list(Sex)),
        address=address(chance),
        coverage=coverage,
        group_number="GRP-77" if grouped else None,
        group_name="Blue Plan" if named else None,
        casualty_claim_number=f"WC{chance.randrange(10**6)}" if coverage == Coverage.WORKERS_COMPENSATION else None,
    )


def service_line(chance: Random, place: int, diagnoses: int, claim: str) -> ServiceLine:
    modifiers = chance.choice([(), ("GP",), ("59", "GP"), ("GP", "CQ", "KX"), ("59", "GO", "CO", "KX")])
    unlisted = chance.random() < 0.05
    units = chance.randint(1, 6)
    pointers = chance.sample(range(1, diagnoses + 1), k=min(diagnoses, chance.randint(1, 4)))
    return ServiceLine(
        code="97139" if unlisted else chance.choice(_CODES),
        modifiers=modifiers,
        description="Balance work: own words" if unlisted else None,
        charge_cents=units * chance.choice([4500, 5125, 3999, 0]),
        units=units,
        diagnosis_pointers=tuple(pointers),
        service_date=SERVICE_DAY - timedelta(days=chance.choice([0, 0, 0, 1])),
        control_number=f"{claim}-{place}",
        place_of_service=chance.choice([None, None, None, "12"]),
        rendering=provider(chance, taxonomy=chance.random() < 0.5) if chance.random() < 0.15 else None,
        note="Second part: of the day" if chance.random() < 0.1 else None,
    )


def _accident(chance: Random, coverage: Coverage) -> Accident | None:
    if coverage == Coverage.WORKERS_COMPENSATION:
        return Accident(causes=(RelatedCause.EMPLOYMENT,), happened_on=chance.choice([None, date(2026, 1, 5)]))
    roll = chance.random()
    if roll < 0.1:
        both = (RelatedCause.AUTO_ACCIDENT, RelatedCause.EMPLOYMENT)
        return Accident(
            causes=chance.choice([both, both[:1]]), happened_on=date(2026, 1, 5), state=chance.choice(["NY", "TX"])
        )
    if roll < 0.2:
        return Accident(causes=(RelatedCause.OTHER_ACCIDENT,), happened_on=date(2026, 2, 1))
    return None


def _maybe(chance: Random, value: Any, share: float = 0.3) -> Any:
    return value if chance.random() < share else None


def professional_claim(chance: Random, billing: BillingProvider | None = None) -> ProfessionalClaim:
    """A claim of some shape that its guide (see `guide_of`) finds nothing wrong with."""
    coverage = chance.choice(
        [Coverage.MEDICARE_PART_B, Coverage.COMMERCIAL, Coverage.BLUE_CROSS, Coverage.WORKERS_COMPENSATION]
    )
    medicare = coverage == Coverage.MEDICARE_PART_B
    claim_id = claim_number(chance)
    diagnoses = tuple(chance.sample(_DIAGNOSES, k=chance.choice([1, 2, 4, 12])))
    frequency = Frequency.ORIGINAL if medicare else chance.choice(list(Frequency))
    lines = range(1, chance.choice([1, 2, 3, 6, 7, 13]) + 1)
    facility_npi = _maybe(chance, npi(77), 0.5)
    facility = ServiceFacility(name="Pool of the Town", npi=facility_npi, address=address(chance))
    attachment = Attachment(
        report_type="OZ",
        transmission=chance.choice([Transmission.ON_REQUEST, Transmission.BY_FAX, Transmission.ELECTRONICALLY]),
        control_number="A-1",
    )
    return ProfessionalClaim(
        claim_id=claim_id,
        frequency=frequency,
        payer_claim_number=None if frequency == Frequency.ORIGINAL else "ICN2026001",
        billing=billing or billing_provider(chance),
        subscriber=subscriber(chance, coverage),
        payer=Payer(
            name="Acme Health",
            identifier="60054",
            identifier_kind=PayerIdKind.PAYER,
            address=_maybe(chance, address(chance)),
        ),
        place_of_service=chance.choice(["11", "12", "10", "22"]),
        provider_signed=chance.random() < 0.95,
        assignment=chance.choice([Assignment.ACCEPTED, Assignment.ACCEPTED, Assignment.NOT_ACCEPTED]),
        benefits_assigned=chance.choice(list(BenefitsAssigned)),
        release=chance.choice(list(Release)),
        signature_by_provider=chance.random() < 0.1,
        accident=_accident(chance, coverage),
        onset_on=_maybe(chance, date(2026, 1, 2)),
        initial_treatment_on=_maybe(chance, date(2026, 1, 10)),
        acute_manifestation_on=_maybe(chance, date(2026, 1, 3), 0.1),
        last_seen_on=_maybe(chance, date(2026, 2, 20)),
        delay_reason=_maybe(chance, "11", 0.05),
        patient_paid_cents=_maybe(chance, 0, 0.1),
        prior_authorization=_maybe(chance, "AUTH-9"),
        referral_number=_maybe(chance, "REF 12/A", 0.2),
        medical_record_number=_maybe(chance, "MR4711", 0.2),
        clearinghouse_trace=_maybe(chance, "TRACE99", 0.2),
        attachments=(attachment,) if chance.random() < 0.1 else (),
        note=_maybe(chance, Note(kind=NoteKind.ADDITIONAL, text="Falls: two at home, see chart"), 0.2),
        diagnoses=diagnoses,
        referring=provider(chance, taxonomy=False) if medicare or chance.random() < 0.4 else None,
        rendering=provider(chance, taxonomy=chance.random() < 0.5) if chance.random() < 0.8 else None,
        supervising=provider(chance, taxonomy=False) if chance.random() < 0.1 else None,
        facility=_maybe(chance, facility, 0.2),
        lines=tuple(service_line(chance, place, len(diagnoses), claim_id) for place in lines),
    )


def guide_of(claim: ProfessionalClaim) -> str:
    """The name of the shipped guide that fits a claim's payer."""
    match claim.subscriber.coverage:
        case Coverage.MEDICARE_PART_B:
            return "medicare-part-b"
        case Coverage.WORKERS_COMPENSATION:
            return "workers-compensation"
        case _:
            return "generic"


def professional_claims(seed: object, count: int, guide: str | None = None) -> Iterator[ProfessionalClaim]:
    """So many claims of a few billing providers, those of one provider together; of one guide, or of any."""
    chance = Random(f"claims {seed}")
    made = 0
    while made < count:
        billing = billing_provider(chance)
        for _ in range(chance.randint(1, 8)):
            claim = professional_claim(chance, billing)
            if made < count and guide in (None, guide_of(claim)):
                made += 1
                yield claim


def plain_claim(**changes: Any) -> ProfessionalClaim:
    """One claim without anything that may be left out, changed as said."""
    chance = Random("plain")
    where = Address(line1="1 Mill Lane", city="Millbrook", state="NY", zip="125450001")
    line = ServiceLine(
        code="97112",
        modifiers=("GP",),
        charge_cents=9000,
        units=2,
        diagnosis_pointers=(1,),
        service_date=SERVICE_DAY,
        control_number="C5J2K8Q0V7M3T9XA4-1",
    )
    claim = ProfessionalClaim(
        claim_id="C5J2K8Q0V7M3T9XA4",
        frequency=Frequency.ORIGINAL,
        billing=BillingProvider(
            name=OrganizationName(name="North Therapy"),
            npi="1234567893",
            tax_id="123456789",
            tax_id_kind=TaxIdKind.EMPLOYER,
            address=where,
        ),
        subscriber=replace(
            subscriber(chance, Coverage.COMMERCIAL),
            name=PersonName(family="Muster", given="Eva"),
            member_id="W123456789",
            birth_date=date(1950, 2, 3),
            sex=Sex.FEMALE,
            address=where,
            group_number=None,
            group_name=None,
        ),
        payer=Payer(name="Acme Health", identifier="60054", identifier_kind=PayerIdKind.PAYER),
        place_of_service="11",
        provider_signed=True,
        assignment=Assignment.ACCEPTED,
        benefits_assigned=BenefitsAssigned.YES,
        release=Release.SIGNED,
        diagnoses=("R26.81",),
        lines=(line,),
    )
    return replace(claim, **changes)


def batch(**changes: Any) -> Batch:
    """A batch's head: who sends to whom, under which numbers."""
    desk = Contact(name="Billing desk", phone="5125550100")
    made = Batch(
        envelope=Envelope(Partner("ZZ", "NORTH"), Partner("ZZ", "CLEARING"), CREATED, 1, 1),
        submitter=Submitter(name="North Therapy", identifier="NORTH01", contact=desk),
        receiver=Receiver(name="Clearing House", identifier="CLEAR01"),
        reference="BATCH-1",
    )
    return made._replace(**changes)
