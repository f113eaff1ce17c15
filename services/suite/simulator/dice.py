"""Chance that is the same on every machine: only `random()` is drawn, never set order, hashes or the clock."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def dice(*parts: object) -> Random:
    """A generator of its own for that place in the world, e.g. `dice(seed, org, clinic, day)`."""
    return Random("/".join(map(str, parts)))  # noqa: S311 -- a simulation, not a secret


def pick(rng: Random, things: Sequence[T]) -> T:
    """One of `things`, each as likely."""
    return things[int(rng.random() * len(things))]


def between(rng: Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(rng.random() * (high - low + 1))


def weighted(rng: Random, table: Sequence[tuple[float, T]]) -> T:
    """One of the rows' things; a row's weight is its share, and the shares add up to 1."""
    roll = rng.random()
    for weight, thing in table:
        roll -= weight
        if roll < 0:
            return thing
    return table[-1][1]


def shuffled(rng: Random, things: Sequence[T]) -> list[T]:
    """`things` in another order."""
    left = list(things)
    for index in range(len(left) - 1, 0, -1):
        other = int(rng.random() * (index + 1))
        left[index], left[other] = left[other], left[index]
    return left
