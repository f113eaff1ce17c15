"""The latest events of a log that another process writes, whole, for who follows close behind.

Reading them once, in order, costs a third of looking them up again stream by stream.
"""

from collections.abc import Collection, Sequence

from event_log.protocol import Recorded

EVENTS_KEPT = 32_000
"""At least half as many of the latest are at hand, as long as their data has room."""
BYTES_KEPT = 32 << 20


class _Part:
    """Consecutive events, by position and by stream."""

    def __init__(self) -> None:
        self.rows: list[Recorded] = []
        self.streams: dict[str, list[Recorded]] = {}
        self.bytes = 0

    def add(self, rows: Sequence[Recorded]) -> None:
        self.rows += rows
        self.bytes += sum([len(row.data) for row in rows])
        streams = self.streams
        for row in rows:
            stream = row.stream
            if stream in streams:
                streams[stream].append(row)
            else:
                streams[stream] = [row]

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= EVENTS_KEPT // 2 or self.bytes >= BYTES_KEPT // 2


class Window:
    """What was added last, in two parts: the older is let go whole when the younger is full. For one thread."""

    def __init__(self) -> None:
        self._old, self._young = _Part(), _Part()

    def add(self, rows: Sequence[Recorded]) -> None:
        """Take in the events behind those added before, with none left out."""
        if self._young.is_full:
            self._old, self._young = self._young, _Part()
        self._young.add(rows)

    def read(self, after: int, limit: int, types: Collection[str] | None, upto: int) -> list[Recorded] | None:
        """As protocol.EventLog.read_all; None when it begins before what is at hand, or ends behind it."""
        parts = [part.rows for part in (self._old, self._young) if part.rows]
        if not parts or after + 1 < parts[0][0].position or upto > parts[-1][-1].position:
            return None
        found: list[Recorded] = []
        for rows in parts:
            first = rows[0].position
            part = rows[max(0, after + 1 - first) : max(0, upto + 1 - first)]
            found += part if types is None else [row for row in part if row.type in types]
        return found[:limit]

    def of_stream(self, stream: str, behind: int) -> list[Recorded] | None:
        """What follows a version of a stream; None when that is not at hand to the stream's end."""
        old, young = self._old.streams.get(stream), self._young.streams.get(stream)
        rows = old + young if old and young else old or young
        if not rows or rows[0].version > behind + 1:
            return None
        return rows[max(0, behind + 1 - rows[0].version) :]
