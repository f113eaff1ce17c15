"""A writer or the server killed at any moment: what was acknowledged is there, once, and the log goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from event_log.notes import Signer
from event_log.postgres import PostgresLog
from event_log.verify import verify_postgres
from support import postgres

WRITER = """
import sys, threading, time
from pathlib import Path
from event_log.errors import LogBusy, LogUnreachable
from event_log.notes import Signer
from event_log.postgres import PostgresLog
from event_log.protocol import Append, Checkpoint, NewEvent
import event_log.postgres_notary
event_log.postgres_notary.SIGN_EVENTS = 300
event_log.postgres_notary.LOOK_SECONDS = 0.02
url, folder, start = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
log = PostgresLog(url, signer=Signer.in_directory(folder / "keys"), notes=folder / "notes.txt")
lock = threading.Lock()
def write(lane):
    for number in range(start + lane, start + 1_000_000, 4):
        new = NewEvent(number.to_bytes(16, "big"), "t", 1, b"x" * 300, 0, "o", "a")
        while True:
            try:
                commit = log.commit([Append(f"lane/{lane}", None, [new])], service="w",
                    rows=lambda rows: rows.execute(
                        "INSERT INTO shown VALUES(?, 1) ON CONFLICT(number) DO UPDATE SET times = shown.times + 1",
                        (number,)),
                    checkpoint=Checkpoint(f"lane/{lane}", number))
                assert not commit.conflicts
                break
            except (LogUnreachable, LogBusy):
                time.sleep(0.02)  # it may have been written: the same once more gets the same answer
        with lock:
            sys.stdout.write(f"{number}\\n"); sys.stdout.flush()
for lane in range(4):
    threading.Thread(target=write, args=(lane,), daemon=True).start()
threading.Event().wait()
"""


@pytest.fixture
def shown(log_database):
    with PostgresLog(log_database) as log:
        log.ensure_schema(lambda rows: rows.execute("CREATE TABLE shown(number bigint PRIMARY KEY, times int)"))
    return log_database


def writing(url, folder, start):
    command = [sys.executable, "-c", WRITER, url, str(folder), str(start)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def check(url, folder, acknowledged):
    """The log is whole, holds all that was acknowledged, and rows and checkpoints came with their events."""
    signer = Signer.in_directory(folder / "keys")
    result = verify_postgres(url, signer.vkey, notes=folder / "notes.txt")
    assert result.ok, result
    with PostgresLog(url, read_only=True) as log:
        stored = [int.from_bytes(e.event_id, "big") for e in log.read_all(0, 10_000_000)]
        assert len(stored) == len(set(stored)) == log.head()
        assert acknowledged <= set(stored)
        rows = {number for (number,) in log.connection().execute("SELECT number FROM shown").fetchall()}
        assert rows == set(stored)
        for lane in range(4):
            stream = log.read_stream(f"lane/{lane}")
            assert [e.version for e in stream] == list(range(1, len(stream) + 1))
            assert log.checkpoint(f"lane/{lane}") == (int.from_bytes(stream[-1].event_id, "big") if stream else 0)
    return result


def test_nothing_acknowledged_is_lost_when_a_writer_is_killed(shown, tmp_path):
    chooser = random.Random(7)
    acknowledged: set[int] = set()
    for round_ in range(3):
        writer = writing(shown, tmp_path, round_ * 1_000_000)
        assert writer.stdout is not None
        told = [writer.stdout.readline()]
        time.sleep(chooser.uniform(0.05, 0.4))
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read().splitlines(keepends=True)
        writer.wait()
        writer.stdout.close()
        acknowledged |= {int(line) for line in told if line.endswith("\n")}
        check(shown, tmp_path, acknowledged)
    assert len(acknowledged) > 20


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_and_writers_go_on_when_it_is_back(
    tmp_path, empty_log_maker
):
    server = postgres.carried(f"own-{os.getpid()}")
    url = str(server.get_uri())
    empty_log_maker(url)
    with PostgresLog(url) as log:
        log.ensure_schema(lambda rows: rows.execute("CREATE TABLE shown(number bigint PRIMARY KEY, times int)"))
    writer = writing(url, tmp_path, 0)
    told: list[int] = []
    assert writer.stdout is not None
    reading = threading.Thread(target=lambda: told.extend(int(line) for line in writer.stdout if line.endswith("\n")))
    reading.start()
    chooser = random.Random(3)
    try:
        for _ in range(2):
            before = len(told)
            deadline = time.monotonic() + 30
            while len(told) < before + 20:
                assert time.monotonic() < deadline, "the writer does not go on"
                time.sleep(0.01)
            time.sleep(chooser.uniform(0, 0.2))
            postgres.kill(server)
            server.ensure_postgres_running()
        before = len(told)
        while len(told) < before + 20:
            time.sleep(0.01)
    finally:
        writer.kill()
        writer.wait()
        reading.join()
        writer.stdout.close()
    check(url, tmp_path, set(told))
    server.cleanup()
