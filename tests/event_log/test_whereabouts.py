"""The guide to the stretches of a long log never misses a key."""

from __future__ import annotations

import random
import sqlite3

from event_log import sql
from event_log.marks import ERA_BITS, STRETCH_BITS, number_of
from event_log.protocol import Append, NewEvent
from event_log.sqlite import SqliteLog
from event_log.whereabouts import Whereabouts

S = {"service": "test"}


def rows(count, start=1, seed=1):
    chooser = random.Random(seed)
    return [
        (
            position,
            f"s/{chooser.randrange(count)}",
            0,
            chooser.randbytes(16),
            "",
            0,
            chooser.randbytes(16) if position % 3 else None,
        )
        for position in range(start, start + count)
    ]


def test_every_key_is_looked_for_where_it_is_and_hardly_elsewhere():
    where = Whereabouts()
    events = rows(40_000)
    for start in range(0, 40_000, 777):
        where.add(events[start : start + 777])
    looked = 0
    for position, stream, _, event_id, _, _, case_id in events:
        stretch = position >> STRETCH_BITS
        assert stretch in where.stretches(number_of(stream))
        found = where.stretches(number_of(event_id))
        assert stretch in found
        assert found == [s for s, _ in where.suspects([event_id])]
        assert case_id is None or stretch in where.stretches(number_of(case_id))
        assert stretch not in where.stretches(number_of(event_id), stretch - 1) or stretch == 0
        looked += len(found)
    assert looked < 40_000 * 1.1
    assert len(where.suspects([event_id for _, _, _, event_id, *_ in rows(10_000, seed=2)])) < 500


def test_what_was_kept_and_the_events_behind_it_give_the_same_guide():
    events = rows(200_000)
    whole = Whereabouts()
    whole.add(events)
    kept = whole.keep(0, 180_000)
    assert [(part.group, part.upto) for part in kept] == [(0, (64 << STRETCH_BITS) - 1), (1, 180_000), (-1, 180_000)]
    again = Whereabouts()
    asked = []
    again.load(kept, lambda upto: (asked.append(upto), events[upto:])[1])
    assert asked == [180_000]
    for position, stream, _, event_id, *_ in events[::997]:
        assert position >> STRETCH_BITS in again.stretches(number_of(event_id))
        assert again.stretches(number_of(stream)) == whole.stretches(number_of(stream))


def test_a_log_of_many_stretches_finds_old_events_after_restarts(tmp_path, monkeypatch):
    monkeypatch.setattr("event_log.sqlite_writer.KEEP_WHEREABOUTS", 5000)
    monkeypatch.setattr("event_log.heads.HEADS_KEPT", 64)
    path = tmp_path / "log.db"
    chooser = random.Random(9)
    ids = [chooser.randbytes(16) for _ in range(30_000)]
    made = [NewEvent(event_id, "t", 1, b"{}", 0, "o", "a", ids[n % 500]) for n, event_id in enumerate(ids)]
    for third in range(3):
        with SqliteLog(path) as log:
            for start in range(third * 10_000, third * 10_000 + 10_000, 500):
                batch = [Append(f"s/{n % 250}", None, made[n : n + 1]) for n in range(start, start + 500)]
                commit = log.commit(batch, **S)
                assert commit.written == 500
            old = log.commit([Append("s/7", 1, made[7:8]), Append("s/8", None, made[7:8])], **S)
            assert old.results[0].repeated
            assert old.conflicts[0].event_id == ids[7]
    with SqliteLog(path) as log, SqliteLog(path, read_only=True) as reader:
        for one in (log, reader):
            assert [e.version for e in one.read_stream("s/3")] == list(range(1, 121))
            assert len(one.read_cases([ids[3]])) == 60
            assert len(one.find([*ids[::100], b"x" * 16])) == 300
            assert one.versions(["s/3", "s/249", "new"]) == {"s/3": 120, "s/249": 120, "new": 0}
            assert [e.position for e in one.read_stream("s/3", upto=9000)] == list(range(4, 9001, 250))


def test_what_was_half_stored_when_the_writer_ended_is_not_believed(tmp_path, monkeypatch):
    """Killed while it stores what it knows: the events themselves tell the next one."""
    monkeypatch.setattr("event_log.sqlite_writer.KEEP_WHEREABOUTS", 4)
    ids = [number.to_bytes(16, "big") for number in range(1, 4_001)]

    def write(numbers):
        made = [NewEvent(ids[number], "t", 1, b"{}", 0, "o", "a") for number in numbers]
        return log.commit([Append("s", None, made)], **S)

    def killed(connection, parts):
        connection.execute(sql.KEEP_PART, (parts[0].group, parts[0].upto))
        raise sqlite3.OperationalError("the process ends here")

    path = tmp_path / "log.db"
    with SqliteLog(path) as log:
        write(range(2_000))
    with SqliteLog(path) as log:
        monkeypatch.setattr("event_log.sqlite_writer.KEEP_WHEREABOUTS", 1 << 18)
        write(range(2_000, 4_000))
        monkeypatch.setattr("event_log.sqlite_writer.KEEP_WHEREABOUTS", 4)
        monkeypatch.setattr("event_log.stored_whereabouts.keep", killed)
    monkeypatch.undo()
    with SqliteLog(path) as log:
        assert len(log.find(ids)) == 4_000
        assert write(range(1_900, 2_100)).written == 0


