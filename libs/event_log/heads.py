"""The versions of streams that were written lately, without asking the database."""

from itertools import islice

HEADS_KEPT = 65_536
"""Streams whose version is remembered."""


def bounded(versions: dict[str, int]) -> dict[str, int]:
    """The same versions, or the younger ones when there are more than are kept."""
    if len(versions) <= HEADS_KEPT:
        return versions
    return dict(islice(versions.items(), len(versions) - HEADS_KEPT // 2, None))
