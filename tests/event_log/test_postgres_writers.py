"""Many processes over one log on PostgreSQL: nothing lost, no gap met, each stream in order; and none stays stuck."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from event_log.errors import LogBusy, LogUnreachable, SchemaMismatch
from event_log.keyring import Erased, KeyRing
from event_log.postgres import PostgresLog
from event_log.protocol import Append, Appended, Checkpoint, Conflict, Guard, NewEvent
from event_log.verify import verify_postgres
from support import postgres

S = {"service": "test"}

WRITER = """
import random, sys
from event_log.postgres import PostgresLog
from event_log.protocol import Append, Checkpoint, Conflict, NewEvent
url, writer, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chooser = random.Random(writer)
versions = {}
with PostgresLog(url) as log:
    for number in range(each):
        new = NewEvent((writer * each + number).to_bytes(16, "big"), "t", 1, b"{}", 0, "o", "a")
        mine = f"own/{writer}/{chooser.randrange(3)}"
        shared = [Append(f"shared/{n}", None, [new._replace(event_id=new.event_id[8:] + bytes([n + 1] * 8))])
                  for n in chooser.sample(range(4), 2)]
        commit = log.commit([*shared, Append(mine, versions.get(mine, 0), [new])], service="w",
            rows=lambda rows: rows.execute("INSERT INTO shown VALUES(?)", (writer * each + number,)),
            checkpoint=Checkpoint(f"writer/{writer}", number))
        assert not commit.conflicts, commit
        versions[mine] = commit.results[-1].last_version
