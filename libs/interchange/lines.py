"""Files line by line: plain or gzip, however long the file, without loading it."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from interchange.arrival import NOT_SHOWN, Fault
from therapy_domain.errors import DomainError

LONGEST_LINE = 8 * 1024 * 1024
"""A longer line is refused [bytes]."""
_KEPT_OF_A_LONG_LINE = 8 * LONGEST_LINE
_GZIP = b"\x1f\x8b"
_BLANK = (b"", b"\xef\xbb\xbf")


class Line(NamedTuple):
    """One line as it stands in the file, without its line feed."""

    number: int
    """From 1."""
    raw: bytes
    fault: Fault | None = None
    """Set when the line is too long to be read; of a line beyond 64 MiB `raw` holds the beginning."""


class BrokenFile(DomainError):
    """The file ends in the middle or is damaged: the lines before were read."""

    code = "broken-file"

    def __init__(self, *, lines_read: int, reason: str) -> None:
        self.lines_read, self.reason = lines_read, reason
        super().__init__(f"the file is damaged after line {lines_read}: {reason}")


def read_lines(source: Path | BinaryIO, *, keep_blank: bool = False) -> Iterator[Line]:
    """The lines of a file or of standard input, plain or gzip (told by its first bytes; several members too).

    Blank lines are counted and passed over unless `keep_blank`; a carriage return before the line feed stays
    in `raw`, where JSON and CSV take it for white space.

    Raises:  BrokenFile: the compressed data is truncated or corrupt, or the medium cannot be read; every whole
                 line before has been handed out. FileNotFoundError and the like when `source` cannot be opened.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened:
            yield from _lines(opened, keep_blank=keep_blank)
    else:
        yield from _lines(source, keep_blank=keep_blank)


def _lines(opened: BinaryIO, *, keep_blank: bool) -> Iterator[Line]:
    number = 0
    try:
        read = _unpacked(opened).readline
        while piece := read(LONGEST_LINE + 1):
            number += 1
            if piece[-1:] != b"\n" and len(piece) > LONGEST_LINE:
                piece = _rest_of_long(piece, read)
                yield Line(number, piece.removesuffix(b"\n"), _too_long())
                continue
            piece = piece.removesuffix(b"\n")
            if keep_blank or piece.strip() not in _BLANK:
                yield Line(number, piece)
    except (EOFError, OSError, zlib.error) as error:
        raise BrokenFile(lines_read=number, reason=str(error) or type(error).__name__) from error


def _unpacked(opened: BinaryIO) -> io.BufferedReader | gzip.GzipFile:
    stream = opened if isinstance(opened, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", opened))
    if not stream.peek(len(_GZIP)).startswith(_GZIP):
        return stream
    return gzip.GzipFile(fileobj=stream, mode="rb")  # no buffer around it: that loses what comes before damage


def _rest_of_long(piece: bytes, read: Callable[[int], bytes]) -> bytes:
    """The whole of a line of which `piece` is the beginning, or as much of it as is kept."""
    kept = bytearray(piece)
    while piece and piece[-1:] != b"\n":
        piece = read(LONGEST_LINE)
        if len(kept) < _KEPT_OF_A_LONG_LINE:
            kept += piece
    return bytes(kept)


def _too_long() -> Fault:
    return {"path": "$", "value": NOT_SHOWN, "expected": f"a line of at most {LONGEST_LINE} bytes"}
