"""Closing a log while other threads are in the middle of an answer: they are told, and the process lives."""

import subprocess
import sys

CLOSE = """
import sys, threading, time
from event_log.errors import LogError
from event_log.postgres import PostgresLog

sys.setswitchinterval(0.0005)
for number in range(60):
    log = PostgresLog(sys.argv[1], read_only=True)
    asking = threading.Barrier(3)

    def ask():
        asking.wait()
        try:
            while True:
                log.connection().execute("SELECT generate_series(1, 2000)").fetchall()
        except LogError:
            pass

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    asking.wait()
    time.sleep(0.002 + number / 4000)
    log.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
"""


def test_threads_that_ask_while_the_log_is_closed_are_told_so(log_database: str) -> None:
    """In a process of its own: a connection that is freed under a thread ends it with a segmentation fault."""
    ended = subprocess.run(
        [sys.executable, "-c", CLOSE, log_database], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
