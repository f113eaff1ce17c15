"""A row of a timesheet to each of its events, by the same reading as every other door; faults by column."""

import re
from collections.abc import Mapping
from typing import Any

from interchange.arrival import NOT_SHOWN, Arrived, Fault, Refused
from interchange.cloudevents import read_event
from interchange.csv_sessions import Row, diagnoses
from interchange.problems import fault

_START_OF_DAY, _END_OF_DAY = "T00:00:00", "T23:59:59"
_OPENED = ("patient_id", "payer_id", "discipline", "date_of_service", "place_of_service", "clinician_npi", "plan_id")
_INTERVAL = ("interval_id", "code", "start", "end", "contact", "activity")
_is_whole = re.compile(r"[0-9]{1,15}").fullmatch
_no_segment = re.compile(r"[/\s\x00-\x1f\x7f-\x9f]").search
_field = re.compile(r"\$\.(?:data\.)?(performer\.role|performer\.id|[a-z_]+)").match
_COLUMNS = {
    "id": "interval_id",
    "performer": "performer_role",
    "performer.id": "performer_id",
    "performer.role": "performer_role",
    "source": "org",
    "subject": "session_id",
    "time": "date_of_service",
}
"""The column a field of the envelope or of its data comes from, where it has another name."""


def opened(row: Row, offset: str) -> Arrived | list[Fault]:
    """The session's `opened`, at the start of its date of service."""
    data: dict[str, Any] = {name: row.cells[name] for name in _OPENED if name in row.cells}
    data["diagnoses"] = diagnoses(row.cells.get("diagnoses", ""))
    return _read(row, "opened", "session.opened", data, _START_OF_DAY + offset)


def interval(row: Row, offset: str) -> Arrived | list[Fault]:
    """The row's interval, at the end of the date of service."""
    data: dict[str, Any] = {name: row.cells[name] for name in _INTERVAL if name in row.cells}
    if (minutes := row.cells.get("minutes")) is not None:
        data["minutes"] = int(minutes) if _is_whole(minutes) else minutes
    data["performer"] = {"id": row.cells.get("performer_id", "")}
    if (role := row.cells.get("performer_role")) is not None:
        data["performer"]["role"] = role
    what = f"interval:{row.cells.get('interval_id', '')}"
    return _read(row, what, "interval.recorded", data, _END_OF_DAY + offset)


def signed(row: Row, offset: str) -> Arrived | list[Fault]:
    """The signature on the row, at the end of the date of service."""
    npi = row.cells["signed_by_npi"]
    data = {"clinician_npi": npi}
    data |= {name: row.cells[name] for name in ("credentials", "license_number") if name in row.cells}
    columns = {"clinician_npi": "signed_by_npi"}
    return _read(row, f"signed:{npi}", "session.signed", data, _END_OF_DAY + offset, columns)


def _read(
    row: Row, what: str, kind: str, data: Mapping[str, Any], time: str, columns: Mapping[str, str] | None = None
) -> Arrived | list[Fault]:
    cell = row.cells.get
    told = [
        fault(name, cell(name), "a text without slashes and white space")
        for name in ("org", "clinic")
        if _no_segment(cell(name, ""))
    ]
    clinic = f"/clinics/{cell('clinic')}" if cell("clinic") else ""
    read = read_event(
        {
            "specversion": "1.0",
            "id": f"csv:{cell('session_id', '')}:{what}",
            "source": f"/orgs/{cell('org', '')}{clinic}",
            "type": f"claimtrail.{kind}.v1",
            "subject": cell("session_id", ""),
            "time": cell("date_of_service", "") + time,
            "data": data,
        }
    )
    if isinstance(read, Refused):
        told += [_by_column(item, row, columns or {}) for item in read.errors]
    return told if told or isinstance(read, Refused) else read


def _by_column(item: Fault, row: Row, columns: Mapping[str, str]) -> Fault:
    found = _field(item["path"])
    name = found[1] if found else "row"
    column = columns.get(name) or _COLUMNS.get(name, name)
    if column == "date_of_service":
        return fault(column, row.cells.get(column), "a date YYYY-MM-DD that is in the calendar")
    if column == "org":
        return fault(column, row.cells.get(column), "an organization's id, without slashes and white space")
    return {"path": column, "value": _shown(item, column, row), "expected": item["expected"]}


def _shown(item: Fault, column: str, row: Row) -> object:
    if item["value"] == NOT_SHOWN:
        return NOT_SHOWN
    return fault(column, row.cells.get(column), "")["value"]
