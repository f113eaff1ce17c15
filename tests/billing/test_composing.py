"""What a claim says of its record: who, where, when, what for, under which numbers."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from interchange.professional import Coverage, PersonName, ProfessionalClaim, RelatedCause
from suite.installation import Installation
from support.billing import ADDRESS, CLEAN, claims_in, sent
from support.store import claims, send
from support.visits import ORG, PHYSICIAN, THERAPIST, clock, event, reference, visit

SUPERVISOR, ASSISTANT = "1003000126", "1003000134"


def changed(events: list[dict[str, Any]], kind: str, **data: Any) -> list[dict[str, Any]]:
    """The same events, with fields of one type changed; None takes a field away."""
    made = []
    for each in events:
        if each["type"] == f"claimtrail.{kind}.v1":
            whole = {**each["data"], **data}
            each = {**each, "data": {name: value for name, value in whole.items() if value is not None}}
        made.append(each)
    return made


def one(store: Installation, outbox: Path, events: list[dict[str, Any]]) -> ProfessionalClaim:
    """The only claim that comes of these events."""
    send(store, events)
    assert [claim["findings"] for claim in claims(store)] == [[]]
    exported = sent(store, outbox)
    assert exported.kept_back == []
    (claim,) = claims_in(exported)
    return claim


def faults(store: Installation, outbox: Path, events: list[dict[str, Any]]) -> dict[str, str]:
    """Why the only claim stays back."""
    send(store, events)
    exported = sent(store, outbox)
    assert exported.files == []
    (kept,) = exported.kept_back
    return {fault.path: fault.expected for fault in kept.faults}


def credentialed(npi: str, name: str, role: str) -> dict[str, Any]:
    data = {
        "name": name,
        "role": role,
        "license_number": "L-1",
        "payers": [{"payer_id": "medicare", "from": "2020-01-01"}],
    }
    at = clock("07:00", "2026-01-05")
    return event("clinician.credentialed", npi, data, event_id=f"credentialed-{npi}", time=at, source=f"/orgs/{ORG}")


def test_a_claim_says_who_bills_who_treats_who_certifies_and_who_is_treated(store: Installation, outbox: Path) -> None:
    claim = one(store, outbox, changed(CLEAN, "plan.certified", certified_by_name="Sam Q. Physician, MD"))
    assert (claim.billing.npi, claim.billing.tax_id) == ("1234567893", "123456789")
    assert claim.rendering is None, "the practice and its therapist have one number: it is said once"
    assert claim.referring is not None
    assert (claim.referring.npi, claim.referring.name) == (PHYSICIAN, PersonName(family="PHYSICIAN", given="SAM"))
    assert claim.subscriber.name == PersonName(family="SPECIMEN", given="ALEX")
    assert (claim.subscriber.member_id, claim.subscriber.coverage) == ("1EG4TE5MK73", Coverage.MEDICARE_PART_B)
    assert (claim.place_of_service, claim.initial_treatment_on) == ("11", date(2026, 2, 16))
    assert claim.facility is None
    assert claim.supervising is None


def test_lines_have_units_modifiers_charges_pointers_and_numbers_of_our_own(store: Installation, outbox: Path) -> None:
    claim = one(store, outbox, CLEAN)
    assert claim.diagnoses == ("I69351", "R2681")
    assert [
        (line.code, line.modifiers, line.units, line.charge_cents, line.diagnosis_pointers, line.service_date)
        for line in claim.lines
    ] == [
        ("97112", ("GP",), 2, 13000, (1, 2), date(2026, 3, 2)),
        ("97530", ("GP",), 1, 7000, (1, 2), date(2026, 3, 2)),
    ]
    assert [line.control_number for line in claim.lines] == [f"{claim.claim_id}.1.{number}" for number in (1, 2)]


def test_a_diagnosis_that_the_payer_wants_to_see_with_the_code_is_pointed_at_first(
    store: Installation, outbox: Path
) -> None:
    events = [*reference(address=ADDRESS), *visit(diagnoses=["M62.81", "R26.81", "I69.351"])]
    claim = one(store, outbox, changed(events, "plan.certified", diagnoses=["M62.81", "R26.81", "I69.351"]))
    assert [line.diagnosis_pointers for line in claim.lines] == [(2, 3, 1), (1, 2, 3)]


def test_an_assistant_does_not_enroll_the_supervising_therapist_is_billed(store: Installation, outbox: Path) -> None:
    by_assistant = {"performer": {"id": ASSISTANT, "role": "PTA"}, "supervisor_npi": SUPERVISOR}
    events = changed(
        [*reference(address=ADDRESS), *visit(clinician_npi=ASSISTANT)], "interval.recorded", **by_assistant
    )
    events = changed(events, "session.signed", clinician_npi=SUPERVISOR)
    staff = [credentialed(SUPERVISOR, "Robin Sample, PT, DPT", "PT"), credentialed(ASSISTANT, "Lee Model", "PTA")]
    claim = one(store, outbox, [*staff, *events])
    assert claim.rendering is not None
    assert (claim.rendering.npi, claim.rendering.name) == (SUPERVISOR, PersonName(family="SAMPLE", given="ROBIN"))
    assert claim.supervising is None, "whom the claim bills for need not be said to supervise himself"
    assert {line.modifiers for line in claim.lines} == {("GP", "CQ")}


def test_who_supervises_an_assistant_in_anothers_session_is_named(store: Installation, outbox: Path) -> None:
    by_assistant = {"performer": {"id": ASSISTANT, "role": "PTA"}, "supervisor_npi": SUPERVISOR}
    events = changed(CLEAN, "interval.recorded", **by_assistant)
    events = changed(events, "session.signed", clinician_npi=SUPERVISOR)
    claim = one(store, outbox, [credentialed(SUPERVISOR, "Sample, Robin", "PT"), *events])
    assert claim.supervising is not None
    assert (claim.supervising.npi, claim.supervising.name) == (SUPERVISOR, PersonName(family="SAMPLE", given="ROBIN"))


def test_a_line_names_its_own_provider_where_another_session_furnished_it(store: Installation, outbox: Path) -> None:
    other = "1003000126"
    later = visit("s-2", minutes=(("97110", "09:44", "10:04"),), clinician_npi=other, performer=other)
    later = changed(later, "session.signed", clinician_npi=other)
    claim = one(store, outbox, [credentialed(other, "Robin Sample", "PT"), *CLEAN, *later])
    assert [(line.code, line.rendering and line.rendering.npi) for line in claim.lines] == [
        ("97110", other),
        ("97112", None),
        ("97530", None),
    ]


def test_a_clinic_elsewhere_is_the_facility(store: Installation, outbox: Path) -> None:
    where = {"line1": "9 Elm Court", "city": "Dayton", "state": "OH", "zip": "454020001"}
    clinics = [{"id": "elm", "name": "Elm: Street #2", "timezone": "America/New_York", "address": where}]
    events = changed(CLEAN, "organization.configured", clinics=clinics)
    claim = one(store, outbox, events)
    assert claim.facility is not None
    assert (claim.facility.name, claim.facility.address.city) == ("ELM STREET 2", "DAYTON")


def test_at_home_there_is_no_facility(store: Installation, outbox: Path) -> None:
    where = {"line1": "9 Elm Court", "city": "Dayton", "state": "OH", "zip": "45402"}
    clinics = [{"id": "elm", "name": "Elm", "timezone": "America/New_York", "address": where}]
    events = changed(CLEAN, "organization.configured", clinics=clinics)
    claim = one(store, outbox, changed(events, "session.opened", place_of_service="12"))
    assert (claim.place_of_service, claim.facility) == ("12", None)


def test_an_authorization_is_the_sessions_else_the_coverages(store: Installation, outbox: Path) -> None:
    given = {"number": "AUTH-7", "from": "2026-01-01", "to": "2026-12-31"}
    assert one(store, outbox, changed(CLEAN, "coverage.verified", authorization=given)).prior_authorization == "AUTH-7"


def test_an_injury_at_work_is_said_to_be_one(store: Installation, outbox: Path) -> None:
    events = [*reference(payer="workers-comp", address=ADDRESS), *visit(payer="workers-comp")]
    claim = one(store, outbox, events)
    assert claim.accident is not None
    assert claim.accident.causes == (RelatedCause.EMPLOYMENT,)
    assert claim.subscriber.casualty_claim_number == "1EG4TE5MK73"


@pytest.mark.parametrize(
    ("kind", "data", "path", "brings"),
    [
        ("patient.registered", {"address": None}, "$.subscriber.address", "patient.registered address"),
        ("organization.configured", {"fees": {}}, "$.lines[0].charge_cents", "organization.configured fees"),
        (
            "organization.configured",
            {"contact": {"name": "Desk", "phone": "none"}},
            "$.submitter.contact.phone",
            "contact.phone",
        ),
        (
            "organization.configured",
            {"address": {"line1": "P.O. Box 12", "city": "Springfield", "state": "OH", "zip": "45501"}},
            "$.billing.address.line1",
            "a street",
        ),
        ("patient.registered", {"family_name": "山"}, "$.subscriber.name.family", "only capitals"),
    ],
)
def test_what_the_record_lacks_keeps_the_claim_back_and_says_what_brings_it(
    store: Installation, outbox: Path, kind: str, data: dict[str, Any], path: str, brings: str
) -> None:
    found = faults(store, outbox, changed(CLEAN, kind, **data))
    assert brings in found[path]


def test_medicare_wants_to_know_who_certifies_or_referred(store: Installation, outbox: Path) -> None:
    events = changed(CLEAN, "plan.certified", certified_by_npi=None)
    assert set(faults(store, outbox, changed(events, "session.opened", referring_npi=None))) == {"$.referring"}


def test_a_fault_is_told_with_its_places_and_never_with_what_identifies_the_patient(
    store: Installation, outbox: Path
) -> None:
    send(store, changed(CLEAN, "patient.registered", family_name="山"))
    (kept,) = sent(store, outbox).kept_back
    (fault,) = kept.faults
    assert (fault.value, fault.element, fault.box, fault.fhir) == (
        "<not shown>",
        "2010BA NM103",
        "2, 4",
        "Patient.name",
    )


def test_what_a_payer_may_stumble_over_is_advice_unless_its_policy_is_strict(store: Installation, outbox: Path) -> None:
    events = [*reference(address=ADDRESS, member_ids={"medicare": "OLD-1"}), *visit()]
    events = changed(events, "coverage.verified", member_id="OLD-1")
    send(store, events)
    exported = sent(store, outbox)
    (advice,) = exported.advice.values()
    assert {fault.path for fault in advice} == {"$.billing.contact.phone", "$.subscriber.member_id", "$.referring.name"}
    assert all(fault.value == "<not shown>" for fault in advice if "subscriber" in fault.path)


def test_a_strict_payer_keeps_back_what_it_would_stumble_over(store: Installation, outbox: Path) -> None:
    policy = {"name": "Medicare", "effective_from": "2026-01-01", "extends": "medicare", "claim_file": {"strict": True}}
    at = clock("07:00", "2026-01-02")
    published = event("payer.policy.published", "medicare", policy, event_id="p", time=at, source=f"/orgs/{ORG}")
    assert set(faults(store, outbox, [published, *CLEAN])) == {"$.billing.contact.phone", "$.referring.name"}


def test_a_payers_own_settings_name_the_ends_of_the_file_and_what_it_asks(store: Installation, outbox: Path) -> None:
    told = {
        "payer_identifier": "60054",
        "receiver_identifier": "CLEAR01",
        "receiver_name": "Clear House",
        "sender_identifier": "NORTH01",
        "coverage": "BL",
        "test": True,
    }
    policy = {"name": "Acme", "effective_from": "2026-01-01", "extends": "commercial-cms", "claim_file": told}
    at = clock("07:00", "2026-01-02")
    published = event("payer.policy.published", "acme", policy, event_id="p", time=at, source=f"/orgs/{ORG}")
    send(store, [published, *reference(payer="acme", address=ADDRESS), *visit(payer="acme")])
    exported = sent(store, outbox)
    (claim,) = claims_in(exported)
    assert (claim.payer.identifier, claim.subscriber.coverage) == ("60054", Coverage.BLUE_CROSS)
    isa = exported.files[0].path.read_text().split("~")[0].split("*")
    assert (isa[6].strip(), isa[8].strip(), isa[15]) == ("NORTH01", "CLEAR01", "T")


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"required": ["prior_authorization"]}, "$.prior_authorization"),
        ({"nine_digit_zip": True}, "$.billing.address.zip"),
        ({"frequencies": ["7"]}, "$.frequency"),
        ({"required": ["nonsense"]}, "$.payer"),
        ({"receiver_identifier": "MUCH-TOO-LONG-FOR-AN-ENVELOPE"}, "$.receiver.identifier"),
    ],
)
def test_what_a_payer_asks_beyond_the_guide_is_asked_before_export(
    store: Installation, outbox: Path, told: dict[str, Any], path: str
) -> None:
    policy = {"name": "Acme", "effective_from": "2026-01-01", "extends": "commercial-cms", "claim_file": told}
    at = clock("07:00", "2026-01-02")
    published = event("payer.policy.published", "acme", policy, event_id="p", time=at, source=f"/orgs/{ORG}")
    found = faults(store, outbox, [published, *reference(payer="acme", address=ADDRESS), *visit(payer="acme")])
    assert path in found


def test_a_therapist_without_a_number_in_the_roster_is_named_by_the_record(store: Installation, outbox: Path) -> None:
    events = changed(CLEAN, "organization.configured", billing_npi="1003000142")
    claim = one(store, outbox, events)
    assert claim.rendering is not None
    assert (claim.rendering.npi, claim.rendering.name) == (THERAPIST, PersonName(family="EXAMPLE", given="ROWAN"))
