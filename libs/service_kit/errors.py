"""The kit's errors, and which faults can pass by themselves."""

import sqlite3

from event_log.errors import DiskFull, LogBusy, LogClosed, LogUnavailable


class Transient(Exception):
    """A fault that may pass by itself: worth trying again. Subclass it."""


class UnknownDeadLetter(Exception):
    """No dead letter of that id."""

    code = "unknown-dead-letter"

    def __init__(self, letter_id: str, service: str | None = None) -> None:
        self.letter_id, self.service = letter_id, service
        whose = f" of {service}" if service else ""
        super().__init__(f"there is no dead letter {letter_id!r}{whose}; `claimtrail dead-letters` lists them")


class StillConflicting(Transient):
    """A stream changed under every attempt to decide on it."""

    code = "still-conflicting"

    def __init__(self, service: str, streams: tuple[str, ...], attempts: int) -> None:
        self.service, self.streams, self.attempts = service, streams, attempts
        super().__init__(f"{service}: {len(streams)} streams still conflict after {attempts} attempts")


class RowMoved(Transient):
    """A row that a transaction relied on was changed by somebody else: look again and decide again."""

    code = "row-moved"


def of_the_store(error: Exception) -> bool:
    """Whether a fault is the store's: then no case is to blame for it, and all of them wait until it is mended."""
    return isinstance(error, LogBusy | DiskFull | LogUnavailable | LogClosed)


def passes(error: Exception) -> bool:
    """Whether a fault may pass by itself: worth trying again with backoff."""
    return isinstance(error, Transient | LogBusy | DiskFull | OSError | sqlite3.OperationalError)