def test_a_stream_met_again_behind_the_end_of_a_stretch_is_found_there(tmp_path):
    with SqliteLog(tmp_path / "log.db") as log, SqliteLog(tmp_path / "log.db", read_only=True) as plain:
        chooser = random.Random(3)

        def some(count):
            return [
                NewEvent(chooser.randbytes(16), "t", 1, b"{}", 0, "o", "a", chooser.randbytes(16)) for _ in range(count)
            ]

        size = 1 << STRETCH_BITS
        log.commit([Append("fill", 0, some(size - 50))], **S)
        log.commit(
            [Append("a", 0, some(20)), Append("b", 0, some(60)), Append("a", 20, some(5)), Append("b", 60, some(1))],
            **S,
        )
        refused = log.commit(
            [Append("c", 0, some(size - 100)), Append("a", 3, some(90)), Append("d", 0, some(20))], **S
        )
        assert len(refused.conflicts) == 1
        log.commit([Append("e", 0, some(100)), Append("c", None, some(3))], **S)
        for stream in ("fill", "a", "b", "c", "d", "e"):
            events = plain.read_stream(stream)
            assert log.read_stream(stream) == events != []
            assert [e.version for e in events] == list(range(1, len(events) + 1))
            assert log.read_events([e.event_id for e in events[-50:]]) == events[-50:]
            assert all(log.read_cases([e.case_id]) == [e] for e in events[-30:])


def test_a_stream_that_goes_on_in_a_later_era_is_found_there_too():
    """However few keys come at a time: a log of more than a million events that clinics go on with."""
    where, later = Whereabouts(), 1 << ERA_BITS
    where.add([(1, "plan/o/p", 1, b"1" * 16, "", 0, b"c" * 16)])
    where.add([(later + 5, "plan/o/p", 2, b"2" * 16, "", 0, b"c" * 16)])
    for key in ("plan/o/p", b"c" * 16):
        assert where.stretches(number_of(key)) == [0, later + 5 >> STRETCH_BITS]
    together = Whereabouts()
    rows_of = [(1, "plan/o/p", 1, b"1" * 16, "", 0, b"c" * 16), *rows(30, start=2)]
    together.add(rows_of)
    together.add([(row[0] + later, *row[1:]) for row in rows_of])
    assert together.stretches(number_of("plan/o/p")) == [0, later + 1 >> STRETCH_BITS]


def test_a_key_that_only_looks_known_is_not_looked_up():
    """What was just remembered of it stands in its own stretch, where it is not stored yet."""
    where = Whereabouts()
    where.add(rows(40_000))
    for count in (5, 200):  # the loop's way, and numpy's
        chooser = random.Random(count)
        ids = [chooser.randbytes(16) for _ in range(20_000)]
        looked = 0
        for start in range(0, 20_000, count):
            made = [NewEvent(event_id, "t", 1, b"{}", 0, "o", "a") for event_id in ids[start : start + count]]
            looked += len(where.expect([Append("s", None, made)], 40_000 + start, {"s": 1}).suspects)
        assert looked < 60
        again = where.expect([Append("s", None, made)], 60_000, {"s": 1})
        assert {event_id for _, event_id in again.suspects} == {event.event_id for event in made}


def test_many_keys_at_once_are_remembered_as_one_by_one():
    chooser = random.Random(4)
    appends = [
        Append(f"s/{n}", None, [NewEvent(chooser.randbytes(16), "t", 1, b"{}", 0, "o", "a", chooser.randbytes(16))])
        for n in range(400)
    ]
    together, alone = Whereabouts(), Whereabouts()
    for start in range(0, 400, 200):  # numpy's way, and the loop's
        together.expect(appends[start : start + 200], start, {})
        for number, append in enumerate(appends[start : start + 200], start):
            alone.expect([append], number, {})
    assert together.keep(0, 400) == alone.keep(0, 400)
    again = together.expect(appends, 400, {})
    assert {event_id for _, event_id in again.suspects} == {append.events[0].event_id for append in appends}
    assert {stream for _, stream in again.wanted} == {append.stream for append in appends}
    assert all(version == 0 for version in again.versions.values())
