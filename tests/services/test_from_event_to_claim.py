"""What clinics send becomes an assessed claim: the rules of the way there."""

from typing import Any

from suite.installation import Installation
from support.store import claims, send
from support.visits import ORG, SOURCE, clock, event, reference, visit


def outcomes(store: Installation, events: list[dict[str, Any]]) -> list[str]:
    return [answer.outcome for answer in send(store, events)]


def one(store: Installation) -> dict[str, Any]:
    found = claims(store)
    assert len(found) == 1
    return found[0]


def rules_of(claim: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in claim["findings"]}


def amended(session: str, change: dict[str, Any], *, event_id: str = "amended", at: str = "11:00") -> dict[str, Any]:
    return event("session.amended", session, {"reason": "typing error", **change}, event_id=event_id, time=clock(at))


def remittance(claim_id: str, number: int, outcome: str, paid: int, *adjustments: dict[str, Any]) -> dict[str, Any]:
    data = {
        "remittance_id": f"r-{number}",
        "outcome": outcome,
        "paid_cents": paid,
        "adjustments": list(adjustments),
        "received_on": f"2026-04-{number:02d}",
    }
    return event(
        "remittance.received", claim_id, data, event_id=f"r-{number}", time=clock("12:00", f"2026-04-{number:02d}")
    )


DENIED_50 = {"group": "CO", "carc": "50", "rarcs": ["MA01"], "amount_cents": 20000}


