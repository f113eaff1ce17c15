"""The log's checkpoints: how many events, under which root, signed.

Source: c2sp.org/tlog-checkpoint.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from event_log.notes import BadNote, Signer, Verifier

_NOTE_LINES = 5
"""Origin, size, root, an empty line, the signature."""


class TreeHead(NamedTuple):
    """A log of `size` events has this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(size: int, root: bytes, signer: Signer) -> str:
    """A signed checkpoint."""
    return signer.sign(TreeHead(signer.name, size, root).text())


def parse(text: str) -> TreeHead:
    """The checkpoint of a note's text. Raises: BadNote."""
    lines = text.split("\n")
    try:
        origin, size, encoded = lines[:3]
        root = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadNote("not a checkpoint: origin, size and root, a line each") from error
    if not origin or not size.isascii() or not size.isdigit() or len(root) != 32:
        raise BadNote("not a checkpoint: origin, size and root, a line each")
    return TreeHead(origin, int(size), root)


def unverified(note: str) -> TreeHead:
    """What a note says, whoever signed it. Raises: BadNote."""
    return parse(note)


def verified(note: str, verifier: Verifier) -> TreeHead:
    """What this key's owner signed. Raises: BadNote."""
    head = parse(verifier.open(note))
    if head.origin != verifier.name:
        raise BadNote(f"a checkpoint of another log: {head.origin}")
    return head


def notes_in(path: Path, length: int) -> Iterator[str]:
    """The notes in the first `length` bytes of a file of checkpoints, one after the other.

    A note torn by a crash while it was written is passed over.
    """
    if not length:
        return
    lines: list[str] = []
    with path.open("rb") as file:
        while length > 0 and (read := file.readline(length)):
            length -= len(read)
            line = read.decode(errors="replace")
            lines = [*lines[1 - _NOTE_LINES :], line]
            if line.startswith("— ") and line.endswith("\n"):
                yield "".join(lines)
                lines = []


def append_note(path: Path, note: str) -> None:
    """Add a note at the end of the file, to survive a power cut as the events do that it speaks of."""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{note}\n")
        file.flush()
        os.fsync(file.fileno())
