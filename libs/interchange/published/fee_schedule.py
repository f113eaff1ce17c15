"""The physician fee schedule's payment file: what a service pays in one locality for one year."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from interchange.published.cells import Row, Source, rows_of
from interchange.published.misread import Misread, Unfit, cents, matching, service_code

_CELLS = 16
_YEAR = re.compile(r"20\d\d", re.ASCII)
_CARRIER = re.compile(r"\d{5}", re.ASCII)
_LOCALITY = re.compile(r"\d{2}", re.ASCII)
_MODIFIER = re.compile(r"(?:[0-9A-Z]{2})?", re.ASCII)
_LETTER = re.compile(r"[0-9A-Z]?", re.ASCII)


class Fee(NamedTuple):
    """One row: year, carrier, locality, code and modifier are unique."""

    line: int
    year: int
    carrier: str
    """Five digits."""
    locality: str
    """Two digits."""
    code: str
    modifier: str
    """Empty for the whole service."""
    non_facility_cents: int
    facility_cents: int
    status: str
    """A = paid separately, B = bundled, I = another code in its place, ..."""
    multiple_procedure: str
    """5 = the therapy reduction."""
    reduction_cents: int
    """What each unit but the first loses by the therapy reduction, in offices [cents]."""
    institutional_reduction_cents: int
    """The same in institutions [cents]."""


def read_fees(source: Source) -> Iterator[Fee | Misread]:
    """The rows of a PFALL or PFREV file, or of the zip archive with one.

    Quoted and comma separated, no header; sixteen fields: year, carrier, locality, HCPCS code, modifier, non-facility
    and facility fee (9(7).99), filler, PC/TC, status, multiple surgery indicator, 50 % therapy reduction amount
    non-institutional and institutional, OPPS indicator and amounts. Trailer records (TRL) end it. The OPPS fields
    are passed over: the fees are already capped by them.

    Raises:  BrokenFile.
    Source:  CMS, Annual Physician Fee Schedule Payment Amount File, record layout of calendar year 2026 (PF26PA);
             the same fields in the R package `cms` (subramv/cms `R/data.R`).
    """
    for row in rows_of(source):
        if isinstance(row, Misread):
            yield row
        elif not (row.cells[0].startswith("TRL") or (row.line == 1 and row.cells[0].lower() == "year")):
            yield _read(row)


def _read(row: Row) -> Fee | Misread:
    if len(row.cells) != _CELLS:
        return Misread(row.line, "row", f"{len(row.cells)} fields", f"{_CELLS} fields, or a trailer TRL")
    year, carrier, locality, code, modifier, office, facility, _, _, status, multiple, cut, other_cut, *_ = row.cells
    try:
        return Fee(
            row.line,
            int(matching(_YEAR, year, "year", "a year")),
            matching(_CARRIER, carrier, "carrier", "five digits"),
            matching(_LOCALITY, locality, "locality", "two digits"),
            service_code(code, "HCPCS code"),
            matching(_MODIFIER, modifier, "modifier", "two characters or none"),
            cents(office, "non-facility fee"),
            cents(facility, "facility fee"),
            matching(_LETTER, status, "status", "one letter"),
            matching(_LETTER, multiple, "multiple surgery indicator", "one digit"),
            cents(cut, "therapy reduction, non-institutional"),
            cents(other_cut, "therapy reduction, institutional"),
        )
    except Unfit as unfit:
        return unfit.on(row.line)
