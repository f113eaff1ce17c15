"""Questions that got lost between us and the server, or their answers: both sides wait, and would for ever.

Nobody else notices: to TCP all is well, no time limit of the server runs, and other connections answer.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.pq import TransactionStatus

from event_log.postgres_rows import Connection

LOST_SECONDS = 5.0
"""A server that has stood idle for so long, for a connection that waits for its answer, was never asked [s]."""
_IDLE = b"SELECT pid, state_change::text FROM pg_stat_activity WHERE pid = ANY(%s) AND state LIKE 'idle%%'"

Ask = Callable[[bytes, Sequence[Any]], Iterable[tuple[Any, ...]]]


class _Suspect(NamedTuple):
    """A connection that waits while its server does not work."""

    idle_since: str
    """As the server tells it: the same as long as it is asked nothing."""
    seen_at: float


class Lost:
    """Looks, now and then, which connections wait in vain. For one thread at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._suspects: Mapping[int, _Suspect] = {}

    def among(self, connections: Iterable[Connection], ask: Ask) -> list[Connection]:
        """Those that have waited for LOST_SECONDS, as of two looks.

        Args:    ask: asks the server by yet another connection.
        """
        waiting = {each.info.backend_pid: each for each in connections if _waits(each)}
        idle: dict[int, str] = dict(ask(_IDLE, (list(waiting),))) if waiting else {}
        now, suspects = self._clock(), {}
        for pid, since in idle.items():
            before = self._suspects.get(pid)
            same = before is not None and before.idle_since == since
            suspects[pid] = before if before is not None and same else _Suspect(since, now)
        self._suspects = suspects
        found = [pid for pid, suspect in suspects.items() if now - suspect.seen_at >= LOST_SECONDS]
        return [waiting[pid] for pid in found if _waits(waiting[pid])]


def _waits(connection: Connection) -> bool:
    return not connection.closed and connection.info.transaction_status == TransactionStatus.ACTIVE
