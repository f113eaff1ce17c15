"""What one visit changes of a patient's others, through the services: whatever comes first, the claims are the same."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from audit.replay import replay
from audit.why import why
from claim_validation.service import _Validation
from suite.deciding import NoOpenQuestion, answer, question
from suite.installation import Installation
from support.histories import claim_of, entangled_history, interval
from support.store import claims, send
from support.visits import ORG, PHYSICIAN, THERAPIST, clock, event, reference, visit
from therapy_domain.identity import case_id, claim_id

DAYS = ("2026-03-02", "2026-03-04", "2026-03-06")


def by_day(store: Installation, patient: str) -> dict[str, dict[str, Any]]:
    return {each["date_of_service"]: each for each in claims(store) if each["patient_id"] == patient}


def modifiers(claim: dict[str, Any]) -> list[str]:
    return [" ".join(line["modifiers"]) for line in claim["lines"]]


def rules(claim: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in claim["findings"] if finding["severity"] != "advice"}


def blocking(claim: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [each for each in claim["findings"] if each["rule"] == rule and each["severity"] != "advice"]


def replayed(store: Installation) -> None:
    assert replay(store.read, store.codec).differences == []


def near_the_threshold() -> list[dict[str, Any]]:
    """Medicare with $2,250 used elsewhere; a visit is $200, and $2,480 is the year's amount."""
    used = {"payer_id": "medicare", "member_id": "1EG4TE5MK73", "from": "2026-01-01", "kx_used_cents": 225_000}
    return [*reference(), event("coverage.verified", "p-1", used, event_id="used", time=clock("09:00", "2026-01-06"))]


@pytest.mark.parametrize("order", [DAYS, DAYS[::-1], (DAYS[1], DAYS[0], DAYS[2])])
def test_a_late_visit_moves_the_threshold_in_the_claims_behind_it(store: Installation, order: Iterable[str]) -> None:
    send(store, near_the_threshold())
    for day in order:
        send(store, visit(f"s-{day}", day=day))
    found = by_day(store, "p-1")
    assert [modifiers(found[day]) for day in DAYS] == [["GP", "GP"], ["GP KX", "GP KX"], ["GP KX", "GP KX"]]
    replayed(store)


def test_a_voided_visit_gives_back_what_it_used(store: Installation) -> None:
    send(store, [*near_the_threshold(), *visit("s-1", day=DAYS[0]), *visit("s-2", day=DAYS[1])])
    assert modifiers(by_day(store, "p-1")[DAYS[1]]) == ["GP KX", "GP KX"]
    voided = event("session.voided", "s-1", {"reason": "no show"}, event_id="v", time=clock("12:00"))
    send(store, [voided])
    assert modifiers(by_day(store, "p-1")[DAYS[1]]) == ["GP", "GP"]
    replayed(store)


def test_of_two_claims_with_one_service_both_wait_until_one_is_voided(store: Installation) -> None:
    acme = {"payer_id": "commercial-cms", "member_id": "1EG4TE5MK73", "from": "2026-01-01"}
    send(store, [*reference(), event("coverage.verified", "p-1", acme, event_id="acme", time=clock("07:00"))])
    send(store, [*visit("s-1"), *visit("s-2", payer="commercial-cms")])
    assert [len(blocking(claim, "DUP-001")) for claim in claims(store)] == [2, 2]
    send(store, [event("session.voided", "s-2", {"reason": "sent in error"}, event_id="v", time=clock("12:00"))])
    assert [blocking(claim, "DUP-001") for claim in claims(store)] == [[], []]
    assert claim_of("p-1") in [claim["claim_id"] for claim in claims(store) if claim["status"] == "ready"]
    replayed(store)


def test_a_certifiers_role_reaches_the_claims_of_the_plan_whenever_it_is_told(store: Installation) -> None:
    role = {"name": "Robin Example", "role": "DC", "license_number": "DC-1", "payers": []}
    told = event("clinician.credentialed", PHYSICIAN, role, event_id="dc", time=clock("07:00"), source=f"/orgs/{ORG}")
    send(store, [*reference(), *visit(referring_npi="")])
    assert rules(claims(store)[0]) == set()
    send(store, [told])
    assert rules(claims(store)[0]) == {"CRT-001"}
    replayed(store)


