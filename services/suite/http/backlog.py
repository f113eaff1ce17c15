"""Answers that the caller has not fetched yet: a few in memory, the others in a file without a name."""

from tempfile import SpooledTemporaryFile

import anyio

IN_MEMORY = 1024 * 1024
"""So much waits in memory before it goes to the disk [bytes]."""
PIECE = 64 * 1024


class Backlog:
    """First in, first out, without end: a caller may send a million events before it reads the first answer."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- closed by `close`
        self._read, self._written = 0, 0
        self._ended = False
        self._changed = anyio.Event()

    def put(self, answers: bytes) -> None:
        """Keep these for the caller."""
        if self._read == self._written:
            self._file.seek(0)
            self._file.truncate()
            self._read = self._written = 0
        self._file.seek(self._written)
        self._file.write(answers)
        self._written += len(answers)
        self._changed.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._ended = True
        self._changed.set()

    async def get(self) -> bytes:
        """The next piece; empty once all are fetched and nothing more comes."""
        while self._read == self._written and not self._ended:
            self._changed = anyio.Event()
            await self._changed.wait()
        self._file.seek(self._read)
        piece = self._file.read(min(PIECE, self._written - self._read))
        self._read += len(piece)
        return piece

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
