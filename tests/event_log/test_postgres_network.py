"""A path to the server that swallows what is sent: no thread waits for ever, no lock stays, all goes on."""

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from event_log import postgres_rows
from event_log.errors import LogUnreachable
from event_log.postgres import PostgresLog
from event_log.protocol import Append, NewEvent, RowsConnection
from support.wire import Wire, wire_to


@pytest.fixture
def wired(log_database: str) -> Iterator[tuple[Wire, PostgresLog]]:
    wire, url = wire_to(log_database)
    with wire, PostgresLog(url) as log:
        yield wire, log


def test_who_waits_for_a_lost_answer_is_told_when_connections_are_broken_off(
    wired: tuple[Wire, PostgresLog], event: Callable[[], NewEvent]
) -> None:
    wire, log = wired
    told: list[str] = []
    connected, go = threading.Barrier(3), threading.Event()

    def commit(stream: str) -> None:
        log.commit([Append(stream, None, [event()])], service="t")

    def asking(work: Callable[[], object]) -> None:
        log.head()
        connected.wait(5)
        go.wait(5)
        try:
            work()
        except LogUnreachable:
            told.append("unreachable")

    commit("s/1")
    threads = [threading.Thread(target=asking, args=(work,), daemon=True) for work in (log.head, lambda: commit("s/2"))]
    for thread in threads:
        thread.start()
    connected.wait(5)
    wire.swallows = True
    go.set()
    time.sleep(0.3)
    wire.mend()
    time.sleep(0.3)
    assert told == []  # what was swallowed stays lost
    log.break_off()
    for thread in threads:
        thread.join(5)
    assert told == ["unreachable"] * 2
    commit("s/2")
    assert log.head() == 2


def test_who_is_cut_off_in_a_transaction_does_not_keep_its_locks(
    log_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres_rows._SETTINGS, "idle_in_transaction_session_timeout", "1s")
    wire, url = wire_to(log_database)
    with wire, PostgresLog(url) as cut_off, PostgresLog(log_database) as other:
        other.ensure_schema(lambda rows: rows.execute("CREATE TABLE IF NOT EXISTS held(number int PRIMARY KEY)"))

        def write(rows: RowsConnection) -> None:
            rows.execute("INSERT INTO held VALUES(1)")
            wire.swallows = True
            rows.execute("INSERT INTO held VALUES(2)")

        def commit() -> None:
            with pytest.raises(LogUnreachable):
                cut_off.commit((), service="t", rows=write)

        thread = threading.Thread(target=commit, daemon=True)
        thread.start()
        while not wire.swallows:
            time.sleep(0.01)
        began = time.monotonic()
        other.commit((), service="t", rows=lambda rows: rows.execute("INSERT INTO held VALUES(1)"))
        assert time.monotonic() - began < 5
        cut_off.break_off()
        thread.join(5)
        with psycopg.connect(log_database) as asking:
            assert asking.execute("SELECT number FROM claimtrail.held").fetchall() == [(1,)]
