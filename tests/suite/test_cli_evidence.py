"""Evidence of one claim: proved by whoever has the bundle and the log's public key, and by nothing else."""

import io
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.evidence import standalone
from audit.evidence.bundle import bundle
from audit.evidence.standalone import NotProved, Proved, check
from audit.history import case_of, events_of
from event_log import treehead
from event_log.leaf import leaf_of
from event_log.memory import MemoryLog
from event_log.merkle import Tree, verify_inclusion
from event_log.notes import Signer, Verifier
from event_log.protocol import Append, NewEvent, Recorded
from suite.installation import Installation
from support.command import Claimtrail

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def key(filled: Path) -> str:
    return (filled / "keys" / "signing.vkey").read_text()


@pytest.fixture(scope="module")
def made(filled: Path) -> dict[str, bytes]:
    """The evidence of every claim."""
    with Installation(filled, read_only=True) as store:
        claims = [row[0] for row in store.read.rows().execute("SELECT claim_id FROM claim ORDER BY claim_id")]
        return {claim: bundle(store.read, store.log, claim).content for claim in claims}


@pytest.fixture(scope="module")
def long(made: dict[str, bytes]) -> bytes:
    """The evidence with the most decisions."""
    return max(made.values(), key=lambda content: content.count(b'"case_id":"'))


def files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as bundle:
        for name, content in parts.items():
            bundle.writestr(name, content)
    return into.getvalue()


def events_in(content: bytes) -> Events:
    return [orjson.loads(line) for line in files(content)["events.jsonl"].splitlines()]


def forged(content: bytes, change: Callable[[Events], Events]) -> bytes:
    """The bundle as somebody makes it who changes events, and tells the history that goes with them."""
    parts, events = files(content), change(events_in(content))
    head = treehead.unverified(parts["checkpoint.txt"].decode())
    claims = {orjson.loads(each["data"])["claim_id"] for each in events if each["type"] == "ClaimAssessed"}
    told = standalone.told(Proved(min(claims, default=""), events, head.origin, head.size, head.root))
    lines = "".join(f"{standalone.written(event)}\n" for event in events)
    return packed({**parts, "events.jsonl": lines.encode(), "history.txt": told.encode()})


def proved(content: bytes, key: str) -> Proved:
    return check(io.BytesIO(content), key)


def test_the_evidence_of_every_claim_is_proved_and_is_its_history(
    claimtrail: Claimtrail, filled: Path, made: dict[str, bytes], key: str
) -> None:
    assert len(made) > 50
    for number, (claim, content) in enumerate(made.items()):
        whole = proved(content, key)
        assert whole.claim_id == claim
        if number % 10 == 0:
            shown = claimtrail("history", claim, "--json", "--data", filled).json["events"]
            assert [(e["position"], e["hash"]) for e in shown] == [(e["position"], e["hash"]) for e in whole.events]


def test_both_readings_of_the_proof_agree(made: dict[str, bytes], key: str) -> None:
    """The script's own, and those of the log with its libraries."""
    for content in list(made.values())[:20]:
        head = treehead.verified(files(content)["checkpoint.txt"].decode(), Verifier.parse(key))
        for event in events_in(content):
            proof = [bytes.fromhex(step) for step in event["proof"]]
            assert verify_inclusion(bytes.fromhex(event["hash"]), event["position"] - 1, head.size, proof, head.root)
            assert standalone.is_included(event, head.size, head.root)