def test_a_referrers_role_reaches_the_sessions_that_name_one(store: Installation) -> None:
    role = {"name": "Robin Example", "role": "DC", "license_number": "DC-1", "payers": []}
    told = event(
        "clinician.credentialed", "1679576722", role, event_id="dc", time=clock("07:00"), source=f"/orgs/{ORG}"
    )
    send(store, [*reference(), *visit(referring_npi="1679576722")])
    assert rules(claims(store)[0]) == set()
    send(store, [told])
    assert rules(claims(store)[0]) == {"CRT-001"}


def test_another_benefit_is_told_and_denied(store: Installation) -> None:
    hospice = {"kind": "hospice", "from": "2026-02-20"}
    covered = {"payer_id": "medicare", "member_id": "1EG4TE5MK73", "from": "2026-01-01", "enrolments": [hospice]}
    send(store, [*reference(), *visit()])
    send(store, [event("coverage.verified", "p-1", covered, event_id="again", time=clock("07:00"))])
    assert rules(claims(store)[0]) == {"ELG-002"}
    assert "also hospice from 2026-02-20 on" in str(why(store.read, store.codec, claim_of("p-1")))
    replayed(store)


def denial(outcome: str = "denied", at: str = "2026-04-01", number: int = 1) -> dict[str, Any]:
    data = {
        "remittance_id": f"r-{number}",
        "outcome": outcome,
        "paid_cents": 0,
        "adjustments": [{"group": "CO", "carc": "50", "rarcs": [], "amount_cents": 20000}],
        "received_on": at,
    }
    return event("remittance.received", claim_of("p-1"), data, event_id=f"r-{number}", time=clock("12:00", at))


def longer(at: str = "2026-04-02", end: str = "09:40") -> dict[str, Any]:
    data = {"reason": "time missed", "replace_intervals": [interval(1, "97112", "09:00", end)]}
    return event("session.amended", "s-1", data, event_id=f"longer-{at}", time=clock("12:00", at))


PLAIN = (("97112", "09:00", "09:28"),)


@pytest.mark.parametrize("first", ["denial", "amendment", "together", "before the visit"])
def test_minutes_raised_after_a_denial_hold_the_claim_whichever_comes_first(store: Installation, first: str) -> None:
    events = [*reference(), *visit(minutes=PLAIN)]
    batches = {
        "denial": [events, [denial()], [longer()]],
        "amendment": [events, [longer()], [denial()]],
        "together": [[*events, longer(), denial()]],
        "before the visit": [[denial()], [*events, longer()]],
    }
    for batch in batches[first]:
        send(store, batch)
    (claim,) = claims(store)
    assert rules(claim) == {"ETH-001"}
    assert claim["status"] == "denied"
    replayed(store)


def test_minutes_raised_before_the_denial_or_signed_again_are_borne_out(store: Installation) -> None:
    send(store, [*reference(), *visit(minutes=PLAIN), denial(), longer("2026-03-20")])
    assert rules(claims(store)[0]) == set()
    send(store, [longer(end="09:50")])
    assert rules(claims(store)[0]) == {"ETH-001"}
    signed = {"clinician_npi": THERAPIST, "credentials": "PT, DPT", "license_number": "PT-1234"}
    send(store, [event("session.signed", "s-1", signed, event_id="again", time=clock("12:00", "2026-04-03"))])
    assert rules(claims(store)[0]) == set()
    replayed(store)


