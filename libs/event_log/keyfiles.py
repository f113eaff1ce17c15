"""Secret files: made on first use, whole or not at all, readable by their owner only."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from event_log.errors import LogError


class KeyUnusable(LogError):
    """A key file is there but holds no such key."""

    code = "key-unusable"

    def __init__(self, path: Path, wanted: str) -> None:
        self.path = path
        super().__init__(f"{path} holds no {wanted}; put the right file back from your backup")


def load_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's bytes; made once, also when many processes come first at the same time.

    The file has mode 0600 in a directory made with mode 0700, and appears complete or not at all.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # somebody was faster: theirs is the key
            os.link(draft, path)
        _sync_directory(path.parent)
    finally:
        draft.unlink()
    return path.read_bytes()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def secret(path: Path, length: int = 32) -> bytes:
    """`length` random bytes kept in a file. Raises: KeyUnusable."""
    key = load_or_create(path, lambda: secrets.token_bytes(length))
    if len(key) != length:
        raise KeyUnusable(path, f"key of {length} bytes")
    return key
