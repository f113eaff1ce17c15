"""A finding reaches people whole: in the claim, in its history and in its story; also that of a rule that failed."""

import dataclasses
from datetime import date
from typing import Any

import orjson
import pytest

from audit.history import history
from audit.replay import replay
from audit.why import why
from service_kit.dead_letters import dead_letters
from suite.deciding import override
from suite.installation import Installation
from support.histories import claim_of
from support.store import claims, send
from support.visits import ORG, event, reference, visit
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.registry import Edition
from therapy_domain.claims.told import of_rule
from therapy_domain.identity import case_id, claim_id


def story(store: Installation, claim: str) -> str:
    return orjson.dumps(why(store.read, store.codec, claim)["paragraphs"]).decode()


def test_a_finding_tells_its_fields_its_place_on_the_claim_and_its_version(store: Installation) -> None:
    send(store, [*reference(), *visit(minutes=(("97112", "09:00", "10:20"),))])
    (claim,) = claims(store)
    finding = next(each for each in claim["findings"] if each["rule"] == "MUE-001")
    assert {name: finding[name] for name in ("rule", "version", "x12", "cms1500", "since", "until")} == {
        "rule": "MUE-001",
        "version": 1,
        "x12": "2400 SV104",
        "cms1500": "24G",
        "since": None,
        "until": None,
    }
    assert finding["fields"] == ["interval.minutes", "interval.start", "interval.end"]
    assert history(store.read, store.codec, claim["claim_id"])["state"]["findings"] == claim["findings"]
    told = story(store, claim["claim_id"])
    assert "MUE-001 version 1, advice, line 1" in told
    assert "Caused by interval.minutes, interval.start and interval.end." in told
    assert "On the claim: 2400 SV104 of the 837P and box 24G." in told


def test_what_the_registry_does_not_know_is_told_as_unknown() -> None:
    assert of_rule("XYZ-999", 7) == {"title": None, "x12": None, "cms1500": None, "since": None, "until": None}


def test_a_decided_modifier_is_told_with_its_reason(store: Installation) -> None:
    send(store, [*reference(), *visit(minutes=(("97110", "09:00", "09:20"), ("97150", "09:20", "09:50")))])
    (claim,) = claims(store)
    assert [line["modifiers"] for line in claim["lines"]] == [["59", "GP"], ["GP"]]
    assert claim["lines"][0]["explanation"][0].startswith("59: separate from 97150 on the record")
    assert "59: separate from 97150 on the record" in story(store, claim["claim_id"])
    assert replay(store.read, store.codec).differences == []


def test_a_rule_that_fails_holds_the_claim_and_is_told_everywhere(
    store: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_visit: Any) -> Any:
        raise ValueError("Specimen")

    current = REGISTRY.edition()
    rows = tuple(dataclasses.replace(row, check=fails) if row.id == "DOC-006" else row for row in current.rules)
    monkeypatch.setitem(REGISTRY._editions, current.number, Edition(current.number, rows, current.fingerprint))
    send(store, [*reference(), *visit()])
    (claim,) = claims(store)
    number = claim["claim_id"]
    assert claim["status"] == "held"
    assert [(f["rule"], f["severity"]) for f in claim["findings"]] == [("DOC-006", "delay")]
    assert dead_letters(store.log.connection()) == []
    (assessed,) = [e for e in history(store.read, store.codec, number)["events"] if e["type"] == "ClaimAssessed"]
    assert "could not be run (ValueError)" in assessed["data"]["findings"][0]["message"]
    assert "DOC-006 version 1, delay: rule DOC-006 version 1 could not be run (ValueError)" in story(store, number)
    assert "Specimen" not in story(store, number)
    assert replay(store.read, store.codec).differences == []
    answer = override(store, number, rule="DOC-006", line=None, reason="read by hand", by="A. Biller")
    assert (answer["before"], answer["after"]) == ("held", "ready")


def test_an_unknown_payer_is_a_finding_and_never_a_default(store: Installation) -> None:
    send(store, [*reference(payer="nobody"), *visit(payer="nobody")])
    (claim,) = claims(store)
    assert (claim["status"], claim["lines"]) == ("held", [])
    assert [f["rule"] for f in claim["findings"] if f["severity"] != "advice"] == ["ELG-001"]
    assert "payer nobody is not known" in story(store, claim["claim_id"])
    policy = {"name": "Nobody", "effective_from": "2026-03-03", "extends": "medicare"}
    published = event("payer.policy.published", "nobody", policy, event_id="p", time="2026-03-05T00:00:00Z")
    send(store, [{**published, "source": f"/orgs/{ORG}"}])
    assert claims(store)[0]["lines"] == []  # in effect only from the next day on
    policy = {**policy, "effective_from": "2026-03-02"}
    published = event("payer.policy.published", "nobody", policy, event_id="q", time="2026-03-05T00:00:00Z")
    send(store, [{**published, "source": f"/orgs/{ORG}"}])
    assert [(line["code"], line["units"]) for line in claims(store)[0]["lines"]] == [("97112", 2), ("97530", 1)]


def test_claims_of_one_day_see_each_other_and_replay_the_same(store: Installation) -> None:
    """The SLP's 92507 is column 1 of the PT's 97110: apart by the clock, so the PT's line carries 59."""
    speech = visit("s-2", minutes=(("92507", "09:20", "09:50"),), discipline="SLP", plan_id=None)
    send(store, [*reference(), *visit(minutes=(("97110", "09:00", "09:20"),))])
    assert [line["modifiers"] for line in claims(store)[0]["lines"]] == [["GP"]]
    send(store, speech)
    by_claim = {claim["claim_id"]: claim for claim in claims(store)}
    assert [line["modifiers"] for line in by_claim[claim_of("p-1")]["lines"]] == [["59", "GP"]]
    slp = claim_id(case_id(ORG, "p-1", "SLP", "medicare", date(2026, 3, 2)))
    assert [line["modifiers"] for line in by_claim[slp]["lines"]] == [["GN"]]
    late = {"interval_id": "i-9", "code": "97110", "minutes": 10, "performer": {"id": "x", "role": "PT"}}
    more = event(
        "interval.recorded", "s-1", {**late, "contact": "one_on_one"}, event_id="late", time="2026-03-02T17:00:00Z"
    )
    send(store, [more])
    by_claim = {claim["claim_id"]: claim for claim in claims(store)}
    assert [line["modifiers"] for line in by_claim[claim_of("p-1")]["lines"]] == [["GP"]]
    assert replay(store.read, store.codec).differences == []
