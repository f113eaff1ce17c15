"""A letter as plain text, 80 columns wide."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from interchange.letters.blocks import (
    Block,
    Fine,
    Heading,
    Lines,
    Numbered,
    Pairs,
    Paragraph,
    Signature,
    Table,
    Title,
    of_exhibit,
    of_letter,
)
from therapy_domain.appeals.letter import Letter

WIDTH = 80
_TO_WRITE_ON = "_" * 40


def as_text(letter: Letter) -> str:
    """The letter, and behind it its exhibits."""
    parts = [_drawn(of_letter(letter)), *(_drawn(of_exhibit(exhibit)) for exhibit in letter.exhibits)]
    return f"\n\n{'-' * WIDTH}\n\n".join(parts) + "\n"


def _drawn(blocks: Iterable[Block]) -> str:
    return "\n\n".join("\n".join(_lines(block)) for block in blocks)


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Title(text):
            yield text.upper()
        case Heading(text):
            yield from (text, "=" * len(text))
        case Lines(lines) | Fine(lines):
            yield from (part for line in lines for part in _wrapped(line, "  "))
        case Paragraph(text):
            yield from _wrapped(text)
        case Pairs(rows):
            yield from _pairs(rows)
        case Table():
            yield from _table([block.head, *block.rows], block.numbers)
        case Numbered(points):
            yield from _points(points)
        case Signature(lines):
            yield from (line or _TO_WRITE_ON for line in lines)


def _wrapped(text: str, indent: str = "", *, first: str = "") -> list[str]:
    """Lines of a text; what is written in several lines stays so."""
    lines = text.splitlines() or [""]
    found = textwrap.wrap(lines[0], WIDTH, initial_indent=first, subsequent_indent=indent) or [first.rstrip()]
    for line in lines[1:]:
        found += textwrap.wrap(line, WIDTH, initial_indent=indent, subsequent_indent=indent) or [""]
    return found


def _points(points: Iterable[str]) -> Iterator[str]:
    for number, point in enumerate(points, start=1):
        yield from _wrapped(point, "    ", first=f"{number:>2}. ")


def _pairs(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    wide = max((len(label) for label, _ in rows), default=0)
    for label, value in rows:
        yield from _wrapped(value, " " * (wide + 2), first=f"{label:<{wide}}  ")


def _table(rows: Sequence[Sequence[str]], numbers: frozenset[int]) -> Iterator[str]:
    """Columns beside each other; the widest one is wrapped to what the others leave."""
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    widest = max(range(len(wide)), key=wide.__getitem__)
    wide[widest] = min(wide[widest], max(10, WIDTH - 2 * (len(wide) - 1) - sum(wide) + wide[widest]))
    for row in rows:
        wrapped = textwrap.wrap(row[widest], wide[widest]) or [""]
        for number, part in enumerate(wrapped):
            cells = [part if column == widest else cell if number == 0 else "" for column, cell in enumerate(row)]
            yield "  ".join(_cell(cells, column, wide, numbers) for column in range(len(cells))).rstrip()


def _cell(cells: Sequence[str], column: int, wide: Sequence[int], numbers: frozenset[int]) -> str:
    return f"{cells[column]:>{wide[column]}}" if column in numbers else f"{cells[column]:<{wide[column]}}"
