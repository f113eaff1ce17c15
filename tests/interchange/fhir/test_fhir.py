"""A claim and its answers say the same in FHIR as in X12, point by point."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from interchange.fhir import Answer, answer_bundle, claim_bundle
from interchange.professional import (
    Accident,
    Address,
    Frequency,
    InvalidClaim,
    PersonName,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    ServiceFacility,
    companion_guides,
)
from interchange.remittance import ClaimPayment
from interchange.simulated_payer import Denial, Deny, Pay, Received, Split, adjudicate, correct, settle
from support.answers import DAY, terms
from support.claims import guide_of, npi, plain_claim, professional_claims

GUIDES = companion_guides()
CREATED = date(2026, 3, 4)
PLAIN = plain_claim()
THERAPIST = Provider(name=PersonName(family="Doe", given="Ann"), npi=npi(7), taxonomy="225100000X")
DOCTOR = Provider(name=PersonName(family="Roe"), npi=npi(8))


def bundle(claim: ProfessionalClaim) -> dict[str, Any]:
    made = claim_bundle(claim, GUIDES[guide_of(claim)], created=CREATED)
    return json.loads(json.dumps(made))  # as it travels


def of(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in made["entry"] if entry["resource"]["resourceType"] == kind]


def claim_of(claim: ProfessionalClaim) -> dict[str, Any]:
    return of(bundle(claim), "Claim")[0]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "reference" in value and isinstance(value["reference"], str):
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def code(concept: dict[str, Any]) -> str:
    return str(concept["coding"][0]["code"])


def test_a_claim_is_professional_and_has_its_numbers() -> None:
    claim = claim_of(PLAIN)
    assert (code(claim["type"]), claim["use"], claim["status"]) == ("professional", "claim", "active")
    assert claim["identifier"][0]["value"] == PLAIN.claim_id
    assert (claim["created"], claim["total"]) == ("2026-03-04", {"value": 90.0, "currency": "USD"})


def test_an_item_has_code_modifiers_units_money_and_pointers() -> None:
    line = replace(PLAIN.lines[0], modifiers=("59", "GP", "KX"), diagnosis_pointers=(2, 1), place_of_service="12")
    (item,) = claim_of(replace(PLAIN, lines=(line,), diagnoses=("R2681", "G20.A1")))["item"]
    assert item["productOrService"]["coding"] == [{"system": "http://www.ama-assn.org/go/cpt", "code": "97112"}]
    assert [code(modifier) for modifier in item["modifier"]] == ["59", "GP", "KX"]
    assert item["modifier"][1]["coding"][0]["system"].startswith("http://www.cms.gov/Medicare/Coding/HCPCS")
    assert (item["quantity"]["value"], item["unitPrice"]["value"], item["net"]["value"]) == (2, 45.0, 90.0)
    assert (item["diagnosisSequence"], item["servicedDate"]) == ([2, 1], "2026-03-02")
    assert code(item["locationCodeableConcept"]) == "12"


def test_a_unit_price_that_is_no_whole_cent_is_not_told() -> None:
    (item,) = claim_of(replace(PLAIN, lines=(replace(PLAIN.lines[0], units=7),)))["item"]
    assert "unitPrice" not in item


def test_diagnoses_have_their_dot_and_the_first_is_the_principal_one() -> None:
    found = claim_of(replace(PLAIN, diagnoses=("R2681", "G35")))["diagnosis"]
    assert [code(one["diagnosisCodeableConcept"]) for one in found] == ["R26.81", "G35"]
    assert [one["sequence"] for one in found] == [1, 2]
    assert ("type" in found[0], "type" in found[1]) == (True, False)


def test_the_care_team_tells_who_treated_referred_and_supervised() -> None:
    other = replace(THERAPIST, npi=npi(9))
    lines = (PLAIN.lines[0], replace(PLAIN.lines[0], control_number="L2", rendering=other))
    claim = claim_of(replace(PLAIN, rendering=THERAPIST, referring=DOCTOR, supervising=DOCTOR, lines=lines))
    roles = [member["role"]["coding"][1]["code"] for member in claim["careTeam"]]
    assert roles == ["rendering", "referring", "supervising", "rendering"]
    assert [item["careTeamSequence"] for item in claim["item"]] == [[1], [4]]
    assert code(claim["careTeam"][0]["qualification"]) == "225100000X"


def test_authorization_referral_and_facility_have_their_places() -> None:
    where = ServiceFacility(name="Pool", address=PLAIN.billing.address)
    claim = claim_of(replace(PLAIN, prior_authorization="A9", referral_number="R1", facility=where))
    assert claim["insurance"][0]["preAuthRef"] == ["A9"]
    assert claim["referral"]["identifier"]["value"] == "R1"
    assert claim["facility"]


@pytest.mark.parametrize(
    ("frequency", "relation", "status"),
    [(Frequency.REPLACEMENT, "replaces", "active"), (Frequency.VOID, "prior", "cancelled")],
)
def test_an_earlier_claim_is_named_with_its_relation(frequency: Frequency, relation: str, status: str) -> None:
    claim = claim_of(replace(PLAIN, frequency=frequency, payer_claim_number="ICN1"))
    assert code(claim["related"][0]["relationship"]) == relation
    assert (claim["related"][0]["reference"]["value"], claim["status"]) == ("ICN1", status)


def test_an_accident_has_its_day_kind_and_state() -> None:
    hurt = Accident(causes=(RelatedCause.AUTO_ACCIDENT,), happened_on=date(2026, 1, 5), state="NY")
    accident = claim_of(replace(PLAIN, accident=hurt))["accident"]
    assert (accident["date"], code(accident["type"])) == ("2026-01-05", "MVA")
    assert accident["locationAddress"]["state"] == "NY"


def test_dates_of_the_condition_are_supporting_information() -> None:
    dated = replace(
        PLAIN, onset_on=date(2026, 1, 2), initial_treatment_on=date(2026, 1, 9), last_seen_on=date(2026, 2, 1)
    )
    found = claim_of(dated)["supportingInfo"]
    assert [one["sequence"] for one in found] == list(range(1, len(found) + 1))
    told = {one["code"]["text"]: one["timingDate"] for one in found if "timingDate" in one}
    assert list(told.values()) == ["2026-01-02", "2026-01-09", "2026-02-01"]
    assert code(found[0]["category"]) == "onset"


def test_a_note_of_a_line_is_pointed_at_by_its_item() -> None:
    lines = (PLAIN.lines[0], replace(PLAIN.lines[0], control_number="L2", note="Second part"))
    claim = claim_of(replace(PLAIN, lines=lines, onset_on=date(2026, 1, 2)))
    assert "informationSequence" not in claim["item"][0]
    (number,) = claim["item"][1]["informationSequence"]
    assert claim["supportingInfo"][number - 1]["valueString"] == "Second part"


def test_every_reference_points_into_its_bundle() -> None:
    for claim in professional_claims("references", 60):
        made = bundle(claim)
        urls = [entry["fullUrl"] for entry in made["entry"]]
        assert len(urls) == len(set(urls))
        assert set(references(made)) <= set(urls)
        assert [entry["fullUrl"] for entry in made["entry"]] == [
            f"urn:uuid:{entry['resource']['id']}" for entry in made["entry"]
        ]


def test_ids_are_the_same_every_time_and_tell_nothing_of_the_patient() -> None:
    same = bundle(PLAIN) == bundle(PLAIN)
    other = replace(PLAIN, subscriber=replace(PLAIN.subscriber, member_id="OTHER99", birth_date=date(1960, 1, 1)))
    ids = [entry["fullUrl"] for entry in bundle(PLAIN)["entry"]]
    assert same
    assert ids == [entry["fullUrl"] for entry in bundle(other)["entry"]]
    assert ids != [entry["fullUrl"] for entry in bundle(replace(PLAIN, claim_id="C9"))["entry"]]


def test_no_display_texts_of_licensed_code_systems_are_carried() -> None:
    for claim in professional_claims("texts", 20):
        assert '"display"' not in json.dumps(bundle(claim))


def test_a_claim_with_faults_makes_no_resource() -> None:
    with pytest.raises(InvalidClaim):
        claim_bundle(replace(PLAIN, claim_id=""), GUIDES["generic"], created=CREATED)


def answered(*answers: ClaimPayment, claim: ProfessionalClaim = PLAIN) -> dict[str, Any]:
    payment = settle(terms([claim]), sum(answer.paid_cents for answer in answers))
    told = [Answer(payment, answer, number) for number, answer in enumerate(answers, start=1)]
    made = answer_bundle(claim, GUIDES[guide_of(claim)], told, created=CREATED, answered=DAY)
    return json.loads(json.dumps(made))


def adjudications(item: dict[str, Any]) -> list[tuple[str, str | None, float]]:
    return [
        (code(one["category"]), code(one["reason"]) if "reason" in one else None, one["amount"]["value"])
        for one in item["adjudication"]
    ]


def test_a_paid_line_tells_charge_allowed_reasons_and_payment() -> None:
    paid = adjudicate(PLAIN, Pay(deductible_cents=1000), Received("ICN1", DAY))
    made = answered(*paid)
    for kind in ("ClaimResponse", "ExplanationOfBenefit"):
        (resource,) = of(made, kind)
        assert adjudications(resource["item"][0]) == [
            ("submitted", None, 90.0),
            ("eligible", None, 70.2),
            ("CO", "45", 19.8),
            ("deductible", "1", 10.0),
            ("PR", "2", 12.04),
            ("benefit", None, 48.16),
        ]
        assert (resource["payment"]["amount"]["value"], resource["payment"]["identifier"]["value"]) == (48.16, "EFT77")
        assert resource["identifier"][0]["value"] == "ICN1"
        assert resource["outcome"] == "complete"


def test_a_denied_line_has_its_reason_and_its_remarks() -> None:
    denied = adjudicate(PLAIN, Deny(denial=Denial("CO", "16", ("MA130", "M53"))), Received("ICN1", DAY))
    made = answered(*denied)
    (response,) = of(made, "ClaimResponse")
    assert ("CO", "16", 90.0) in adjudications(response["item"][0])
    assert [note["text"] for note in response["processNote"]] == ["MA130", "M53"]
    assert response["item"][0]["noteNumber"] == [2]


def test_every_answer_of_a_claim_has_resources_of_its_own() -> None:
    lines = (PLAIN.lines[0], replace(PLAIN.lines[0], control_number="L2"))
    claim = replace(PLAIN, lines=lines)
    former = adjudicate(claim, Split(first_lines=1), Received("ICN1", DAY))
    made = answered(*former, *correct(former[0], claim, Pay(), Received("ICN2", DAY)), claim=claim)
    responses = of(made, "ClaimResponse")
    assert len(responses) == len(of(made, "ExplanationOfBenefit")) == 4
    assert [[item["itemSequence"] for item in one["item"]] for one in responses] == [[1], [2], [1], [1, 2]]
    paid = [one["total"][1]["amount"]["value"] for one in responses]
    assert paid[0] == -paid[2] > 0
    assert len({entry["fullUrl"] for entry in made["entry"]}) == len(made["entry"])


def test_a_line_that_is_none_of_ours_is_added() -> None:
    (paid,) = adjudicate(PLAIN, Pay(), Received("ICN1", DAY))
    other = replace(paid, lines=(replace(paid.lines[0], line_control_number="?"),))
    for kind in ("ClaimResponse", "ExplanationOfBenefit"):
        (resource,) = of(answered(other), kind)
        assert "item" not in resource
        assert code(resource["addItem"][0]["productOrService"]) == "97112"


def test_a_person_may_bill_and_be_paid_elsewhere() -> None:
    where = Address(line1="PO Box 7", city="Dover", state="DE", zip="19901")
    alone = replace(PLAIN.billing, name=PersonName(family="Doe"), pay_to=where, taxonomy="225100000X")
    made = bundle(replace(PLAIN, billing=alone))
    assert of(made, "Practitioner")[0]["qualification"]
    assert code(of(made, "Claim")[0]["payee"]["type"]) == "provider"
