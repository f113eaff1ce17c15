"""A path to the server that swallows what is sent: no thread waits for ever, no lock stays, all goes on."""

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

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


def test_who_waits_for_a_lost_answer_is_found_although_others_are_answered(
    wired: tuple[Wire, PostgresLog], event: Callable[[], NewEvent]
) -> None:
    """As where connections swallow everything for less time than lies between two probes."""
    wire, log = wired
    told: list[str] = []

    def asking(work: Callable[[], object]) -> None:
        try:
            work()
        except LogUnreachable:
            told.append("unreachable")

    def reading() -> None:
        log.head()
        ready.wait(5)
        go.wait(5)
        log.head()

    def writing() -> None:
        ready.wait(5)
        go.wait(5)
        log.commit([Append("s/1", None, [event()])], service="t")

    ready, go = threading.Barrier(3), threading.Event()
    assert log.break_off_lost() == 0
    threads = [threading.Thread(target=asking, args=(work,), daemon=True) for work in (reading, writing)]
    for thread in threads:
        thread.start()
    ready.wait(5)
    wire.swallows = True
    go.set()
    time.sleep(0.3)
    wire.mend()
    began, ended = time.monotonic(), 0
    while ended < 2 and time.monotonic() - began < 20:
        ended += log.break_off_lost()
        assert log.head() == 0
        time.sleep(0.2)
    for thread in threads:
        thread.join(5)
    assert (ended, told) == (2, ["unreachable"] * 2)
    assert 4 < time.monotonic() - began < 12


def test_who_waits_for_a_long_answer_is_left_alone(log_database: str) -> None:
    with PostgresLog(log_database) as log:
        slow = threading.Thread(target=lambda: log.connection().execute("SELECT pg_sleep(7)").fetchall())
        slow.start()
        while slow.is_alive():
            assert log.break_off_lost() == 0
            time.sleep(0.2)
        slow.join()


def test_a_server_that_ends_idle_sessions_costs_nothing_but_new_ones(
    log_database: str, event: Callable[[], NewEvent]
) -> None:
    """Else connections that were cut off without a word would take every place on the server, one by one."""
    with PostgresLog(make_conninfo(log_database, options="-c idle_session_timeout=300ms")) as log:
        assert log.lease("t")
        for number in range(1, 4):
            log.aside(lambda rows: rows.execute("SELECT 1").fetchall() and None)
            log.commit([Append("s/1", None, [event()])], service="t")
            assert log.head() == number
            time.sleep(0.7)
        assert not log.lease("t")  # it was lost, and says so once
        assert log.lease("t")


def test_every_session_is_ended_by_the_server_when_it_stands_idle(log_database: str) -> None:
    with postgres_rows.connect(log_database) as connection:
        assert connection.execute("SHOW idle_session_timeout").fetchone() == ("30s",)
