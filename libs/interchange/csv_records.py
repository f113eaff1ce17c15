"""Comma-separated text to records: each with the number and the bytes of the lines it stands on."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from interchange.lines import Line

_MOST_LINES = 50
"""A quoted cell that is not closed within so many lines never is."""


class Record(NamedTuple):
    """One row: its cells without white space around them, or why it has none."""

    number: int
    """Of the line it begins on, from 1."""
    raw: bytes
    cells: tuple[str, ...] | None
    expected: str = ""
    """Where `cells` is None: what would be right."""


def records(lines: Iterable[Line]) -> Iterator[Record]:
    """Every row that is not blank. A row that cannot be read takes nothing of the next line with it."""
    waiting: deque[Line] = deque()
    coming = iter(lines)
    while (first := waiting.popleft() if waiting else next(coming, None)) is not None:
        record, behind = _record(first, waiting, coming)
        waiting.extendleft(reversed(behind))
        if record.cells is None or any(record.cells):
            yield record


def _record(first: Line, waiting: deque[Line], coming: Iterator[Line]) -> tuple[Record, list[Line]]:
    """The row that begins on this line, and the lines that were looked at but are not part of it."""
    used = [first]
    while True:
        raw = b"\n".join(line.raw for line in used)
        if any(line.fault for line in used):
            return Record(first.number, first.raw, None, "a row of at most 8 MiB"), used[1:]
        try:
            cells = next(csv.reader([raw.decode("utf-8-sig")], strict=True), [])
        except UnicodeDecodeError:
            return Record(first.number, first.raw, None, "text in UTF-8"), used[1:]
        except csv.Error as error:
            following = waiting.popleft() if waiting else next(coming, None)
            if "unexpected end" in str(error) and following is not None and len(used) < _MOST_LINES:
                used.append(following)
                continue
            behind = used[1:] if following is None else [*used[1:], following]
            return Record(first.number, first.raw, None, f"a row of cells separated by commas ({error})"), behind
        return Record(first.number, raw, tuple(cell.strip() for cell in cells)), []
