"""The log in a file: one writer, restarts, full disks, other processes."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from event_log import sqlite_folding
from event_log.errors import DiskFull, LogBusy, LogInUse, LogMissing, LogUnavailable, ReadOnly
from event_log.notes import Signer
from event_log.protocol import Append, Checkpoint
from event_log.sqlite import SqliteLog
from event_log.sqlite_reader import SqliteReading
from event_log.verify import verify

S = {"service": "test"}


def test_a_second_writer_is_told_who_writes(tmp_path):
    path = tmp_path / "log.db"
    with SqliteLog(path):
        with pytest.raises(LogInUse, match=f"process {os.getpid()}.*reading only"):
            SqliteLog(path)
        code = f"from pathlib import Path; from event_log.sqlite import SqliteLog; SqliteLog(Path({str(path)!r}))"
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "LogInUse" in second.stderr
    SqliteLog(path).close()


def test_readers_in_other_processes_follow(tmp_path, event):
    path = tmp_path / "log.db"
    with pytest.raises(LogMissing):
        SqliteLog(path, read_only=True)
    with SqliteLog(path) as log, SqliteLog(path, read_only=True) as reader:
        assert reader.head() == 0
        assert not reader.wait(0, 0.02)
        timer = threading.Timer(0.05, lambda: log.commit([Append("a", 0, [event(case_id=b"c" * 16)])], **S))
        timer.start()
        assert reader.wait(0, 10)
        timer.join()
        assert reader.head() == 1
        assert reader.versions(["a", "b"]) == {"a": 1, "b": 0}
        assert reader.read_stream("a") == log.read_stream("a") == reader.read_cases([b"c" * 16])
        ids = [event().event_id, log.read_stream("a")[0].event_id]
        assert reader.find(ids) == log.find(ids) != {}
        with pytest.raises(ReadOnly):
            reader.commit((), **S)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.connection().execute("DELETE FROM event")


def test_the_log_goes_on_where_it_stopped(tmp_path, numbered):
    path = tmp_path / "log.db"
    number = 0
    for _round in range(4):
        with SqliteLog(path) as log:
            assert log.head() == number
            for size in (1, 300, 2, 700):
                events = [numbered(number + n + 1, case_id=b"c" * 16) for n in range(size)]
                log.commit([Append("a", number, events)], checkpoint=Checkpoint("x", number + size), **S)
                number += size
            assert log.versions(["a"]) == {"a": number}
            again = log.commit([Append("a", None, [numbered(5)])], **S).results[0]
            assert list(again.positions) == [5]
            assert len(log.read_cases([b"c" * 16])) == number
    with SqliteLog(path, read_only=True) as reader:
        assert reader.checkpoint("x") == number
        assert [e.position for e in reader.read_all(0, 9999)] == list(range(1, number + 1))
    assert verify(path).ok


def test_the_log_refuses_update_and_delete(tmp_path, event):
    path = tmp_path / "log.db"
    with SqliteLog(path) as log:
        log.commit([Append("a", 0, [event()])], **S)
        for statement in ("UPDATE event SET org = 'x'", "DELETE FROM event"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                log.commit((), rows=lambda rows, statement=statement: rows.execute(statement), **S)
        assert log.head() == len(log.read_all(0, 9)) == 1


def test_a_full_disk_refuses_and_the_log_goes_on_when_there_is_room(tmp_path, numbered):
    path = tmp_path / "log.db"
    with SqliteLog(path) as log:
        log.commit([Append("a", 0, [numbered(1)])], **S)
        pages = log._writer._connection.execute("PRAGMA page_count").fetchone()[0]
        log._writer._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        big = numbered(2, data=b"x" * 100_000)
        with pytest.raises(DiskFull, match="make room"):
            log.commit([Append("a", 1, [big])], **S)
        with pytest.raises(DiskFull):
            log.submit([Append("a", 1, [big])], **S).result(10)
        log._writer._connection.execute("PRAGMA max_page_count = 1000000")
        assert log.commit([Append("a", 1, [big])], **S).written == 1
        assert [e.position for e in log.read_stream("a")] == [1, 2]
    assert verify(path).ok


def test_a_database_held_by_others_is_busy_and_later_free(tmp_path, event):
    path = tmp_path / "log.db"
    with SqliteLog(path) as log:
        log._writer._connection.execute("PRAGMA busy_timeout = 20")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogBusy):
            log.commit([Append("a", 0, [event()])], **S)
        other.execute("ROLLBACK")
        other.close()
        assert log.commit([Append("a", 0, [event()])], **S).written == 1


def test_a_foreign_file_is_not_taken_for_a_log(tmp_path):
    path = tmp_path / "log.db"
    path.write_text("this is not a database, it is a letter\n" * 100)
    with pytest.raises(LogUnavailable):
        SqliteLog(path)
    with pytest.raises(LogUnavailable):
        SqliteLog(path, read_only=True).head()


def test_checkpoints_are_signed_at_a_clean_stop_and_every_ten_thousand_events(tmp_path, numbered):
    path = tmp_path / "log.db"
    signer = Signer.in_directory(tmp_path / "keys")
    with SqliteLog(path, signer=signer) as log:
        for start in range(0, 24_000, 4000):
            log.commit([Append("a", None, [numbered(start + n) for n in range(4000)])], **S)
    result = verify(path, signer.vkey)
    assert result.ok
    assert (result.size, result.covered_upto, result.uncovered) == (24_000, 24_000, None)
    assert result.checkpoints_checked == 4  # after 12,000 and 24,000, each in the database and in the file
    with SqliteLog(path, signer=signer) as log:
        log.commit([Append("b", None, [numbered(90_000)])], **S)
        open_end = verify(path, signer.vkey)
        assert open_end.ok
        assert open_end.uncovered == (24_001, 24_001)


def test_a_checkpoint_is_signed_some_seconds_after_the_last_event(tmp_path, event, monkeypatch):
    monkeypatch.setattr("event_log.sqlite_writer.SIGN_SECONDS", 0.05)
    path = tmp_path / "log.db"
    signer = Signer.in_directory(tmp_path / "keys")
    with SqliteLog(path, signer=signer) as log:
        log.commit([Append("a", 0, [event()])], **S)
        for _ in range(200):
            if log._writer.signed_size == 1:
                break
            threading.Event().wait(0.02)
        assert verify(path, signer.vkey).covered_upto == 1


def test_keys_are_made_once_and_kept_from_others(tmp_path):
    keys = tmp_path / "secret" / "keys"
    made = []
    threads = [threading.Thread(target=lambda: made.append(Signer.in_directory(keys).vkey)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert stat.S_IMODE((keys / "signing.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert (keys / "signing.vkey").read_text().strip() == made[0]
    assert sorted(file.name for file in keys.iterdir()) == ["signing.pem", "signing.vkey"]


def test_what_was_just_written_is_at_hand_as_far_as_there_is_room(tmp_path, event, monkeypatch):
    monkeypatch.setattr("event_log.tail.BYTES_KEPT", 1_000)
    asked_of_file = []
    with SqliteLog(tmp_path / "log.db") as log:
        read = SqliteReading.read_all
        monkeypatch.setattr(SqliteReading, "read_all", lambda *of: asked_of_file.append(of[1]) or read(*of))
        for number in range(10):
            log.commit([Append(f"s-{number}", 0, [event(data=b'"%s"' % (b"x" * 298))])], **S)
        assert [each.position for each in log.read_all(7, 100)] == [8, 9, 10]
        assert asked_of_file == []
        assert [each.position for each in log.read_all(6, 100)] == [7, 8, 9, 10]
        assert [each.position for each in log.read_all(0, 100)] == list(range(1, 11))
        assert asked_of_file == [6, 0]
        log.commit([Append("large", 0, [event(data=b'"%s"' % (b"x" * 5_000))])], **S)
        assert [each.stream for each in log.read_all(10, 100)] == ["large"]
        assert asked_of_file == [6, 0]


def test_a_log_with_the_indexes_of_an_earlier_release_gets_those_of_this_one(tmp_path, numbered):
    path = tmp_path / "log.db"
    with SqliteLog(path) as log:
        log.commit([Append("a", 0, [numbered(n, case_id=b"c" * 16) for n in range(3_000)])], **S)
    with sqlite3.connect(path) as connection:
        for name in ("id_in_piece", "stream_in_piece", "case_in_piece"):
            connection.execute(f"DROP INDEX {name}")
        connection.execute("CREATE UNIQUE INDEX event_by_id ON event(position >> 11, event_id)")
    connection.close()
    with SqliteLog(path) as log:
        assert list(log.find([numbered(2_999).event_id])) == [numbered(2_999).event_id]
        assert len(log.read_stream("a")) == len(log.read_cases([b"c" * 16])) == 3_000
        indexes = log.connection().execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        assert {name for (name,) in indexes} == {"id_in_piece", "stream_in_piece", "case_in_piece"}
    assert verify(path).ok


def test_the_write_ahead_file_is_folded_in_while_commits_go_on(tmp_path, event, monkeypatch):
    monkeypatch.setattr(sqlite_folding, "PAGES", 50)
    path = tmp_path / "log.db"
    with SqliteLog(path) as log:
        for _ in range(40):
            for _ in range(10):
                log.commit([Append("a", None, [event(data=b"x" * 900) for _ in range(20)])], **S)
            log._writer._folding.end()  # a round has its time, however slow this machine is
        ahead = path.with_name("log.db-wal").stat().st_size
        assert path.stat().st_size > 8_000 * 900
        assert ahead < 4_000_000, "it began anew again and again"
        with SqliteLog(path, read_only=True) as reader:
            assert [stored.position for stored in reader.read_all(0, 9_999)] == list(range(1, 8_001))
    assert verify(path).ok


def test_scrubbing_waits_for_a_round_of_folding_and_leaves_nothing(tmp_path, event, monkeypatch):
    monkeypatch.setattr(sqlite_folding, "PAGES", 1)
    path = tmp_path / "log.db"
    with SqliteLog(path) as log:
        for _ in range(20):
            log.commit([Append("a", None, [event(data=b"x" * 900) for _ in range(500)])], **S)
            log.scrub()
            assert path.with_name("log.db-wal").stat().st_size == 0
    assert verify(path).ok
