"""How alike two notes are, without keeping either: digests of texts, and sketches of their runs of words.

A sketch holds the least hashes of all runs of three words (bottom-k sketch). The share of a joint sketch that both
hold estimates the share of runs that the texts have in common (their Jaccard index).

Source:  A. Broder, "On the resemblance and containment of documents" (1997).
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")

KEPT = 32
"""Hashes in a sketch."""
FEWEST = 12
"""A text of fewer runs is too short to be compared."""

_BITS = 0xFFFF_FFFF
_POINTS = ".,;:!?()[]{}\"'“”‘’*-–—/"


def _words(text: str | None) -> list[str]:
    """The words of a text, whatever the case and the punctuation around them."""
    return list(filter(None, map(_bare, (text or "").lower().split())))


@lru_cache(maxsize=65_536)
def _bare(part: str) -> str:
    return part.strip(_POINTS)


def digest(text: str | None) -> str | None:
    """Equal for texts of the same words, whatever the case, spaces and punctuation; None where no word is written."""
    words = _words(text)
    return hashlib.blake2b(" ".join(words).encode(), digest_size=12).hexdigest() if words else None


def sketch(texts: Iterable[str | None]) -> tuple[int, ...]:
    """The sketch of some texts together; empty where there are too few words."""
    runs: list[int] = []
    for text in texts:
        codes = list(map(_code, _words(text)))
        runs += [a * 961 + b * 31 + c & _BITS for a, b, c in zip(codes, codes[1:], codes[2:], strict=False)]
    enough = (
        _BITS * 3 * KEPT // (2 * len(runs)) if runs else 0
    )  # hashes are spread evenly: half as many again lie below
    least = {run for run in runs if run <= enough}
    if len(least) < KEPT:
        least = set(runs)
    return tuple(sorted(least)[:KEPT]) if len(least) >= FEWEST else ()


@lru_cache(maxsize=65_536)
def _code(word: str) -> int:
    return crc32(word.encode())


def likeness(one: Sequence[int], other: Sequence[int]) -> int:
    """How much of two texts is common [%]; 0 where one of them is too short to be compared.

    >>> likeness((1, 2, 3, 4), (1, 2, 3, 5)), likeness((1, 2), ())
    (60, 0)
    """
    if not one or not other:
        return 0
    joint = sorted({*one, *other})[: max(len(one), len(other))]
    return 100 * len(set(one) & set(other) & set(joint)) // len(joint)


def first_alike(one: Sequence[int], others: Iterable[tuple[T, Sequence[int]]], least: int) -> T | None:
    """The name of the first of some texts that has so much in common with this one [%].

    Most are told apart by a glance at their first hashes: of so few that may differ, one more must be shared. Most of
    the others share too few in all.
    """
    hashes = frozenset(one)
    for name, other in others:
        longest = max(len(one), len(other))
        may_differ = longest * (100 - least) // 100
        if (
            not hashes.isdisjoint(other[: may_differ + 1])
            and 100 * len(hashes.intersection(other)) >= least * longest
            and likeness(one, other) >= least
        ):
            return name
    return None
