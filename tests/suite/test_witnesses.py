"""The calendar of a machine whose clock is wrong: which day is believed, and what is said of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.witnesses import DAY_SECONDS, LONGEST_PAUSE, Belief, Calendar, day_of, running

HOUR = 3_600.0
TODAY = date(2026, 4, 12)
NOON = datetime.combine(TODAY, time(12)).astimezone().timestamp()
TOMORROW, YESTERDAY = TODAY + timedelta(1), TODAY - timedelta(1)


@dataclass
class World:
    """What time it really is, and by how much the clocks of machine and server are off [s]."""

    true: float = NOON
    off: float = 0.0
    server_off: float = 0.0

    def calendar(self, *, server: bool = False) -> Calendar:
        there = (lambda: self.true + self.server_off) if server else None
        return Calendar(lambda: self.true + self.off, runs=lambda: self.true - NOON + 77.0, server=there)

    def passes(self, *, days: float = 0.0, hours: float = 0.0) -> None:
        self.true += days * DAY_SECONDS + hours * HOUR


def test_a_right_clock_is_believed_day_by_day() -> None:
    world = World()
    calendar = world.calendar(server=True)
    assert calendar.look(None) == Belief(TODAY)
    for days in range(1, 400):
        world.passes(days=1)
        today = TODAY + timedelta(days)
        assert calendar.look(today - timedelta(1)) == Belief(today)
        assert calendar.look(today) == Belief(today)


@pytest.mark.parametrize("days", [1, 14, LONGEST_PAUSE.days])
def test_a_system_that_was_off_for_weeks_tells_the_day_at_once(days: int) -> None:
    assert World().calendar().look(TODAY - timedelta(days)) == Belief(TODAY)


def test_after_more_than_a_month_a_person_must_name_the_day() -> None:
    calendar, last = World().calendar(), TODAY - LONGEST_PAUSE - timedelta(1)
    belief = calendar.look(last)
    assert (belief.day, belief.ahead) == (last, 32)
    assert belief.doubt == "2026-04-12 is 32 days after the last day that was told"
    assert calendar.look(TODAY) == Belief(TODAY)  # it was named


def test_a_clock_ahead_of_the_databases_is_not_believed_and_the_days_go_on_by_the_databases() -> None:
    world = World(off=9 * DAY_SECONDS)
    calendar = world.calendar(server=True)
    belief = calendar.look(YESTERDAY)
    assert (belief.day, belief.ahead) == (TODAY, 9)
    assert belief.doubt == "this machine's clock says 2026-04-21, the database's 2026-04-12"
    world.passes(days=1)
    assert calendar.look(TODAY).day == TOMORROW


def test_a_database_ahead_of_this_clock_hastens_nothing() -> None:
    assert World(server_off=9 * DAY_SECONDS).calendar(server=True).look(YESTERDAY) == Belief(TODAY)


def test_around_midnight_the_later_of_two_clocks_waits_for_the_other_without_a_word() -> None:
    world = World(true=NOON + 12 * HOUR - 5, off=10)
    calendar = world.calendar(server=True)
    assert calendar.look(TODAY) == Belief(TODAY)
    world.passes(hours=0.01)
    assert calendar.look(TODAY) == Belief(TOMORROW)


def test_a_clock_set_ahead_while_the_process_runs_is_not_believed_and_the_days_go_on() -> None:
    world = World()
    calendar = world.calendar()
    calendar.look(TODAY)
    world.off = 5 * DAY_SECONDS
    belief = calendar.look(TODAY)
    assert (belief.day, belief.ahead) == (TODAY, 5)
    assert belief.doubt == "this clock was set to 2026-04-17 while the process ran; by its running it is 2026-04-12"
    world.passes(days=1)
    assert calendar.look(TODAY).day == TOMORROW
    world.off = 0.0
    assert calendar.look(TODAY) == Belief(TOMORROW)


def test_it_is_believed_again_when_a_person_names_its_day() -> None:
    world = World()
    calendar = world.calendar()
    calendar.look(TODAY)
    world.off = 5 * DAY_SECONDS
    assert calendar.look(TODAY).doubt
    assert calendar.look(TODAY + timedelta(5)).doubt is None
    world.passes(days=1)
    assert calendar.look(TODAY + timedelta(5)) == Belief(TODAY + timedelta(6))


def test_a_clock_that_was_behind_and_is_set_right_is_believed() -> None:
    world = World(off=-6 * DAY_SECONDS)  # a machine without a battery begins in the past
    calendar = world.calendar()
    assert calendar.look(YESTERDAY).doubt is None
    world.off = 0.0
    assert calendar.look(YESTERDAY) == Belief(TODAY)
    world.off = -30 * DAY_SECONDS
    assert calendar.look(TODAY).doubt is None
    world.off = 0.0
    world.passes(days=1)
    assert calendar.look(TODAY) == Belief(TOMORROW)


def test_hours_that_a_clock_is_set_by_are_nothing_to_speak_of() -> None:
    world = World()
    calendar = world.calendar()
    calendar.look(TODAY)
    for hours in (3, -9, 11, 0):
        world.off = hours * HOUR
        assert calendar.look(TODAY).doubt is None


@given(st.lists(st.tuples(st.floats(0, 40), st.floats(-400, 400)), max_size=20))
def test_whatever_this_clock_does_no_day_is_believed_that_has_not_begun_by_the_databases(
    steps: list[tuple[float, float]],
) -> None:
    world = World()
    calendar, told = world.calendar(server=True), TODAY
    for passed, off in steps:
        world.passes(days=passed)
        world.off = off * DAY_SECONDS
        belief = calendar.look(told)
        if belief.day > told:
            assert belief.day <= day_of(world.true)
            told = belief.day
        assert (belief.ahead > 0) == (belief.doubt is not None)


def test_the_machines_running_goes_on() -> None:
    assert running() < running() + 1e-9 <= running() + 1.0
