"""The clock, where commands look at it."""

from datetime import datetime


def now() -> datetime:
    """The time here, to the second, with its offset."""
    return datetime.now().astimezone().replace(microsecond=0)