def test_the_same_checkpoint_makes_the_same_bytes(claimtrail: Claimtrail, filled: Path, tmp_path: Path) -> None:
    claim = claimtrail("claims", "--json", "--data", filled).json[0]["claim_id"]
    for name in ("one.zip", "two.zip"):
        assert claimtrail("evidence", claim, "-o", tmp_path / name, "--data", filled).code == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_command_makes_and_checks_it(claimtrail: Claimtrail, filled: Path, tmp_path: Path, key: str) -> None:
    claim, file = claimtrail("claims", "--json", "--data", filled).json[0]["claim_id"], tmp_path / "evidence.zip"
    told = claimtrail("evidence", claim, "-o", file, "--data", filled, "--json")
    assert (told.json["claim_id"], told.json["later"], told.json["bytes"]) == (claim, 0, file.stat().st_size)
    checked = claimtrail("verify-evidence", file, "--key", key, "--json")
    assert (checked.code, checked.json["ok"], checked.json["claim_id"]) == (0, True, claim)
    assert (checked.json["events"], checked.json["size"]) == (told.json["events"], told.json["size"])
    assert f"events of claim {claim} stand" in claimtrail("verify-evidence", file, "--key", key).out
    file.write_bytes(file.read_bytes().replace(b"session.opened", b"session.opaned"))
    refused = claimtrail("verify-evidence", file, "--key", key, "--json")
    assert (refused.code, refused.json["ok"]) == (1, False)
    assert "not proved" in refused.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["verify-evidence"], "name the bundle and the log's public key"),
        (["verify-evidence", "none.zip", "--key", "a+b+c"], "none.zip is not there"),
        (["evidence", "C0000000000000000", "-o", "x.zip"], "there is no claim"),
        (["evidence", "C0000000000000000"], "--output"),
    ],
)
def test_what_cannot_be_done_is_said(claimtrail: Claimtrail, filled: Path, words: list[str], told: str) -> None:
    ended = claimtrail(*words, *(["--data", filled] if words[0] == "evidence" else []))
    assert ended.code in (1, 2)
    assert told in ended.err


def test_whoever_has_python_alone_can_check_it(claimtrail: Claimtrail, long: bytes, key: str, tmp_path: Path) -> None:
    """No site packages, nothing of the environment, and no folder of ours."""
    script = claimtrail("verify-evidence", "--script").out
    (tmp_path / "check_evidence.py").write_text(script, encoding="utf-8")
    (tmp_path / "evidence.zip").write_bytes(long)
    (tmp_path / "edited.zip").write_bytes(forged(long, lambda events: events[1:]))

    def ran(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-I", "-S", "check_evidence.py", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    done = ran("evidence.zip", key)
    assert (done.returncode, done.stdout[:7], done.stderr) == (0, "proved:", "")
    for words in (("edited.zip", key), ("evidence.zip", "name+00+AAAA"), ("none.zip", key), ()):
        ended = ran(*words)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "Traceback" not in ended.stderr


def _other(value: object) -> object:
    match value:
        case None:
            return ""
        case int():
            return value + 1
        case str() if value and value == value.lower() and all(mark in "0123456789abcdef" for mark in value):
            return value[:-1] + ("0" if value[-1] != "0" else "1")
        case str():
            return f"{value} "
    assert isinstance(value, list)
    return value[1:]


@pytest.mark.parametrize("column", sorted(standalone.COLUMNS))
def test_no_column_of_an_event_can_be_changed(long: bytes, key: str, column: str) -> None:
    for number in range(len(events_in(long))):
        with pytest.raises(NotProved):
            proved(forged(long, lambda events, n=number: _changed(events, n, column)), key)


def _changed(events: Events, number: int, column: str) -> Events:
    changed = {**events[number], column: _other(events[number][column])}
    return [*events[:number], changed, *events[number + 1 :]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda events: [{**events[0], "schema_version": True}, *events[1:]], "no event"),
        (lambda events: [{**events[0], "position": float(events[0]["position"])}, *events[1:]], "no event"),
        (lambda events: [{**events[0], "more": 1}, *events[1:]], "no event"),
        (lambda events: [{**events[0], "event_id": events[0]["event_id"].upper()}, *events[1:]], "no hexadecimal"),
        (
            lambda events: [{**events[0], "proof": [*events[0]["proof"], "00" * 32]}, *events[1:]],
            "not what was written",
        ),
        (lambda events: [events[1], events[0], *events[2:]], "out of order"),
        (lambda events: [events[0], *events], "doubled"),
        (lambda events: [e for e in events if e["type"] != "claimtrail.session.signed.v1"], "rests on is left out"),
        (lambda events: [e for e in events if e["type"] != "UnitsCalculated"], "left out"),
        (lambda events: [e for e in events if e["type"] != "ClaimAssessed"], "not the evidence of one claim"),
        (lambda _events: [], "no evidence bundle"),
    ],
)
def test_nothing_can_be_left_out_added_or_moved(
    long: bytes, key: str, change: Callable[[Events], Events], why: str
) -> None:
    with pytest.raises(NotProved, match=why):
        proved(forged(long, change), key)


