"""Claims leave as files: once, whole, under numbers that never repeat, and exactly as they are recorded."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.replay import replay
from billing.choosing import Wanted
from billing.claim_files import recorded_file
from billing.errors import ErasedFromFile, FileInTheWay, UnknownClaimFile
from billing.exporting import Exported, export, write_again
from billing.views import unwritten
from billing.writing import write_whole
from suite.billing_store import billing_store
from suite.deciding import override
from suite.erasing import erase
from suite.installation import Installation
from support.billing import ADDRESS, CLEAN, NOW, claims_in, sent
from support.judges import pyx12_errors
from support.store import claims, send
from support.visits import ORG, reference, visit


def patients(count: int, payer: str = "medicare") -> list[dict[str, Any]]:
    """A clean visit each."""
    events = reference("p-0", payer, address=ADDRESS)
    for number in range(1, count):
        events += reference(f"p-{number}", payer, address=ADDRESS)[2:]
    for number in range(count):
        hour = 8 + number % 2
        minutes = (("97112", f"{hour:02d}:00", f"{hour:02d}:28"), ("97530", f"{hour:02d}:28", f"{hour:02d}:44"))
        day = f"2026-03-{2 + number // 2:02d}"
        events += visit(f"s-{number}", patient=f"p-{number}", payer=payer, minutes=minutes, day=day)
    return events


def names(exported: Exported) -> list[str]:
    return [file.path.name for file in exported.files]


def test_ready_claims_go_out_and_are_submitted(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    exported = sent(store, outbox)
    assert names(exported) == [f"{ORG}-medicare-000000001.837"]
    (claim,) = claims(store)
    assert claim["status"] == "submitted"
    (submission,) = claim["submissions"]
    assert (submission["frequency"], submission["exported_on"], submission["charge_cents"]) == (
        "1",
        "2026-03-09",
        20000,
    )
    assert pyx12_errors(exported.files[0].path.read_text()) == []


def test_exporting_twice_sends_nothing_twice(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    assert sent(store, outbox).claims == 1
    head = store.log.head()
    assert sent(store, outbox).files == []
    assert store.log.head() == head


def test_no_control_number_repeats(store: Installation, outbox: Path) -> None:
    send(store, patients(2))
    exported = sent(store, outbox)
    later = visit("s-9", patient="p-0", day="2026-03-05")
    send(store, later)
    again = sent(store, outbox)
    control = [file.path.read_text().split("~") for file in (*exported.files, *again.files)]
    isa = [segments[0].split("*")[13] for segments in control]
    gs = [segments[1].split("*")[6] for segments in control]
    st = [segments[2].split("*")[2] for segments in control]
    assert (isa, gs, st) == (["000000001", "000000002"], ["1", "2"], ["0001", "0002"])
    lines = [line.control_number for claim in claims_in(exported) + claims_in(again) for line in claim.lines]
    assert len(set(lines)) == len(lines) == 6


def test_many_claims_go_into_several_files(store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.exporting.MOST_CLAIMS_A_FILE", 2)
    send(store, patients(5))
    exported = sent(store, outbox)
    assert [len(file.claims) for file in exported.files] == [2, 2, 1]
    assert {claim["status"] for claim in claims(store)} == {"submitted"}


def test_only_the_payer_and_clinic_asked_for_are_sent(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    assert sent(store, outbox, payer="acme").files == []
    assert sent(store, outbox, clinic="oak").files == []
    assert sent(store, outbox, org="elsewhere").files == []
    assert sent(store, outbox, payer="medicare", clinic="elm", org=ORG).claims == 1


def test_a_claim_with_a_blocking_finding_is_not_sent(store: Installation, outbox: Path) -> None:
    send(store, [*reference(address=ADDRESS), *visit(note={})])
    assert {claim["status"] for claim in claims(store)} == {"held"}
    exported = sent(store, outbox)
    assert (exported.files, exported.kept_back) == ([], [])


def test_the_last_day_of_timely_filing_is_in_time_and_the_day_after_is_not(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    late = sent(store, outbox, on=date(2027, 3, 3))
    (kept,) = late.kept_back
    (fault,) = kept.faults
    assert "TFL-001" in fault.expected
    assert "2027-03-02" in fault.expected
    assert sent(store, outbox, on=date(2027, 3, 2)).claims == 1


def test_with_proof_of_timely_filing_a_person_releases_a_late_claim(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    (claim,) = claims(store)
    override(store, claim["claim_id"], rule="TFL-001", line=None, reason="277CA of the first filing", by="A. Biller")
    assert sent(store, outbox, on=date(2027, 6, 1)).claims == 1


def test_the_file_has_the_bytes_that_its_record_says(store: Installation, outbox: Path) -> None:
    send(store, patients(3))
    (file,) = sent(store, outbox).files
    record, raw = recorded_file(store.read, 1), file.path.read_bytes()
    assert (record.sha256, record.size) == (hashlib.sha256(raw).hexdigest(), len(raw))
    assert [claim.claim_id for claim in record.claims] == [
        segment.split(b"*")[1].decode() for segment in raw.split(b"~") if segment.startswith(b"CLM*")
    ]


def test_a_file_is_written_again_byte_for_byte_from_its_record(
    store: Installation, outbox: Path, tmp_path: Path
) -> None:
    send(store, patients(3))
    (file,) = sent(store, outbox).files
    again = write_again(billing_store(store), 1, tmp_path / "elsewhere", NOW)
    assert again.path.read_bytes() == file.path.read_bytes()
    with pytest.raises(UnknownClaimFile):
        write_again(billing_store(store), 2, outbox, NOW)


def test_a_recorded_file_that_was_not_written_is_written_by_the_next_export(
    store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, CLEAN)
    with monkeypatch.context() as patched:
        patched.setattr("billing.exporting.write_whole", _dies)
        with pytest.raises(KeyboardInterrupt):
            sent(store, outbox)
    assert not outbox.exists()
    assert unwritten(store.read.rows()) == [1]
    exported = sent(store, outbox)
    assert [(file.number, file.again) for file in exported.files] == [(1, True)]
    assert exported.claims == 0
    assert hashlib.sha256(exported.files[0].path.read_bytes()).hexdigest() == exported.files[0].sha256
    assert unwritten(store.read.rows()) == []
    assert sent(store, outbox).files == []


def test_a_file_that_was_written_and_not_noted_is_only_noted(
    store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, CLEAN)
    _killed_once_written(store, outbox, monkeypatch)
    (path,) = outbox.iterdir()
    before = path.stat()
    assert [file.again for file in sent(store, outbox).files] == [True]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert unwritten(store.read.rows()) == []


def test_a_file_that_was_sent_on_and_moved_away_is_not_written_again(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    (file,) = sent(store, outbox).files
    file.path.unlink()
    assert sent(store, outbox).files == []


def test_another_file_in_the_way_is_left_as_it_is(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    outbox.mkdir()
    stranger = outbox / f"{ORG}-medicare-000000001.837"
    stranger.write_text("something else")
    with pytest.raises(FileInTheWay):
        sent(store, outbox)
    assert stranger.read_text() == "something else"
    stranger.unlink()
    assert [file.again for file in sent(store, outbox).files] == [True]


def test_a_dry_run_records_and_writes_nothing(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    head = store.log.head()
    done = export(
        billing_store(store), Wanted(), outbox, on=date(2026, 3, 9), by="A. Biller", now=lambda: NOW, dry_run=True
    )
    assert (done.files, store.log.head(), outbox.exists()) == ([], head, False)


def test_what_was_sent_follows_from_the_record(store: Installation, outbox: Path) -> None:
    send(store, patients(3))
    sent(store, outbox)
    replayed = replay(store.read, store.codec)
    assert replayed.differences == []


def test_nothing_that_identifies_the_patient_is_in_the_log_in_the_clear(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    sent(store, outbox)
    stored = b"".join(row.data for row in store.log.read_all(0, 10_000))
    for name in (b"SPECIMEN", b"Specimen", b"1EG4TE5MK73", b"7 OAK STREET"):
        assert name not in stored


def test_an_erased_patients_claim_still_has_its_status_but_its_file_cannot_be_written_again(
    store: Installation, outbox: Path
) -> None:
    send(store, CLEAN)
    sent(store, outbox)
    erase(store, org=ORG, patient="p-1", reason="asked for", by="An Officer")
    assert [claim["status"] for claim in claims(store)] == ["submitted"]
    with pytest.raises(ErasedFromFile):
        write_again(billing_store(store), 1, outbox / "again", NOW)
    assert replay(store.read, store.codec).different == 0


def test_a_file_that_can_never_be_written_is_told_and_keeps_nothing_else_back(
    store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, CLEAN)
    with monkeypatch.context() as patched:
        patched.setattr("billing.exporting.write_whole", _dies)
        with pytest.raises(KeyboardInterrupt):
            sent(store, outbox)
    erase(store, org=ORG, patient="p-1", reason="asked for", by="An Officer")
    send(store, [*reference("p-2", address=ADDRESS)[2:], *visit("s-2", patient="p-2")])
    exported = sent(store, outbox)
    assert [error.number for error in exported.not_written] == [1]
    assert [file.number for file in exported.files] == [2]


def _killed_once_written(store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that dies with its file in place, before that is noted."""
    with monkeypatch.context() as patched:
        patched.setattr("billing.exporting.write_whole", _writes_and_dies)
        with pytest.raises(KeyboardInterrupt):
            sent(store, outbox)


def test_a_file_that_was_written_and_not_noted_is_noted_though_a_patient_in_it_was_erased(
    store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, patients(2))
    _killed_once_written(store, outbox, monkeypatch)
    erase(store, org=ORG, patient="p-1", reason="asked for", by="An Officer")
    exported = sent(store, outbox)
    assert (exported.not_written, [(file.number, file.again) for file in exported.files]) == ([], [(1, True)])
    assert unwritten(store.read.rows()) == []


def test_a_file_left_half_is_not_taken_for_written(
    store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, patients(2))
    _killed_once_written(store, outbox, monkeypatch)
    (path,) = outbox.iterdir()
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FileInTheWay):
        sent(store, outbox)
    assert unwritten(store.read.rows()) == [1]


def _writes_and_dies(path: Path, content: bytes) -> None:
    write_whole(path, content)
    raise KeyboardInterrupt


def _dies(_path: Path, _content: bytes) -> None:
    raise KeyboardInterrupt