def test_an_answer_to_a_claim_that_was_not_amended_assesses_nothing_again(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    before = assessments(store)
    send(store, [denial()])
    assert assessments(store) == before
    assert claims(store)[0]["status"] == "denied"


def assessments(store: Installation) -> int:
    rows = store.log.read_all(0, 10_000, {"ClaimAssessed"}, upto=store.log.head())
    return len(rows)


def test_a_question_holds_the_claim_until_it_is_answered(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    asked = question(store, claim_of("p-1"), text="Which plan holds?", by="A. Biller")
    assert (asked["before"], asked["after"]) == ("ready", "held")
    assert [each["message"] for each in blocking(claims(store)[0], "COM-001")] != []
    send(store, visit("s-2", minutes=(("97116", "09:44", "10:00"),)))
    assert claims(store)[0]["status"] == "held", "a later fact does not answer it"
    told = answer(store, asked["question_id"], text="The one of February.", by="B. Therapist")
    assert told["after"] != "held"
    replayed(store)
    story = str(why(store.read, store.codec, claim_of("p-1")))
    assert "Which plan holds?" in story
    assert "The one of February." in story
    assert "Which plan" not in str(claims(store))
    with pytest.raises(NoOpenQuestion):
        answer(store, asked["question_id"], text="again", by="B. Therapist")


def test_questions_of_a_claim_are_numbered_and_answered_one_by_one(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    claim = claim_of("p-1")
    for text in ("First?", "Second?"):
        question(store, claim, text=text, by="A. Biller")
    assert answer(store, f"{claim}-Q2", text="Yes", by="B")["after"] == "held"
    assert answer(store, f"{claim}-Q1", text="No", by="B")["after"] == "ready"


def test_the_entangled_history_shows_each_of_its_faults(store: Installation) -> None:
    send(store, entangled_history())
    found = {claim["claim_id"]: claim for claim in claims(store)}
    acme = [claim_id(case_id(ORG, "p-2", "PT", "acme", date.fromisoformat(day))) for day in (*DAYS, "2026-03-09")]
    assert ["AUT-002" in rules(found[each]) for each in acme] == [False, False, False, True]
    assert "ETH-001" in rules(found[claim_of("p-3", day="2026-03-03")])
    assert "DUP-001" in rules(found[claim_of("p-4", day="2026-03-05")])
    assert "DUP-001" in rules(found[claim_of("p-4", "acme", "2026-03-05")])
    assert modifiers(found[claim_of("p-1", day="2026-03-06")]) == ["GP", "GP KX"]
    assert all("CRT-001" in rules(claim) for claim in found.values())
    replayed(store)


def test_two_who_ask_at_once_have_two_questions(store: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    send(store, [*reference(), *visit()])
    claim, encode = claim_of("p-1"), store.codec.encode
    others = []

    def meanwhile(made: Any) -> Any:
        monkeypatch.setattr(store.codec, "encode", encode)
        others.append(question(store, claim, text="Who signs?", by="B. Biller")["question_id"])
        return encode(made)

    monkeypatch.setattr(store.codec, "encode", meanwhile)
    asked = question(store, claim, text="Which plan holds?", by="A. Biller")["question_id"]
    assert (others, asked) == ([f"{claim}-Q1"], f"{claim}-Q2")
    assert answer(store, asked, text="The one of February.", by="C")["after"] == "held"
    assert answer(store, f"{claim}-Q1", text="The PT.", by="C")["after"] == "ready"


def test_a_visit_in_the_chart_that_a_claim_was_assessed_by_is_no_work_for_it(
    store: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a batch is charted before the first of it is assessed; the charted visits come by once more as events."""
    gathered: list[str] = []
    gather = _Validation._gather

    def noting(self: _Validation, case: str, *more: Any) -> Any:
        gathered.append(case)
        return gather(self, case, *more)

    monkeypatch.setattr(_Validation, "_gather", noting)
    send(store, [*reference(), *visit("s-1", day=DAYS[0]), *visit("s-2", day=DAYS[2])], work=False)
    for runner in store.dispatcher.runners[:3]:
        while runner.step():
            pass
    monkeypatch.setattr("service_kit.runner.EVENTS_A_BATCH", 1)  # what was charted comes after the assessment
    store.dispatcher.work_off()
    cases = {each["date_of_service"]: each["case_id"] for each in claims(store)}
    assert sorted(gathered) == sorted(cases.values())
    gathered.clear()
    send(store, visit("s-3", day=DAYS[1]))
    assert gathered.count(cases[DAYS[2]]) == 1, "a visit before it that it has not seen"
    assert cases[DAYS[0]] not in gathered
    replayed(store)
