"""A file that is read twice: once to check it whole, once to hand out what it holds, in constant memory."""

from typing import BinaryIO

from therapy_domain.errors import InputError


class Rereadable:
    """A file, remembered from where it stood.

    Raises:  InputError: it cannot be read twice.
    """

    def __init__(self, source: BinaryIO) -> None:
        if not source.seekable():
            raise InputError("source", type(source).__name__, "a file that can be read twice (seekable)")
        self._source, self._start = source, source.tell()

    def from_start(self) -> BinaryIO:
        """The file at its beginning."""
        self._source.seek(self._start)
        return self._source
