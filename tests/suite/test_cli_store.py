"""Every command that touches the store says clearly why it cannot, and makes none by looking."""

from pathlib import Path

import pytest

from suite.installation import Installation
from support.command import Claimtrail

READING = [
    ("claims",),
    ("claim", "C0000000000000000"),
    ("history", "C0000000000000000"),
    ("replay", "--all"),
    ("verify",),
    ("appeals",),
    ("dead-letters",),
    ("redrive", "--all"),
    ("status",),
    ("conflicts",),
    ("override", "C0000000000000000", "--rule", "DOC-001", "--by", "me", "--reason", "why"),
    ("settle", "x", "--keep", "first", "--by", "me", "--reason", "why"),
    ("erase", "--org", "o", "--patient", "p", "--by", "me", "--reason", "why", "--yes"),
]


@pytest.mark.parametrize("words", READING, ids=lambda words: words[0])
def test_a_store_that_is_not_there_is_not_made_by_looking(
    claimtrail: Claimtrail, tmp_path: Path, words: tuple[str, ...]
) -> None:
    told = claimtrail(*words, "--data", tmp_path / "none")
    assert told.code == 2
    assert "there is no store" in told.err
    assert "claimtrail ingest" in told.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("words", [*READING, ("ingest", "-"), ("run", "--port", "0")], ids=lambda words: words[0])
def test_a_database_that_is_away_is_told_and_the_directory_is_not_used_instead(
    claimtrail: Claimtrail, filled: Path, words: tuple[str, ...]
) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/claims"
    told = claimtrail(*words, "--data", filled, env={"CLAIMTRAIL_DATABASE_URL": url})
    assert (told.code, told.out) == (2, "")
    assert "cannot be reached" in told.err
    assert "secret" not in told.err


def test_the_variable_names_the_store(claimtrail: Claimtrail, filled: Path) -> None:
    assert claimtrail("claims", "--json", env={"CLAIMTRAIL_DATA": str(filled)}).json


def test_reading_goes_on_while_another_process_writes(claimtrail: Claimtrail, own: Path) -> None:
    before = claimtrail("claims", "--json", "--data", own).json
    with Installation(own):
        assert claimtrail("claims", "--json", "--data", own).json == before
        assert claimtrail("status", "--data", own).code == 0


def test_two_writers_are_one_too_many(claimtrail: Claimtrail, own: Path) -> None:
    with Installation(own):
        told = claimtrail("ingest", "-", "--data", own, stdin="")
    assert told.code == 2
    assert "another process" in told.err
    assert "/v1/events" in told.err


def test_a_damaged_key_is_told_with_its_path(claimtrail: Claimtrail, own: Path) -> None:
    (own / "keys" / "master.key").write_bytes(b"short")
    told = claimtrail("claims", "--data", own)
    assert told.code == 2
    assert "master.key" in told.err


def test_services_that_lag_are_noted_beside_what_is_there(
    claimtrail: Claimtrail, simulated: bytes, tmp_path: Path
) -> None:
    from suite.ingesting import read_event

    with Installation(tmp_path / "lagging") as store:
        store.door.receive([read_event(line) for line in simulated.splitlines()[:50]])
    told = claimtrail("claims", "--json", "--data", tmp_path / "lagging")
    assert (told.code, told.json) == (0, [])
    assert "behind" in told.err
