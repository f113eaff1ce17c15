"""The end of the log as it was just written, at hand for the followers that come right behind."""

from collections import deque
from collections.abc import Collection, Sequence

from event_log.planning import Draft
from event_log.protocol import Recorded

EVENTS_KEPT = 10_000
"""So many events are kept at least, as long as the log has them and their data has room."""
BYTES_KEPT = 16 << 20
"""Beyond so much data older transactions are let go, however few events they are."""


class Tail:
    """The latest transactions. Written by one thread, read by any."""

    def __init__(self) -> None:
        self._drafts: deque[Draft] = deque()
        self._events = self._bytes = 0

    def add(self, drafts: Sequence[Draft]) -> None:
        """Take in what a transaction wrote, once it is durable."""
        for draft in drafts:
            if draft.shared:
                self._drafts.append(draft)
                self._events += len(draft.shared)
                self._bytes += draft.size
        while len(self._drafts) > 1 and self._is_more_than_kept():
            oldest = self._drafts.popleft()
            self._events -= len(oldest.shared)
            self._bytes -= oldest.size

    def _is_more_than_kept(self) -> bool:
        return self._events - len(self._drafts[0].shared) >= EVENTS_KEPT or self._bytes > BYTES_KEPT

    def clear(self) -> None:
        """Forget everything (what the file says is all that counts after a fault)."""
        self._drafts.clear()
        self._events = self._bytes = 0

    def read(self, after: int, limit: int, types: Collection[str] | None, upto: int) -> list[Recorded] | None:
        """As protocol.EventLog.read_all; None when it begins before what is kept, or ends behind it."""
        drafts = list(self._drafts)
        if not drafts or after + 1 < drafts[0].first_position or upto > drafts[-1].head:
            return None
        found: list[Recorded] = []
        for draft in drafts:
            if draft.head <= after:
                continue
            if draft.first_position > upto:
                break
            first = max(0, after + 1 - draft.first_position)
            last = min(len(draft.shared), upto + 1 - draft.first_position)
            for number, type_ in enumerate(draft.types[first:last], first):
                if types is None or type_ in types:
                    if len(found) == limit:
                        return found
                    found.append(Recorded._make(draft.row(number)))
        return found
