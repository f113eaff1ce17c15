"""How long to wait before a fault that may pass by itself is met again."""

FIRST_SECONDS = 0.2
MOST_DOUBLINGS = 30
"""A server may be away for days: doubling without end would leave what a float can hold."""


def backoff(faults: int, longest: float) -> float:
    """The pause after so many faults one after another: doubled each time, at most `longest` [s]."""
    return min(longest, FIRST_SECONDS * 2.0 ** min(faults - 1, MOST_DOUBLINGS))
