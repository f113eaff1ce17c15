"""A clinic's timesheet, one interval a row: read as the contract's events, checked like every other door's."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from interchange.arrival import NOT_SHOWN, Arrived, Fault, Refused
from interchange.csv_events import interval, opened, signed
from interchange.csv_header import header_faults
from interchange.csv_records import Record, records
from interchange.csv_sessions import Row, Session, by_session
from interchange.lines import Line
from interchange.problems import fault, one_a_place


class CsvEvent(NamedTuple):
    """An event made of a row."""

    row: int
    """The number of the line the row begins on; the header is 1."""
    raw: bytes
    """The row as it stands in the file."""
    arrived: Arrived


class CsvRefused(NamedTuple):
    """A row that makes no event. The path of an error is the name of its column, or `row`, or `header`."""

    row: int
    raw: bytes
    refused: Refused


def read_csv(lines: Iterable[Line]) -> Iterator[CsvEvent | CsvRefused]:
    """The events of a timesheet: of each session its refused rows, `opened`, its intervals, then who signed.

    The ids are `csv:{session_id}:opened`, `csv:{session_id}:interval:{interval_id}` and
    `csv:{session_id}:signed:{npi}`. The events stand at the start (`opened`) or the end of the date of service, at
    the offset of the session's earliest clock time: neither further rows nor another order of rows changes an
    event, unless a further row brings an earlier clock time at another offset.

    All rows are held until the file ends. A row with a fault makes no event; the others of its session do,
    unless the fault is in what they all say. A header that cannot be used refuses the file.

    Args:    lines: with the blank ones (`read_lines(..., keep_blank=True)`), which may stand inside quotes.
    """
    coming = records(lines)
    header = next(coming, None) or Record(1, b"", None, "a header row with the names of the columns")
    if told := header_faults(header):
        yield CsvRefused(header.number, header.raw, Refused(None, None, told))
        return
    names = header.cells or ()
    rows: list[Row] = []
    for record in coming:
        if wrong := _unreadable(record, names):
            yield CsvRefused(record.number, record.raw, Refused(None, None, (wrong,)))
        else:
            cells = {name: cell for name, cell in zip(names, record.cells or (), strict=True) if cell}
            rows.append(Row(record.number, record.raw, cells))
    for session in by_session(rows):
        yield from _events(session)


def _unreadable(record: Record, names: tuple[str, ...]) -> Fault | None:
    if record.cells is None:
        return {"path": "row", "value": NOT_SHOWN, "expected": record.expected}
    if len(record.cells) != len(names):
        return fault("row", f"{len(record.cells)} cells", f"{len(names)} cells, as the header has")
    return None


def _events(session: Session) -> Iterator[CsvEvent | CsvRefused]:
    """One session's refused rows and events. What every row says alike is read once."""
    head = opened(session.rows[0], session.offset)
    signatures = {npi: signed(row, session.offset) for npi, row in session.signers.items()}
    intervals: list[CsvEvent] = []
    signers: dict[str, CsvEvent] = {}
    for row in session.rows:
        signature = signatures.get(row.cells.get("signed_by_npi", ""))
        part = interval(row, session.offset)
        for read in (head, part, signature):
            row.faults += read if isinstance(read, list) else ()
        if row.faults:
            yield CsvRefused(row.number, row.raw, Refused(None, None, one_a_place(row.faults)))
        elif isinstance(head, Arrived) and isinstance(part, Arrived):
            if not intervals:
                yield CsvEvent(row.number, row.raw, head)
            intervals.append(CsvEvent(row.number, row.raw, part))
            if isinstance(signature, Arrived):
                signers.setdefault(signature.id, CsvEvent(row.number, row.raw, signature))
    yield from intervals
    yield from signers.values()
