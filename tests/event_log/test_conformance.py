"""What every engine of the log does: the same tests run on each."""

from __future__ import annotations

import sqlite3
import threading
import time

import psycopg
import pytest

from event_log.errors import LogClosed, RowsEndedTransaction
from event_log.leaf import leaf_of
from event_log.merkle import Tree, verify_inclusion
from event_log.protocol import Append, Appended, Checkpoint, Commit, Conflict, Guard

S = {"service": "test"}
CASE = b"c" * 16
OTHER_CASE = b"d" * 16


def table(rows):
    rows.execute("CREATE TABLE IF NOT EXISTS shown(name TEXT PRIMARY KEY, number INTEGER)")


def show(name, number=1):
    return lambda rows: rows.execute("INSERT INTO shown VALUES(?, ?)", (name, number))


def shown(log):
    return dict(log.connection().execute("SELECT name, number FROM shown ORDER BY name").fetchall())


def appended(log, stream, expected, *events):
    (result,) = log.commit([Append(stream, expected, events)], **S).results
    assert isinstance(result, Appended), result
    return result


def refused(log, stream, expected, *events):
    (result,) = log.commit([Append(stream, expected, events)], **S).results
    assert isinstance(result, Conflict), result
    return result


def test_a_new_log_is_empty(log):
    assert log.head() == 0
    assert log.read_all(0, 10) == []
    assert log.read_stream("a") == []
    assert log.versions(["a"]) == {"a": 0}
    assert log.checkpoint("x") == 0


def test_events_are_stored_as_they_were_given(log, event, clock):
    one = event(
        case_id=CASE,
        causation_id=b"k" * 16,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        fingerprint=b"f" * 32,
        org="Örg",
        data=b'{"note":"\xc3\xa9"}',
    )
    appended(log, "session/ü/1", 0, one)
    (stored,) = log.read_stream("session/ü/1")
    assert stored[:3] == (1, "session/ü/1", 1)
    for name in one._fields:
        assert getattr(stored, name) == getattr(one, name), name
    assert stored.service == "test"
    assert stored.recorded_at == clock.now
    assert stored.leaf_hash == leaf_of(stored)


def test_positions_are_dense_and_versions_count_from_one(log, event):
    commit = log.commit(
        [Append("a", 0, [event(), event()]), Append("b", None, [event()]), Append("a", 2, [event()])], **S
    )
    assert [(r.first_version, r.last_version, list(r.positions)) for r in commit.results] == [
        (1, 2, [1, 2]),
        (1, 1, [3]),
        (3, 3, [4]),
    ]
    assert [(e.position, e.stream, e.version) for e in log.read_all(0, 10)] == [
        (1, "a", 1),
        (2, "a", 2),
        (3, "b", 1),
        (4, "a", 3),
    ]
    assert log.versions(["a", "b", "c"]) == {"a": 3, "b": 1, "c": 0}
    assert log.head() == commit.written == 4


def test_an_append_to_another_version_than_expected_is_refused(log, event):
    appended(log, "a", 0, event())
    assert refused(log, "a", 0, event()) == Conflict("a", 0, 1)
    assert refused(log, "a", 2, event()) == Conflict("a", 2, 1)
    assert refused(log, "new", 3, event()) == Conflict("new", 3, 0)
    assert log.head() == 1
    appended(log, "a", 1, event())


def test_an_empty_append_asserts_a_version(log, event):
    appended(log, "a", 0, event())
    assert appended(log, "a", 1).written == 0
    assert refused(log, "a", 0) == Conflict("a", 0, 1)


@pytest.mark.parametrize("expected", [None, 0, 1, 2, 77])
def test_the_same_events_again_get_the_same_answer_whatever_is_expected(log, numbered, expected):
    first = appended(log, "a", 0, numbered(1), numbered(2))
    appended(log, "a", 2, numbered(3))
    again = appended(log, "a", expected, numbered(1), numbered(2))
    assert again.repeated
    assert again.written == 0
    assert list(again.positions) == list(first.positions)
    assert again[:5] == first[:5]
    assert log.head() == 3


def test_known_events_before_new_ones_are_not_written_again(log, numbered):
    appended(log, "a", 0, numbered(1))
    more = appended(log, "a", 0, numbered(1), numbered(2))
    assert (more.written, more.repeated, list(more.positions)) == (1, False, [1, 2])
    assert (more.first_version, more.last_version) == (1, 2)


def test_known_events_anywhere_are_passed_over_when_the_end_is_meant(log, numbered):
    appended(log, "a", None, numbered(1), numbered(2))
    mixed = appended(log, "a", None, numbered(3), numbered(1), numbered(4), numbered(3))
    assert list(mixed.positions) == [3, 1, 4, 3]
    assert mixed.written == 2


