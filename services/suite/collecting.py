"""Python's cycle collector, set for long work over many small objects that form no cycles."""

import gc


def collect_less_garbage() -> None:
    """Look for cycles rarely: events, states and decisions have none, and looking cost a quarter of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(3_000_000, 50, 100)
