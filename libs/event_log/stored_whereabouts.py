"""The whereabouts of keys as they are stored: for a reader that asks for a few keys and must not load megabytes first.

A table of words is stored in slices of a kilobyte; a key needs one slice of each era, and two of each group of the eras
that may hold it. What was written since the tables were stored is looked through stretch by stretch.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from struct import Struct

from event_log import sql
from event_log.marks import (
    ERA_BITS,
    GROUPS,
    LAST_MARK,
    LAST_SLOT,
    MARKS,
    SLOTS,
    STRETCH_BITS,
    TOP,
    stretches_in,
)
from event_log.whereabouts import Kept

_WORD = Struct("=Q")
WORDS_A_SLICE = 128
_SLICES = SLOTS // WORDS_A_SLICE
_BYTES = WORDS_A_SLICE * _WORD.size


def keep(connection: sqlite3.Connection, parts: Iterable[Kept]) -> None:
    """Store these parts, in slices."""
    for part, upto, words in parts:
        connection.execute(sql.KEEP_PART, (part, upto))
        slices = [(part * _SLICES + n, words[n * _BYTES : (n + 1) * _BYTES]) for n in range(_SLICES)]
        connection.executemany(sql.KEEP_WORDS, slices)


def kept(connection: sqlite3.Connection) -> list[Kept]:
    """Every part as it was stored last."""
    return [
        Kept(part, upto, b"".join([words for (words,) in connection.execute(sql.KEPT_WORDS, _slices_of(part))]))
        for part, upto in connection.execute(sql.KEPT_PARTS).fetchall()
    ]


def _slices_of(part: int) -> tuple[int, int]:
    return part * _SLICES, (part + 1) * _SLICES - 1


class StoredWhereabouts:
    """Where keys may stand, by what is stored; for one look at the log, from one connection."""

    def __init__(self, connection: sqlite3.Connection, head: int) -> None:
        self._connection = connection
        parts: dict[int, int] = dict(connection.execute(sql.KEPT_PARTS).fetchall())
        self._eras = sum(part < 0 for part in parts)
        self._groups = len(parts) - self._eras
        self._upto = max((upto for part, upto in parts.items() if part >= 0), default=0)
        if self._eras << ERA_BITS <= self._upto or any(part not in parts for part in range(-self._eras, self._groups)):
            self._eras = self._groups = self._upto = 0  # not whole: as if nothing were stored
        self._last = head >> STRETCH_BITS

    def stretches(self, number: int, last: int = -1) -> list[int]:
        """See whereabouts.Whereabouts.stretches."""
        one, two = number >> TOP, number & LAST_SLOT
        mark = MARKS[number & LAST_MARK]
        groups = [
            group
            for age, seen in enumerate(self._words([(-1 - age, one) for age in range(self._eras)]))
            if seen & mark == mark
            for group in range(age * GROUPS, min((age + 1) * GROUPS, self._groups))
        ]
        words = self._words([(group, slot) for group in groups for slot in (one, two)])
        found = [
            stretch
            for group, *bits in zip(groups, words[::2], words[1::2], strict=True)
            for stretch in stretches_in(group, bits[0] & bits[1])
        ]
        first = self._upto >> STRETCH_BITS if self._upto else 0
        found = [stretch for stretch in found if stretch < first] + list(range(first, self._last + 1))
        return found if last < 0 else [stretch for stretch in found if stretch <= last]

    def _words(self, places: Sequence[tuple[int, int]]) -> list[int]:
        """The words at these (part, slot) places."""
        found: list[int] = []
        for part, slot in places:
            number, place = divmod(slot, WORDS_A_SLICE)
            row = self._connection.execute(sql.WORDS, (part * _SLICES + number,)).fetchone()
            found.append(_WORD.unpack_from(row[0], place * _WORD.size)[0])
        return found
