from pathlib import Path
from typing import Any

import orjson

from support.command import Claimtrail

WHO = ("--by", "A. Biller", "--reason", "checked on paper")


def held(claimtrail: Claimtrail, data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """A held claim with one finding that blocks, and the finding."""
    for claim in claimtrail("claims", "--status", "held", "--json", "--data", data).json:
        blocking = [each for each in claim["findings"] if each["severity"] != "advice"]
        if len(blocking) == 1 and claim["lines"]:
            return claim, blocking[0]
    raise AssertionError("no claim is held by one finding alone")


def test_an_override_releases_the_claim_and_is_in_its_history(claimtrail: Claimtrail, own: Path) -> None:
    claim, finding = held(claimtrail, own)
    claim_id = claim["claim_id"]
    told = claimtrail("override", claim_id, "--rule", finding["rule"], *WHO, "--json", "--data", own)
    assert told.json == {"claim_id": claim_id, "before": "held", "after": "ready"}
    whole = claimtrail("history", claim_id, "--json", "--data", own).json
    released = next(event for event in whole["events"] if event["type"] == "FindingOverridden")
    assert (released["actor"], released["data"]["reason"]) == ("A. Biller", "checked on paper")
    assert claimtrail("replay", claim_id, "--data", own).code == 0
    again = claimtrail("override", claim_id, "--rule", finding["rule"], *WHO, "--data", own)
    assert again.code == 1
    assert "nothing blocks it" in again.err


def test_an_override_of_what_is_not_found_says_what_is(claimtrail: Claimtrail, own: Path) -> None:
    claim, finding = held(claimtrail, own)
    told = claimtrail("override", claim["claim_id"], "--rule", "ABC-123", *WHO, "--data", own)
    assert told.code == 1
    assert "ABC-123" in told.err
    assert finding["rule"] in told.err


def test_a_decision_needs_a_name_and_a_reason(claimtrail: Claimtrail, own: Path) -> None:
    claim, finding = held(claimtrail, own)
    told = claimtrail(
        "override", claim["claim_id"], "--rule", finding["rule"], "--by", " ", "--reason", "x", "--data", own
    )
    assert told.code == 2
    assert "--by" in told.err


def test_a_question_holds_a_claim_and_an_answer_lets_it_go(claimtrail: Claimtrail, own: Path) -> None:
    (claim_id, *_) = [
        each["claim_id"] for each in claimtrail("claims", "--status", "ready", "--json", "--data", own).json
    ]
    asked = claimtrail("question", claim_id, "Which plan holds?", "--by", "A. Biller", "--json", "--data", own)
    question_id = f"{claim_id}-Q1"
    assert asked.json == {"question_id": question_id, "claim_id": claim_id, "before": "ready", "after": "held"}
    shown = claimtrail("claim", claim_id, "--json", "--data", own).json
    assert [each["rule"] for each in shown["findings"] if each["severity"] == "delay"] == ["COM-001"]
    told = claimtrail("answer", question_id, "The one of February", "--by", "B. Therapist", "--data", own)
    assert told.out.strip() == f"{question_id}: claim held before, ready now"
    story = " ".join(claimtrail("why", claim_id, "--data", own).out.split())
    assert "Which plan holds?" in story
    assert "The one of February" in story
    whole = claimtrail("history", claim_id, "--json", "--data", own).json
    acts = [(event["type"], event["actor"]) for event in whole["events"] if "uestion" in event["type"]]
    assert acts == [("ClaimQuestioned", "A. Biller"), ("QuestionAnswered", "B. Therapist")]
    assert claimtrail("replay", claim_id, "--data", own).code == 0


def test_what_is_not_asked_cannot_be_answered(claimtrail: Claimtrail, own: Path) -> None:
    claim_id = claimtrail("claims", "--json", "--data", own).json[0]["claim_id"]
    told = claimtrail("answer", f"{claim_id}-Q1", "Yes", "--by", "B", "--data", own)
    assert (told.code, "no open question" in told.err, "none is open" in told.err) == (1, True, True)
    assert claimtrail("answer", "nonsense", "Yes", "--by", "B", "--data", own).code == 1
    assert claimtrail("question", claim_id, "  ", "--by", "B", "--data", own).code == 2


def sent_twice(claimtrail: Claimtrail, data: Path, simulated: bytes) -> None:
    """A fact about a patient again, under its id, with another sex."""
    line = next(line for line in simulated.splitlines() if b"patient.registered" in line)
    event = orjson.loads(line)
    event["data"]["sex"] = "M" if event["data"]["sex"] == "F" else "F"
    told = claimtrail("ingest", "-", "--json", "--data", data, stdin=orjson.dumps(event))
    assert (told.code, told.json["counts"]["conflict"]) == (1, 1)


def test_a_conflict_is_listed_where_it_differs_until_it_is_settled(
    claimtrail: Claimtrail, own: Path, simulated: bytes
) -> None:
    earlier = claimtrail("conflicts", "--json", "--data", own).json
    sent_twice(claimtrail, own, simulated)
    (conflict,) = [each for each in claimtrail("conflicts", "--json", "--data", own).json if each not in earlier]
    assert conflict["type"] == "claimtrail.patient.registered.v1"
    assert [each["path"] for each in conflict["differs"]] == ["$.data.sex"]
    assert claimtrail("conflicts", "--data", own).code == 0
    first = claimtrail("settle", conflict["conflict_id"], "--keep", "first", *WHO, "--json", "--data", own)
    assert first.json["stream"] == conflict["stream"]
    assert claimtrail("conflicts", "--json", "--data", own).json == earlier
    every = claimtrail("conflicts", "--settled", "--json", "--data", own).json
    assert next(each for each in every if each["conflict_id"] == conflict["conflict_id"])["settled"]["keep"] == "first"
    again = claimtrail("settle", conflict["conflict_id"], "--keep", "second", *WHO, "--data", own)
    assert again.code == 1


def test_a_conflict_holds_the_patients_claims_until_it_is_settled(
    claimtrail: Claimtrail, own: Path, simulated: bytes
) -> None:
    sent_twice(claimtrail, own, simulated)
    by_conflict = [
        claim
        for claim in claimtrail("claims", "--json", "--data", own).json
        if any(each["rule"] == "COM-001" for each in claim["findings"])
    ]
    assert by_conflict
    for conflict in claimtrail("conflicts", "--json", "--data", own).json:
        assert claimtrail("settle", conflict["conflict_id"], "--keep", "second", *WHO, "--data", own).code == 0
    after = claimtrail("claims", "--json", "--data", own).json
    assert not any(each["rule"] == "COM-001" for claim in after for each in claim["findings"])


def test_settling_what_is_no_conflict_says_where_to_look(claimtrail: Claimtrail, own: Path) -> None:
    told = claimtrail("settle", "nonsense", "--keep", "first", *WHO, "--data", own)
    assert told.code == 1
    assert "claimtrail conflicts" in told.err


def test_an_erased_patient_is_gone_and_every_proof_holds(claimtrail: Claimtrail, own: Path) -> None:
    claim = claimtrail("claims", "--json", "--data", own).json[0]
    patient = ("--org", claim["org"], "--patient", claim["patient_id"], *WHO, "--data", own)
    unconfirmed = claimtrail("erase", *patient, stdin="")
    assert unconfirmed.code == 2
    assert "--yes" in unconfirmed.err
    told = claimtrail("erase", *patient, "--yes", "--json")
    assert told.json["keys_destroyed"] >= 1
    assert claimtrail("erase", *patient, "--yes").code == 1
    assert claimtrail("verify", "--data", own).code == 0
    replayed = claimtrail("replay", "--all", "--json", "--data", own)
    assert (replayed.code, replayed.json["erased"] > 0) == (0, True)
    whole = claimtrail("history", claim["claim_id"], "--json", "--data", own).json
    assert any(event.get("erased") for event in whole["events"])
