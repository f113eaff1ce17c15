"""When a service was given, by the clock: whether two services of a day had time of their own."""

from collections.abc import Iterable

from therapy_domain.events.session import Interval

TREATING = frozenset({"treatment", "passive_modality"})
"""Activities that are the service itself."""

Clocks = tuple[tuple[int, int], ...]
"""Start and end of each stretch [s since the epoch, UTC], in order."""


def clocks_of(intervals: Iterable[Interval]) -> Clocks | None:
    """The clock times of one service's stretches of treatment, each once, however often it is told.

    None where one has none, or there is no time at all.
    """
    found = set()
    for interval in intervals:
        if interval.activity not in TREATING:
            continue
        if interval.start is None or interval.end is None or interval.end < interval.start:
            return None
        if interval.end > interval.start:
            found.add((int(interval.start.timestamp()), int(interval.end.timestamp())))
    return tuple(sorted(found)) or None


def apart(one: Clocks, other: Clocks) -> bool:
    """Whether no stretch of the one overlaps a stretch of the other; alternating stretches are apart.

    >>> apart(((0, 600), (1200, 1800)), ((600, 1200),)), apart(((0, 601),), ((600, 1200),))
    (True, False)
    """
    return all(mine[1] <= theirs[0] or theirs[1] <= mine[0] for mine in one for theirs in other)
