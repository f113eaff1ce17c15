"""Rows of cells out of whatever a table is published as: text with tabs or commas, plain or packed; a spreadsheet."""

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from interchange.csv_records import records
from interchange.lines import BrokenFile, Line, read_lines
from interchange.published.misread import Misread
from interchange.published.spreadsheet import SHEET, sheet_rows

Source = Path | BinaryIO
_ZIP = b"PK\x03\x04"
_TEXTS = (".txt", ".csv", ".tsv")
_MOST_LINES = 50
"""A quoted cell that is not closed within so many lines never is."""


class Row(NamedTuple):
    """One row, its cells without white space and quotes around them; texts of several lines on one."""

    line: int
    """From 1; of a spreadsheet the row."""
    cells: tuple[str, ...]


def rows_of(source: Source) -> Iterator[Row | Misread]:
    """Every row that is not blank.

    A line with a tab is tab separated and ends with its line; every other one is CSV by RFC 4180. Bytes that are no
    UTF-8 are read as Windows-1252, in which CMS publishes its notices.

    Raises:  BrokenFile: damaged, encrypted, or a zip archive that holds not one table.
    """
    with _opened(source) as stream:
        if _is_zip(stream):
            yield from _unpacked(stream)
        else:
            yield from text_rows(text_lines(stream))


def lines_of(source: Source) -> Iterator[Line]:
    """Every line of a text, plain, gzip or the one text in a zip archive, as UTF-8.

    Raises:  BrokenFile: damaged, encrypted, or a zip archive that holds not one text.
    """
    with _opened(source) as stream:
        if not _is_zip(stream):
            yield from text_lines(stream)
            return
        line = 0
        with (
            _damage_told(lambda: line),
            zipfile.ZipFile(stream) as archive,
            archive.open(_one_text(archive.namelist())) as member,
        ):
            for each in text_lines(cast("BinaryIO", member)):
                line = each.number
                yield each


def text_lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines of UTF-8, blank ones too; a carriage return alone ends one as well (old releases have no line feeds)."""
    number = 0
    for line in read_lines(stream, keep_blank=True):
        for part in line.raw.removesuffix(b"\r").split(b"\r"):
            number += 1
            yield Line(number, part if line.fault else _utf8(part), line.fault)


def text_rows(lines: Iterable[Line]) -> Iterator[Row | Misread]:
    """Rows of text: lines with a tab as they stand, the others as CSV."""
    coming = iter(lines)
    for line in coming:
        if line.fault:
            yield Misread(line.number, "row", None, line.fault["expected"])
        elif b"\t" in line.raw:
            cells = line.raw.decode("utf-8").split("\t")
            yield Row(line.number, tuple(cell.strip(' \r\n"\ufeff') for cell in cells))
        elif line.raw.strip(b" ,"):
            yield from _csv(line, coming)


def _csv(first: Line, coming: Iterator[Line]) -> Iterator[Row | Misread]:
    """The row that begins here. Quotes that are open take the lines that follow."""
    if b'"' not in first.raw:
        yield Row(first.number, tuple(cell.strip(" \ufeff") for cell in first.raw.decode("utf-8").split(",")))
        return
    used = [first]
    quotes = first.raw.count(b'"')
    while quotes % 2 and len(used) < _MOST_LINES and (following := next(coming, None)):
        used.append(following)
        quotes += following.raw.count(b'"')
    for record in records(used):
        if record.cells is None:
            yield Misread(record.number, "row", None, record.expected)
        else:
            yield Row(record.number, tuple(" ".join(cell.split()) for cell in record.cells))


def _utf8(raw: bytes) -> bytes:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").encode()
    return raw


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        yield source


def _is_zip(stream: BinaryIO) -> bool:
    if not stream.seekable():
        return False
    start = stream.tell()
    begins = stream.read(len(_ZIP))
    stream.seek(start)
    return begins == _ZIP


def _unpacked(stream: BinaryIO) -> Iterator[Row | Misread]:
    """The rows of a spreadsheet, or of the one text in an archive."""
    line = 0
    with _damage_told(lambda: line), zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        if any(SHEET.fullmatch(name) for name in names):
            for number, cells in sheet_rows(archive):
                line = number
                yield Row(number, cells)
            return
        with archive.open(_one_text(names)) as member:
            for row in text_rows(text_lines(cast("BinaryIO", member))):
                line = row.line
                yield row


@contextmanager
def _damage_told(read: Callable[[], int]) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise BrokenFile(lines_read=read(), reason=str(error) or type(error).__name__) from error


def _one_text(names: list[str]) -> str:
    texts = sorted(name for name in names if name.lower().endswith(_TEXTS))
    if len(texts) == 1:
        return texts[0]
    held = ", ".join(texts)[:200] or "none"
    raise BrokenFile(lines_read=0, reason=f"an archive with one .txt or .csv is expected; it holds {held}")