def test_an_old_event_beside_a_new_one_is_no_conflict_when_the_caller_is_up_to_date(log, numbered):
    appended(log, "a", 0, numbered(1), numbered(2), numbered(3))
    assert list(appended(log, "a", 3, numbered(1), numbered(4)).positions) == [1, 4]


def test_new_events_behind_a_stranger_are_refused(log, numbered):
    appended(log, "a", 0, numbered(1), numbered(9))
    assert refused(log, "a", 0, numbered(1), numbered(2)) == Conflict("a", 0, 2)
    assert refused(log, "a", 0, numbered(2), numbered(1), numbered(9)).event_id == numbered(1).event_id


def test_an_event_of_another_stream_is_refused_with_its_id(log, numbered):
    appended(log, "a", 0, numbered(1))
    conflict = refused(log, "b", 0, numbered(2), numbered(1))
    assert conflict == Conflict("b", 0, 0, numbered(1).event_id)
    assert log.versions(["b"]) == {"b": 0}
    commit = log.commit([Append("x", None, [numbered(5)]), Append("y", None, [numbered(5)])], **S)
    assert commit.conflicts == (Conflict("y", None, 0, numbered(5).event_id),)


def test_a_refused_append_refuses_its_stream_only_and_holds_back_rows_and_checkpoint(log, event):
    log.ensure_schema(table)
    appended(log, "a", 0, event())
    commit = log.commit(
        [Append("a", 0, [event()]), Append("b", 0, [event()])],
        rows=show("b"),
        checkpoint=Checkpoint("reader", 1),
        **S,
    )
    assert commit.conflicts == (Conflict("a", 0, 1),)
    assert commit.results[1].written == 1
    assert log.versions(["a", "b"]) == {"a": 1, "b": 1}
    assert shown(log) == {}
    assert log.checkpoint("reader") == 0


def test_events_rows_and_checkpoint_come_together(log, event):
    log.ensure_schema(table)
    log.commit([Append("a", 0, [event()])], rows=show("a", 7), checkpoint=Checkpoint("reader", 1), **S)
    log.commit((), checkpoint=Checkpoint("other", 5), **S)
    assert shown(log) == {"a": 7}
    assert log.checkpoints() == {"other": 5, "reader": 1}
    log.commit((), checkpoint=Checkpoint("reader", 3), **S)
    assert log.checkpoint("reader") == 3


def test_a_guard_lets_the_commit_through_while_its_stream_stands_where_it_was_read(log, event):
    log.ensure_schema(table)
    appended(log, "read", 0, event(), event())
    commit = log.commit(
        [Append("a", 0, [event()])], guards=[Guard("read", 2), Guard("not there", 0)], rows=show("a"), **S
    )
    assert (commit.conflicts, commit.written) == ((), 1)
    assert log.commit((), guards=[Guard("read", 2)], checkpoint=Checkpoint("reader", 3), **S) == Commit(())
    assert log.checkpoint("reader") == 3
    assert shown(log) == {"a": 1}


@pytest.mark.parametrize("guard", [Guard("read", 0), Guard("read", 2), Guard("new", 1)])
def test_a_stale_guard_refuses_the_whole_commit(log, event, guard):
    log.ensure_schema(table)
    appended(log, "read", 0, event())
    commit = log.commit(
        [Append("a", 0, [event()]), Append("b", None, [event()])],
        guards=[Guard("read", 1), guard],
        rows=show("a"),
        checkpoint=Checkpoint("reader", 1),
        **S,
    )
    actual = 1 if guard.stream == "read" else 0
    assert commit == Commit((), (Conflict(guard.stream, guard.version, actual),))
    assert commit.conflicts == commit.stale
    assert log.head() == 1
    assert log.versions(["a", "b", "new"]) == {"a": 0, "b": 0, "new": 0}
    assert shown(log) == {}
    assert log.checkpoint("reader") == 0
    appended(log, "a", 0, event())


def test_guards_are_held_against_the_log_before_the_commits_own_events(log, event):
    appended(log, "a", 0, event())
    assert log.commit([Append("a", 1, [event()])], guards=[Guard("a", 1)], **S).written == 1
    assert log.commit([Append("a", 2, [event()])], guards=[Guard("a", 1)], **S).stale == (Conflict("a", 1, 2),)


