"""`what-if`: past claims in another world, as text and as JSON; nothing is written."""

import json
from pathlib import Path

import pytest

from support.command import Claimtrail
from support.published import limits


def digest(data: Path) -> bytes:
    return (data / "log.sqlite").read_bytes()


def test_another_unit_rule_is_told_claim_by_claim_and_in_all(claimtrail: Claimtrail, filled: Path) -> None:
    before = digest(filled)
    words = ("what-if", "--set", "medicare.unit_rule=cpt-midpoint", "--data", filled)
    answer = claimtrail(*words, "--json").json
    totals = answer["totals"]
    assert (answer["ruleset"], answer["policies"]) == (None, ["medicare"])
    assert 0 < len(answer["claims"]) == totals["changed"] < totals["claims"]
    assert all(claim["payer_id"] == "medicare" for claim in answer["claims"])
    assert sum(claim["units"]["now"] - claim["units"]["was"] for claim in answer["claims"]) == (
        totals["units"]["now"] - totals["units"]["was"]
    )
    keys = {"claim_id", "status", "units", "charge_cents", "expected_cents", "lines", "changes", "findings"}
    assert all(keys <= claim.keys() for claim in answer["claims"])
    text = claimtrail(*words).out
    assert f"{totals['changed']} of {totals['claims']} claims would be otherwise" in text
    assert answer["claims"][0]["claim_id"] in text
    assert max(map(len, text.splitlines())) <= 80
    assert digest(filled) == before


def test_under_its_own_release_nothing_is_otherwise(claimtrail: Claimtrail, filled: Path) -> None:
    answer = claimtrail("what-if", "--ruleset", "2026.1", "--data", filled, "--json").json
    assert (answer["claims"], answer["totals"]["changed"]) == ([], 0)
    told = claimtrail("what-if", "--ruleset", "2026.1", "--data", filled)
    assert "0 of" in told.out


def test_claims_are_chosen_by_payer_and_day(claimtrail: Claimtrail, filled: Path) -> None:
    words = ("what-if", "--ruleset", "2026.1", "--data", filled, "--json")
    every = claimtrail(*words).json["totals"]["claims"]
    some = claimtrail(*words, "--payer", "medicare").json["totals"]["claims"]
    late = claimtrail(*words, "--since", "2026-03-10").json["totals"]["claims"]
    assert 0 < some < every
    assert 0 < late < every


def test_a_policy_is_read_from_a_file(claimtrail: Claimtrail, filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    policy = {"name": "Medicare", "effective_from": "2026-01-01", "extends": "commercial-midpoint"}
    file.write_text(json.dumps(policy))
    answer = claimtrail("what-if", "--policy", file, "--payer", "medicare", "--data", filled, "--json").json
    assert answer["policies"] == ["medicare"]
    assert answer["totals"]["changed"] > 0


def test_an_imported_release_can_be_asked_for(claimtrail: Claimtrail, own: Path, tmp_path: Path) -> None:
    claimtrail("rules", "import", "mue", limits(tmp_path, {"97112": (1, 2)}, "01-01-2026"), "--data", own)
    assert claimtrail("what-if", "--ruleset", "2026.1+1", "--data", own, "--json").json["ruleset"] == "2026.1+1"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "say what would be otherwise"),
        (("--ruleset", "2026.1+9"), 1, "known are 2026.1"),
        (("--set", "medicare.unit_rule"), 2, "expected PAYER.setting=value"),
        (("--set", "medicare.unit_rule=other"), 2, "cms-8-minute"),
        (("--policy", "missing.json"), 2, "missing.json"),
        (("--ruleset", "2026.1", "--since", "soon"), 2, "soon"),
    ],
)
def test_a_question_that_is_none_is_told(
    claimtrail: Claimtrail, filled: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    ended = claimtrail("what-if", *words, "--data", filled)
    assert ended.code == code
    assert told in ended.err


def test_without_a_store_there_is_nothing_to_ask(claimtrail: Claimtrail, tmp_path: Path) -> None:
    ended = claimtrail("what-if", "--ruleset", "2026.1", "--data", tmp_path / "none")
    assert ended.code == 2
    assert "there is no store" in ended.err
