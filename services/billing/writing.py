"""Files that are there whole or not at all, whenever the process or the machine dies."""

import os
from hashlib import sha256
from pathlib import Path

from billing.errors import FileInTheWay


def write_whole(path: Path, content: bytes) -> None:
    """Write a file aside and put it in its place in one step. The same content there already is left alone.

    Raises:  FileInTheWay: something else stands there.
    """
    if path.exists():
        if sha256(path.read_bytes()).digest() != sha256(content).digest():
            raise FileInTheWay(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)
    _sync(path.parent)


def lies_whole(path: Path, digest: str) -> bool:
    """Whether a file with this SHA-256 is there."""
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == digest


def _sync(directory: Path) -> None:
    """Make a new name in a directory survive a power cut."""
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
