"""Finding the header of a published table: behind a notice of several lines, itself on one line or several."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from interchange.published.cells import Row
from interchange.published.misread import Misread

LOOKED_AT = 200
"""A header stands in the first so many rows, or it is another file."""
_MOST_WRAPPED = 12
_LEAST_CELLS = 3

Rows = Iterator[Row | Misread]


class Asked(NamedTuple):
    """One column: its cell of the header has all the words of one of these, none of the others."""

    words: tuple[tuple[str, ...], ...]
    needed: bool = True
    without: tuple[str, ...] = ()
    whole: bool = False
    """The cell is the words and nothing else."""


class Header(NamedTuple):
    """Where each column stands, and the rows behind the header."""

    places: Mapping[str, int]
    texts: tuple[str, ...]
    """Lower case, wrapped lines joined."""
    rows: Rows


def find_header(rows: Rows, asked: Mapping[str, Asked], is_data: Callable[[Sequence[str]], bool]) -> Header | Misread:
    """The header, whose lines stand right before the first row of data; what is before it is passed over.

    A header may be wrapped over several lines, cell by cell; a line of a header has three cells at least.
    """
    waiting: list[tuple[str, ...]] = []
    last = 1
    for count, row in enumerate(rows):
        last = row.line
        if isinstance(row, Row) and is_data(row.cells):
            if isinstance(header := _places(waiting, asked), dict):
                texts = tuple(_joined(waiting, place) for place in range(max(map(len, waiting), default=0)))
                return Header(header, texts, chain((row,), rows))
            if count < LOOKED_AT:  # a title or a number that looks like data
                waiting = [*waiting[-_MOST_WRAPPED + 1 :], _lowered(row.cells)]
                continue
            return Misread(row.line, "header", None, header)
        if isinstance(row, Row) and sum(map(bool, row.cells)) >= _LEAST_CELLS:
            waiting = [*waiting[-_MOST_WRAPPED + 1 :], _lowered(row.cells)]
        if count >= LOOKED_AT:
            break
    found = _places(waiting, asked)
    if isinstance(found, dict):
        return Misread(last, "row", None, "a row of data behind the header")
    return Misread(last, "header", None, found)


def cell(cells: Sequence[str], place: int | None) -> str:
    """The cell at a place; empty where the row ends before it or the table has no such column."""
    return "" if place is None or place >= len(cells) else cells[place]


def _lowered(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(text.lower().replace("_", " ").split()) for text in cells)


def _joined(lines: Sequence[Sequence[str]], place: int) -> str:
    return " ".join(text for line in lines if (text := cell(line, place)))


def _places(lines: Sequence[Sequence[str]], asked: Mapping[str, Asked]) -> dict[str, int] | str:
    """Each column's place in the fewest lines, counted from the last, that name them all; else what is missing."""
    missing = f"a header row with the columns {', '.join(name for name, each in asked.items() if each.needed)}"
    for first in range(len(lines) - 1, -1, -1):
        block = lines[first:]
        texts = [_joined(block, place) for place in range(max(map(len, block)))]
        found = {name: place for name, each in asked.items() if (place := _place(texts, each)) is not None}
        if all(name in found for name, each in asked.items() if each.needed):
            return found
    return missing


def _place(texts: Sequence[str], asked: Asked) -> int | None:
    for words in asked.words:
        for place, text in enumerate(texts):
            fits = text == " ".join(words) if asked.whole else all(word in text for word in words)
            if fits and not any(word in text for word in asked.without):
                return place
    return None