def test_a_decision_in_the_middle_cannot_be_left_out(made: dict[str, bytes], key: str) -> None:
    cut = 0
    for content in made.values():
        events = events_in(content)
        for stream in {e["stream"] for e in events if e["stream"].startswith("case/")}:
            own = [e for e in events if e["stream"] == stream]
            for gone in own[:-1]:
                cut += 1
                with pytest.raises(NotProved):
                    proved(forged(content, lambda events, gone=gone: [e for e in events if e != gone]), key)
    assert cut > 5


def test_two_claims_are_not_one(made: dict[str, bytes], key: str) -> None:
    one, two = list(made.values())[:2]
    both = {e["position"]: e for e in events_in(one) + events_in(two)}
    with pytest.raises(NotProved, match="one claim"):
        proved(forged(one, lambda _events: [both[position] for position in sorted(both)]), key)


@pytest.mark.parametrize("name", standalone.FILES)
def test_no_file_of_it_can_be_edited_left_out_or_added(long: bytes, key: str, name: str) -> None:
    parts = files(long)
    for edited in (parts[name] + b"\n", parts[name][:-1], parts[name].replace(b"e", b"f", 1), b"", b"\xff"):
        with pytest.raises(NotProved):
            proved(packed({**parts, name: edited}), key)
    with pytest.raises(NotProved, match="no more"):
        proved(packed({each: parts[each] for each in parts if each != name}), key)
    with pytest.raises(NotProved, match="no more"):
        proved(packed({**parts, f"{name}.bak": parts[name]}), key)


def test_the_key_must_be_the_logs(long: bytes, key: str) -> None:
    other = Signer(Ed25519PrivateKey.generate())
    name, number, encoded = key.strip().split("+", 2)
    for wrong in (other.vkey, f"{name}+00000000+{encoded}", f"other+{number}+{encoded}", name, "", "a+b+c", "é+1+AQ=="):
        with pytest.raises(NotProved):
            proved(long, wrong)
    head = treehead.unverified(files(long)["checkpoint.txt"].decode())
    resigned = other.sign(head._replace(origin=other.name).text())
    with pytest.raises(NotProved):
        proved(packed({**files(long), "checkpoint.txt": resigned.encode()}), key)


def test_a_flipped_bit_is_noticed_or_says_the_same(long: bytes, key: str) -> None:
    """What stands in a ZIP beside names and contents, its dates say, says nothing of the claim."""
    chance, whole, noticed = random.Random(7), proved(long, key), 0
    for _ in range(300):
        flipped = bytearray(long)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        try:
            assert proved(bytes(flipped), key) == whole
        except NotProved:
            noticed += 1
    assert noticed > 250


@given(content=st.binary(max_size=300), key=st.text(max_size=40))
def test_anything_else_proves_nothing(content: bytes, key: str) -> None:
    with pytest.raises(NotProved):
        proved(content, key)


