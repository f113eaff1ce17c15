"""The sessions of a case: the last word on each, which may be that it left."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.case_sessions import CaseSessions, evolve, of
from therapy_domain.events.session import SessionRecorded, SessionWithdrawn
from therapy_domain.identity import id_text

HEAD = ("o", "p-1", "PT", "medicare", "2026-03-02")
CASE = "9f0c5b8e-0000-5000-8000-000000000000"


def common(key: str, revision: int) -> dict[str, Any]:
    return {
        "session_key": key,
        "session_id": key[-1],
        "org": "o",
        "revision": revision,
        "case_id": CASE,
        "claim_id": "C5J2K8Q0V7M3T9XA4",
        "basis": ["b"],
    }


def recorded(key: str, revision: int = 1) -> SessionRecorded:
    opened = {
        "patient_id": "p-1",
        "clinician_npi": "1234567893",
        "discipline": "PT",
        "payer_id": "medicare",
        "date_of_service": "2026-03-02",
        "place_of_service": "11",
        "diagnoses": ["R26.81"],
    }
    more = {"opened": opened, "intervals": [], "signatures": [], "note": {}, "latest_fact_at": "2026-03-02T17:00:00Z"}
    said = {**common(key, revision), **more, "amended": False, "conflicts": []}
    return SessionRecorded.model_validate_json(json.dumps(said))


def withdrawn(key: str, revision: int = 2) -> SessionWithdrawn:
    head = dict(zip(("patient_id", "discipline", "payer_id", "date_of_service"), HEAD[1:], strict=True))
    said = {**common(key, revision), **head, "reason": "voided"}
    return SessionWithdrawn.model_validate_json(json.dumps(said))


def state_of(*events: Any) -> CaseSessions:
    state = CaseSessions()
    for number, event in enumerate(events):
        state = evolve(state, bytes([number]) * 16, event)
    return state


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(id_text(bytes([number]) * 16) for number in numbers)


@pytest.mark.parametrize(
    ("events", "inside", "rests_on"),
    [
        ((recorded("s/1"),), ids(0), ids(0)),
        ((recorded("s/1"), recorded("s/1", 2)), ids(1), ids(1)),
        ((recorded("s/2"), recorded("s/1")), ids(0, 1), ids(0, 1)),
        ((recorded("s/1"), withdrawn("s/1")), (), ids(1)),
        ((recorded("s/1"), recorded("s/2"), withdrawn("s/1")), ids(1), ids(1, 2)),
        ((recorded("s/1"), withdrawn("s/1"), recorded("s/1", 3)), ids(2), ids(2)),
        ((withdrawn("s/1"), withdrawn("s/2"), recorded("s/1", 3)), ids(2), ids(1, 2)),
    ],
)
def test_the_last_word_on_each_session_counts(
    events: tuple[Any, ...], inside: tuple[str, ...], rests_on: tuple[str, ...]
) -> None:
    state = state_of(*events)
    assert (state.ids(), state.basis()) == (inside, rests_on)


@pytest.mark.parametrize("events", [(recorded("s/1"),), (withdrawn("s/1"),), (recorded("s/1"), withdrawn("s/1"))])
def test_whose_case_it_is_is_known_from_any_session(events: tuple[Any, ...]) -> None:
    head = state_of(*events).head()
    assert (*head[:4], head.date_of_service.isoformat()) == HEAD


def test_an_event_of_another_kind_changes_nothing() -> None:
    state = state_of(recorded("s/1"))
    assert evolve(state, b"x" * 16, "something else") is state


@given(said=st.lists(st.tuples(st.sampled_from(["s/1", "s/2", "s/3"]), st.booleans()), max_size=8))
def test_all_at_once_come_to_what_one_after_the_other_comes_to(said: list[tuple[str, bool]]) -> None:
    events = [recorded(key) if there else withdrawn(key) for key, there in said]
    named = zip(ids(*range(len(events))), events, strict=True)
    assert of(named) == state_of(*events)