def test_a_clean_visit_is_ready_with_units_modifiers_and_charges(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    claim = one(store)
    assert claim["status"] == "ready"
    assert [
        (line["code"], line["minutes"], line["units"], line["modifiers"], line["charge_cents"])
        for line in claim["lines"]
    ] == [
        ("97112", 28, 2, ["GP"], 13000),
        ("97530", 16, 1, ["GP"], 7000),
    ]
    assert claim["findings"] == []


def test_two_sessions_of_a_day_meet_in_one_case_and_their_minutes_are_counted_together(store: Installation) -> None:
    morning = visit("s-1", minutes=(("97112", "09:00", "09:07"),))
    afternoon = visit("s-2", minutes=(("97112", "14:00", "14:08"),))
    send(store, [*reference(), *morning, *afternoon])
    claim = one(store)
    assert claim["session_ids"] == ["s-1", "s-2"]
    assert [(line["code"], line["minutes"], line["units"]) for line in claim["lines"]] == [("97112", 15, 1)]


def test_the_same_event_again_is_a_duplicate_and_changes_nothing(store: Installation) -> None:
    events = [*reference(), *visit()]
    send(store, events)
    before, head = claims(store), store.log.head()
    assert set(outcomes(store, events)) == {"duplicate"}
    assert claims(store) == before
    assert store.log.head() == head


def test_an_event_before_its_sessions_opened_is_parked_and_counts_once_that_comes(store: Installation) -> None:
    first, *rest = visit()
    assert outcomes(store, rest) == ["parked"] * len(rest)
    assert claims(store) == []
    assert outcomes(store, [first, *reference()]) == ["accepted"] * 6
    assert one(store)["status"] == "ready"


def test_an_unsigned_session_reaches_no_claim(store: Installation) -> None:
    send(store, [*reference(), *visit()[:-1]])
    assert claims(store) == []


def test_other_content_under_a_known_id_is_a_conflict_that_holds_the_case_until_a_person_decides(
    store: Installation,
) -> None:
    events = [*reference(), *visit()]
    send(store, events)
    other = {**events[6], "data": {**events[6]["data"], "end": clock("09:40")}}
    assert outcomes(store, [other]) == ["conflict"]
    claim = one(store)
    assert claim["status"] == "held"
    assert "COM-001" in rules_of(claim)
    assert claim["lines"][0]["minutes"] == 28, "the first content stays in force"
    assert outcomes(store, [other]) == ["conflict"]
    assert outcomes(store, [events[6]]) == ["duplicate"]


def test_a_conflict_about_a_patient_holds_the_cases_that_name_the_patient(store: Installation) -> None:
    events = [*reference(), *visit()]
    send(store, events)
    registered = events[2]
    send(store, [{**registered, "data": {**registered["data"], "sex": "M"}}])
    assert rules_of(one(store)) == {"COM-001"}


def test_a_late_interval_recomputes_the_case(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    late = {
        "interval_id": "i-9",
        "code": "97112",
        "start": clock("09:44"),
        "end": clock("10:00"),
        "performer": {"id": "1234567893", "role": "PT"},
        "contact": "one_on_one",
    }
    send(store, [event("interval.recorded", "s-1", late, event_id="late", time=clock("09:59"))])
    assert [(line["code"], line["units"]) for line in one(store)["lines"]] == [("97112", 3), ("97530", 1)]


def test_an_interval_streamed_live_counts_like_a_recorded_one(store: Installation) -> None:
    opened, _, _, *rest = visit()
    started = {
        "interval_id": "i-1",
        "code": "97112",
        "start": clock("09:00"),
        "performer": {"id": "1234567893", "role": "PT"},
        "contact": "one_on_one",
    }
    stopped = {"interval_id": "i-1", "end": clock("09:28")}
    live = [
        event("interval.stopped", "s-1", stopped, event_id="stop", time=clock("09:28")),
        event("interval.started", "s-1", started, event_id="start", time=clock("09:00")),
    ]
    send(store, [*reference(), opened, *live, *rest])
    assert [(line["code"], line["minutes"], line["units"]) for line in one(store)["lines"]] == [("97112", 28, 2)]


def test_reference_facts_that_come_late_mend_the_claim(store: Installation) -> None:
    send(store, visit())
    assert one(store)["status"] == "held"
    send(store, reference())
    assert one(store)["status"] == "ready"
    assert one(store)["findings"] == []


def test_an_amended_payer_moves_the_session_and_leaves_a_void_case_behind(store: Installation) -> None:
    both = {"medicare": "1EG4TE5MK73", "commercial-cms": "C-99"}
    other = {"payer_id": "commercial-cms", "member_id": "C-99", "from": "2026-01-01"}
    covered = event("coverage.verified", "p-1", other, event_id="coverage-2", time=clock("07:00"))
    send(store, [*reference(member_ids=both), covered, *visit()])
    send(store, [amended("s-1", {"set": {"payer_id": "commercial-cms"}})])
    by_payer = {claim["payer_id"]: claim for claim in claims(store)}
    assert by_payer["medicare"]["status"] == "void"
    assert by_payer["medicare"]["lines"] == []
    assert by_payer["commercial-cms"]["session_ids"] == ["s-1"]
    send(store, [amended("s-1", {"set": {"payer_id": "medicare"}}, event_id="back", at="11:30")])
    by_payer = {claim["payer_id"]: claim for claim in claims(store)}
    assert by_payer["medicare"]["status"] == "ready"
    assert by_payer["commercial-cms"]["status"] == "void"


def test_a_voided_session_leaves_a_void_claim(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    send(store, [event("session.voided", "s-1", {"reason": "wrong patient"}, event_id="void", time=clock("12:00"))])
    claim = one(store)
    assert (claim["status"], claim["lines"], claim["patient_id"]) == ("void", [], "p-1")


def test_a_payers_policy_changes_the_unit_rule_of_the_dates_it_holds_for(store: Installation) -> None:
    nine = (("97110", "09:00", "09:09"), ("97112", "09:09", "09:18"), ("97140", "09:18", "09:27"))
    payer = "acme-health"
    facts = reference(payer=payer)
    policy = {"name": "Acme", "effective_from": "2026-03-01", "extends": "commercial-midpoint"}
    send(store, [*facts, *visit(payer=payer, minutes=nine)])
    assert "ELG-001" in rules_of(one(store)), "an unknown payer is a finding, never a default"
    send(
        store,
        [event("payer.policy.published", payer, policy, event_id="policy", time=clock("07:00"), source=f"/orgs/{ORG}")],
    )
    assert [line["units"] for line in one(store)["lines"]] == [1, 1, 1]
    pooled = {**policy, "unit_rule": "cms-8-minute"}
    send(
        store,
        [
            event(
                "payer.policy.published", payer, pooled, event_id="policy-2", time=clock("08:00"), source=f"/orgs/{ORG}"
            )
        ],
    )
    assert sum(line["units"] for line in one(store)["lines"]) == 2


def test_the_payers_latest_answer_is_the_status_and_a_denial_opens_an_appeal(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    claim_id = one(store)["claim_id"]
    send(store, [remittance(claim_id, 2, "denied", 0, DENIED_50)])
    assert one(store)["status"] == "denied"
    rows = store.log.connection().execute("SELECT appeal_id, claim_id FROM appeal").fetchall()
    assert rows == [(f"{claim_id}-A1", claim_id)]
    send(store, [remittance(claim_id, 1, "paid", 15000)])
    assert one(store)["status"] == "denied", "an earlier answer that comes late is not the latest"
    send(store, [remittance(claim_id, 9, "paid", 15000)])
    assert one(store)["status"] == "paid"


def test_a_remittance_for_a_claim_not_yet_known_takes_effect_with_the_claim(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    claim_id = one(store)["claim_id"]
    with Installation(store.data.parent / "other") as other:
        send(other, [remittance(claim_id, 2, "paid", 15000)])
        send(other, [*reference(), *visit()])
        assert one(other)["status"] == "paid"


def test_sessions_of_two_clinics_with_the_same_id_are_two_sessions(store: Installation) -> None:
    elsewhere = [{**each, "source": SOURCE.replace("elm", "oak")} for each in visit(patient="p-2")]
    send(store, [*reference(), *reference("p-2")[2:], *visit(), *elsewhere])
    assert [(claim["patient_id"], claim["clinic"]) for claim in claims(store)] != []
    assert {(claim["patient_id"], claim["clinic"]) for claim in claims(store)} == {("p-1", "elm"), ("p-2", "oak")}
