"""The whole command over a PostgreSQL: the same claims as over a directory, also by several processes at once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from suite.installation import Installation
from suite.migrating import migrate
from support import postgres
from support.billing import CLEAN
from support.command import Claimtrail, Ran, run
from support.store import claims, send
from support.visits import reference, visit
from therapy_domain.streams import subject_stream

START = [sys.executable, "-c", "from suite.cli import main; main()"]


class Store:
    """A PostgreSQL and the directory of its keys."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self.data = url, data
        self.env = {"CLAIMTRAIL_DATABASE_URL": url, "CLAIMTRAIL_DATA": str(data)}

    def __call__(self, *words: object, stdin: bytes | str | None = None) -> Ran:
        return run(*words, stdin=stdin, env=self.env)

    def started(self, *words: object, **settings: Any) -> "subprocess.Popen[bytes]":
        command = [*START, *(str(word) for word in words)]
        return subprocess.Popen(command, env={**os.environ, **self.env}, stdout=subprocess.PIPE, **settings)


@pytest.fixture(scope="module")
def migrated(postgres_server: str) -> str:
    """The name of a migrated, empty database, to copy."""
    return postgres.template(postgres_server, "claimtrail_migrated", lambda url: (migrate(url), None)[1])


@pytest.fixture
def store(postgres_server: str, migrated: str, tmp_path: Path) -> Iterator[Store]:
    with postgres.database(postgres_server, migrated) as url:
        yield Store(url, tmp_path / "data")


@pytest.fixture(scope="module")
def full(
    postgres_server: str, migrated: str, tmp_path_factory: pytest.TempPathFactory, simulated: bytes
) -> Iterator[Store]:
    """A store with the simulated clinics in it. To read."""
    with postgres.database(postgres_server, migrated) as url:
        filled = Store(url, tmp_path_factory.mktemp("full"))
        assert filled("ingest", "-", stdin=simulated).code == 0
        yield filled


def test_ingested_claims_are_the_same_as_in_a_directory(full: Store, filled: Path, claimtrail: Claimtrail) -> None:
    listed = full("claims", "--json")
    assert listed.json == claimtrail("claims", "--json", "--data", filled).json
    assert len(listed.json) > 50
    assert full("appeals", "--json").json == claimtrail("appeals", "--json", "--data", filled).json
    assert not (full.data / "log.sqlite").exists()


def test_the_record_holds_there_too(full: Store) -> None:
    claim_id = full("claims", "--json").json[0]["claim_id"]
    assert full("claim", claim_id, "--json").json["claim_id"] == claim_id
    whole = full("history", claim_id, "--json").json
    assert whole["state"]["claim_id"] == claim_id
    earlier = full("history", claim_id, "--as-of", whole["events"][-2]["position"], "--json").json
    assert len(earlier["events"]) < len(whole["events"])
    assert "units" in full("why", claim_id).out
    assert full("replay", "--all", "--json").json["different"] == 0
    bundle, key = full.data / "evidence.zip", (full.data / "keys" / "signing.vkey").read_text()
    assert full("evidence", claim_id, "-o", bundle).code == 0
    proved = run("verify-evidence", bundle, "--key", key, "--json").json
    assert (proved["claim_id"], proved["events"]) == (claim_id, len(whole["events"]))
    verified = full("verify", "--json").json
    assert (verified["ok"], verified["uncovered"]) == (True, None)
    stands = full("status", "--json").json
    assert {each["lag"] for each in stands["services"]} == {0}
    assert stands["log"]["last_checkpoint"]["size"] == stands["log"]["events"] == verified["size"]
    assert stands["log"]["bytes"] > 100_000
    assert full("dead-letters", "--json").json == []


