"""What a session tells of its amendments: when, what changed, and what became of its minutes and diagnoses."""

from datetime import datetime
from typing import Any

import pytest

from interchange.cloudevents import read_event
from session_capture.decider import Account
from support.histories import interval
from support.visits import SOURCE, clock, event, visit
from therapy_domain.canonical import canonical_json
from therapy_domain.events.base import Fact
from therapy_domain.events.session import Amendment
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_text
from therapy_domain.streams import session_stream


def amendments(*events: dict[str, Any]) -> tuple[Amendment, ...]:
    """Of the session that these events make, in whatever order they come."""
    facts = {}
    for each in (*visit(), *events):
        read: Any = read_event(canonical_json(each))
        facts[id_text(read.fact_id)] = Fact(read.event, read.source, read.id, read.subject, read.time, read.fact_id)
    recorded = Account(session_stream(SOURCE, "s-1"), SubjectFacts(facts)).recorded(1)
    assert recorded.amended == bool(recorded.amendments)
    return recorded.amendments


def amended(at: str = "11:00", **change: Any) -> dict[str, Any]:
    return event("session.amended", "s-1", {"reason": "correction", **change}, event_id=f"a-{at}", time=clock(at))


def told(found: Amendment) -> tuple[Any, ...]:
    return found.changed, found.minutes_before, found.minutes_after, found.clocked, found.diagnoses_added


UNCLOCKED = {key: value for key, value in interval(1, "97112", "09:00", "09:28").items() if key not in ("start", "end")}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ((), 44, 44, True, ())),
        ({"replace_intervals": [interval(1, "97112", "09:00", "09:20")]}, (("intervals",), 44, 36, True, ())),
        ({"replace_intervals": [{**UNCLOCKED, "minutes": 40}]}, (("intervals",), 44, 56, False, ())),
        ({"remove_intervals": ["i-2"]}, (("intervals",), 44, 28, True, ())),
        ({"replace_intervals": [interval(3, "97112", "10:00", "10:05", activity="rest")]},
         (("intervals",), 44, 44, True, ())),
        ({"set": {"diagnoses": ["R26.81", "M17.11"]}}, (("diagnoses",), 44, 44, True, ("M17.11",))),
        ({"set": {"diagnoses": ["R26.81"]}}, (("diagnoses",), 44, 44, True, ())),
        ({"set": {"plan_id": None, "payer_id": "acme"}}, (("payer_id", "plan_id"), 44, 44, True, ())),
    ],
)  # fmt: skip
def test_an_amendment_tells_what_it_changed(change: dict[str, Any], expected: tuple[Any, ...]) -> None:
    (found,) = amendments(amended(**change))
    assert told(found) == expected
    assert found.at == datetime.fromisoformat(clock("11:00"))


def test_amendments_are_told_by_when_they_happened() -> None:
    shorter = amended("12:00", replace_intervals=[interval(1, "97112", "09:00", "09:10")])
    longer = amended("11:00", replace_intervals=[interval(1, "97112", "09:00", "09:27")])
    assert [told(each)[1:3] for each in amendments(shorter, longer)] == [(44, 43), (43, 26)]


def test_a_session_streamed_live_has_its_minutes_when_it_is_amended() -> None:
    whole = interval(7, "97112", "10:10", "10:30")
    started = {key: value for key, value in whole.items() if key != "end"}
    stopped = {"interval_id": "i-7", "end": whole["end"]}
    (found,) = amendments(
        event("interval.stopped", "s-1", stopped, event_id="stop", time=clock("10:30")),
        event("interval.started", "s-1", started, event_id="start", time=clock("10:10")),
        amended(remove_intervals=["i-2"]),
    )
    assert (found.minutes_before, found.minutes_after) == (64, 48)


def test_a_session_that_was_never_amended_tells_of_none() -> None:
    assert amendments() == ()
