"""The whereabouts of many keys at once, by numpy: a tenth of the price a key.

Apart from whereabouts.py because numpy takes a tenth of a second to load, which a command that only reads need not pay.
"""

import os
from array import array
from collections.abc import Sequence

from event_log.marks import LAST_MARK, LAST_SLOT, MARKS, TOP

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no linear algebra here: its threads would spin beside ours
import numpy as np

_MARKS = np.array(MARKS, dtype=np.uint64)


class Words:
    """Views of the tables that one stretch of the log is remembered in."""

    def __init__(self, eras: Sequence["array[int]"], era: "array[int]", table: "array[int]", bit: int) -> None:
        self._eras = [_view(each) for each in eras]
        self._era, self._table = _view(era), _view(table)
        self._bit = np.uint64(bit)

    def known(self, numbers: list[int]) -> list[int]:
        """The places among these keys of those that an era may hold."""
        keys = np.array(numbers, dtype=np.int64)
        one, mark = keys >> TOP, _MARKS[keys & LAST_MARK]
        known = np.zeros(len(keys), dtype=bool)
        for era in self._eras:
            known |= era[one] & mark == mark
        found: list[int] = np.flatnonzero(known).tolist()
        return found

    def remember(self, numbers: list[int]) -> None:
        """Remember these keys in the current stretch."""
        keys = np.array(numbers, dtype=np.int64)
        one, two = keys >> TOP, keys & LAST_SLOT
        np.bitwise_or.at(self._era, one, _MARKS[keys & LAST_MARK])  # keys of one word must all leave their marks
        self._table[one] |= self._bit
        self._table[two] |= self._bit


def _view(words: "array[int]") -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    return np.frombuffer(words, dtype=np.uint64)
