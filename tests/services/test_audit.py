"""An auditor sees every event of a claim, the claim at any point, and every decision made again."""

from typing import Any

import pytest

from audit.errors import UnknownClaim, UnknownInstant
from audit.history import AsOf, history, parse_as_of
from audit.replay import replay
from suite.deciding import override
from suite.installation import Installation, KeysMissing
from support.histories import claim_of, rich_history
from support.store import claims, send
from support.visits import NOTE, reference, visit


@pytest.fixture
def told(store: Installation) -> Installation:
    for one in rich_history():
        send(store, [one])
    return store


def test_every_decision_comes_out_the_same_again(told: Installation) -> None:
    result = replay(told.read, told.codec)
    assert result.differences == []
    assert (result.different, result.erased) == (0, 0)
    assert result.same == result.checked > 50


def test_one_claim_is_replayed_alone(told: Installation) -> None:
    result = replay(told.read, told.codec, claim_of("p-2"))
    assert result.differences == []
    assert result.same >= 8


def test_a_claim_whose_patients_key_is_gone_is_erased_not_different(told: Installation) -> None:
    told.key_ring.destroy("patient/northside/p-2")
    told.read.forget()
    result = replay(told.read, told.codec, claim_of("p-2"))
    assert result.different == 0
    assert result.erased > 0
    shown = history(told.read, told.codec, claim_of("p-2"))
    assert any(event.get("erased") for event in shown["events"])
    assert replay(told.read, told.codec, claim_of("p-1")).erased == 0


def test_a_history_holds_the_events_of_the_case_and_every_fact_its_decisions_name(store: Installation) -> None:
    send(store, [*reference(), *visit(), *reference("p-2")[2:], *visit("s-2", patient="p-2")])
    shown = history(store.read, store.codec, claim_of("p-1"))
    types = [event["type"] for event in shown["events"]]
    assert [event["position"] for event in shown["events"]] == sorted(event["position"] for event in shown["events"])
    assert set(types) == {
        "claimtrail.organization.configured.v1",
        "claimtrail.clinician.credentialed.v1",
        "claimtrail.patient.registered.v1",
        "claimtrail.coverage.verified.v1",
        "claimtrail.plan.certified.v1",
        "claimtrail.session.opened.v1",
        "claimtrail.interval.recorded.v1",
        "claimtrail.note.recorded.v1",
        "claimtrail.session.signed.v1",
        "SessionRecorded",
        "UnitsCalculated",
        "VisitCharted",
        "ClaimAssessed",
    }
    keys = {
        *("position", "stream", "version", "type", "occurred_at", "recorded_at", "actor", "service", "event_id"),
        *("causation_id", "trace_id", "hash", "data"),
    }
    assert all(keys <= event.keys() for event in shown["events"])
    session = [event for event in shown["events"] if event["type"].startswith("claimtrail.session.opened")]
    assert session[0]["data"]["patient_id"] == "p-1"
    own = next(claim for claim in claims(store) if claim["patient_id"] == "p-1")
    assert shown["state"] == own | {"appeals": []}


def test_one_trace_leads_from_the_clinics_event_to_the_claim(store: Installation) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    opened, *rest = visit()
    rest[-1] = {**rest[-1], "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    send(store, [*reference(), opened, *rest])
    shown = history(store.read, store.codec, claim_of("p-1"))
    decisions = [event for event in shown["events"] if not event["type"].startswith("claimtrail.")]
    assert [event["trace_id"] for event in decisions] == [trace] * 4


def test_as_of_a_position_shows_what_was_known_then(store: Installation) -> None:
    snapshots: list[tuple[int, dict[str, Any] | None]] = []
    for one in rich_history():
        send(store, [one])
        known = {claim["claim_id"]: claim for claim in claims(store)}
        snapshots.append((store.log.head(), known.get(claim_of("p-2"))))
    for position, claim in snapshots:
        state = history(store.read, store.codec, claim_of("p-2"), AsOf(position=position))["state"]
        assert (state and {key: state[key] for key in claim or {}}) == claim


def test_as_of_a_time_shows_the_events_recorded_by_then(told: Installation) -> None:
    whole = history(told.read, told.codec, claim_of("p-2"))
    middle = whole["events"][len(whole["events"]) // 2]
    then = history(told.read, told.codec, claim_of("p-2"), parse_as_of(middle["recorded_at"]))
    assert [event["position"] for event in then["events"]] == [
        event["position"] for event in whole["events"] if event["recorded_at"] <= middle["recorded_at"]
    ]


@pytest.mark.parametrize("text", ["yesterday", "2026-03-02", "2026-03-02T10:00:00", "-3", "1.5", ""])
def test_as_of_something_that_is_no_point_in_time_is_refused(text: str) -> None:
    with pytest.raises(UnknownInstant, match="neither a log position"):
        parse_as_of(text)


def test_an_unknown_claim_is_named(store: Installation) -> None:
    with pytest.raises(UnknownClaim, match="C0000000000000000"):
        history(store.read, store.codec, "C0000000000000000")


def test_an_erased_patients_history_still_shows_what_a_person_released(store: Installation) -> None:
    spoiled = {name: text for name, text in NOTE.items() if name != "patient_response"}
    send(store, [*reference(), *visit(note=spoiled)])
    override(store, claim_of("p-1"), rule="DOC-006", line=None, reason="seen on paper", by="biller")
    assert claims(store)[0]["status"] == "ready"
    store.key_ring.destroy("patient/northside/p-1")
    store.read.forget()
    shown = history(store.read, store.codec, claim_of("p-1"))
    assert shown["state"]["status"] == "ready"
    assert replay(store.read, store.codec).different == 0


def test_events_about_an_erased_patient_are_refused_and_disturb_nobody(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    store.key_ring.destroy("patient/northside/p-1")
    store.read.forget()
    events = [*reference("p-2")[2:], *visit("s-2", patient="p-2"), *visit("s-3")]
    answers = send(store, events)
    refused = [answer.id for answer in answers if answer.outcome == "rejected"]
    assert refused == ["s-3-note"]
    assert {claim["patient_id"]: claim["status"] for claim in claims(store)}["p-2"] == "ready"


def test_a_log_without_its_keys_is_not_opened_with_new_ones(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    store.close()
    store.keys.rename(store.keys.with_name("elsewhere"))
    with pytest.raises(KeysMissing, match="put them back from your backup"):
        Installation(store.data, read_only=True)
