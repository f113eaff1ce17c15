"""A claim's faults are all told at once, each with its path and its place in the three formats; no patient is named."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, get_args, get_type_hints

import pytest

from interchange.arrival import NOT_SHOWN
from interchange.professional import (
    Accident,
    Attachment,
    Contact,
    Coverage,
    Frequency,
    InvalidClaim,
    Note,
    NoteKind,
    OrganizationName,
    PersonName,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    ServiceFacility,
    Transmission,
    companion_guides,
    extended,
    faults,
    place_of,
    require_valid,
)
from interchange.professional.parties import Part
from support.claims import guide_of, npi, plain_claim, professional_claims

GUIDES = companion_guides()
GENERIC = GUIDES["generic"]
PLAIN = plain_claim()
DOCTOR = Provider(name=PersonName(family="Doe", given="Ann"), npi=npi(5))
WHERE = PLAIN.billing.address
Change = Callable[[ProfessionalClaim], ProfessionalClaim]


def claim(**changes: Any) -> Change:
    return lambda given: replace(given, **changes)


def part(which: str, /, **changes: Any) -> Change:
    return lambda given: replace(given, **{which: replace(getattr(given, which), **changes)})


def line(**changes: Any) -> Change:
    return lambda given: replace(given, lines=(replace(given.lines[0], **changes), *given.lines[1:]))


def address(**changes: Any) -> Change:
    return part("billing", address=replace(WHERE, **changes))


def twice(**changes: Any) -> Change:
    return lambda given: replace(given, lines=(given.lines[0], replace(given.lines[0], **changes)))


FAULTS: list[tuple[str, Change]] = [
    ("claim_id", claim(claim_id="")),
    ("claim_id", claim(claim_id="C5J2K8Q0V7M3T9XA4-123")),
    ("claim_id", claim(claim_id=" C5J2")),
    ("claim_id", claim(claim_id="C5*J2")),
    ("claim_id", claim(claim_id="C5~J2")),
    ("claim_id", claim(claim_id="c5j2")),
    ("frequency", claim(frequency="9")),
    ("payer_claim_number", claim(frequency=Frequency.REPLACEMENT)),
    ("payer_claim_number", claim(frequency=Frequency.VOID)),
    ("payer_claim_number", claim(payer_claim_number="ICN1")),
    ("payer_claim_number", claim(frequency=Frequency.VOID, payer_claim_number="")),
    ("payer_claim_number", claim(frequency=Frequency.VOID, payer_claim_number="I" * 51)),
    ("billing.name.name", part("billing", name=OrganizationName(name=""))),
    ("billing.name.name", part("billing", name=OrganizationName(name="N" * 61))),
    ("billing.name.name", part("billing", name=OrganizationName(name="North: Therapy"))),
    ("billing.name.name", part("billing", name=OrganizationName(name="北"))),
    ("billing.name.family", part("billing", name=PersonName(family=" "))),
    ("billing.npi", part("billing", npi="1234567890")),
    ("billing.npi", part("billing", npi="123456789")),
    ("billing.npi", part("billing", npi="")),
    ("billing.tax_id", part("billing", tax_id="12345678")),
    ("billing.tax_id", part("billing", tax_id="123-45-6789")),
    ("billing.tax_id_kind", part("billing", tax_id_kind="EI")),
    ("billing.taxonomy", part("billing", taxonomy="225100000")),
    ("billing.taxonomy", part("billing", taxonomy="225100000x")),
    ("billing.address.line1", address(line1="")),
    ("billing.address.line1", address(line1="P.O. Box 12")),
    ("billing.address.line2", address(line2="po box 9")),
    ("billing.address.line1", address(line1="1 Mill Lane" * 6)),
    ("billing.address.line1", address(line1="1 Mill Lane #4")),
    ("billing.address.city", address(city="X")),
    ("billing.address.state", address(state="NN")),
    ("billing.address.state", address(state="ny")),
    ("billing.address.zip", address(zip="12545")),
    ("billing.address.zip", address(zip="1254")),
    ("billing.address.zip", address(zip="12545000A")),
    ("billing.contact.phone", part("billing", contact=Contact(name="Desk", phone="555-0100"))),
    ("billing.contact.phone", part("billing", contact=Contact(name="Desk", phone="0125550100"))),
    ("billing.contact.name", part("billing", contact=Contact(name="", phone="5125550100"))),
    ("billing.pay_to.zip", part("billing", pay_to=replace(WHERE, zip=""))),
    ("subscriber.name.family", part("subscriber", name=PersonName(family=""))),
    ("subscriber.name.family", part("subscriber", name=PersonName(family="Muster*Eva"))),
    ("subscriber.name.given", part("subscriber", name=PersonName(family="Muster", given="G" * 36))),
    ("subscriber.member_id", part("subscriber", member_id="1")),
    ("subscriber.member_id", part("subscriber", member_id="W12\n34")),
    ("subscriber.member_id", part("subscriber", member_id="w1234")),
    ("subscriber.birth_date", part("subscriber", birth_date=date(2026, 3, 3))),
    ("subscriber.birth_date", part("subscriber", birth_date="1950-02-03")),
    ("subscriber.sex", part("subscriber", sex="X")),
    ("subscriber.address.city", part("subscriber", address=replace(WHERE, city=""))),
    ("subscriber.coverage", part("subscriber", coverage="MB")),
    ("subscriber.group_number", part("subscriber", group_number="")),
    ("subscriber.casualty_claim_number", part("subscriber", casualty_claim_number="Ö")),
    ("payer.name", part("payer", name="")),
    ("payer.identifier", part("payer", identifier="6")),
    ("payer.identifier_kind", part("payer", identifier_kind="XX")),
    ("place_of_service", claim(place_of_service="1")),
    ("place_of_service", claim(place_of_service="AB")),
    ("provider_signed", claim(provider_signed="Y")),
    ("assignment", claim(assignment="A")),
    ("benefits_assigned", claim(benefits_assigned=None)),
    ("release", claim(release="N")),
    ("accident.causes", claim(accident=Accident(causes=()))),
    ("accident.causes", claim(accident=Accident(causes=(RelatedCause.EMPLOYMENT,) * 2))),
    ("accident.happened_on", claim(accident=Accident(causes=(RelatedCause.OTHER_ACCIDENT,)))),
    ("accident.state", claim(accident=Accident(causes=(RelatedCause.AUTO_ACCIDENT,), happened_on=date(2026, 1, 1)))),
    ("accident.state", claim(accident=Accident(causes=(RelatedCause.EMPLOYMENT,), state="NY"))),
    (
        "accident.happened_on",
        claim(accident=Accident(causes=(RelatedCause.OTHER_ACCIDENT,), happened_on=date(2026, 3, 9))),
    ),
    ("onset_on", claim(onset_on=date(2026, 3, 3))),
    ("initial_treatment_on", claim(initial_treatment_on=date(2027, 1, 1))),
    ("acute_manifestation_on", claim(acute_manifestation_on=date(2026, 3, 3))),
    ("last_seen_on", claim(last_seen_on=date(2026, 3, 3))),
    ("delay_reason", claim(delay_reason="12")),
    ("patient_paid_cents", claim(patient_paid_cents=9001)),
    ("patient_paid_cents", claim(patient_paid_cents=-1)),
    ("prior_authorization", claim(prior_authorization="AUTH*9")),
    ("referral_number", claim(referral_number="R" * 51)),
    ("medical_record_number", claim(medical_record_number="")),
    ("clearinghouse_trace", claim(clearinghouse_trace="T~")),
    (
        "attachments[0].control_number",
        claim(attachments=(Attachment(report_type="OZ", transmission=Transmission.BY_FAX),)),
    ),
    (
        "attachments[0].report_type",
        claim(attachments=(Attachment(report_type="O", transmission=Transmission.ON_REQUEST),)),
    ),
    ("attachments", claim(attachments=(Attachment(report_type="OZ", transmission=Transmission.ON_REQUEST),) * 11)),
    ("note.text", claim(note=Note(kind=NoteKind.ADDITIONAL, text="n" * 81))),
    ("note.text", claim(note=Note(kind=NoteKind.ADDITIONAL, text=" : ~ "))),
    ("note.kind", claim(note=Note(kind="ADD", text="x"))),
    ("diagnoses", claim(diagnoses=())),
    ("diagnoses", claim(diagnoses=("R26.81", "R2681"))),
    ("diagnoses", claim(diagnoses=tuple(f"R26.{n}" for n in range(13)))),
    ("diagnoses[0]", claim(diagnoses=("26.81",))),
    ("diagnoses[1]", claim(diagnoses=("R26.81", "r42"))),
    ("referring.npi", claim(referring=replace(DOCTOR, npi="1000000000"))),
    ("referring.name", claim(referring=replace(DOCTOR, name=OrganizationName(name="Clinic")))),
    ("rendering.taxonomy", claim(rendering=replace(DOCTOR, taxonomy="X"))),
    ("rendering.name.family", claim(rendering=replace(DOCTOR, name=PersonName(family="D:e")))),
    ("supervising.name", claim(supervising=replace(DOCTOR, name=OrganizationName(name="Clinic")))),
    ("supervising.npi", claim(supervising=replace(DOCTOR, npi="x"))),
    ("facility.name", claim(facility=ServiceFacility(name="", address=WHERE))),
    ("facility.npi", claim(facility=ServiceFacility(name="Pool", npi="12", address=WHERE))),
    ("facility.address.zip", claim(facility=ServiceFacility(name="Pool", address=replace(WHERE, zip="12545")))),
    ("lines", claim(lines=())),
    ("lines", claim(lines=tuple(replace(PLAIN.lines[0], control_number=f"L{n}") for n in range(51)))),
    ("lines[0].code", line(code="9711")),
    ("lines[0].code", line(code="97112 ")),
    ("lines[0].modifiers[0]", line(modifiers=("gp",))),
    ("lines[0].modifiers", line(modifiers=("GP", "GP"))),
    ("lines[0].modifiers", line(modifiers=("59", "GP", "CQ", "KX", "GA"))),
    ("lines[0].description", line(code="97139")),
    ("lines[0].charge_cents", line(charge_cents=-1)),
    ("lines[0].charge_cents", line(charge_cents=45.5)),
    ("lines[0].charge_cents", line(charge_cents=10**10)),
    ("lines", twice(control_number="L2", charge_cents=99_999_999_99)),
    ("lines[0].units", line(units=0)),
    ("lines[0].units", line(units=10_000)),
    ("lines[0].units", line(units="2")),
    ("lines[0].diagnosis_pointers", line(diagnosis_pointers=())),
    ("lines[0].diagnosis_pointers[0]", line(diagnosis_pointers=(2,))),
    ("lines[0].diagnosis_pointers[0]", line(diagnosis_pointers=(0,))),
    ("lines[0].diagnosis_pointers", line(diagnosis_pointers=(1, 1))),
    ("lines[0].service_date", line(service_date="2026-03-02")),
    ("lines[0].control_number", line(control_number="")),
    ("lines[0].control_number", line(control_number="C" * 31)),
    ("lines[1].control_number", twice()),
    ("lines[0].place_of_service", line(place_of_service="123")),
    ("lines[0].rendering.npi", line(rendering=replace(DOCTOR, npi="9999999999"))),
    ("lines[0].note", line(note="")),
]
"""Where the fault is found, and how it is made. More than a hundred, each alone in a claim without others."""


def test_the_claim_without_faults_has_none() -> None:
    assert faults(PLAIN, GENERIC) == ()
    require_valid(PLAIN, GENERIC)


@pytest.mark.parametrize(("path", "change"), FAULTS, ids=[f"{n}-{path}" for n, (path, _) in enumerate(FAULTS)])
def test_a_fault_is_found_where_it_is(path: str, change: Change) -> None:
    found = faults(change(PLAIN), GENERIC)
    assert [fault.path for fault in found] == [f"$.{path}"]
    assert found[0].expected
    assert found[0].element


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("subscriber", claim(subscriber=None)),
        ("lines", claim(lines=[PLAIN.lines[0]])),
        ("lines[0]", claim(lines=(None,))),
        ("billing.name", part("billing", name="North Therapy")),
        ("diagnoses", claim(diagnoses="R26.81")),
        ("subscriber.birth_date", part("subscriber", birth_date=None)),
        ("payer", claim(payer=PLAIN.billing)),
    ],
)
def test_a_field_of_another_type_is_a_fault_and_no_crash(path: str, change: Change) -> None:
    assert [fault.path for fault in faults(change(PLAIN), GENERIC)] == [f"$.{path}"]


def test_there_are_a_hundred_different_faults() -> None:
    assert len(FAULTS) >= 100


def test_five_faults_are_five_findings_in_one_answer() -> None:
    bad = claim(claim_id="", diagnoses=("R26.81", "R42"), last_seen_on=date(2026, 4, 1))(PLAIN)
    bad = line(units=0, diagnosis_pointers=(1, 3), modifiers=("GP", "GP"))(bad)
    assert [(fault.path, fault.element, fault.box, fault.fhir) for fault in faults(bad, GENERIC)] == [
        ("$.claim_id", "2300 CLM01", "26", "Claim.identifier"),
        ("$.lines[0].units", "2400 SV104", "24G", "Claim.item.quantity"),
        ("$.last_seen_on", "2300 DTP*304 DTP03", "15", "Claim.supportingInfo"),
        ("$.lines[0].diagnosis_pointers[1]", "2400 SV107", "24E", "Claim.item.diagnosisSequence"),
        ("$.lines[0].modifiers", "2400 SV101-3", "24D", "Claim.item.modifier"),
    ]


def test_a_claim_with_faults_is_refused_with_all_of_them() -> None:
    with pytest.raises(InvalidClaim) as caught:
        require_valid(line(units=0, code="x")(PLAIN), GENERIC)
    assert caught.value.claim_id == PLAIN.claim_id
    assert [fault.path for fault in caught.value.faults] == ["$.lines[0].code", "$.lines[0].units"]


@pytest.mark.parametrize("guide", GUIDES)
def test_generated_claims_have_no_faults(guide: str) -> None:
    for made in professional_claims(f"faultless {guide}", 60, guide):
        assert faults(made, GUIDES[guide_of(made)]) == ()


PERSONAL = [
    part("subscriber", name=PersonName(family="Muster*Canary")),
    part("subscriber", name=PersonName(family="Muster", given="Canary~")),
    part("subscriber", member_id="Canary^1"),
    part("subscriber", address=replace(WHERE, line1="Canary:1")),
    part("subscriber", group_number="Canary "),
    claim(medical_record_number="Canary~"),
    claim(note=Note(kind=NoteKind.ADDITIONAL, text="Canary 北")),
    claim(diagnoses=("Canary",)),
    line(note="Canary 北"),
]


@pytest.mark.parametrize("change", PERSONAL)
def test_no_fault_shows_what_names_a_patient(change: Change) -> None:
    bad = change(PLAIN)
    found = faults(bad, GENERIC)
    assert found
    assert [fault.value for fault in found] == [NOT_SHOWN]
    assert "Canary" not in repr(found) + str(InvalidClaim("C1", found)) + repr(bad)


def test_nothing_prints_what_names_a_patient() -> None:
    subscriber = replace(
        PLAIN.subscriber,
        name=PersonName(family="Canary", given="Canary"),
        member_id="CANARY1",
        birth_date=date(1931, 7, 9),
        address=replace(WHERE, line1="1 Canary St"),
        group_number="CANARY2",
        casualty_claim_number="CANARY3",
    )
    made = claim(subscriber=subscriber, diagnoses=("G20.A1",), medical_record_number="CANARY4")(PLAIN)
    made = line(note="Canary")(claim(note=Note(kind=NoteKind.GOALS, text="Canary"))(made))
    for told in (repr(made), str(made), f"{made}"):
        assert "canary" not in told.lower()
        assert "1931" not in told
        assert "G20" not in told
        assert "Subscriber(coverage=" in told


def leaves(kind: Any, path: str) -> Iterator[str]:
    """The paths of all fields below a part that have no parts of their own."""
    for name, hint in get_type_hints(kind).items():
        kinds = (hint, *get_args(hint), *(inner for outer in get_args(hint) for inner in get_args(outer)))
        parts = [part for part in kinds if isinstance(part, type) and issubclass(part, Part)]
        if name in getattr(kind, "names", ()):
            for part in parts:
                yield from leaves(part, f"{path}{name}.")
            if not parts:
                yield f"{path}{name}"


def test_every_field_of_a_claim_has_its_place_in_the_837p() -> None:
    paths = list(leaves(ProfessionalClaim, ""))
    assert len(paths) > 100
    assert {"subscriber.name.given", "lines.rendering.name.family", "accident.state"} <= set(paths)
    assert [path for path in paths if not place_of(path).element] == []


class TestGuides:
    """What one payer asks is data."""

    def test_a_field_may_be_required(self) -> None:
        guide = extended(GENERIC, "own", {"needs": {"billing.taxonomy": "required", "referring": "required"}})
        assert [fault.path for fault in faults(PLAIN, guide)] == ["$.billing.taxonomy", "$.referring"]

    def test_a_field_may_be_refused(self) -> None:
        guide = extended(GENERIC, "own", {"needs": {"prior_authorization": "refused"}})
        assert [fault.path for fault in faults(claim(prior_authorization="A")(PLAIN), guide)] == [
            "$.prior_authorization"
        ]

    def test_medicare_takes_its_own_ids_and_asks_for_a_referring_person(self) -> None:
        bad = part("subscriber", coverage=Coverage.MEDICARE_PART_B)(PLAIN)
        bad = claim(frequency=Frequency.REPLACEMENT, payer_claim_number="I1")(bad)
        found = faults(bad, GUIDES["medicare-part-b"])
        assert {fault.path for fault in found} == {"$.subscriber.member_id", "$.referring"}

    @pytest.mark.parametrize("member", ["1EG4TE5MK73", "9AA0AA0AA00"])
    def test_a_medicare_id_has_its_form(self, member: str) -> None:
        good = part("subscriber", coverage=Coverage.MEDICARE_PART_B, member_id=member)(PLAIN)
        assert faults(claim(referring=DOCTOR)(good), GUIDES["medicare-part-b"]) == ()

    @pytest.mark.parametrize("member", ["0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MK7", "1EG4-TE5-MK73", "1EG4TE5MKB3"])
    def test_what_is_no_medicare_id_is_refused(self, member: str) -> None:
        bad = part("subscriber", coverage=Coverage.MEDICARE_PART_B, member_id=member)(PLAIN)
        found = faults(claim(referring=DOCTOR)(bad), GUIDES["medicare-part-b"])
        assert [fault.path for fault in found] == ["$.subscriber.member_id"]

    def test_workers_compensation_asks_for_accident_and_claim_number(self) -> None:
        bad = part("subscriber", coverage=Coverage.WORKERS_COMPENSATION)(PLAIN)
        assert {fault.path for fault in faults(bad, GUIDES["workers-compensation"])} == {
            "$.accident",
            "$.subscriber.casualty_claim_number",
        }

    def test_the_extended_character_set_and_other_delimiters_let_more_through(self) -> None:
        settings = {"characters": "extended", "delimiters": {"element": "|", "component": ">", "segment": "\n"}}
        guide = extended(GENERIC, "own", settings)
        good = part("billing", name=OrganizationName(name="North: A*B ~ C"))(claim(claim_id="c5j2")(PLAIN))
        assert faults(good, guide) == ()

    def test_five_digit_zip_codes_may_do(self) -> None:
        assert faults(address(zip="12545")(PLAIN), extended(GENERIC, "own", {"nine_digit_zip": False})) == ()

    @pytest.mark.parametrize(
        "settings",
        [
            {"colour": "red"},
            {"characters": "all"},
            {"frequencies": ["2"]},
            {"coverages": ["XX"]},
            {"needs": {"referring": "maybe"}},
            {"member_id": "("},
            {"delimiters": {"element": "A"}},
            {"delimiters": {"comma": ","}},
            {"needs": {"refering": "required"}},
            {"nine_digit_zip": "no"},
            {"most_lines": "50"},
            {"name": "x"},
        ],
    )
    def test_a_setting_that_is_none_is_refused(self, settings: dict[str, Any]) -> None:
        from therapy_domain.errors import InputError

        with pytest.raises(InputError):
            extended(GENERIC, "own", settings)
