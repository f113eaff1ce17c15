"""Events come late, out of order and more than once; the claims are the same."""

import random
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service_kit.dead_letters import dead_letters
from support.histories import entangled_history, rich_history
from support.store import claims, opened, send

HISTORY = rich_history()
ENTANGLED = entangled_history()


class Ended(NamedTuple):
    """What a history comes to; told in short, for hypothesis writes down what a failing test was given."""

    claims: list[dict[str, Any]]
    appeals: list[tuple[Any, ...]]

    def __repr__(self) -> str:
        return f"{len(self.claims)} claims, {len(self.appeals)} appeals"


def told(events: list[dict[str, Any]], batch: int) -> Ended:
    """The claims and appeals after telling these events in batches of that size."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        for start in range(0, len(events), batch):
            send(store, events[start : start + batch])
        assert dead_letters(store.log.connection()) == []
        appeals = store.log.connection().execute(
            "SELECT appeal_id, file_by, amount_cents, status FROM appeal ORDER BY 1"
        )
        return Ended(claims(store), appeals.fetchall())


@pytest.fixture(scope="module")
def in_order() -> Ended:
    return told(HISTORY, 1000)


def test_the_history_holds_every_kind_of_claim(in_order: Ended) -> None:
    assert {claim["status"] for claim in in_order[0]} >= {"paid", "held", "void"}
    assert in_order[1] != []


@pytest.fixture(scope="module")
def entangled() -> Ended:
    return told(ENTANGLED, 1000)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), batch=st.sampled_from([1, 7, 25, 1000]))
@example(seed=21108222, batch=25)
def test_visits_that_change_one_another_end_in_the_same_claims_in_any_order(
    entangled: Ended, seed: int, batch: int
) -> None:
    events = list(ENTANGLED)
    random.Random(seed).shuffle(events)
    assert told(events, batch) == entangled


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), repeated=st.integers(0, 40), batch=st.sampled_from([1, 7, 25, 1000]))
def test_any_order_and_any_repetition_end_in_the_same_claims(
    in_order: Ended, seed: int, repeated: int, batch: int
) -> None:
    dice = random.Random(seed)
    events = [*HISTORY, *dice.choices(HISTORY, k=repeated)]
    dice.shuffle(events)
    assert told(events, batch) == in_order
