"""Lines out of chunks: however the body was cut on its way, and without keeping one that is too long."""

from typing import NamedTuple

from interchange.lines import LONGEST_LINE

_BLANK = (b"", b"\xef\xbb\xbf")


class Line(NamedTuple):
    """One line without its line feed."""

    number: int
    """From 1; blank lines are counted and passed over."""
    raw: bytes
    too_long: bool = False


class Lines:
    """Feed it chunks; it gives the lines that are whole."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._rest = bytearray()
        self._number = 0
        self._cut = False
        """The line in hand is too long already; what comes of it is dropped."""

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that end in this chunk."""
        first, *others = chunk.split(b"\n")
        if not others:
            self._keep(first)
            return []
        self._keep(first)
        found = self._take()
        for piece in others[:-1]:
            self._keep(piece)
            found += self._take()
        self._keep(others[-1])
        return found

    def end(self) -> list[Line]:
        """What stands after the last line feed, if anything does."""
        return self._take() if self._rest or self._cut else []

    def _keep(self, piece: bytes) -> None:
        if self._cut or len(self._rest) + len(piece) > self._longest:
            self._cut = True
            self._rest.clear()
        else:
            self._rest += piece

    def _take(self) -> list[Line]:
        raw, cut = bytes(self._rest), self._cut
        self._number += 1
        self._rest.clear()
        self._cut = False
        if not cut and raw.strip() in _BLANK:
            return []
        return [Line(self._number, raw, cut)]