@given(
    seed=st.binary(min_size=32, max_size=32),
    text=st.binary(max_size=200),
    at=st.integers(0, 511),
    what=st.integers(0, 2),
)
def test_signatures_are_checked_as_the_library_checks_them(seed: bytes, text: bytes, at: int, what: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(text)
    assert standalone.is_signed(text, signature, public)
    parts = [signature, public, text or b"\0"]
    edited = bytearray(parts[what])
    edited[at // 8 % len(edited)] ^= 1 << at % 8
    parts[what] = bytes(edited)
    try:
        assert not standalone.is_signed(parts[2], parts[0], parts[1])
    except NotProved as error:
        assert "curve" in str(error)  # noqa: PT017 -- one or the other


def test_a_signature_has_one_form_only() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"text")
    number = int.from_bytes(signature[32:], "little") + standalone.ORDER
    assert not standalone.is_signed(b"text", signature[:32] + number.to_bytes(32, "little"), public)
    assert not standalone.is_signed(b"text", signature + b"\0", public)


def test_leaves_and_proofs_are_those_of_the_log_for_every_size() -> None:
    with MemoryLog(clock=lambda: 7) as log:
        for number in range(70):
            case = number.to_bytes(16, "big") if number % 2 else None
            parent, mark = (f"00-{number:032x}-{1:016x}-01", b"m") if number % 3 else (None, None)
            event = NewEvent(number.to_bytes(16, "big"), "N", 1, b'"\xc3\xa9"', -1, "org", "", case, case, parent, mark)
            log.commit([Append(f"s{number % 4}", None, [event])], service="s")
            rows, tree = log.read_all(0, 100), Tree(log)
            for row in rows:
                proof, leaf = tree.inclusion(row.position - 1, len(rows)), row.leaf_hash
                assert standalone.leaf(as_told(row, proof)) == leaf_of(row) == leaf
                assert standalone.is_included(as_told(row, proof), len(rows), tree.root(len(rows)))
                for size, steps in product(
                    (len(rows) - 1, len(rows), len(rows) + 1), (proof, proof[1:], [*proof, leaf])
                ):
                    said = standalone.is_included(as_told(row, steps), size, tree.root(len(rows)))
                    assert said == verify_inclusion(leaf, row.position - 1, size, steps, tree.root(len(rows)))


def as_told(row: Recorded, proof: list[bytes]) -> dict[str, Any]:
    texts = {name: value and value.hex() for name, value in row._asdict().items() if isinstance(value, bytes | None)}
    texts |= {"traceparent": row.traceparent, "data": row.data.decode(), "hash": row.leaf_hash.hex()}
    return {**row._asdict(), **texts, "proof": [step.hex() for step in proof]}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Crane, A.", "Crane, A."),
        ("", '""'),
        (None, "null"),
        (True, "true"),
        (2.5, "2.5"),
        ("two\nlines", '"two\\nlines"'),
        ("\x1b[2J", '"\\u001b[2J"'),
        ("turned \u202e around", '"turned \\u202e around"'),
        ("half \ud800", '"half \\ud800"'),
        (["GP", "59"], "GP, 59"),
        ([], "none"),
        ({"key": "patient/o/p", "sealed": "AAAA"}, "(sealed)"),
    ],
)
def test_a_history_hides_nothing_and_moves_no_cursor(value: object, line: str) -> None:
    event = {name: 1 if name in standalone.NUMBERS else "x" for name in standalone.COLUMNS}
    told = standalone.told(Proved("C1", [{**event, "data": json.dumps({"said": value})}], "log", 1, b""))
    assert told.splitlines()[-1] == f"    said: {line}"


def test_what_is_sealed_is_proved_and_not_shown(filled: Path, made: dict[str, bytes]) -> None:
    """Neither the texts of notes nor names, as they were sealed; they are searched for in one long string."""
    sealed = set()
    with Installation(filled, read_only=True) as store:
        for claim, content in list(made.items())[:20]:
            for row in events_of(store.read, case_of(store.read, claim)):
                stored = orjson.loads(row.data)
                data = stored["data"] if row.type.startswith("claimtrail.") else stored
                sealed |= {text for text in store.codec.unsealed(row, data).values() if len(text) > 8}
            assert b"(sealed)" in content
    assert len(sealed) > 100
    everything = b"".join(made.values())
    assert [text for text in sealed if text in everything] == []


def test_who_makes_it_needs_no_key_that_opens_or_signs(
    claimtrail: Claimtrail, own: Path, tmp_path: Path, key: str
) -> None:
    claim = claimtrail("claims", "--json", "--data", own).json[0]["claim_id"]
    shutil.rmtree(own / "keys")
    assert claimtrail("evidence", claim, "-o", tmp_path / "x.zip", "--data", own).code == 0
    assert proved((tmp_path / "x.zip").read_bytes(), key).claim_id == claim
    assert not (own / "keys").exists()