"""


def event(number: int, **changes: object) -> NewEvent:
    return NewEvent(number.to_bytes(16, "big"), "t", 1, b"{}", 0, "o", "a")._replace(**changes)


@pytest.fixture
def log(log_database):
    with PostgresLog(log_database) as log:
        yield log


def test_eight_writing_processes_and_a_reader_who_follows_lose_nothing_and_meet_no_gap(log, log_database):
    writers, each = 8, 60
    log.ensure_schema(lambda rows: rows.execute("CREATE TABLE shown(number bigint PRIMARY KEY)"))
    seen: list[int] = []
    done = threading.Event()
    gaps: list[tuple[int, int]] = []

    def follow():
        at = 0
        while not (done.is_set() and at == log.head()):
            log.wait(at, 0.02)
            for stored in log.read_all(at, 100):
                if stored.position != at + 1:
                    gaps.append((at, stored.position))
                at = stored.position
                seen.append(at)

    reader = threading.Thread(target=follow)
    reader.start()
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, log_database, str(writer), str(each)], stderr=subprocess.PIPE)
        for writer in range(writers)
    ]
    faults = [process.communicate()[1] for process in started]
    done.set()
    reader.join(30)
    assert [process.returncode for process in started] == [0] * writers, faults
    assert gaps == []
    assert seen == list(range(1, 3 * writers * each + 1))
    for writer in range(writers):
        for lane in range(3):
            mine = log.read_stream(f"own/{writer}/{lane}")
            assert [e.version for e in mine] == list(range(1, len(mine) + 1))
            assert [e.event_id for e in mine] == sorted(e.event_id for e in mine)
        assert log.checkpoint(f"writer/{writer}") == each - 1
    shared = log.read_streams([f"shared/{n}" for n in range(4)])
    assert all([e.version for e in events] == list(range(1, len(events) + 1)) for events in shared.values())
    times = [e.recorded_at for e in log.read_all(0, 10_000)]
    assert times == sorted(times)
    rows = log.connection().execute("SELECT number FROM shown ORDER BY number").fetchall()
    assert [number for (number,) in rows] == list(range(writers * each))
    assert verify_postgres(log_database).ok


def test_of_two_processes_that_decide_on_one_version_one_is_refused(log, log_database):
    with PostgresLog(log_database) as other:
        assert isinstance(log.commit([Append("a", 0, [event(1)])], **S).results[0], Appended)
        assert other.commit([Append("a", 0, [event(2)])], **S).results == (Conflict("a", 0, 1),)
        assert other.commit([Append("a", 1, [event(2)])], **S).written == 1
        assert log.read_stream("a")[1].event_id == event(2).event_id


def test_a_guard_makes_two_processes_that_miss_each_others_work_meet(log, log_database):
    """A decision reads a stream that is not there; the fact comes, unseen, before the decision is written."""
    with PostgresLog(log_database) as other:
        begun, go = threading.Event(), threading.Event()

        def slow(rows):
            rows.execute("SELECT 1")
            begun.set()
            assert go.wait(30)

        answers = []
        deciding = threading.Thread(
            target=lambda: answers.append(
                other.commit([Append("claim", 0, [event(1)])], guards=[Guard("payer", 0)], rows=slow, **S)
            )
        )
        deciding.start()
        assert begun.wait(30)
        assert log.commit([Append("payer", None, [event(2)])], **S).written == 1
        go.set()
        deciding.join(30)
        assert answers[0].stale == (Conflict("payer", 0, 1),)
        assert log.versions(["claim"]) == {"claim": 0}


def test_nobody_appends_between_a_guard_and_its_commit(log_database):
    """Of two processes that each guard the stream which the other appends to, only one ever gets through."""
    both: list[int] = []

    def write(log, mine, theirs, seed):
        for number in range(40):
            answer = log.commit(
                [Append(f"{mine}/{number}", 0, [event(seed * 1000 + number)])],
                guards=[Guard(f"{theirs}/{number}", 0)],
                **S,
            )
            if not answer.conflicts:
                both.append(number)

    with PostgresLog(log_database) as one, PostgresLog(log_database) as two:
        threads = [
            threading.Thread(target=write, args=(one, "left", "right", 1)),
            threading.Thread(target=write, args=(two, "right", "left", 2)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(both) == list(range(40))


def test_rows_that_deadlock_with_another_process_are_written_again(log, log_database):
    log.ensure_schema(lambda rows: rows.execute("CREATE TABLE shown(name text PRIMARY KEY, number int)"))
    names = ("one", "two")
    log.commit((), rows=lambda rows: rows.executemany("INSERT INTO shown VALUES(?, 0)", [(n,) for n in names]), **S)
    barrier = threading.Barrier(2)
    tries: list[str] = []

    def update(order):
        def rows(connection):
            tries.append(order[0])
            for name in order:
                connection.execute("UPDATE shown SET number = number + 1 WHERE name = ?", (name,))
                if len(tries) <= 2 and name == order[0]:
                    barrier.wait(30)

        return rows

    with PostgresLog(log_database) as other:
        threads = [
            threading.Thread(target=lambda: log.commit((), rows=update(names), **S)),
            threading.Thread(target=lambda: other.commit((), rows=update(names[::-1]), **S)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(tries) > 2
    assert log.connection().execute("SELECT name, number FROM shown ORDER BY name").fetchall() == [
        ("one", 2),
        ("two", 2),
    ]


def test_a_lease_is_one_processs_until_it_ends(log, log_database):
    assert log.lease("appeals")
    assert log.lease("appeals")
    with PostgresLog(log_database) as other:
        assert not other.lease("appeals")
        assert other.lease("units")
        assert not log.lease("units")
        log.close()
        assert other.lease("appeals")
    with PostgresLog(log_database) as third:
        assert third.lease("appeals")


def test_a_lease_whose_connection_was_cut_is_taken_again_or_is_anothers(log, log_database, monkeypatch):
    monkeypatch.setattr("event_log.postgres_leases.SURE_SECONDS", 0.0)
    assert log.lease("appeals")
    cut(log_database)
    with PostgresLog(log_database) as other:
        assert other.lease("appeals")
        assert not log.lease("appeals")
    assert log.lease("appeals")


def test_a_lease_that_was_lost_is_refused_once_so_that_it_is_noticed(log, log_database, monkeypatch):
    monkeypatch.setattr("event_log.postgres_leases.SURE_SECONDS", 0.0)
    assert log.lease("appeals")
    assert log.lease("units")
    cut(log_database)
    assert [log.lease("appeals"), log.lease("units")] == [False, False]
    assert [log.lease("appeals"), log.lease("units")] == [True, True]


def cut(url):
    """End every connection to the database but our own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
        while connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone():
            time.sleep(0.01)


def test_connections_that_were_cut_while_idle_are_made_again_unseen(log, log_database):
    log.commit([Append("a", 0, [event(1)])], **S)
    assert log.head() == 1
    assert log.connection().execute("SELECT 1").fetchone() == (1,)
    log.aside(lambda rows: rows.execute("SELECT 1"))
    cut(log_database)
    time.sleep(0.2)  # the server's list forgets a connection a moment before its socket is closed
    assert log.commit([Append("a", 1, [event(2)])], **S).written == 1
    assert log.head() == 2
    assert log.connection().execute("SELECT 1").fetchone() == (1,)
    log.aside(lambda rows: rows.execute("SELECT 1"))


