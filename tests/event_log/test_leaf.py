"""An event that is not what was written is told by its hash, whichever of its columns was changed."""

from __future__ import annotations

import pytest

from event_log.leaf import changed, leaf_of
from event_log.memory import MemoryLog
from event_log.protocol import Append, Recorded

OTHERWISE = {
    "position": 9,
    "stream": "b",
    "version": 9,
    "event_id": b"x" * 16,
    "type": "claimtrail.session.closed.v1",
    "schema_version": 2,
    "case_id": None,
    "org": "org-2",
    "actor": "",
    "service": "other",
    "occurred_at": 1,
    "recorded_at": 1,
    "causation_id": b"k" * 16,
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "fingerprint": b"f" * 32,
    "data": b"{}",
    "leaf_hash": bytes(32),
}


@pytest.fixture
def stored(event) -> list[Recorded]:
    with MemoryLog() as log:
        log.commit([Append("a", 0, [event(case_id=b"c" * 16), event(), event(org="Örg", actor="")])], service="s")
        log.commit([Append("b", 0, [event(traceparent="00-" + "a" * 52)])], service="t")
        return log.read_all(0, 10)


def test_what_was_written_is_not_changed(stored):
    assert changed(stored) == []
    assert changed([]) == []
    assert [leaf_of(event) for event in stored] == [event.leaf_hash for event in stored]


@pytest.mark.parametrize("column", Recorded._fields)
def test_a_change_to_any_column_is_told(stored, column):
    other = stored[0]._replace(**{column: OTHERWISE[column]})
    assert other != stored[0]
    assert changed([stored[1], other, *stored[2:]]) == [other]
