"""The first sheet of an .xlsx file as rows of text, read as a stream with the standard library alone."""

import re
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from interchange.lines import BrokenFile

SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml", re.ASCII)
_STRINGS = "xl/sharedStrings.xml"
_MOST_TEXT = 256 * 1024 * 1024
"""So much of the shared texts is unpacked [bytes]; a quarterly file has a few MB."""
_MOST_COLUMNS = 256
_CHUNK = 64 * 1024
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
_WHOLE = re.compile(r"(\d{1,15})\.0*", re.ASCII)


def sheet_rows(archive: zipfile.ZipFile) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The number and the cells of every row that is not blank.

    Numbers are told as text, whole ones without a fraction; formulas by their stored result.

    Raises:  BrokenFile: not the XML of a spreadsheet, or with a document type of its own.
    Source:  ECMA-376 part 1, sections 18.3.1.4 (c), 18.3.1.73 (row), 18.4.9 (sst).
    """
    names = [name for name in archive.namelist() if SHEET.fullmatch(name)]
    first = min(names, key=lambda name: int(name.removeprefix("xl/worksheets/sheet").removesuffix(".xml")))
    texts = _Texts()
    if _STRINGS in archive.namelist():
        for _ in _fed(archive, _STRINGS, texts, _MOST_TEXT):
            pass
    sheet = _Sheet(texts.found)
    for _ in _fed(archive, first, sheet, None):
        done, sheet.done = sheet.done, []
        yield from done


def _fed(archive: zipfile.ZipFile, name: str, reader: "_Texts | _Sheet", most: int | None) -> Iterator[None]:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _no_document_type
    read = 0
    try:
        with archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                read += len(chunk)
                if most is not None and read > most:
                    raise BrokenFile(lines_read=0, reason=f"{name} is longer than {most} bytes")
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
            yield
    except expat.ExpatError as error:
        raise BrokenFile(lines_read=reader.rows, reason=f"{name}: {error}") from error


def _no_document_type(*_: object) -> None:
    raise BrokenFile(lines_read=0, reason="a spreadsheet with a document type of its own is not read")


class _Texts:
    """Collects the shared texts; phonetic hints are passed over."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.rows = 0
        self._parts: list[str] | None = None
        self._hint = False

    def start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "si":
            self.found.append("")
        elif local == "rPh":
            self._hint = True
        elif local == "t" and not self._hint:
            self._parts = []

    def characters(self, text: str) -> None:
        if self._parts is not None:
            self._parts.append(text)

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "rPh":
            self._hint = False
        elif local == "t" and self._parts is not None and self.found:
            self.found[-1] += "".join(self._parts)
            self._parts = None


class _Sheet:
    """Collects rows; `done` are the ones that ended since it was last emptied."""

    def __init__(self, texts: list[str]) -> None:
        self.done: list[tuple[int, tuple[str, ...]]] = []
        self.rows = 0
        self._texts = texts
        self._cells: dict[int, str] = {}
        self._column = -1
        self._kind = "n"
        self._parts: list[str] | None = None
        self._value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "row":
            number = attributes.get("r", "")
            self.rows = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else self.rows + 1
            self._cells, self._column = {}, -1
        elif local == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _place(reference[1]) if reference else self._column + 1
            self._kind, self._value = attributes.get("t", "n"), ""
        elif local in ("v", "t"):
            self._parts = []

    def characters(self, text: str) -> None:
        if self._parts is not None:
            self._parts.append(text)

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local in ("v", "t") and self._parts is not None:
            self._value += "".join(self._parts)
            self._parts = None
        elif local == "c" and 0 <= self._column < _MOST_COLUMNS:
            self._cells[self._column] = " ".join(self._text().split())
        elif local == "row" and any(self._cells.values()):
            last = max(self._cells)
            self.done.append((self.rows, tuple(self._cells.get(place, "") for place in range(last + 1))))

    def _text(self) -> str:
        if self._kind == "s":
            known = self._value.isascii() and self._value.isdigit() and int(self._value[:9]) < len(self._texts)
            return self._texts[int(self._value[:9])] if known else ""
        if self._kind == "n" and (whole := _WHOLE.fullmatch(self._value)):
            return whole[1]
        return self._value


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