def test_guards_see_what_others_wrote_in_the_same_moment(log, event):
    first = log.submit([Append("fact", None, [event()])], **S)
    second = log.submit([Append("decision", 0, [event()])], guards=[Guard("fact", 0)], **S)
    third = log.submit([Append("decision", 0, [event()])], guards=[Guard("fact", 1)], **S)
    assert first.result(30).written == 1
    assert second.result(30).stale == (Conflict("fact", 0, 1),)
    assert third.result(30).written == 1


def test_rows_that_raise_take_the_whole_commit_with_them(log, event):
    log.ensure_schema(table)
    log.commit((), rows=show("a"), **S)
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)):
        log.commit([Append("a", 0, [event()])], rows=show("a"), checkpoint=Checkpoint("reader", 1), **S)

    def fail(rows):
        show("b")(rows)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.commit([Append("a", 0, [event()])], rows=fail, **S)
    assert log.head() == 0
    assert log.checkpoint("reader") == 0
    assert shown(log) == {"a": 1}
    appended(log, "a", 0, event())


def test_rows_may_not_end_the_transaction(log, event):
    with pytest.raises(RowsEndedTransaction):
        log.commit((), rows=lambda rows: rows.execute("COMMIT"), **S)
    appended(log, "a", 0, event())


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_id": b"short"},
        {"case_id": b"short"},
        {"occurred_at": 1 << 70},
        {"org": "\ud800"},
        {"data": "text"},
        {"actor": None},
        {"schema_version": "1"},
    ],
)
def test_an_impossible_event_is_refused_and_leaves_no_trace(log, event, wrong):
    with pytest.raises((ValueError, TypeError, OverflowError, AttributeError, Exception)):
        log.commit([Append("a", 0, [event(), event(**wrong)])], **S)
    assert log.head() == 0
    appended(log, "a", 0, event())
    assert [e.position for e in log.read_all(0, 10)] == [1]


def test_recording_time_never_goes_back(log, event, clock):
    for step in (0, 5, -100, 0, 200):
        clock.now += step
        appended(log, "a", None, event())
    times = [e.recorded_at for e in log.read_all(0, 10)]
    assert times == sorted(times)
    assert times[2] == times[1]


def test_reading_up_to_a_position_or_a_time(log, event, clock):
    start = clock.now
    for number in range(6):
        clock.now = start + number * 1000
        appended(log, f"s{number % 2}", None, event(case_id=CASE))
    assert [e.position for e in log.read_stream("s0", upto=3)] == [1, 3]
    assert [e.position for e in log.read_stream("s0", after_version=1)] == [3, 5]
    assert [e.position for e in log.read_stream("s1", as_of=start + 3000)] == [2, 4]
    assert [e.position for e in log.read_stream("s1", as_of=start + 2999)] == [2]
    assert [e.position for e in log.read_cases([CASE], upto=4)] == [1, 2, 3, 4]
    assert [e.position for e in log.read_cases([CASE], as_of=start + 1000)] == [1, 2]
    both = log.read_streams(["s0", "s1", "none"], upto=5)
    assert {name: [e.position for e in events] for name, events in both.items()} == {
        "s0": [1, 3, 5],
        "s1": [2, 4],
        "none": [],
    }
    assert [e.position for e in log.read_streams(["s0"], as_of=start + 2000)["s0"]] == [1, 3]


def test_streams_are_read_on_from_what_is_at_hand_of_each(log, event):
    for number in range(9):
        appended(log, f"s{number % 3}", None, event())
    behind = {"s0": 1, "s1": 3, "none": 2}
    read = log.read_streams(["s0", "s1", "s2", "none"], behind=behind)
    assert {name: [e.version for e in events] for name, events in read.items()} == {
        "s0": [2, 3],
        "s1": [],
        "s2": [1, 2, 3],
        "none": [],
    }
    assert [e.version for e in log.read_streams(["s0"], upto=4, behind=behind)["s0"]] == [2]


def test_a_stream_is_read_page_by_page_however_long(log, event, clock):
    for _ in range(5):
        clock.now += 1000
        log.commit([Append("long", None, [event() for _ in range(900)]), Append("short", None, [event()])], **S)
    last = log.read_stream("long")[-1]
    for stream in ("long", "short", "none"):
        for wanted in (
            {},
            {"after_version": 700},
            {"after_version": 4_500},
            {"upto": 3_000},
            {"upto": 0},
            {"as_of": last.recorded_at - 1500, "after_version": 3},
        ):
            pages = list(log.read_pages(stream, **wanted))
            assert all(pages)
            assert [stored for page in pages for stored in page] == log.read_stream(stream, **wanted), wanted


