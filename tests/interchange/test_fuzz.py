"""Whatever is done to a good event: an event or a refusal comes back, never an exception."""

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interchange.arrival import Arrived, Refused
from interchange.cloudevents import read_event
from therapy_domain.canonical import canonical_json

Make = Callable[..., dict[str, Any]]
ROUNDS = 1000

ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 15.0, 1.5, 2**53, 2**63, -(2**63), 1e300, 1e-9),
    *("", " ", "15", "true", "null", "\n", "\x7f", "é", "\U0001f600", "x" * 300, "2026-13-01", "0000-00-00"),
    *("2026-03-02T09:00:00", "2026-03-02T23:59:60Z", "9999-12-31T23:59:59-23:59", "P-1", "97112", "PT"),
    *([], {}, [None], [[]], {"": 1}, {"a": {"b": []}}, ["R26.81"], {"id": "1", "role": "PT"}, ["\ud83d\ude00"]),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) of a JSON value."""
    if isinstance(value, dict):
        return [place for key, inner in value.items() for place in [(value, key), *places(inner)]]
    if isinstance(value, list):
        return [place for index, inner in enumerate(value) for place in [(value, index), *places(inner)]]
    return []


def mutated(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy with one to four values removed, replaced, renamed, added or moved."""
    made = deepcopy(event)
    for _ in range(chance.randint(1, 4)):
        holder, key = chance.choice(places(made) or [(made, "id")])
        what = chance.randrange(5)
        if what == 0:
            holder[key] = deepcopy(chance.choice(ODD))
        elif what == 1 and isinstance(holder, dict):
            holder.pop(key, None)
        elif what == 2 and isinstance(holder, dict):
            holder[f"{key}x"] = holder.pop(key, None)
        elif what == 3 and isinstance(holder, dict):
            holder[chance.choice(["end", "minutes", "foo", "\u0000", "from", "\U0001f600"])] = deepcopy(
                chance.choice(ODD)
            )
        else:
            other, place = chance.choice(places(made) or [(made, "id")])
            holder[key] = deepcopy(other.get(place) if isinstance(other, dict) else other[place])
    return made


def check(read: Arrived | Refused) -> None:
    if isinstance(read, Refused):
        assert read.errors
        for error in read.errors:
            assert set(error) == {"path", "value", "expected"}
            assert error["path"].startswith("$")
            assert error["expected"]
            assert len(orjson.dumps(error["value"])) < 500
        assert len({error["path"] for error in read.errors}) == len(read.errors)
    else:
        again = type(read.event).model_validate_json(read.event.canonical())
        assert again.canonical() == read.event.canonical()
        assert read.content == canonical_json(orjson.loads(read.content))
        assert len(read.fact_id) == 16


def test_mutated_events_are_read_or_refused(envelope: Make, kind: str) -> None:
    chance = random.Random(f"fuzz {kind}")
    for _ in range(ROUNDS):
        event = mutated(envelope(kind), chance)
        read = read_event(event)
        check(read)
        try:
            raw = orjson.dumps(event)
        except TypeError:
            continue
        assert type(read_event(raw)) is type(read)


def test_damaged_bytes_are_read_or_refused(envelope: Make, kind: str) -> None:
    chance = random.Random(f"bytes {kind}")
    good = orjson.dumps(envelope(kind))
    for _ in range(ROUNDS):
        raw = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(raw))
            what = chance.randrange(3)
            if what == 0:
                raw[place] = chance.randrange(256)
            elif what == 1:
                del raw[place : place + chance.randint(1, 30)]
            else:
                raw[place:place] = chance.choice(
                    [b'"', b"{", b"]", b"\\", b"\\u0000", b"\\ud800", b",", b":", b"1e999"]
                )
        check(read_event(bytes(raw)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["id", "source", "type", "time", "data", "ext"]) | st.text(), json_values))
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_any_object_is_refused_or_read(value: dict[str, Any]) -> None:
    check(read_event(value))


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_are_refused(raw: bytes) -> None:
    assert isinstance(read_event(raw), Refused)
