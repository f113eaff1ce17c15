"""How alike two notes are, without keeping either: digests of texts, and sketches of their runs of words.

A sketch holds the least hashes of all runs of three words (bottom-k sketch). The share of a joint sketch that both
hold estimates the share of runs that the texts have in common (their Jaccard index).

Source:  A. Broder, "On the resemblance and containment of documents" (1997).
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from zlib import crc32

RUN = 3
"""Words in a run."""
KEPT = 32
"""Hashes in a sketch."""
FEWEST = 12
"""A text of fewer runs is too short to be compared."""

_words = re.compile(r"[^\W_]+").findall


def digest(text: str | None) -> str | None:
    """Equal for texts of the same words, whatever the case, spaces and punctuation; None where no word is written."""
    words = _words((text or "").lower())
    return hashlib.blake2b(" ".join(words).encode(), digest_size=12).hexdigest() if words else None


def sketch(texts: Iterable[str | None]) -> tuple[int, ...]:
    """The sketch of some texts together; empty where there are too few words."""
    runs: set[str] = set()
    for text in texts:
        words = _words((text or "").lower())
        runs.update(map(" ".join, zip(*(words[start:] for start in range(RUN)), strict=False)))
    if len(runs) < FEWEST:
        return ()
    return tuple(sorted({crc32(run.encode()) for run in runs})[:KEPT])


def likeness(one: Sequence[int], other: Sequence[int]) -> int:
    """How much of two texts is common [%]; 0 where one of them is too short to be compared.

    >>> likeness((1, 2, 3, 4), (1, 2, 3, 5)), likeness((1, 2), ())
    (60, 0)
    """
    if not one or not other:
        return 0
    joint = sorted({*one, *other})[: max(len(one), len(other))]
    return 100 * len(set(one) & set(other) & set(joint)) // len(joint)


def alike(one: Sequence[int], other: Sequence[int], least: int) -> bool:
    """Whether two texts have so much in common [%]; most pairs are told apart by a glance at what they share."""
    shared = len(frozenset(one).intersection(other))
    return shared > 0 and 100 * shared >= least * max(len(one), len(other)) and likeness(one, other) >= least
