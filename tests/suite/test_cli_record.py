import sqlite3
from pathlib import Path

import pytest

from event_log.notes import Signer
from support.command import Claimtrail


def a_claim(claimtrail: Claimtrail, data: Path, status: str = "held") -> str:
    return str(claimtrail("claims", "--status", status, "--json", "--data", data).json[0]["claim_id"])


def test_a_history_has_every_event_and_the_claim(claimtrail: Claimtrail, filled: Path) -> None:
    claim_id = a_claim(claimtrail, filled)
    whole = claimtrail("history", claim_id, "--json", "--data", filled).json
    assert (whole["claim_id"], whole["as_of"]) == (claim_id, None)
    positions = [event["position"] for event in whole["events"]]
    assert positions == sorted(set(positions))
    assert {event["type"] for event in whole["events"]} >= {"SessionRecorded", "UnitsCalculated", "ClaimAssessed"}
    claim = claimtrail("claim", claim_id, "--json", "--data", filled).json
    assert all(whole["state"][name] == claim[name] for name in ("status", "lines", "findings", "appeals"))


def test_a_history_as_of_a_position_or_a_time_stops_there(claimtrail: Claimtrail, filled: Path) -> None:
    claim_id = a_claim(claimtrail, filled)
    whole = claimtrail("history", claim_id, "--json", "--data", filled).json
    assessed = next(event for event in whole["events"] if event["type"] == "ClaimAssessed")
    before = claimtrail("history", claim_id, "--as-of", assessed["position"] - 1, "--json", "--data", filled).json
    assert {event["position"] for event in before["events"]} <= set(range(assessed["position"]))
    assert all(event in whole["events"] for event in before["events"])
    assert before["state"] is None
    then = claimtrail("history", claim_id, "--as-of", assessed["recorded_at"], "--json", "--data", filled).json
    assert then["state"] == whole["state"]
    assert claimtrail("history", claim_id, "--data", filled).code == 0


def test_as_of_nothing_that_can_be_told_is_a_wrong_call(claimtrail: Claimtrail, filled: Path) -> None:
    told = claimtrail("history", a_claim(claimtrail, filled), "--as-of", "yesterday", "--data", filled)
    assert told.code == 2
    assert "'yesterday'" in told.err
    assert "2026-03-02T17:00:00Z" in told.err


def test_replay_makes_the_same_bytes(claimtrail: Claimtrail, filled: Path) -> None:
    one = claimtrail("replay", a_claim(claimtrail, filled), "--json", "--data", filled)
    every = claimtrail("replay", "--all", "--json", "--data", filled)
    assert (one.code, every.code) == (0, 0)
    assert 0 < one.json["same"] < every.json["same"]
    assert every.json["differences"] == []
    assert "same bytes" in claimtrail("replay", "--all", "--data", filled).out


def test_replay_wants_one_claim_or_all(claimtrail: Claimtrail, filled: Path) -> None:
    assert claimtrail("replay", "--data", filled).code == 2
    assert claimtrail("replay", "C0000000000000000", "--all", "--data", filled).code == 2


def test_verify_says_by_which_key(claimtrail: Claimtrail, filled: Path) -> None:
    told = claimtrail("verify", "--json", "--data", filled)
    public = (filled / "keys" / "signing.vkey").read_text().strip()
    assert told.code == 0
    assert told.json["ok"]
    assert told.json["public_key"] == public
    assert told.json["uncovered"] is None
    assert public in claimtrail("verify", "--key", public, "--data", filled).out


def test_verify_names_the_first_bad_position(claimtrail: Claimtrail, own: Path) -> None:
    with sqlite3.connect(own / "log.sqlite") as connection:
        connection.execute("DROP TRIGGER event_is_never_changed")
        connection.execute("UPDATE event SET actor = actor || '!' WHERE position = 40")
    connection.close()
    told = claimtrail("verify", "--json", "--data", own)
    assert (told.code, told.json["first_bad_position"]) == (1, 40)
    assert "first bad position 40" in told.err


def change(data: Path, position: int, content: bytes | None = None) -> None:
    """What somebody does who has the file and thinks that nobody will notice."""
    with sqlite3.connect(data / "log.sqlite") as connection:
        connection.execute("DROP TRIGGER IF EXISTS event_is_never_changed")
        if content is None:
            connection.execute("UPDATE event SET actor = actor || '!' WHERE position = ?", (position,))
        else:
            connection.execute("UPDATE event SET data = ? WHERE position = ?", (content, position))
    connection.close()


@pytest.mark.parametrize("content", [None, b'{"basis":[', b"[]", b"\xff"])
@pytest.mark.parametrize("kind", ["claimtrail.session.opened.v1", "UnitsCalculated", "VisitCharted", "ClaimAssessed"])
def test_an_event_that_somebody_changed_is_marked_and_no_story_is_told_of_it(
    claimtrail: Claimtrail, own: Path, kind: str, content: bytes | None
) -> None:
    claim_id = a_claim(claimtrail, own, "ready")
    before = claimtrail("history", claim_id, "--json", "--data", own).json
    position = next(event["position"] for event in before["events"] if event["type"] == kind)
    change(own, position, content)
    told = claimtrail("history", claim_id, "--json", "--data", own)
    assert told.code == 1
    assert [event["position"] for event in told.json["events"] if event.get("changed")] == [position]
    assert f"position {position} is not what was written" in told.err
    shown = claimtrail("history", claim_id, "--data", own)
    assert shown.code == 1
    assert "CHANGED" in shown.out
    for command in ("why", "trace"):
        refused = claimtrail(command, claim_id, "--data", own)
        assert (refused.code, refused.out) == (1, "")
        assert f"position {position} is not what was written" in refused.err
    for every in (claim_id, "--all"):
        assert claimtrail("replay", every, "--data", own).code in ((0, 1) if content is None else (1,))


def test_a_decision_that_cannot_be_read_any_more_is_a_difference(claimtrail: Claimtrail, own: Path) -> None:
    claim_id = a_claim(claimtrail, own, "ready")
    events = claimtrail("history", claim_id, "--json", "--data", own).json["events"]
    change(own, next(event["position"] for event in events if event["type"] == "ClaimAssessed"), b'{"basis":["x"')
    told = claimtrail("replay", claim_id, "--json", "--data", own).json
    assert told["different"] == 1
    assert told["differences"][0]["reason"].endswith("; it is not what was written")


def test_verify_by_another_key_does_not_hold(claimtrail: Claimtrail, filled: Path, tmp_path: Path) -> None:
    told = claimtrail("verify", "--key", Signer.in_directory(tmp_path).vkey, "--data", filled)
    assert told.code == 1
    wrong = claimtrail("verify", "--key", "nonsense", "--data", filled)
    assert wrong.code == 2
    assert "--key" in wrong.err
