"""A log that another process writes: what was read of it lately is at hand, and says what the log says."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_log import window
from event_log.following import FollowingLog
from event_log.protocol import Append, NewEvent, Recorded
from event_log.sqlite import SqliteLog
from event_log.window import Window

_STREAMS = ("a", "b", "c")
_TYPES = ("odd", "even")


def _recorded(position: int, stream: str, version: int) -> Recorded:
    kind = _TYPES[position % 2 == 0]
    return Recorded(position, stream, version, b"", kind, 1, None, "o", "", "s", 0, 0, None, None, None, b"12", b"")


def _log(streams: list[str]) -> list[Recorded]:
    counts = {stream: itertools.count(1) for stream in _STREAMS}
    return [_recorded(position, stream, next(counts[stream])) for position, stream in enumerate(streams, 1)]


@given(
    streams=st.lists(st.sampled_from(_STREAMS), min_size=1, max_size=60),
    begins=st.integers(0, 10),
    pages=st.lists(st.integers(1, 9), min_size=60, max_size=60),
    kept=st.integers(1, 30),
    asked=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 20), st.integers(0, 60), st.sampled_from([None, ("odd",), _TYPES]))
    ),
)
def test_a_window_says_what_the_log_says_or_nothing(
    streams: list[str],
    begins: int,
    pages: list[int],
    kept: int,
    asked: list[tuple[int, int, int, tuple[str, ...] | None]],
) -> None:
    log, seen = _log(streams), Window()
    after = min(begins, len(log) - 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "EVENTS_KEPT", kept)
        for size in pages:
            if page := log[after : after + size]:
                seen.add(page)
                after += len(page)
    for start, limit, upto, types in asked:
        wanted = [row for row in log[start:upto] if types is None or row.type in types][:limit]
        assert seen.read(start, limit, types, upto) in (None, wanted)
    for stream, behind in itertools.product(_STREAMS, range(20)):
        assert seen.of_stream(stream, behind) in (None, [row for row in log if row.stream == stream][behind:])
    at_hand = min(len(log) - begins, (kept + 1) // 2)
    assert seen.read(len(log) - max(0, at_hand), 60, None, len(log)) is not None, "so much of the end is at hand"


def test_a_window_holds_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "BYTES_KEPT", 40)
    seen = Window()
    for row in _log(["a"] * 100):
        seen.add([row])
    assert seen.read(85, 100, None, 100) is not None
    assert seen.read(70, 100, None, 100) is None


@pytest.fixture
def written(tmp_path: Path) -> Iterator[SqliteLog]:
    with SqliteLog(tmp_path / "log.sqlite") as log:
        yield log


def _write(log: SqliteLog, first: int, count: int) -> None:
    for number in range(first, first + count):
        events = [
            NewEvent((2 * number + each).to_bytes(16, "big"), _TYPES[each], 1, b"1", 1, "o", "") for each in (0, 1)
        ]
        log.commit([Append(f"s{number % 5}", None, events)], service="s")


def test_a_follower_says_what_the_log_says_before_and_behind_what_it_has_at_hand(
    written: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "EVENTS_KEPT", 40)
    monkeypatch.setattr("event_log.following._A_PAGE", 7)
    streams = [f"s{number}" for number in range(6)]
    _write(written, 0, 10)
    follower = FollowingLog(written.path)
    for first in range(10, 60, 5):
        _write(written, first, 5)
        head = follower.head()
        assert head == written.head()
        assert follower.versions(streams) == written.versions(streams)
        for behind in (0, 1, 7, 20):
            at_hand = dict.fromkeys(streams, behind)
            assert follower.read_streams(streams, behind=at_hand) == written.read_streams(streams, behind=at_hand)
        for after in range(0, head, 3):
            for types in (None, ("odd",)):
                assert follower.read_all(after, 9, types, head) == written.read_all(after, 9, types, head)
        assert follower.read_all(head - 3, 9) == written.read_all(head - 3, 9)
        assert follower.read_streams(streams, upto=head - 4) == written.read_streams(streams, upto=head - 4)


def test_what_a_follower_has_at_hand_it_does_not_look_up(written: SqliteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = FollowingLog(written.path)
    _write(written, 0, 5)
    head = follower.head()
    monkeypatch.setattr(follower, "_events", lambda *_: pytest.fail("it asked the file"))
    assert [row.version for row in follower.read_streams(["s1"], behind={"s1": 1})["s1"]] == [2]
    assert len(follower.read_all(0, 100, ("odd",), head)) == 5


def test_a_follower_sees_what_was_written_after_its_last_look_only_where_it_is_asked_to(written: SqliteLog) -> None:
    follower = FollowingLog(written.path)
    _write(written, 0, 1)
    head = follower.head()
    _write(written, 5, 1)
    assert [row.version for row in follower.read_streams(["s0"])["s0"]] == [1, 2]
    assert follower.versions(["s0"]) == {"s0": 2}
    assert follower.head() == head + 2
    assert follower.versions(["s0"]) == {"s0": 4}
