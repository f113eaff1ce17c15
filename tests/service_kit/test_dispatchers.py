"""Several processes over one log: one runs a service, the others stand by."""

import threading
import time
from collections.abc import Iterator

import pytest

from event_log.errors import ServiceInUse
from event_log.postgres import PostgresLog
from service_kit.dispatcher import Dispatcher
from support.adder import House


@pytest.fixture
def houses(log_database: str) -> Iterator[tuple[House, House]]:
    """Two processes' worth of the same service."""
    with PostgresLog(log_database) as one, PostgresLog(log_database) as two:
        first, second = House(one), House(two)
        second.number = 1_000_000
        yield first, second


def test_of_two_dispatchers_one_runs_the_service(houses: tuple[House, House]) -> None:
    one, two = houses
    one.tell(("a", 1), ("b", 2))
    assert one.dispatcher.step() == 2
    two.tell(("a", 3))
    assert two.dispatcher.step() == 0
    assert two.adder.worked == []
    assert one.dispatcher.step() == 1
    assert two.totals() == {"a": 4, "b": 2}


def test_the_other_goes_on_from_the_checkpoint_when_the_first_ends(houses: tuple[House, House]) -> None:
    one, two = houses
    one.adder.poisoned.add("bad")
    one.tell(("a", 1), ("bad", 1))
    one.dispatcher.work_off()
    assert two.dispatcher.step() == 0
    one.log.close()
    two.tell(("a", 2), ("bad", 2))
    two.dispatcher.work_off()
    assert two.adder.worked == [("a", 1)]
    assert two.totals() == {"a": 3}
    assert [letter["waiting"] for letter in two.letters()] == [2]


def test_working_off_waits_for_services_that_another_process_runs(houses: tuple[House, House]) -> None:
    one, two = houses
    one.dispatcher.step()
    one.dispatcher.start()
    two.tell(*(("a", number) for number in range(50)))
    assert two.dispatcher.work_off() == 0
    assert two.totals() == {"a": sum(range(50))}
    assert two.dispatcher.work_off(own_only=True) == 0
    one.dispatcher.stop()


def test_a_service_that_another_process_runs_is_not_redriven_here(houses: tuple[House, House]) -> None:
    one, two = houses
    one.adder.poisoned.add("a")
    one.tell(("a", 1))
    one.dispatcher.work_off()
    (letter,) = two.letters()
    with pytest.raises(ServiceInUse, match="adder"):
        two.dispatcher.redrive(letter["id"])
    one.log.close()
    assert two.dispatcher.redrive(letter["id"])
    assert two.totals() == {"a": 1}


def test_who_stands_by_rests_and_takes_over(houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service_kit.dispatcher.LONGEST_SLEEP", 0.05)
    one, two = houses
    steps = []
    step = Dispatcher.step
    monkeypatch.setattr(Dispatcher, "step", lambda self: (steps.append(self), step(self))[1])
    one.dispatcher.step()
    two.dispatcher.start()
    time.sleep(0.3)
    assert 2 <= steps.count(two.dispatcher) <= 12
    one.log.close()
    two.tell(("a", 1))
    done = threading.Event()
    deadline = time.monotonic() + 30
    while not done.wait(0.02) and two.totals() != {"a": 1}:
        assert time.monotonic() < deadline
    two.dispatcher.stop()
