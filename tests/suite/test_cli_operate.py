from pathlib import Path

import pytest

from event_log.protocol import Append, NewEvent
from suite.installation import Installation
from support.command import Claimtrail


def test_status_tells_of_services_sessions_and_the_log(claimtrail: Claimtrail, filled: Path) -> None:
    answer = claimtrail("status", "--json", "--data", filled).json
    names = [each["service"] for each in answer["services"]]
    assert names[:4] == ["session-capture", "unit-calculation", "patient-charts", "claim-validation"]
    assert names[4:] == ["appeals", "denial-figures"]
    for each in answer["services"]:
        assert (each["position"], each["lag"], each["dead_letters"]) == (answer["log"]["events"], 0, 0)
        assert each["rate"] >= 0
    for waiting in (answer["unsigned"], answer["parked"]):
        assert waiting["count"] == len(waiting["sessions"])
    assert answer["unsigned"]["oldest_age_seconds"] == answer["unsigned"]["sessions"][0]["age_seconds"]
    assert answer["log"]["last_checkpoint"]["size"] == answer["log"]["events"]
    assert answer["log"]["public_key"] == (filled / "keys" / "signing.vkey").read_text().strip()


@pytest.fixture
def poisoned(own: Path) -> Path:
    """A store with an event of a version that this release cannot read."""
    event = NewEvent(b"\1" * 16, "claimtrail.session.opened.v1", 99, b"{}", 0, "o", "a")
    with Installation(own) as store:
        store.log.commit([Append("session/o/c/poison", None, [event])], service="test")
        store.dispatcher.work_off()
    return own


def test_poison_is_listed_with_its_reason(claimtrail: Claimtrail, poisoned: Path) -> None:
    (letter,) = claimtrail("dead-letters", "--json", "--data", poisoned).json
    assert letter["service"] == "session-capture"
    assert "unknown-event" in letter["reason"]
    assert letter["id"] in claimtrail("dead-letters", "--data", poisoned).out
    services = claimtrail("status", "--json", "--data", poisoned).json["services"]
    assert sum(each["dead_letters"] for each in services) == 1


def test_a_redriven_case_that_fails_again_stays_a_dead_letter(claimtrail: Claimtrail, poisoned: Path) -> None:
    (letter,) = claimtrail("dead-letters", "--json", "--data", poisoned).json
    for words in ((letter["id"],), ("--all",)):
        told = claimtrail("redrive", *words, "--json", "--data", poisoned)
        assert (told.code, told.json) == (1, {"redriven": [], "failed": [letter["id"]]})


def test_redriving_nothing_is_no_fault_and_an_unknown_letter_is(claimtrail: Claimtrail, own: Path) -> None:
    assert claimtrail("redrive", "--all", "--json", "--data", own).json == {"redriven": [], "failed": []}
    told = claimtrail("redrive", "abc", "--data", own)
    assert told.code == 1
    assert "claimtrail dead-letters" in told.err
    assert claimtrail("redrive", "--data", own).code == 2
