"""A writer killed at any moment: what it acknowledged is there, the log is whole, and goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from event_log.notes import Signer
from event_log.protocol import Append, NewEvent
from event_log.sqlite import SqliteLog
from event_log.verify import verify

WRITER = """
import sys, threading
from pathlib import Path
from event_log.notes import Signer
from event_log.protocol import Append, Checkpoint, NewEvent
from event_log.sqlite import SqliteLog
import event_log.sqlite_folding, event_log.sqlite_writer
event_log.sqlite_folding.PAGES = 20
event_log.sqlite_writer.SIGN_EVENTS = 500
event_log.sqlite_writer.KEEP_WHEREABOUTS = 400
folder, start = Path(sys.argv[1]), int(sys.argv[2])
log = SqliteLog(folder / "log.db", signer=Signer.in_directory(folder / "keys"))
log.ensure_schema(lambda rows: rows.execute("CREATE TABLE IF NOT EXISTS shown(number INTEGER PRIMARY KEY)"))
lock = threading.Lock()
def write(lane):
    for number in range(start + lane, start + 1_000_000, 4):
        new = NewEvent(number.to_bytes(16, "big"), "t", 1, b"x" * 300, 0, "o", "a")
        log.commit([Append(f"lane/{lane}", None, [new])], service="w",
                   rows=lambda rows: rows.execute("INSERT INTO shown VALUES(?)", (number,)),
                   checkpoint=Checkpoint(f"lane/{lane}", number))
        with lock:
            sys.stdout.write(f"{number}\\n"); sys.stdout.flush()
for lane in range(4):
    threading.Thread(target=write, args=(lane,), daemon=True).start()
sys.stdin.readline()
log.close()
"""


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path):
    """Also while it closes the log."""
    chooser = random.Random(7)
    acknowledged: set[int] = set()
    for round_ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(round_ * 1_000_000)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert writer.stdin is not None
        assert writer.stdout is not None
        told = [writer.stdout.readline()]
        time.sleep(chooser.uniform(0.05, 0.5))
        if round_ % 2:
            writer.stdin.close()
            time.sleep(chooser.uniform(0, 0.03))
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read().splitlines(keepends=True)
        writer.wait()
        writer.stdout.close()
        writer.stdin.close()
        acknowledged |= {int(line) for line in told if line.endswith("\n")}

        signer = Signer.in_directory(tmp_path / "keys")
        result = verify(tmp_path / "log.db", signer.vkey)
        assert result.ok, result
        with SqliteLog(tmp_path / "log.db", signer=signer) as log:
            stored = [int.from_bytes(e.event_id, "big") for e in log.read_all(0, 10_000_000)]
            assert len(stored) == len(set(stored)) == log.head()
            assert acknowledged <= set(stored)
            rows = {number for (number,) in log.connection().execute("SELECT number FROM shown")}
            assert rows == set(stored)
            assert set(log.find([number.to_bytes(16, "big") for number in acknowledged])) == {
                number.to_bytes(16, "big") for number in acknowledged
            }
            for lane in range(4):
                stream = log.read_stream(f"lane/{lane}")
                assert [e.version for e in stream] == list(range(1, len(stream) + 1))
                last = int.from_bytes(stream[-1].event_id, "big") if stream else 0
                assert log.checkpoint(f"lane/{lane}") == last
            again = NewEvent(stored[0].to_bytes(16, "big"), "t", 1, b"x" * 300, 0, "o", "a")
            first = log.read_events([again.event_id])[0]
            assert log.commit([Append(first.stream, None, [again])], service="w").results[0].repeated
    assert len(acknowledged) > 20
