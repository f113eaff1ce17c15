"""Bytes to segments: whatever the delimiters, line ends or wrapping, one segment at a time."""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from interchange.x12.delimiters import Delimiters, can_delimit
from interchange.x12.errors import BrokenSegment, NotX12, TrailingData, Truncated

LONGEST_SEGMENT = 64 * 1024
"""A segment of ours has hundreds of bytes; a longer one than this is no segment [bytes]."""
_CHUNK = 64 * 1024
_ISA_ELEMENTS = 16
_LONGEST_ISA = 200
_BOM = b"\xef\xbb\xbf"
_NEVER = "\x7f"
_PADDING = b" \t\r\n\x00\x1a"
_LINE_ENDS = b"\r\n"
_is_tag = re.compile(r"[A-Z][A-Z0-9]{1,2}", re.ASCII).fullmatch


class Segment(NamedTuple):
    """One segment as it stands in the file."""

    number: int
    """From 1, counted over the whole file."""
    parts: list[str]
    """Its name, then its elements."""
    delimiters: Delimiters

    @property
    def tag(self) -> str:
        """The segment's name, `CLP`."""
        return self.parts[0]

    def element(self, place: int) -> str:
        """The element at that place, from 1; '' where it is absent."""
        return self.parts[place] if place < len(self.parts) else ""

    def components(self, place: int) -> list[str]:
        """The components of the element at that place, from 1."""
        return self.element(place).split(self.delimiters.component)

    def named(self, place: int) -> str:
        """How people call that element: `CLP03`."""
        return f"{self.tag}{place:02d}"


def read_segments(source: BinaryIO) -> Iterator[Segment]:
    """The segments of a file, of all its interchanges.

    Each interchange tells its own delimiters. Line ends behind segments, or anywhere in a file that was wrapped, a
    byte order mark before the first interchange and padding (white space, NUL, Ctrl-Z) between and behind
    interchanges are passed over, as are empty segments. Text is read as UTF-8, or else as Latin-1.

    Raises:  NotX12, BrokenSegment, TrailingData, Truncated (the file ends inside a segment).
    """
    cutter = _Cutter(source)
    while (delimiters := cutter.header()) is not None:
        yield from cutter.body(delimiters)


class _Cutter:
    """Holds at most a chunk and a segment of the file."""

    def __init__(self, source: BinaryIO) -> None:
        self._read = source.read
        self._rest = b""
        self._passed = 0  # bytes of the file before the rest
        self._number = 0  # segments handed out

    def header(self) -> Delimiters | None:
        """The delimiters of the interchange that comes next; None at the end of the file."""
        self._pass_padding()
        if self._rest.startswith(b"ISA"):
            return self._delimiters()
        if self._number == 0:
            raise NotX12("an ISA segment at the beginning")
        if self._rest:
            raise TrailingData(segment=self._number, offset=self._passed, length=len(self._rest))
        return None

    def _pass_padding(self) -> None:
        """Afterwards the rest begins with what comes next, whole enough to tell an ISA; it is empty at the end."""
        dropped = 1
        while dropped:
            while len(self._rest) < _LONGEST_ISA and (more := self._read(_CHUNK)):
                self._rest += more
            mark = len(_BOM) if self._passed == 0 and self._rest.startswith(_BOM) else 0
            left = self._rest[mark:].lstrip(_PADDING)
            dropped = len(self._rest) - len(left)
            self._rest, self._passed = left, self._passed + dropped

    def _delimiters(self) -> Delimiters:
        head = self._rest[:_LONGEST_ISA].decode("latin-1")
        parts = head.split(head[3:4] or "*", _ISA_ELEMENTS)
        if any("\n" in part for part in parts[:_ISA_ELEMENTS]):  # the header itself was wrapped
            parts = head.replace("\r", "").replace("\n", "").split(head[3:4], _ISA_ELEMENTS)
        if len(parts) <= _ISA_ELEMENTS or len(parts[-1]) < 2:
            if len(head) < _LONGEST_ISA:
                raise Truncated("the whole ISA segment", segment=self._number + 1, tag="ISA")
            raise NotX12("an ISA of 16 elements and a segment terminator", segment=self._number + 1)
        repetition = parts[11] if can_delimit(parts[11]) else _NEVER  # before 00402 the letter U stood there
        found = Delimiters(head[3], parts[16][0], repetition, parts[16][1])
        if not all(map(can_delimit, found)) or len(set(found)) < len(found):
            raise NotX12("an ISA whose delimiters are four different signs", segment=self._number + 1)
        return found

    def body(self, delimiters: Delimiters) -> Iterator[Segment]:
        """The segments from ISA to IEA."""
        end, separator = delimiters.segment.encode(), delimiters.element
        while True:
            pieces = self._rest.split(end)
            for place, piece in enumerate(pieces[:-1]):
                self._passed += len(piece) + 1
                text = self._text(piece)
                if not text:
                    continue
                self._number += 1
                parts = text.split(separator)
                if _is_tag(parts[0]) is None:
                    raise BrokenSegment("a name of two or three capitals and digits", segment=self._number)
                if parts[0] == "IEA":
                    self._rest = end.join(pieces[place + 1 :])
                    yield Segment(self._number, parts, delimiters)
                    return
                yield Segment(self._number, parts, delimiters)
            self._rest = pieces[-1]
            if len(self._rest) > LONGEST_SEGMENT:
                raise BrokenSegment(f"a segment of at most {LONGEST_SEGMENT} bytes", segment=self._number + 1)
            if not (more := self._read(_CHUNK)):
                if self._text(self._rest):
                    raise Truncated("a segment terminator", segment=self._number + 1, tag="")
                raise Truncated("an IEA segment", segment=self._number, tag="")
            self._rest += more

    def _text(self, piece: bytes) -> str:
        if b"\n" in piece or b"\r" in piece:
            piece = piece.translate(None, _LINE_ENDS)
        try:
            text = piece.decode()
        except UnicodeDecodeError:
            text = piece.decode("latin-1")
        return text.strip() if text[:1].isspace() else text
