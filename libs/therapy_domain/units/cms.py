"""The CMS 8-minute rule: the day's timed minutes are pooled, then shared out among the codes."""

from collections.abc import Sequence
from itertools import combinations, islice
from math import comb
from typing import NamedTuple

from therapy_domain.units.errors import NegativeMinutes

MOST_SHOWN = 252
"""Allocations of one day that are kept: all choices of 5 among 10 tied codes [count]."""


class Entry(NamedTuple):
    """What takes part in the pool under one code number: its minutes of the day."""

    code: str
    minutes: int
    assistant_minutes: int = 0
    fee: int = 0


class Shares(NamedTuple):
    """How the day's units fall to the entries, each mapping in the entries' order."""

    total_minutes: int
    total_units: int
    chosen: tuple[int, ...]
    """Units by entry: the default."""
    others: tuple[tuple[int, ...], ...]
    """The other acceptable allocations, in a fixed order, at most MOST_SHOWN - 1."""
    acceptable: int
    """How many allocations the rule allows, the default included."""
    leftover: int
    """Units that remained after the whole 15 minutes."""
    got: tuple[int, ...]
    """Entries (by index) that got a leftover unit, largest remainder first."""
    tied: tuple[int, ...]
    """Entries with the remainder at which the choice is free; empty without a choice."""


def timed_units(total_minutes: int) -> int:
    """Units payable for one day's timed minutes, by the CMS count.

    Args:    total_minutes: one-on-one minutes summed over the day's timed codes [min].
    Returns: whole units [1 unit = 15 min]; 0 below 8 minutes.
    Raises:  NegativeMinutes: total_minutes < 0.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2 C (AMA counts each code alone).

    >>> [timed_units(m) for m in (7, 8, 22, 23, 37, 38)]
    [0, 1, 1, 2, 2, 3]
    """
    if total_minutes < 0:
        raise NegativeMinutes(total_minutes)
    return (total_minutes + 7) // 15


def share_out(entries: Sequence[Entry]) -> Shares:
    """The day's units shared out: whole 15 minutes first, then one more to each largest remainder.

    Equal remainders at the last unit leave a free choice. The default takes the entry with more minutes, then
    the one without assistant minutes, then the higher fee, then the lower code.
    Raises:  NegativeMinutes: an entry's minutes < 0.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2 C; the order of the default is ours.

    >>> share_out([Entry("97112", 47), Entry("97116", 6)]).chosen
    (3, 1)
    """
    if any(entry.minutes < 0 for entry in entries):
        raise NegativeMinutes(min(entry.minutes for entry in entries))
    total = sum(entry.minutes for entry in entries)
    whole = [entry.minutes // 15 for entry in entries]
    leftover = timed_units(total) - sum(whole)
    order = sorted((i for i, e in enumerate(entries) if e.minutes % 15), key=lambda i: _rank(entries[i]))
    got = tuple(order[:leftover])
    chosen = _with_one_more(whole, got)
    if not leftover or leftover == len(order) or _rest(entries, order[leftover - 1]) != _rest(entries, order[leftover]):
        return Shares(total, sum(chosen), chosen, (), 1, leftover, got, ())
    edge = _rest(entries, order[leftover])
    sure = tuple(i for i in got if _rest(entries, i) > edge)
    tied = tuple(i for i in order if _rest(entries, i) == edge)
    free = leftover - len(sure)
    choices = islice(combinations(tied, free), 1, MOST_SHOWN)  # the first is the default
    others = tuple(_with_one_more(whole, sure + choice) for choice in choices)
    return Shares(total, sum(chosen), chosen, others, comb(len(tied), free), leftover, got, tied)


def _rank(entry: Entry) -> tuple[int, int, bool, int, str]:
    return -(entry.minutes % 15), -entry.minutes, entry.assistant_minutes > 0, -entry.fee, entry.code


def _rest(entries: Sequence[Entry], index: int) -> int:
    return entries[index].minutes % 15


def _with_one_more(whole: Sequence[int], lucky: Sequence[int]) -> tuple[int, ...]:
    return tuple(units + (index in lucky) for index, units in enumerate(whole))
