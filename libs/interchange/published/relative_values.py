"""The national relative value file: work, practice expense and malpractice of a service."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from interchange.published.cells import Row, Source, rows_of
from interchange.published.header import Asked, Header, cell, find_header
from interchange.published.misread import Misread, Unfit, matching, number, service_code

_ASKED = {
    "HCPCS": Asked((("hcpcs",),)),
    "modifier": Asked((("mod",),), whole=True),
    "status": Asked((("status",),)),
    "work RVU": Asked((("work", "rvu"),)),
    "non-facility PE RVU": Asked((("non-", "fac", "pe", "rvu"),), without=("na indicator", "total")),
    "facility PE RVU": Asked((("facility", "pe", "rvu"),), without=("non-", "na indicator", "total")),
    "MP RVU": Asked((("mp", "rvu"), ("malpractice", "rvu")), without=("facility", "pe rvu")),
    "multiple procedure": Asked((("mult",),)),
    "conversion factor": Asked((("conv",),)),
}
_CODE = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_MODIFIER = re.compile(r"(?:[0-9A-Z]{2})?", re.ASCII)
_NOT_PRICED = ("", "NA")


class RelativeValues(NamedTuple):
    """One row."""

    line: int
    code: str
    modifier: str
    """Empty for the whole service."""
    status: str
    work: Decimal
    practice_non_facility: Decimal | None
    """None: not priced in that setting (NA)."""
    practice_facility: Decimal | None
    malpractice: Decimal
    multiple_procedure: str
    """5 = the therapy reduction."""
    conversion_factor: Decimal
    """[dollars]"""


def read_relative_values(source: Source) -> Iterator[RelativeValues | Misread]:
    """The rows of a PPRRVU file as CSV or .xlsx.

    Titles and notice, then a header wrapped over several lines (`WORK` over `RVU`, `NON-FAC` over `PE RVU`); columns
    are found by their words, as their number grew by one in 2026. Descriptions are passed over, and so are rows of
    one cell, which are notes.

    Raises:  BrokenFile.
    Source:  CMS, National Physician Fee Schedule Relative Value File, calendar years 2019 and 2026; header rows as
             quoted by public importers' tests of PPRRVU files.
    """
    header = find_header(rows_of(source), _ASKED, _is_data)
    if isinstance(header, Misread):
        yield header
        return
    for row in header.rows:
        if isinstance(row, Misread):
            yield row
        elif sum(map(bool, row.cells)) > 1:
            yield _read(row, header)


def _is_data(cells: Sequence[str]) -> bool:
    return len(cells) > 10 and bool(_CODE.fullmatch(cells[0])) and any(text[:1].isdigit() for text in cells[3:])


def _read(row: Row, header: Header) -> RelativeValues | Misread:
    text = {name: cell(row.cells, header.places[name]) for name in _ASKED}
    try:
        office, facility = text["non-facility PE RVU"], text["facility PE RVU"]
        return RelativeValues(
            row.line,
            service_code(text["HCPCS"], "HCPCS"),
            matching(_MODIFIER, text["modifier"], "modifier", "two characters or none"),
            text["status"][:1],
            number(text["work RVU"], "work RVU"),
            None if office in _NOT_PRICED else number(office, "non-facility PE RVU"),
            None if facility in _NOT_PRICED else number(facility, "facility PE RVU"),
            number(text["MP RVU"], "MP RVU"),
            text["multiple procedure"][:1],
            number(text["conversion factor"], "conversion factor"),
        )
    except Unfit as unfit:
        return unfit.on(row.line)