def test_a_connection_cut_in_use_is_told_and_the_next_call_connects_again(log, log_database):
    def asked():
        time.sleep(0.1)
        cut(log_database)

    cutting = threading.Thread(target=asked)
    cutting.start()
    with pytest.raises(LogUnreachable):
        log.connection().execute("SELECT pg_sleep(20)")
    cutting.join()
    assert log.connection().execute("SELECT 1").fetchone() == (1,)


def test_a_connection_cut_between_rows_and_append_writes_neither(log, log_database):
    log.ensure_schema(lambda rows: rows.execute("CREATE TABLE shown(name text PRIMARY KEY)"))

    def rows(connection):
        connection.execute("INSERT INTO shown VALUES('x')")
        cut(log_database)

    with pytest.raises(LogUnreachable):
        log.commit([Append("a", 0, [event(1)])], rows=rows, checkpoint=Checkpoint("r", 1), **S)
    time.sleep(0.05)
    with PostgresLog(log_database) as fresh:
        assert fresh.head() == 0
        assert fresh.checkpoints() == {}
        assert fresh.connection().execute("SELECT * FROM shown").fetchall() == []


def test_a_held_lock_is_told_as_busy(log_database):
    with psycopg.connect(log_database) as holder:
        holder.execute("SELECT * FROM claimtrail.log_head FOR UPDATE")
        with PostgresLog(make_conninfo(log_database, options="-c lock_timeout=200ms")) as log:
            with pytest.raises(LogBusy):
                log.commit([Append("a", 0, [event(1)])], **S)
            holder.rollback()
            assert log.commit([Append("a", 0, [event(1)])], **S).written == 1


def test_where_no_server_answers_it_is_said_without_the_password():
    with pytest.raises(LogUnreachable) as told:
        PostgresLog("postgresql://somebody:secret@127.0.0.1:1/claims")
    assert "127.0.0.1" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_database_without_a_log_is_told_what_to_do(postgres_server):
    with postgres.database(postgres_server) as url, PostgresLog(url) as log:
        for attempt in (log.head, lambda: log.commit([Append("a", 0, [event(1)])], **S)):
            with pytest.raises(SchemaMismatch, match="claimtrail migrate"):
                attempt()


def test_two_processes_that_need_a_new_key_at_once_share_it(log, log_database, tmp_path):
    with PostgresLog(log_database) as other:
        rings = [KeyRing(tmp_path / "keys", each) for each in (log, other)]
        for number in range(20):
            barrier = threading.Barrier(2)
            boxes: list[bytes] = []

            def seal(ring, subject=f"patient/{number}", barrier=barrier, boxes=boxes):
                barrier.wait(30)
                boxes.append(ring.seal(subject, b"x", b""))

            threads = [threading.Thread(target=seal, args=(ring,)) for ring in rings]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [ring.open(f"patient/{number}", box, b"") for ring in rings for box in boxes] == [b"x"] * 4


def test_a_key_that_another_process_destroyed_is_forgotten_here(log, log_database, tmp_path, monkeypatch):
    monkeypatch.setattr("event_log.keyring.DESTROYED_ELSEWHERE_SECONDS", 0.0)
    with PostgresLog(log_database) as other:
        mine, theirs = KeyRing(tmp_path / "keys", log), KeyRing(tmp_path / "keys", other)
        told: list[str] = []
        mine.when_destroyed_elsewhere = lambda: told.append("forget")
        box = mine.seal("patient/ann", b"x", b"")
        assert mine.open("patient/ann", box, b"") == b"x"
        told.clear()
        theirs.destroy("patient/ann")
        with pytest.raises(Erased):
            mine.open("patient/ann", box, b"")
        assert told == ["forget"]


def test_ten_thousand_events_in_one_commit_go_through(log):
    chooser = random.Random(1)
    events = [event(0, event_id=chooser.randbytes(16), data=b"x" * 400) for _ in range(10_000)]
    commit = log.commit([Append(f"s/{n % 100}", None, events[n * 10 : n * 10 + 10]) for n in range(1000)], **S)
    assert commit.written == log.head() == 10_000
    log.ensure_schema(lambda rows: rows.execute("CREATE TABLE shown(number bigint PRIMARY KEY)"))
    log.commit(
        (), rows=lambda rows: rows.executemany("INSERT INTO shown VALUES(?)", ((n,) for n in range(10_000))), **S
    )
    assert log.connection().execute("SELECT count(*) FROM shown").fetchone() == (10_000,)
