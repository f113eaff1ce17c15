"""The tables in a file as it was downloaded: the file itself, or those that a zip archive of the publisher holds."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, cast

from interchange.lines import BrokenFile
from interchange.published.spreadsheet import SHEET

_TEXTS = (".txt", ".csv", ".tsv")
_TABLES = (*_TEXTS, ".xlsx")


class Part(NamedTuple):
    """One table to read: a file, or a member of an archive."""

    path: Path
    member: str | None
    """None: the file itself."""

    @property
    def name(self) -> str:
        """Its own name, without folders."""
        return self.path.name if self.member is None else PurePosixPath(self.member).name

    @property
    def place(self) -> str:
        """How an error names it."""
        return str(self.path) if self.member is None else f"{self.path}:{self.member}"


class Opened(NamedTuple):
    """A part, open to read."""

    stream: BinaryIO
    position: Callable[[], int]
    """How many bytes of the file on disk were read."""


def parts_of(path: Path, *wanted: Callable[[str], bool]) -> list[Part]:
    """The tables in a file. Of an archive those with a name that the first of `wanted` takes, else the next one; where
    none takes any, the only table that it holds.

    Of a table that is there as text and as a spreadsheet, the text.

    Raises:  BrokenFile: damaged, or an archive that holds no table, or several whose names tell nothing. OSError.
    """
    if not zipfile.is_zipfile(path):
        with path.open("rb"):
            return [Part(path, None)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BrokenFile(lines_read=0, reason=str(error) or type(error).__name__) from error
    if any(SHEET.fullmatch(name) for name in names):
        return [Part(path, None)]
    tables = list(_once(name for name in sorted(names) if name.lower().endswith(_TABLES)))
    choices = ([name for name in tables if takes(PurePosixPath(name).name)] for takes in wanted)
    chosen = next(filter(None, choices), tables if len(tables) == 1 else [])
    if not chosen:
        held = ", ".join(tables)[:200] or "none"
        reason = (
            f"an archive with one table, or with such tables by their published names, is expected; it holds {held}"
        )
        raise BrokenFile(lines_read=0, reason=reason)
    return [Part(path, name) for name in chosen]


def _once(names: Iterator[str]) -> Iterator[str]:
    """Each table once, as text where there is one."""
    by_stem: dict[str, str] = {}
    for name in names:
        if "__MACOSX" in name:
            continue
        stem = name.lower().rpartition(".")[0]
        if stem not in by_stem or name.lower().endswith(_TEXTS):
            by_stem[stem] = name
    yield from by_stem.values()


@contextmanager
def opened(part: Part) -> Iterator[Opened]:
    """The part, to read.

    Raises:  BrokenFile, OSError.
    """
    with part.path.open("rb") as file:
        if part.member is None:
            yield Opened(file, file.tell)
            return
        try:
            archive = zipfile.ZipFile(file)
            member = archive.open(part.member)
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError) as error:
            raise BrokenFile(lines_read=0, reason=str(error) or type(error).__name__) from error
        with archive, member:
            try:
                yield Opened(cast("BinaryIO", member), file.tell)
            except zipfile.BadZipFile as error:  # its checksum, while it was read
                raise BrokenFile(lines_read=0, reason=str(error)) from error
