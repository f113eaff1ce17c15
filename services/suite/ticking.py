"""The clock: says once a day which day it is. Of several processes the one that holds the lease says so."""

import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import orjson
import structlog

from appeals.service import TODAY
from event_log.protocol import Append
from service_kit.lease import Leadership, LeaseLost
from service_kit.outcome import Made
from suite.installation import Installation
from therapy_domain.events.appeal_work import AppealLapsed, DayBegan, DeadlineWarned, DecisionOverdue
from therapy_domain.events.base import microseconds
from therapy_domain.identity import decision_id
from therapy_domain.streams import CLOCK

NAME = "clock"
OFTEN = 60.0
"""How often the one writer of a store in a directory looks whether a new day has begun [s]."""
BEATS_A_LEASE = 4
ATTEMPTS = 3
"""A clock that beats in the very moment in which its lease is taken from it keeps it."""
NOBODY = ""
"""The clock belongs to no organization."""

_log = structlog.get_logger(__name__)


class Ticker:
    """Tells the log which day it is, as long as it holds the lease.

    Args:    lease: who holds it tells; its fencing token is checked in the very transaction that tells.
    """

    def __init__(self, installation: Installation, lease: Leadership) -> None:
        self._installation, self._lease = installation, lease

    def tick(self, today: date) -> bool:
        """Say that it is this day, unless this or a later day was told already. The appeals service hears of it.

        Returns: whether something was said.
        """
        if not self.lead():
            return False
        told = self._installation.read.fold(CLOCK, TODAY).state
        if told is not None and told.event.today >= today:
            return False
        event = DayBegan(today=today, at=datetime.now(UTC).astimezone())
        day = decision_id(event.type, NAME, (today.isoformat(),))
        morning = microseconds(datetime.combine(today, time.min, UTC))
        made = self._installation.codec.encode(Made(event, day, NOBODY, morning, actor=NAME))
        try:
            commit = self._installation.log.commit([Append(CLOCK, None, [made])], service=NAME, rows=self._lease.held())
        except LeaseLost:
            self._lease.lost()
            return False
        return commit.written > 0

    def lead(self) -> bool:
        """Keep the lease, or take it where nobody keeps it. Returns: whether it is held."""
        return self._lease.beat() or self._lease.take()

    def close(self) -> None:
        """Let another process tell the time at once."""
        self._lease.let_go()


def ticker_of(installation: Installation, seconds: float = 0.0) -> Ticker:
    """A clock of this process.

    Args:    seconds: a holder of the lease that is silent for so long counts as gone [s]. Nothing: it is taken from
             whoever has it: by the one writer of a store in a directory, for whoever had the lease is gone; and by a
             person who tells the day, for the token fences off the other clock until it has taken the lease back.
    """
    return Ticker(installation, Leadership(installation.log, NAME, f"{socket.gethostname()}:{os.getpid()}", seconds))


def tell(installation: Installation, today: date) -> dict[str, Any]:
    """Tell a store the day, and work off what follows.

    Returns: the day that holds now, whether it was news, and what was warned of, lapsed or is late because of it.
    """
    installation.work_off()
    before = installation.log.head()
    ticker = ticker_of(installation)
    said = any(ticker.tick(today) for _ in range(ATTEMPTS))
    ticker.close()
    installation.work_off()
    told = installation.read.fold(CLOCK, TODAY).state
    found: dict[str, list[Any]] = {name: [] for name in _TOLD.values()}
    for row in installation.log.read_all(before, installation.log.head() - before + 1, _TOLD.keys()):
        found[_TOLD[row.type]].append(orjson.loads(row.data))
    return {"today": (told.event.today if told is not None else today).isoformat(), "said": said, **found}


_TOLD = {DeadlineWarned.type: "warned", AppealLapsed.type: "lapsed", DecisionOverdue.type: "overdue"}


class Ticking:
    """A thread that keeps the clock going.

    Args:    seconds: how long a holder of the lease may be silent [s]; None: this process writes the store alone.
             day: what day it is where the deadlines are.
    """

    def __init__(
        self, installation: Installation, seconds: float | None = None, day: Callable[[], date] = date.today
    ) -> None:
        self._ticker, self._day = ticker_of(installation, seconds or 0.0), day
        self._often = OFTEN if seconds is None else seconds / BEATS_A_LEASE
        self.fault: str | None = None
        """The type of the fault that keeps the clock from going on; None when it does."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="clock", daemon=True)

    def start(self) -> None:
        """Tell the day, and each new one."""
        self._thread.start()

    def stop(self) -> None:
        """Stop telling, and let go of the lease."""
        self._stop.set()
        self._thread.join()

    def _go_on(self) -> None:
        while True:
            try:
                self._ticker.tick(self._day())
                self.fault = None
            except Exception as error:  # noqa: BLE001 -- the clock must outlive a fault of the store
                self.fault = type(error).__name__
                _log.error("the clock could not tell the day", error=self.fault)
            if self._stop.wait(self._often):
                break
        try:
            self._ticker.close()
        except Exception as error:  # noqa: BLE001 -- a lease that is not let go of runs out by itself
            _log.error("the clock could not let go of its lease", error=type(error).__name__)
