"""Published files read into the tables of a release. Of files that cannot be read nothing is kept."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from interchange.lines import BrokenFile
from interchange.published import Misread, about
from interchange.published.archives import Part, opened, parts_of
from rule_releases.errors import FileFault, FilesNotRead
from rule_releases.layouts import KINDS, LAYOUTS, Asked
from rule_releases.telling import Told, check_parts, told_of
from therapy_domain.events.ruleset import ReleasedTable, RulesetTableStored, SourceFile
from therapy_domain.rulesets.recorded import packed

MOST_FAULTS = 20
"""So many are told of: a file of another kind has one a row."""
ROWS_BETWEEN_TELLS = 10_000
_CHUNK = 1 << 20

Progress = Callable[[int, int, int], None]
"""Called with the bytes read so far, all bytes, and the rows read so far."""


class ReadTable(NamedTuple):
    """A table with its contents."""

    table: ReleasedTable
    content: RulesetTableStored


class Piece(NamedTuple):
    """A part of a table, the file it came in, and what is known of it."""

    part: Part
    source: SourceFile
    told: Told


def read(asked: Asked, progress: Progress = lambda _done, _total, _rows: None) -> list[ReadTable]:
    """The tables that these files make, by id. Every file is read to its end, one row at a time.

    Raises:  FilesNotRead, PartsMissing, NotTold, ToldOtherwise; OSError for a file that cannot be opened.
    """
    by_id: dict[str, list[Piece]] = {}
    for piece in _pieces(asked):
        by_id.setdefault(piece.told.id, []).append(piece)
    reading = _Reading(asked, progress)
    made = []
    for _, pieces in sorted(by_id.items()):
        chosen = [piece for piece in pieces if not piece.told.twin] or pieces[:1]
        check_parts([piece.told for piece in chosen], incomplete=asked.incomplete)
        made.append(reading.table(chosen))
    return made


def _pieces(asked: Asked) -> Iterator[Piece]:
    seen: set[SourceFile] = set()
    for path in asked.files:
        source = SourceFile(name=path.name, sha256=_sha256(path))
        if source in seen:
            continue
        seen.add(source)
        try:
            for part in parts_of(
                path, lambda name: _is_wanted(name, asked, twin=False), lambda name: _is_wanted(name, asked, twin=True)
            ):
                yield Piece(part, source, told_of(part, asked))
        except BrokenFile as error:
            raise FilesNotRead([_broken(str(path), error)]) from error


def _is_wanted(name: str, asked: Asked, *, twin: bool) -> bool:
    known = about(name)
    return known is not None and known.twin == twin and known.kind.replace("-", "_") in KINDS[asked.what]


def _broken(place: str, error: BrokenFile, row: int = 0) -> FileFault:
    return FileFault(place, error.lines_read or row or None, "file", None, f"a file that is whole ({error.reason})")


class _Reading:
    """The rows of all tables of one import, counted."""

    def __init__(self, asked: Asked, progress: Progress) -> None:
        self._asked, self._progress = asked, progress
        self._total = sum(path.stat().st_size for path in asked.files)
        self._done = self._rows = 0

    def table(self, pieces: Sequence[Piece]) -> ReadTable:
        """One table of its pieces.

        Raises:  FilesNotRead: with every fault, up to so many.
        """
        told, before, faults = pieces[0].told, self._rows, list[FileFault]()
        lines = list(LAYOUTS[told.kind].lines(self._read(pieces, faults), self._asked))
        if not faults and len(lines) == 1:
            where = " and localities" if self._asked.localities else ""
            faults.append(
                FileFault(pieces[0].part.place, None, "rows", None, f"a row about codes{where} that are known")
            )
        if faults:
            raise FilesNotRead(faults)
        content = packed("".join(lines))
        files = list(dict.fromkeys(piece.source for piece in pieces))
        return ReadTable(told.table(content.sha256, len(lines) - 1, self._rows - before, files), content)

    def _read(self, pieces: Sequence[Piece], faults: list[FileFault]) -> Iterator[Any]:
        """The rows of all pieces; what cannot be read is noted."""
        for part, _, told in pieces:
            row = 0
            try:
                with opened(part) as (stream, position):
                    for each in LAYOUTS[told.kind].read(stream):
                        row, self._rows = each.line, self._rows + 1
                        fault = _fault(part, each, told)
                        if fault is None:
                            yield each
                        else:
                            faults.append(fault)
                        if len(faults) == MOST_FAULTS:
                            return
                        if self._rows % ROWS_BETWEEN_TELLS == 0:
                            self._progress(self._done + position(), self._total, self._rows)
                    self._done += position()
            except BrokenFile as error:
                faults.append(_broken(part.place, error, row))
            self._progress(min(self._done, self._total), self._total, self._rows)


def _fault(part: Part, row: Any, told: Told) -> FileFault | None:
    """Why a row cannot be taken: it was not understood, or does not fit its table."""
    if isinstance(row, Misread):
        return FileFault(part.place, row.line, row.column, row.value, row.expected)
    unfit = LAYOUTS[told.kind].check(row, told.effective)
    return None if unfit is None else FileFault(part.place, row.line, *unfit)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