def test_what_was_sealed_of_an_erased_patient_is_proved_all_the_same(
    claimtrail: Claimtrail, own: Path, tmp_path: Path, key: str
) -> None:
    claim = claimtrail("claims", "--json", "--data", own).json[0]
    patient = ("--org", claim["org"], "--patient", claim["patient_id"], "--by", "me", "--reason", "asked", "--yes")
    assert claimtrail("erase", *patient, "--data", own).code == 0
    assert claimtrail("evidence", claim["claim_id"], "-o", tmp_path / "x.zip", "--data", own).code == 0
    assert proved((tmp_path / "x.zip").read_bytes(), key).claim_id == claim["claim_id"]


def _write(data: Path, *statements: str) -> None:
    with sqlite3.connect(data / "log.sqlite") as connection:
        for statement in ("DROP TRIGGER event_is_never_changed", *statements):
            connection.execute(statement)
    connection.close()


def test_of_what_is_not_signed_yet_there_is_no_evidence(claimtrail: Claimtrail, own: Path, tmp_path: Path) -> None:
    claim = claimtrail("claims", "--json", "--data", own).json[0]["claim_id"]
    _write(own, "DELETE FROM signed_checkpoint")
    told = claimtrail("evidence", claim, "-o", tmp_path / "x.zip", "--data", own)
    assert (told.code, (tmp_path / "x.zip").exists()) == (1, False)
    assert "no signed checkpoint covers" in told.err


def test_what_came_after_the_checkpoint_is_not_in_it(
    claimtrail: Claimtrail, own: Path, tmp_path: Path, key: str
) -> None:
    claim = claimtrail("claims", "--status", "held", "--json", "--data", own).json[0]["claim_id"]
    copy = shutil.copytree(own, tmp_path / "before")
    question = claimtrail("question", claim, "Is it signed?", "--by", "A. Biller", "--data", own)
    assert question.code == 0, question.err
    with sqlite3.connect(copy / "log.sqlite") as before:
        ((size,),) = before.execute("SELECT max(size) FROM signed_checkpoint")
    before.close()
    _write(own, f"DELETE FROM signed_checkpoint WHERE size > {size}")
    told = claimtrail("evidence", claim, "-o", tmp_path / "x.zip", "--data", own, "--json")
    assert (told.code, told.json["size"]) == (0, size)
    assert told.json["later"] > 0
    assert "later events of the claim" in told.err
    assert proved((tmp_path / "x.zip").read_bytes(), key).size == size


def test_of_a_record_that_somebody_changed_there_is_no_evidence(
    claimtrail: Claimtrail, own: Path, tmp_path: Path
) -> None:
    claim = claimtrail("claims", "--json", "--data", own).json[0]["claim_id"]
    events = claimtrail("history", claim, "--json", "--data", own).json["events"]
    position = next(e["position"] for e in events if e["type"] == "UnitsCalculated")
    _write(own, f"UPDATE event SET actor = 'x' WHERE position = {position}")
    told = claimtrail("evidence", claim, "-o", tmp_path / "x.zip", "--data", own)
    assert (told.code, (tmp_path / "x.zip").exists()) == (1, False)
    assert f"position {position} is not what was written" in told.err
    with Installation(own, read_only=True) as store:
        (row,) = store.log.read_all(position - 1, 1)
    _write_again(own, position, leaf_of(row))
    told = claimtrail("evidence", claim, "-o", tmp_path / "x.zip", "--data", own)
    assert (told.code, (tmp_path / "x.zip").exists()) == (1, False)
    assert "the log is not what was signed" in told.err


def _write_again(data: Path, position: int, leaf: bytes) -> None:
    with sqlite3.connect(data / "log.sqlite") as connection:
        connection.execute("UPDATE event SET leaf_hash = ? WHERE position = ?", (leaf, position))
    connection.close()
