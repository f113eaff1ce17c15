"""A stream is folded whole, whatever a batch has at hand of it."""

from collections.abc import Collection
from typing import Any
from uuid import uuid4

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from event_log.memory import MemoryLog
from event_log.protocol import Append, NewEvent, Recorded
from service_kit.reading import Folder, Reader, Recently, Room
from support.adder import PlainCodec

STREAM = "numbers"
ALL: Folder[tuple[int, ...]] = Folder("all", (), lambda state, seen: (*state, seen.event.value))


def number(value: int) -> NewEvent:
    body = orjson.dumps(["said", "a", value])
    return NewEvent(uuid4().bytes, "said", 1, body, 0, "", "", None, None, None)


@given(
    length=st.integers(1, 8),
    folded=st.integers(0, 8),
    at_hand=st.lists(st.integers(1, 8), max_size=10),
)
@example(length=6, folded=3, at_hand=[4, 4, 6])
def test_rows_at_hand_stand_for_the_stream_only_where_none_is_missing(
    length: int, folded: int, at_hand: list[int]
) -> None:
    """The same row may be at hand several times: it concerns several cases; one that concerns none is not there."""
    with MemoryLog() as log:
        reader = Reader(log, PlainCodec())
        for count in (min(folded, length), max(0, length - folded)):
            held = log.versions([STREAM])[STREAM]
            if count:
                log.commit([Append(STREAM, held, [number(held + each) for each in range(1, count + 1)])], service="x")
            if held == 0 and folded:
                reader.fold(STREAM, ALL)
        rows = {row.version: row for row in log.read_stream(STREAM)}
        snapshot = reader.snapshot([rows[version] for version in at_hand if version in rows])
        assert snapshot.fold(STREAM, ALL) == (length, tuple(range(1, length + 1)))


class CountingLog(MemoryLog):
    """Tells how many events it read of streams."""

    read = 0

    def read_streams(self, streams: Collection[str], *more: Any, **named: Any) -> dict[str, list[Recorded]]:
        found = super().read_streams(streams, *more, **named)
        self.read += sum(map(len, found.values()))
        return found


def test_of_a_stream_that_was_folded_only_what_is_new_is_read() -> None:
    """A patient's chart is folded once for each visit."""
    with CountingLog() as log:
        reader = Reader(log, PlainCodec())
        for held in range(30):
            log.commit([Append(STREAM, held, [number(held)])], service="x")
            assert reader.fold(STREAM, ALL) == (held + 1, tuple(range(held + 1)))
        assert log.read == 30


def test_who_knows_an_older_version_than_is_held_folds_the_stream_anew() -> None:
    """Another thread folded it on, after this one had asked for its version."""
    with MemoryLog() as log:
        reader = Reader(log, PlainCodec())
        log.commit([Append(STREAM, 0, [number(1), number(2), number(3)])], service="x")
        assert reader.fold(STREAM, ALL).version == 3
        log.versions = lambda _streams: {STREAM: 2}  # type: ignore[method-assign]  # what it was a moment ago
        assert reader.fold(STREAM, ALL) == (3, (1, 2, 3))


def test_a_snapshot_reads_a_stream_once_for_all_its_folders() -> None:
    with CountingLog() as log:
        log.commit([Append(STREAM, 0, [number(each) for each in range(5)])], service="x")
        snapshot = Reader(log, PlainCodec()).snapshot()
        for name in ("all", "the same", "once more"):
            assert snapshot.fold(STREAM, Folder(name, (), ALL.evolve)) == (5, (0, 1, 2, 3, 4))
        assert log.read == 5


class CountingCodec(PlainCodec):
    """Tells how many events it decoded."""

    decoded = 0

    def decode(self, recorded: Recorded) -> Any:
        self.decoded += 1
        return super().decode(recorded)


def test_a_reader_keeps_as_much_at_hand_as_it_has_room_for() -> None:
    streams = [f"numbers/{each}" for each in range(40)]
    with MemoryLog() as log:
        log.commit([Append(stream, 0, [number(1)]) for stream in streams], service="x")
        for room, again in ((Room(), 0), (Room(events=4, passing=4, lasting=4), 40)):
            codec = CountingCodec()
            reader = Reader(log, codec, room)
            for _ in range(2):
                for stream in streams:
                    assert reader.fold(stream, ALL).state == (1,)
            assert codec.decoded == 40 + again


@given(size=st.integers(1, 30), keys=st.lists(st.integers(0, 60), max_size=200))
def test_what_is_held_lately_is_never_more_than_there_is_room_for(size: int, keys: list[int]) -> None:
    held = Recently[int, int](size)
    for key in keys:
        held.put(key, key)
    assert sum(held.get(key) is not None for key in range(61)) <= max(size, 1)
    assert all(held.get(key) in (None, key) for key in keys)


@given(size=st.integers(2, 60), puts=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=200))
def test_what_is_held_lately_weighs_no_more_than_there_is_room_for(size: int, puts: list[tuple[int, int]]) -> None:
    held = Recently[int, int](size, lambda weight: weight)
    last: dict[int, int] = {}
    for key, weight in puts:
        if weight == 9:
            held.drop(key)
        held.put(key, weight)
        last[key] = weight
    found = {key: at_hand for key in last if (at_hand := held.get(key)) is not None}
    assert found.items() <= last.items()
    assert sum(found.values()) <= size + 9


def test_what_takes_the_place_of_something_does_not_weigh_more() -> None:
    held = Recently[int, int](40, lambda weight: weight)
    held.put(1, 2)
    for _ in range(100):
        held.put(2, 9)
    held.drop(3)
    assert (held.get(1), held.get(2)) == (2, 9)


def test_what_a_lasting_state_was_folded_from_takes_no_room_of_what_is_read_once() -> None:
    """A patient's chart is many events, folded once; the sessions of its batch are asked for by the next service."""
    lasting = Folder("history", (), ALL.evolve, lasting=True)
    with MemoryLog() as log:
        log.commit([Append("history", 0, [number(each) for each in range(50)])], service="x")
        log.commit([Append(STREAM, 0, [number(7)])], service="x")
        codec = CountingCodec()
        reader = Reader(log, codec, Room(events=4))
        (row,) = log.read_stream(STREAM)
        reader.see(row)
        assert reader.fold("history", lasting) == (50, tuple(range(50)))
        assert codec.decoded == 51
        reader.see(row)
        assert codec.decoded == 51
