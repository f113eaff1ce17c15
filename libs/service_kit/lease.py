"""Who of several copies leads: a row that its holder keeps beating, and a token that fences off earlier holders.

No clocks are compared: who wants the lease watches the row and takes it when it has not beaten for as long as the lease
says by the watcher's own clock.
"""

import time
from collections.abc import Callable

from sqlmodel import Field, SQLModel

from event_log.protocol import EventLog, RowsConnection


class Lease(SQLModel, table=True):
    """Who leads in one matter."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    """A copy's own name; empty = let go of."""
    token: int
    """Counts up with each holder."""
    beat: int


TABLES: tuple[type[SQLModel], ...] = (Lease,)

_MAKE = "INSERT INTO lease(name, holder, token, beat) VALUES(?, '', 0, 0) ON CONFLICT DO NOTHING"
_LOOK = "SELECT holder, token, beat FROM lease WHERE name = ?"
_TAKE = "UPDATE lease SET holder = ?, token = token + 1, beat = 0 WHERE name = ? AND token = ? AND beat = ?"
_BEAT = "UPDATE lease SET beat = beat + 1 WHERE name = ? AND token = ?"
_HOLD = "UPDATE lease SET token = token WHERE name = ? AND token = ?"
_LET_GO = "UPDATE lease SET holder = '' WHERE name = ? AND token = ?"


class LeaseLost(Exception):
    """Another copy leads now: nothing of this transaction may stay."""

    code = "lease-lost"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"another copy leads in {name} now")


class Leadership:
    """One copy's wish to lead. For one thread at a time.

    Args:    seconds: how long a leader may be silent [s].
    """

    def __init__(
        self, log: EventLog, name: str, holder: str, seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._log, self._name, self._holder, self._seconds, self._clock = log, name, holder, seconds, clock
        self._token: int | None = None
        self._watched: tuple[tuple[str, int, int], float] | None = None

    @property
    def leads(self) -> bool:
        """Whether this copy leads, as far as it knows."""
        return self._token is not None

    def take(self) -> bool:
        """Take the lease if nobody has it, or its holder is silent.

        Returns: whether this copy leads now.
        """
        held = self._look()
        if held[0] and not self._silent(held):
            return False
        self._watched = None
        if self._changed(_TAKE, self._holder, self._name, *held[1:]):
            self._token = held[1] + 1
        return self.leads

    def beat(self) -> bool:
        """Say that this copy is alive. Returns: whether it still leads."""
        if self._token is not None and not self._changed(_BEAT, self._name, self._token):
            self._token = None
        return self.leads

    def let_go(self) -> None:
        """Another copy may lead at once."""
        if self._token is not None:
            self._changed(_LET_GO, self._name, self._token)
            self._token = None

    def held(self) -> Callable[[RowsConnection], None]:
        """Raises LeaseLost in a transaction, unless this copy leads."""
        token = self._token

        def check(rows: RowsConnection) -> None:
            if token is None or rows.execute(_HOLD, (self._name, token)).rowcount != 1:
                raise LeaseLost(self._name)

        return check

    def lost(self) -> None:
        """Take notice of a LeaseLost."""
        self._token = None

    def _silent(self, held: tuple[str, int, int]) -> bool:
        now = self._clock()
        if self._watched is None or self._watched[0] != held:
            self._watched = (held, now)
        return now - self._watched[1] >= self._seconds

    def _look(self) -> tuple[str, int, int]:
        rows = self._log.connection()
        found = rows.execute(_LOOK, (self._name,)).fetchone()
        if found is None:
            self._log.commit((), service=self._name, rows=lambda rows: _ignore(rows.execute(_MAKE, (self._name,))))
            found = self._log.connection().execute(_LOOK, (self._name,)).fetchone()
        holder, token, beat = found
        return holder, token, beat

    def _changed(self, statement: str, *values: object) -> bool:
        changed = False

        def write(rows: RowsConnection) -> None:
            nonlocal changed
            changed = rows.execute(statement, values).rowcount == 1

        self._log.commit((), service=self._name, rows=write)
        return changed


def _ignore(_cursor: object) -> None:
    return
