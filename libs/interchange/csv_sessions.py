"""The rows of a timesheet, gathered by session: a session's events need all of its rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from interchange.arrival import Fault
from interchange.csv_header import OF_SESSION, OF_SIGNATURE
from interchange.instants import read_instant
from interchange.problems import fault


@dataclass(slots=True)
class Row:
    """One interval of a timesheet: the cells by column, empty ones left out."""

    number: int
    raw: bytes
    cells: dict[str, str]
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Session:
    """The rows of one session, in the order of the file."""

    rows: list[Row] = field(default_factory=list)
    first_clock: tuple[datetime, str] | None = None
    """The earliest clock time of all rows, and its offset as it was written."""
    signers: dict[str, Row] = field(default_factory=dict)
    """By NPI, the first row that this person signed."""

    @property
    def offset(self) -> str:
        """At which the session's events stand: that of its earliest clock time, else Z."""
        return self.first_clock[1] if self.first_clock else "Z"

    def add(self, row: Row) -> None:
        """Take a row in; where it says of the session what its first row does not, that is its fault."""
        if self.rows:
            row.faults += _differences(self.rows[0], row, OF_SESSION, "the same session")
        self.rows.append(row)
        if signer := row.cells.get(OF_SIGNATURE[0]):
            first = self.signers.setdefault(signer, row)
            row.faults += _differences(first, row, OF_SIGNATURE, "the same signature")
        for name in ("start", "end"):
            written = row.cells.get(name, "")
            if (read := read_instant(written)) is not None:
                clock = read[0], "Z" if written[-1] in "Zz" else written[-6:]
                self.first_clock = min(self.first_clock or clock, clock)


def by_session(rows: Iterable[Row]) -> list[Session]:
    """The sessions in the order of their first rows, whether or not a session's rows stand together."""
    found: dict[tuple[str | None, ...], Session] = {}
    for row in rows:
        key = tuple(row.cells.get(name) for name in ("org", "clinic", "session_id"))
        found.setdefault(key, Session()).add(row)
    return list(found.values())


def diagnoses(cell: str) -> list[str]:
    """The codes of a cell that lists them with semicolons between."""
    return [code for part in cell.split(";") if (code := part.strip())]


def _differences(first: Row, row: Row, names: tuple[str, ...], of: str) -> list[Fault]:
    return [
        fault(name, row.cells.get(name), f"what row {first.number} says of {of}")
        for name in names
        if _said(name, first) != _said(name, row)
    ]


def _said(name: str, row: Row) -> object:
    cell = row.cells.get(name, "")
    return diagnoses(cell) if name == "diagnoses" else cell
