"""Which day may be told: this machine's calendar, held against all that can bear witness to it (decision 18)."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

DAY_SECONDS = 86_400.0
LONGEST_PAUSE = timedelta(days=31)
"""A clock that told nothing for longer is not believed before a person names the day."""
_RUNS_ON = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""It counts while the machine sleeps, too, and nobody can set it."""

Clock = Callable[[], float]
"""Seconds since the epoch, or since something else that stays where it is [s]."""


class Belief(NamedTuple):
    """What is held of this machine's calendar."""

    day: date
    """The day that it and all witnesses have come to."""
    doubt: str | None = None
    """Why the calendar is not believed, in words."""
    ahead: int = 0
    """How many days the calendar is ahead of the day that is believed; at least 1 where there is a doubt."""


def running() -> float:
    """How long the machine has run [s]."""
    return time.clock_gettime(_RUNS_ON)


class Calendar:
    """This machine's calendar. A day counts once every witness has come to it.

    Args:    now: this machine's clock. runs: what tells that the clock was set while the process ran.
             server: the clock of the database's server, where there is one.
    """

    def __init__(self, now: Clock = time.time, *, runs: Clock = running, server: Clock | None = None) -> None:
        self._now, self._runs, self._server = now, runs, server
        self._began: float | None = None
        """When what `runs` counts from began, as of the last time that the calendar was believed."""

    def look(self, told: date | None) -> Belief:
        """Which day it is.

        Args:    told: the last day that the log was told.
        """
        now, runs = self._now(), self._runs()
        here = day_of(now)
        if told is not None and here < told:
            return Belief(here)  # set back, or a person named a later day: there is nothing to tell
        if self._began is None or told == here or now - runs - self._began < DAY_SECONDS:
            self._began = now - runs
        if told == here:
            return Belief(here)
        day, doubts = here, []
        if (by_running := day_of(self._began + runs)) < here:
            day = by_running
            doubts.append(f"this clock was set to {here} while the process ran; by its running it is {day}")
        if self._server is not None:
            server = self._server()
            day = min(day, day_of(server))
            if now - server >= DAY_SECONDS:
                doubts.append(f"this machine's clock says {here}, the database's {day_of(server)}")
        if told is not None and day - told > LONGEST_PAUSE:
            doubts.append(f"{day} is {(day - told).days} days after the last day that was told")
            day = told
        return Belief(day, "; ".join(doubts), max(1, (here - day).days)) if doubts else Belief(day)


def day_of(seconds: float) -> date:
    """The day where this process is."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().date()
