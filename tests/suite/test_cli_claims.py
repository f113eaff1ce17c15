from pathlib import Path

import pytest

from support.command import Claimtrail

KEYS = {
    "claim_id",
    "org",
    "clinic",
    "session_ids",
    "patient_id",
    "payer_id",
    "discipline",
    "date_of_service",
    "status",
    "lines",
    "findings",
    "appeals",
}


def test_claims_have_the_contracts_keys_in_one_fixed_order(claimtrail: Claimtrail, filled: Path) -> None:
    every = claimtrail("claims", "--json", "--data", filled).json
    assert len(every) > 50
    assert all(claim.keys() >= KEYS for claim in every)
    keys = [(claim["date_of_service"], claim["org"], claim["claim_id"]) for claim in every]
    assert keys == sorted(keys)
    line = next(claim for claim in every if claim["lines"])["lines"][0]
    assert line.keys() >= {"line", "code", "minutes", "units", "modifiers", "charge_cents"}
    finding = next(claim for claim in every if claim["findings"])["findings"][0]
    assert finding.keys() >= {"rule", "also", "severity", "line", "message", "fix", "source"}


def test_each_finding_tells_where_it_is_mended_and_when_its_rule_holds(claimtrail: Claimtrail, filled: Path) -> None:
    every = claimtrail("claims", "--json", "--data", filled).json
    found = [finding for claim in every for finding in claim["findings"]]
    shown = {rule["id"]: rule for rule in claimtrail("rules", "list", "--json").json}
    for finding in found:
        rule = shown[finding["rule"]]
        told = {name: finding[name] for name in ("version", "title", "since", "until", "source")}
        assert told == {name: rule[name] for name in told}
        assert finding["fields"] or finding["rule"] == "COM-001"
        assert {"x12", "cms1500"} <= finding.keys()
    assert any(finding["x12"] and finding["cms1500"] for finding in found)


def test_claims_are_filtered_by_what_is_asked(claimtrail: Claimtrail, filled: Path) -> None:
    every = claimtrail("claims", "--json", "--data", filled).json
    one = next(claim for claim in every if claim["status"] == "held")
    asked = ("--status", "held", "--payer", one["payer_id"], "--clinic", one["clinic"], "--org", one["org"])
    found = claimtrail("claims", *asked, "--since", one["date_of_service"], "--json", "--data", filled).json
    assert one in found
    assert found == [
        claim
        for claim in every
        if all(claim[name] == one[name] for name in ("status", "payer_id", "clinic", "org"))
        and claim["date_of_service"] >= one["date_of_service"]
    ]


def test_a_void_claim_that_was_never_submitted_comes_when_asked_for(claimtrail: Claimtrail, filled: Path) -> None:
    assert all(claim["status"] != "void" for claim in claimtrail("claims", "--json", "--data", filled).json)
    void = claimtrail("claims", "--status", "void", "--json", "--data", filled).json
    assert all(claim["status"] == "void" for claim in void)


def test_one_claim_is_as_it_is_in_the_list(claimtrail: Claimtrail, filled: Path) -> None:
    every = claimtrail("claims", "--json", "--data", filled).json
    for listed in every[:5]:
        alone = claimtrail("claim", listed["claim_id"].lower(), "--json", "--data", filled).json
        assert {name: alone[name] for name in listed} == listed


def test_an_unknown_claim_says_where_to_look(claimtrail: Claimtrail, filled: Path) -> None:
    for command in ("claim", "history", "replay"):
        told = claimtrail(command, "C0000000000000000", "--data", filled)
        assert (told.code, told.out) == (1, "")
        assert "claimtrail claims" in told.err


def test_appeals_are_on_the_claim_and_in_the_worklist(claimtrail: Claimtrail, filled: Path) -> None:
    rows = claimtrail("appeals", "--json", "--data", filled).json
    appeal = next(row for row in rows if row["appeal_id"])
    claim = claimtrail("claim", appeal["claim_id"], "--json", "--data", filled).json
    assert appeal["appeal_id"] in claim["appeals"]
    assert appeal in claim["worklist"]
    due = [row["file_by"] or "9999" for row in rows]
    assert due == sorted(due)
    soon = claimtrail("appeals", "--due-within", "36500", "--json", "--data", filled).json
    assert {row["status"] for row in soon} == {"open"}


@pytest.mark.parametrize("words", [("claims",), ("appeals",), ("status",), ("conflicts",)], ids=lambda words: words[0])
def test_tables_fit_80_columns(claimtrail: Claimtrail, filled: Path, words: tuple[str, ...]) -> None:
    told = claimtrail(*words, "--data", filled, env={"COLUMNS": "80"})
    assert told.code == 0
    wide = [line for line in told.out.splitlines() if len(line) > 80]
    assert all(line.startswith("Public key") for line in wide)


def test_a_claim_reads_well(claimtrail: Claimtrail, filled: Path) -> None:
    held = claimtrail("claims", "--status", "held", "--json", "--data", filled).json[0]
    told = claimtrail("claim", held["claim_id"], "--data", filled, env={"COLUMNS": "200"}).out
    for finding in held["findings"]:
        assert finding["rule"] in told
        assert finding["message"] in told
        assert f"fix: {finding['fix']}" in told
        assert ", ".join(finding["fields"]) in told
        assert not finding["cms1500"] or f"box {finding['cms1500']}" in told
