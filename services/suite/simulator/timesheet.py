"""The same clinics as a timesheet export: the contract's CSV, for visits that a timesheet can carry."""

import csv
import io
from collections.abc import Iterator

from suite.simulator.draft import Draft
from suite.simulator.settings import Simulation
from suite.simulator.stream import visits

COLUMNS = (
    "org", "clinic", "session_id", "patient_id", "payer_id", "discipline", "date_of_service", "place_of_service",
    "clinician_npi", "diagnoses", "plan_id", "interval_id", "code", "start", "end", "minutes", "performer_id",
    "performer_role", "contact", "activity", "signed_by_npi", "credentials", "license_number",
)  # fmt: skip
_CARRIED = frozenset(COLUMNS) | {"performer"}


def csv_rows(settings: Simulation) -> Iterator[dict[str, str]]:
    """One interval a row, by column name; every column is there, empty where it has no value.

    Left out whole: visits with an assistant or an aide, an authorization, charges, a mistake, a change or a void.
    Left off: the note, `referring_npi`, `timezone` and `technique`, which the CSV has no columns for.
    """
    for visit in visits(settings):
        if _fits(visit):
            yield from _rows(visit)


def csv_lines(settings: Simulation) -> Iterator[str]:
    """The rows as text with line ends, the header first."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    yield buffer.getvalue()
    for row in csv_rows(settings):
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(row)
        yield buffer.getvalue()


def _fits(visit: Draft) -> bool:
    plain = visit.mistake is None and visit.change is None and visit.fate != "void"
    simple = all("supervisor_npi" not in interval for interval in visit.intervals)
    carried = {"authorization_number", "telehealth"}.isdisjoint(visit.opened)
    return plain and simple and carried and "charges" not in visit.signatures[-1].data


def _rows(visit: Draft) -> Iterator[dict[str, str]]:
    empty = dict.fromkeys(COLUMNS, "")
    opened = {name: value for name, value in visit.opened.items() if name in _CARRIED}
    session = {
        **empty,
        **opened,
        "org": visit.clinic.org.id,
        "clinic": visit.clinic.id,
        "session_id": visit.session_id,
        "diagnoses": ";".join(visit.opened["diagnoses"]),
    }
    if visit.fate == "signed":
        signed = visit.signatures[-1].data
        session["signed_by_npi"] = signed["clinician_npi"]
        session |= {name: signed[name] for name in ("credentials", "license_number")}
    for interval in visit.intervals:
        row = {name: str(value) for name, value in interval.items() if name in COLUMNS}
        performer = {"performer_id": interval["performer"]["id"], "performer_role": interval["performer"]["role"]}
        yield {**session, **row, **performer}
