"""The clock: says once a day which day it is. Of several processes the one that holds the lease says so."""

import os
import socket
import threading
from datetime import UTC, date, datetime, time
from typing import Any

import orjson
import structlog

from appeals.service import TODAY
from event_log.protocol import Append, RowsConnection
from service_kit import names
from service_kit.lease import Leadership, LeaseLost
from service_kit.outcome import Made
from suite.installation import Installation
from suite.witnesses import Belief, Calendar, Clock
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

_SERVER_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::float8"

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
        told = last_told(self._installation)
        if told is not None and told >= today:
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


def last_told(installation: Installation) -> date | None:
    """The last day that the log was told."""
    told = installation.read.fold(CLOCK, TODAY).state
    return None if told is None else told.event.today


def server_clock(installation: Installation) -> Clock | None:
    """The clock of the database's server; None where the store is in a directory."""

    def ask() -> float:
        rows: RowsConnection = installation.log.connection()
        return float(rows.execute(_SERVER_CLOCK).fetchone()[0])

    return None if installation.database is None else ask


def calendar_of(installation: Installation) -> Calendar:
    """This machine's calendar, and whoever bears witness to it."""
    return Calendar(server=server_clock(installation))


def tell(installation: Installation, today: date) -> dict[str, Any]:
    """Tell a store the day, and work off what follows. Whoever names a day means it: no witness is asked.

    Returns: the day that holds now, whether it was news, and what was warned of, lapsed or is late because of it.
    """
    installation.work_off()
    before = installation.log.head()
    ticker = ticker_of(installation)
    said = any(ticker.tick(today) for _ in range(ATTEMPTS))
    ticker.close()
    installation.work_off()
    told = last_told(installation)
    found: dict[str, list[Any]] = {name: [] for name in _TOLD.values()}
    for row in installation.log.read_all(before, installation.log.head() - before + 1, _TOLD.keys()):
        found[_TOLD[row.type]].append(orjson.loads(row.data))
    return {"today": (told or today).isoformat(), "said": said, **found}


_TOLD = {DeadlineWarned.type: "warned", AppealLapsed.type: "lapsed", DecisionOverdue.type: "overdue"}


class Ticking:
    """A thread that keeps the clock going.

    Args:    seconds: how long a holder of the lease may be silent [s]; None: this process writes the store alone.
             calendar: what day it is where the deadlines are; None: this machine's calendar and its witnesses.
    """

    def __init__(
        self, installation: Installation, seconds: float | None = None, calendar: Calendar | None = None
    ) -> None:
        self._installation, self._ticker = installation, ticker_of(installation, seconds or 0.0)
        self._calendar = calendar or calendar_of(installation)
        self._often = OFTEN if seconds is None else seconds / BEATS_A_LEASE
        self._fault: str | None = None
        self._doubt: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="clock", daemon=True)

    @property
    def trouble(self) -> str | None:
        """What keeps the clock from going on, or why it is not believed; None when all is well."""
        return f"held up by {self._fault}" if self._fault else self._doubt

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
                belief = self._calendar.look(last_told(self._installation))
                self._notice(belief)
                self._ticker.tick(belief.day)
                self._fault = None
            except Exception as error:  # noqa: BLE001 -- the clock must outlive a fault of the store
                self._fault = type(error).__name__
                _log.error("the clock could not tell the day", error=self._fault)
            if self._stop.wait(self._often):
                break
        try:
            self._ticker.close()
        except Exception as error:  # noqa: BLE001 -- a lease that is not let go of runs out by itself
            _log.error("the clock could not let go of its lease", error=type(error).__name__)

    def _notice(self, belief: Belief) -> None:
        if belief.doubt not in (None, self._doubt):
            _log.error("the calendar is not believed", why=belief.doubt, told_as=belief.day.isoformat())
        if self._doubt is not None and belief.doubt is None:
            _log.warning("the calendar is believed again", today=belief.day.isoformat())
        self._doubt = belief.doubt
        self._installation.telemetry.gauge(names.METRIC_CLOCK_AHEAD, belief.ahead, {}, "d")
