"""One copy leads; another takes over when the leader lets go or falls silent, and the old leader is fenced off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from event_log.memory import MemoryLog
from event_log.protocol import Checkpoint, EventLog
from event_log.sqlite import SqliteLog
from service_kit import lease
from service_kit.lease import Leadership, LeaseLost
from service_kit.tables import create_tables


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    with MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "log.sqlite") as made:
        made.ensure_schema(create_tables(*lease.TABLES))
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


def wish(log: EventLog, holder: str, clock: Clock) -> Leadership:
    return Leadership(log, "relay", holder, 8.0, clock=clock)


def test_the_first_who_asks_leads_and_others_wait(log: EventLog, clock: Clock) -> None:
    first, second = wish(log, "a", clock), wish(log, "b", clock)
    assert first.take()
    assert not second.take()
    assert first.beat()


def test_a_leader_who_beats_is_never_replaced(log: EventLog, clock: Clock) -> None:
    first, second = wish(log, "a", clock), wish(log, "b", clock)
    first.take()
    for _ in range(20):
        clock.now += 5.0
        assert first.beat()
        assert not second.take()


def test_a_silent_leader_is_replaced_after_the_lease_and_not_before(log: EventLog, clock: Clock) -> None:
    first, second = wish(log, "a", clock), wish(log, "b", clock)
    first.take()
    assert not second.take()
    clock.now = 7.9
    assert not second.take()
    clock.now = 8.0
    assert second.take()
    assert not first.beat()
    assert not first.leads


def test_who_lets_go_is_replaced_at_once(log: EventLog, clock: Clock) -> None:
    first, second = wish(log, "a", clock), wish(log, "b", clock)
    first.take()
    first.let_go()
    assert second.take()


def test_of_two_who_see_the_same_silence_one_takes_over(log: EventLog, clock: Clock) -> None:
    first, second, third = (wish(log, name, clock) for name in "abc")
    first.take()
    second.take(), third.take()
    clock.now = 9.0
    assert [second.take(), third.take()] == [True, False]


def test_an_earlier_leader_cannot_move_the_checkpoint(log: EventLog, clock: Clock) -> None:
    first, second = wish(log, "a", clock), wish(log, "b", clock)
    first.take()
    second.take()
    clock.now = 9.0
    second.take()
    log.commit((), service="relay", rows=second.held(), checkpoint=Checkpoint("relay", 5))
    with pytest.raises(LeaseLost):
        log.commit((), service="relay", rows=first.held(), checkpoint=Checkpoint("relay", 3))
    assert log.checkpoint("relay") == 5
