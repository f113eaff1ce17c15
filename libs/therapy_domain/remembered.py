"""What was worked out of an object lately and is asked for again: by which object it is, for comparing is slow."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar, TypeVarTuple

Subject = TypeVar("Subject")
Others = TypeVarTuple("Others")
Made = TypeVar("Made")


def remembered(most: int) -> Callable[[Callable[[Subject, *Others], Made]], Callable[[Subject, *Others], Made]]:
    """Keep what a pure function made of its first argument, which is never changed, and of others that are hashed.

    Args:    most: so many are kept; then all are forgotten.
    """

    def keeping(work: Callable[[Subject, *Others], Made]) -> Callable[[Subject, *Others], Made]:
        held: dict[tuple[Hashable, ...], tuple[Subject, Made]] = {}

        @wraps(work)
        def kept(subject: Subject, *others: *Others) -> Made:
            key = (id(subject), *others)
            known = held.get(key)
            if known is not None and known[0] is subject:
                return known[1]
            if len(held) >= most:
                held.clear()
            made = work(subject, *others)
            held[key] = subject, made
            return made

        return kept

    return keeping
