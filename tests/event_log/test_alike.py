"""Events are stored as given, whatever they have in common with those beside them."""

from __future__ import annotations

import random

import pytest

from event_log.leaf import leaf_of
from event_log.protocol import Append, NewEvent
from event_log.sqlite import SqliteLog
from event_log.verify import verify


@pytest.mark.parametrize("longest", [1, 7, 8, 40, 250])
def test_runs_of_any_length_are_stored_as_given_and_in_order(tmp_path, longest):
    chooser = random.Random(longest)
    events: list[NewEvent] = []
    while len(events) < 700:
        org, trace, schema = chooser.choice("ab"), chooser.choice([None, "00-é"]), chooser.randrange(1, 3)
        events += [
            NewEvent(chooser.randbytes(16), "t", schema, b"{}", number, org, "x", None, None, trace)
            for number in range(chooser.randrange(1, longest + 1))
        ]
    with SqliteLog(tmp_path / "log.db") as log:
        appends = [Append(f"s/{start}", 0, events[start : start + 13]) for start in range(0, len(events), 13)]
        log.commit(appends, service="test")
        stored = log.read_all(0, len(events) + 1)
        assert [e.position for e in stored] == list(range(1, len(events) + 1))
        for given, found in zip(events, stored, strict=True):
            assert found.event_id == given.event_id
            assert (found.org, found.traceparent) == (given.org, given.traceparent)
            assert (found.schema_version, found.occurred_at) == (given.schema_version, given.occurred_at)
            assert found.leaf_hash == leaf_of(found)
    assert verify(tmp_path / "log.db").ok