def test_reading_in_pages_by_type(log, event):
    for number in range(10):
        appended(log, "a", None, event(type="even" if number % 2 == 0 else "odd"))
    assert [e.position for e in log.read_all(3, 4)] == [4, 5, 6, 7]
    assert [e.position for e in log.read_all(0, 3, types=["odd"])] == [2, 4, 6]
    assert [e.position for e in log.read_all(6, 9, types={"odd", "even"}, upto=8)] == [7, 8]
    assert log.read_all(0, 5, types=[]) == []
    assert [log.count(types, upto) for types, upto in ((["odd"], 8), ({"odd", "even"}, 3), (["odd"], 0), ([], 8))] == [
        4, 3, 0, 0,
    ]  # fmt: skip
    assert log.read_all(10, 5) == []


def test_a_case_is_read_across_its_streams(log, event):
    log.commit(
        [Append("a", 0, [event(case_id=CASE), event(case_id=OTHER_CASE)]), Append("b", 0, [event(case_id=CASE)])],
        **S,
    )
    appended(log, "c", 0, event())
    assert [e.position for e in log.read_cases([CASE])] == [1, 3]
    assert [e.position for e in log.read_cases([OTHER_CASE, CASE, CASE])] == [1, 2, 3]
    assert log.read_cases([b"x" * 16]) == log.read_cases([]) == []


def test_events_are_found_by_their_ids(log, numbered):
    for number in range(1, 1200):
        appended(log, f"s{number % 7}", None, numbered(number, fingerprint=b"%032d" % number))
        if number == 3:
            break
    log.commit([Append("many", 0, [numbered(n) for n in range(100, 1300)])], **S)
    ids = [numbered(n).event_id for n in (2, 500, 9999, 1)]
    assert [e.position for e in log.read_events(ids)] == [1, 2, 404]
    found = log.find(ids)
    assert found[ids[0]] == (2, "s2", 1, b"%032d" % 2)
    assert found[ids[1]] == (404, "many", 401, None)
    assert set(found) == {ids[0], ids[1], ids[3]}
    assert log.find([]) == {}
    assert len(log.find([numbered(n).event_id for n in range(5000)])) == 1203


def test_versions_of_many_streams(log, event):
    log.commit([Append(f"s{n}", 0, [event()] * 1) for n in range(1300)], **S)
    assert log.versions([f"s{n}" for n in range(1400)]) == {f"s{n}": int(n < 1300) for n in range(1400)}
    assert sum(map(len, log.read_streams([f"s{n}" for n in range(1400)]).values())) == 1300


def test_a_waiting_reader_is_woken_by_a_commit(log, event):
    assert not log.wait(0, 0.01)
    woken = []
    waiter = threading.Thread(target=lambda: woken.append(log.wait(0, 30)))
    waiter.start()
    time.sleep(0.05)
    appended(log, "a", 0, event())
    waiter.join(10)
    assert woken == [True]
    assert log.wait(0, 0)
    assert not log.wait(1, 0)


def test_submitted_commits_keep_their_order_and_answer_in_futures(log, event):
    futures = [log.submit([Append("a", n, [event()])], **S) for n in range(300)]
    assert [f.result(30).results[0].last_position for f in futures] == list(range(1, 301))
    bad = log.submit([Append("a", 300, [event(event_id=b"")])], **S)
    assert isinstance(bad.exception(30), ValueError)


def test_a_participant_writes_with_every_commit_and_hears_when_it_is_durable(log, event):
    log.ensure_schema(table)
    told = []

    class Along:
        count = 0

        def write(self, connection):
            self.count += 1
            name = f"along-{self.count}"
            show(name)(connection)
            return lambda: told.append(name)

    log.join(Along())
    appended(log, "a", 0, event())
    with pytest.raises(ZeroDivisionError):
        log.commit((), rows=lambda _: 1 / 0, **S)
    assert told == ["along-1"]
    assert shown(log) == {"along-1": 1}


def test_a_closed_log_says_so(log, event):
    appended(log, "a", 0, event())
    log.close()
    log.close()
    with pytest.raises(LogClosed):
        log.commit([Append("a", 1, [event()])], **S)
    with pytest.raises(LogClosed):
        log.submit([Append("a", 1, [event()])], **S)


def test_every_event_can_be_proved_from_the_stored_tree(log, event):
    for _ in range(6):
        log.commit([Append("a", None, [event() for _ in range(117)])], **S)
    tree, size = Tree(log), log.head()
    root = tree.root(size)
    for stored in log.read_all(0, size)[::83]:
        proof = tree.inclusion(stored.position - 1, size)
        assert verify_inclusion(leaf_of(stored), stored.position - 1, size, proof, root)
