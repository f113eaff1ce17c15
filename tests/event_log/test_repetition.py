"""Whatever is sent again, in whatever mixture: one log, the same answers, the same on both engines."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from event_log.memory import MemoryLog
from event_log.protocol import Append, Appended, NewEvent
from event_log.sqlite import SqliteLog

STREAMS = ["a", "b", "c"]


def numbered(number: int) -> NewEvent:
    return NewEvent(number.to_bytes(16, "big"), "t", 1, b"%d" % number, number, "o", "x")


appends = st.builds(
    lambda stream, expected, numbers: Append(stream, expected, [numbered(n) for n in numbers]),
    st.sampled_from(STREAMS),
    st.none() | st.integers(0, 6),
    st.lists(st.integers(1, 12), max_size=5),
)
histories = st.lists(st.lists(appends, min_size=1, max_size=4), max_size=8)


def check_invariants(log):
    events = log.read_all(0, 1000)
    assert [e.position for e in events] == list(range(1, log.head() + 1))
    assert len({e.event_id for e in events}) == len(events)
    for stream in STREAMS:
        assert [e.version for e in log.read_stream(stream)] == list(range(1, log.versions([stream])[stream] + 1))


@settings(max_examples=40, deadline=None)
@given(histories)
def test_both_engines_answer_any_history_alike(history):
    with tempfile.TemporaryDirectory() as folder:
        clock = iter(range(1, 10_000)).__next__
        other = iter(range(1, 10_000)).__next__
        with MemoryLog(clock=clock) as memory, SqliteLog(Path(folder) / "log.db", clock=other) as sqlite:
            for commit in history:
                told = memory.commit(commit, service="s")
                assert sqlite.commit(commit, service="s") == told
                for append, result in zip(commit, told.results, strict=True):
                    if isinstance(result, Appended):
                        by_position = {e.position: e for e in sqlite.read_all(0, 1000)}
                        stored = [by_position[position] for position in result.positions]
                        assert [e.event_id for e in stored] == [e.event_id for e in append.events]
                        assert {e.stream for e in stored} <= {append.stream}
            assert [e[:10] for e in memory.read_all(0, 1000)] == [e[:10] for e in sqlite.read_all(0, 1000)]
            check_invariants(memory)
            check_invariants(sqlite)


@settings(max_examples=25, deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_sending_a_whole_history_again_in_any_order_changes_nothing(history, random):
    with tempfile.TemporaryDirectory() as folder, SqliteLog(Path(folder) / "log.db") as log:
        accepted = []
        for commit in history:
            told = log.commit(commit, service="s")
            accepted += [
                (append, result)
                for append, result in zip(commit, told.results, strict=True)
                if isinstance(result, Appended) and append.events
            ]
        before = log.read_all(0, 1000)
        again = accepted * 2
        random.shuffle(again)
        for append, first in again:
            expected = random.choice([None, 0, append.expected_version, 99])
            (result,) = log.commit([append._replace(expected_version=expected)], service="other").results
            assert isinstance(result, Appended)
            assert result.repeated
            assert list(result.positions) == list(first.positions)
            assert result[:5] == first[:5]
        assert log.read_all(0, 1000) == before