@pytest.mark.parametrize("words", [("replay", "--all"), ("what-if", "--set", "medicare.unit_rule=cpt-midpoint")])
def test_all_processes_together_look_back_as_one_does(
    full: Store, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    alone = full(*words, "--json")
    monkeypatch.setattr("suite.looking_back.WORTH_IT_EVENTS", 1)
    monkeypatch.setattr("suite.looking_back._cores", lambda: 3)
    monkeypatch.setattr("audit.replay.CASES_A_PART", 12)
    monkeypatch.setattr("audit.replay.FEWEST_A_PART", 3)
    monkeypatch.setattr("audit.what_if.CLAIMS_A_BATCH", 5)
    assert full(*words, "--json") == alone


def test_tampering_is_told_with_its_position(full: Store, postgres_server: str, tmp_path: Path) -> None:
    name = psycopg.conninfo.conninfo_to_dict(full.url)["dbname"]
    with postgres.database(postgres_server, name) as url:
        with psycopg.connect(url, autocommit=True) as root:
            root.execute("ALTER TABLE claimtrail.event DISABLE TRIGGER ALL")
            root.execute("UPDATE claimtrail.event SET org = 'other' WHERE position = 77")
        told = run("verify", "--data", full.data, env={"CLAIMTRAIL_DATABASE_URL": url})
    assert told.code == 1
    assert "first bad position 77" in told.err


def test_a_person_decides_there_too(store: Store, simulated: bytes) -> None:
    lines = simulated.splitlines(keepends=True)[:600]
    assert store("ingest", "-", stdin=b"".join(lines)).code == 0
    held = next(
        (each["claim_id"], finding["rule"])
        for each in store("claims", "--status", "held", "--json").json
        for finding in each["findings"]
        if finding["severity"] in ("deny", "reject", "delay")
    )
    assert store("override", held[0], "--rule", held[1], "--by", "me", "--reason", "seen").code == 0
    first = json.loads(lines[0])
    first["data"]["name"] = "Another name"
    assert store("ingest", "-", stdin=json.dumps(first)).code == 1
    (conflict,) = store("conflicts", "--json").json
    settled = store("settle", conflict["conflict_id"], "--keep", "second", "--by", "me", "--reason", "typo")
    assert settled.code == 0
    claim = store("claims", "--json").json[0]
    erased = store(
        "erase", "--org", claim["org"], "--patient", claim["patient_id"], "--by", "me", "--reason", "asked", "--yes"
    )
    assert erased.code == 0
    again = store("replay", "--all", "--json").json
    assert (again["different"], again["erased"] > 0) == (0, True)
    assert store("verify").code == 0


def test_two_processes_that_take_events_in_at_once_come_to_the_same_claims(
    store: Store, simulated: bytes, filled: Path, claimtrail: Claimtrail, tmp_path: Path
) -> None:
    lines = simulated.splitlines(keepends=True)
    files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for number, file in enumerate(files):
        file.write_bytes(b"".join(lines[number::2]))
    with Installation(store.data, database=store.url):
        pass  # the keys, before two need them at once
    processes = [store.started("ingest", "--json", file) for file in files]
    told = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    before = claimtrail("claims", "--json", "--data", filled).json
    assert store("claims", "--json").json == before
    assert store("verify").code == 0
    assert store("replay", "--all").code == 0


def test_claims_are_there_when_sending_returns_also_where_another_process_makes_them(store: Store) -> None:
    with Installation(store.data, database=store.url) as running, Installation(store.data, database=store.url) as other:
        running.dispatcher.step()
        running.dispatcher.start()
        send(other, [*reference("p-1"), *visit("s-1", patient="p-1")])
        assert len(claims(other)) == 1
        running.dispatcher.stop()


def sent_at_once(store: Store, monkeypatch: pytest.MonkeyPatch, one: list[Any], two: list[Any]) -> list[list[str]]:
    """What two processes answer when the second takes its events in while the first has looked, but not written."""
    with Installation(store.data, database=store.url) as first, Installation(store.data, database=store.url) as second:
        answers: list[list[str]] = []
        commit = first.log.commit

        def late(*args: Any, **kwargs: Any) -> Any:
            if not answers:
                answers.append([answer.outcome for answer in send(second, two, work=False)])
            return commit(*args, **kwargs)

        monkeypatch.setattr(first.log, "commit", late)
        answers.append([answer.outcome for answer in send(first, one, work=False)])
        second.work_off()
        return answers[::-1]


def test_a_conflict_between_two_doors_is_noticed_by_the_second(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    events = reference("p-1")
    other = {**events[1], "data": {**events[1]["data"], "name": "Another Name"}}
    assert sent_at_once(store, monkeypatch, [events[0], other], [events[1]]) == [["accepted", "conflict"], ["accepted"]]
    assert len(store("conflicts", "--json").json) == 1


def test_an_event_sent_through_two_doors_at_once_is_a_duplicate_at_the_second(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = reference("p-1")
    assert sent_at_once(store, monkeypatch, events[:2], events[1:2]) == [["accepted", "duplicate"], ["accepted"]]


def test_a_note_that_comes_by_another_door_while_its_session_is_opened_is_erased_with_its_patient(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = visit("s-1", patient="p-1")
    opened = [each for each in events if each["type"].endswith("session.opened.v1")]
    notes = [each for each in events if each["type"].endswith("note.recorded.v1")]
    assert sent_at_once(store, monkeypatch, opened, notes) == [["accepted"], ["parked"] * len(notes)]
    org = opened[0]["source"].split("/")[2]
    with Installation(store.data, database=store.url) as installation:
        gone = installation.key_ring.destroy(subject_stream("patient", org, "p-1"))
        assert any(subject.startswith("session/") for subject in gone)


@pytest.mark.parametrize("words", [("claims",), ("status",), ("ingest", "-"), ("verify",), ("replay", "--all")])
def test_a_database_that_was_not_migrated_is_told_what_to_do(
    postgres_server: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with postgres.database(postgres_server) as url:
        told = Store(url, tmp_path)(*words, stdin="")
    assert told.code == 2
    assert "claimtrail migrate" in told.err


@pytest.mark.parametrize("version", ["0000", "9999"])
def test_a_database_of_another_release_is_told_so(store: Store, version: str) -> None:
    with psycopg.connect(store.url) as root:
        root.execute("UPDATE claimtrail.alembic_version SET version_num = %s", (version,))
    told = store("ingest", "-", stdin="")
    assert told.code == 2
    assert version in told.err
    assert "claimtrail migrate" in told.err


def test_a_store_without_its_keys_is_told_so(full: Store, tmp_path: Path) -> None:
    for words in (("claims",), ("ingest", "-")):
        told = run(*words, "--data", tmp_path / "elsewhere", stdin="", env={"CLAIMTRAIL_DATABASE_URL": full.url})
        assert told.code == 2
        assert "CLAIMTRAIL_KEYS" in told.err


def test_looking_at_an_empty_database_says_how_to_begin(store: Store) -> None:
    told = store("claims")
    assert told.code == 2
    assert "claimtrail ingest" in told.err


def test_the_demo_never_touches_a_real_database(store: Store) -> None:
    assert store("demo", "--exit").code == 0
    with psycopg.connect(store.url) as root:
        assert root.execute("SELECT count(*) FROM claimtrail.event").fetchone() == (0,)


def test_claims_go_out_and_answers_come_in_as_in_a_directory(
    store: Store, claimtrail: Claimtrail, tmp_path: Path
) -> None:
    events = "\n".join(json.dumps(event) for event in CLEAN)
    told = []
    for name, ask in (
        ("there", store),
        ("here", lambda *words, **more: claimtrail(*words, "--data", tmp_path, **more)),
    ):
        outbox, inbox = tmp_path / name / "outbox", tmp_path / name / "inbox"
        assert ask("ingest", "-", stdin=events).code == 0
        exported = ask("export", "837", "-o", outbox, "--today", "2026-03-09", "--json").json
        claimtrail("simulate-payer", exported["files"][0]["path"], "-o", inbox, "--seed", "3")
        for kind, ending in (("999", "999"), ("277ca", "277"), ("835", "835")):
            words = ("import", kind, *sorted(inbox.glob(f"*[0-9].{ending}")), "--received-on", "2026-03-25", "--json")
            assert ask(*words).json["files"][0]["outcome"] == "taken"
        listed = [*ask("denials", "--by", "carc", "--json").json, ask("files", "--json").json["received"]]
        told.append((ask("claims", "--json").json, len(exported["files"]), ask("unmatched", "--json").json, listed))
        assert ask("replay", "--all", "--json").json["different"] == 0
        assert ask("export", "837", "-o", outbox, "--today", "2026-03-10", "--json").json["files"] == []
    assert told[0] == told[1]
    assert told[0][0][0]["money"] is not None
