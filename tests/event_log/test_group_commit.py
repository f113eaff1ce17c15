"""Many callers, one transaction: they gain from each other and never suffer from each other."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections import defaultdict

import pytest

from event_log import aio
from event_log.errors import CommitInsideCommit
from event_log.protocol import Append, Checkpoint, Conflict, NewEvent
from event_log.sqlite import SqliteLog
from event_log.verify import verify

S = {"service": "test"}


@pytest.fixture
def log(tmp_path):
    with SqliteLog(tmp_path / "log.db") as log:
        log.ensure_schema(lambda rows: rows.execute("CREATE TABLE IF NOT EXISTS shown(name TEXT PRIMARY KEY)"))
        yield log


def together(log, *commits):
    """Hand several commits to the writer while it cannot begin, so that they share a transaction."""
    with log._turn:
        return [log.submit(appends, **(S | more)) for appends, more in commits]


def show(name):
    return lambda rows: rows.execute("INSERT INTO shown VALUES(?)", (name,))


def test_a_caller_whose_rows_fail_takes_nobody_with_it(log, event):
    def fail(rows):
        show("half")(rows)
        raise ZeroDivisionError

    first, bad, wrong, last = together(
        log,
        ([Append("a", 0, [event()])], {"rows": show("first")}),
        ([Append("b", 0, [event()])], {"rows": fail, "checkpoint": Checkpoint("b", 1)}),
        ([Append("c", 0, [event(event_id=b"")])], {}),
        ([Append("d", 0, [event(), event()])], {"rows": show("last"), "checkpoint": Checkpoint("d", 1)}),
    )
    assert first.result(10).written == 1
    assert isinstance(bad.exception(10), ZeroDivisionError)
    assert isinstance(wrong.exception(10), ValueError)
    assert last.result(10).written == 2
    assert [(e.position, e.stream) for e in log.read_all(0, 10)] == [(1, "a"), (2, "d"), (3, "d")]
    assert sorted(log.connection().execute("SELECT name FROM shown")) == [("first",), ("last",)]
    assert log.checkpoints() == {"d": 1}
    assert verify(log.path).ok


def test_of_two_callers_deciding_on_the_same_version_one_is_refused(log, event):
    one, two = together(log, ([Append("a", 0, [event()])], {}), ([Append("a", 0, [event()])], {}))
    assert one.result(10).written == 1
    assert two.result(10).results == (Conflict("a", 0, 1),)


def test_the_same_event_twice_in_one_group_is_written_once(log, numbered):
    jobs = [([Append("a", None, [numbered(1), numbered(2)])], {}) for _ in range(5)]
    answers = [future.result(10).results[0] for future in together(log, *jobs)]
    assert [list(answer.positions) for answer in answers] == [[1, 2]] * 5
    assert [answer.repeated for answer in answers] == [False, True, True, True, True]
    assert log.head() == 2


def test_failing_one_by_one_still_knows_what_came_before(log, numbered):
    commits = [([Append("a", number, [numbered(number)])], {}) for number in range(4)]
    commits.insert(2, ([Append("x", None, [numbered(50)])], {"rows": lambda _: 1 / 0}))
    commits.append(([Append("a", None, [numbered(1)])], {}))
    futures = together(log, *commits)
    assert [f.exception(10) is None for f in futures] == [True, True, False, True, True, True]
    assert [e.version for e in log.read_stream("a")] == [1, 2, 3, 4]
    assert futures[-1].result().results[0].repeated


def test_eight_writers_and_a_reader_who_follows_lose_nothing_and_meet_no_gap(log):
    writers, each = 8, 150
    seen: list[int] = []
    done = threading.Event()

    def follow():
        at = 0
        while not (done.is_set() and at == log.head()):
            log.wait(at, 0.05)
            for stored in log.read_all(at, 100):
                assert stored.position == at + 1
                at = stored.position
                seen.append(int.from_bytes(stored.event_id, "big"))

    def write(writer):
        chooser = random.Random(writer)
        versions = defaultdict(int)
        for number in range(each):
            mine = f"own/{writer}/{chooser.randrange(3)}"
            event_id = (writer * each + number).to_bytes(16, "big")
            new = NewEvent(event_id, "t", 1, b"{}", 0, "o", "a")
            shared = number % 3 == 0
            append = Append("shared", None, [new]) if shared else Append(mine, versions[mine], [new])
            (result,) = log.commit([append], **S).results
            assert not isinstance(result, Conflict)
            if not shared:
                versions[mine] = result.last_version

    failures: list[BaseException] = []

    def guarded(work, *args):
        try:
            work(*args)
        except BaseException as error:  # noqa: BLE001 -- shown to the test
            failures.append(error)

    reader = threading.Thread(target=guarded, args=(follow,))
    reader.start()
    threads = [threading.Thread(target=guarded, args=(write, writer)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join(30)
    assert failures == []
    assert sorted(seen) == list(range(writers * each))
    assert [e.version for e in log.read_stream("shared")] == list(range(1, log.versions(["shared"])["shared"] + 1))
    assert verify(log.path).ok


def test_coroutines_commit_together(log, event):
    async def run():
        commits = [aio.commit(log, [Append(f"s{n % 9}", None, [event()])], **S) for n in range(200)]
        answers = await asyncio.gather(*commits)
        with pytest.raises(ValueError, match="16 bytes"):
            await aio.commit(log, [Append("a", None, [event(event_id=b"")])], **S)
        with pytest.raises(ZeroDivisionError):
            await aio.commit(log, (), rows=lambda _: 1 / 0, **S)
        return answers

    answers = asyncio.run(run())
    assert sorted(answer.results[0].first_position for answer in answers) == list(range(1, 201))


def test_a_cancelled_coroutine_leaves_the_others_their_answers(log, event):
    async def run():
        with log._turn:
            tasks = [asyncio.create_task(aio.commit(log, [Append(f"s{n}", 0, [event()])], **S)) for n in range(3)]
            await asyncio.sleep(0)
            tasks[1].cancel()
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, cancelled, last = asyncio.run(run())
    assert first.written == last.written == 1
    assert isinstance(cancelled, asyncio.CancelledError)


def test_readers_of_other_threads_never_see_half_a_commit(log):
    stop = threading.Event()
    torn = []

    def look():
        while not stop.is_set():
            both = log.read_streams(["left", "right"])
            if len(both["left"]) != len(both["right"]):
                torn.append(both)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(150):
        pair = [NewEvent(bytes([side]) * 8 + number.to_bytes(8, "big"), "t", 1, b"{}", 0, "o", "a") for side in (1, 2)]
        log.commit([Append("left", None, pair[:1]), Append("right", None, pair[1:])], **S)
    stop.set()
    reader.join()
    assert torn == []


def test_database_errors_in_rows_reach_their_caller_as_they_are(log, event):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        log.commit([Append("a", 0, [event()])], rows=lambda rows: rows.execute("INSERT INTO nowhere VALUES(1)"), **S)
    assert log.head() == 0


@pytest.mark.parametrize("queued", [False, True])
def test_rows_that_commit_are_told_so_and_do_not_wait_for_themselves(log, event, queued):
    def nested(_rows):
        log.commit([Append("b", 0, [event()])], **S)

    call = (
        (lambda: log.submit([Append("a", 0, [event()])], rows=nested, **S).result(10))
        if queued
        else (lambda: log.commit([Append("a", 0, [event()])], rows=nested, **S))
    )
    with pytest.raises(CommitInsideCommit):
        call()
    assert log.head() == 0
    assert log.commit([Append("a", 0, [event()])], **S).written == 1
