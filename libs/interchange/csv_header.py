"""The columns of a clinic's timesheet, and what is wrong with a header row that has others."""

from interchange.arrival import Fault
from interchange.csv_records import Record
from interchange.problems import fault, nearest

OF_SESSION = (
    "org",
    "clinic",
    "session_id",
    "patient_id",
    "payer_id",
    "discipline",
    "date_of_service",
    "place_of_service",
    "clinician_npi",
    "diagnoses",
    "plan_id",
)
"""Columns that say the same in every row of a session."""
OF_INTERVAL = (
    "interval_id",
    "code",
    "start",
    "end",
    "minutes",
    "performer_id",
    "performer_role",
    "contact",
    "activity",
)
OF_SIGNATURE = ("signed_by_npi", "credentials", "license_number")
COLUMNS = OF_SESSION + OF_INTERVAL + OF_SIGNATURE
_MAY_BE_LEFT_OUT = frozenset({"clinic", "plan_id", "start", "end", "minutes", "activity", *OF_SIGNATURE})


def header_faults(header: Record) -> tuple[Fault, ...]:
    """What is wrong with the header row: cells that are no column, columns that are missing or stand twice."""
    cells = header.cells
    if cells is None:
        return (fault("header", None, header.expected),)
    if len(cells) == 1 and (other := next((mark for mark in ";\t|" if mark in cells[0]), None)):
        return (fault("header", cells[0], f"column names separated by commas, not by {other!r}"),)
    told = [fault(name, name, f"a column (unknown{nearest(name, COLUMNS)})") for name in cells if name not in COLUMNS]
    told += [fault(name, name, "every column once") for name in COLUMNS if cells.count(name) > 1]
    told += [
        fault(name, None, "this column, which is missing")
        for name in COLUMNS
        if name not in cells and name not in _MAY_BE_LEFT_OUT
    ]
    return tuple(told)
