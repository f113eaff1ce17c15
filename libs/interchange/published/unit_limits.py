"""Quarterly tables of Medically Unlikely Edits: the most units of a code on a day."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from interchange.published.cells import Row, Source, rows_of
from interchange.published.header import Asked, Header, cell, find_header
from interchange.published.misread import Misread, Unfit, matching, service_code

_ASKED = {
    "code": Asked((("cpt", "code"), ("hcpcs",), ("code",)), without=("mue", "adjudication")),
    "MUE value": Asked((("mue", "value"),)),
    "MUE adjudication indicator": Asked((("adjudication",), ("mai",))),
}
_ADJUDICATIONS: dict[str, Literal[1, 2, 3]] = {"1": 1, "2": 2, "3": 3}
_CODE = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_WORDED = re.compile(r"[123](?:\D.*)?", re.ASCII)
_UNITS = re.compile(r"\d{1,6}", re.ASCII)


class UnitLimitRow(NamedTuple):
    """One row of the table."""

    line: int
    code: str
    units: int
    """[units]; 0 = never billed."""
    adjudication: Literal[1, 2, 3]
    """1 per claim line; 2 per day, policy; 3 per day, clinical."""


def read_unit_limits(source: Source) -> Iterator[UnitLimitRow | Misread]:
    """The rows of one table (practitioner, outpatient hospital or supplier).

    CSV whose first cell is a quoted notice of several lines (or tab separated text, .xlsx, the zip archive with one
    text); header: HCPCS/CPT code (a line break inside), `... MUE Values`, MUE Adjudication Indicator, MUE Rationale.
    The indicator is a digit and words; the digit counts. The rationale is passed over.

    Raises:  BrokenFile.
    Source:  CMS, Medicare NCCI Medically Unlikely Edits; the layout as public readers of
             MCR_MUE_PractitionerServices_Eff_10-01-2025.csv and of the 2026 tables have it.
    """
    header = find_header(rows_of(source), _ASKED, _is_data)
    if isinstance(header, Misread):
        yield header
        return
    for row in header.rows:
        yield row if isinstance(row, Misread) else _read(row, header)


def _is_data(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and bool(_CODE.fullmatch(cells[0]) and _UNITS.fullmatch(cells[1]))


def _read(row: Row, header: Header) -> UnitLimitRow | Misread:
    text = {name: cell(row.cells, header.places.get(name)) for name in _ASKED}
    try:
        words = matching(
            _WORDED, text["MUE adjudication indicator"], "MUE adjudication indicator", "1, 2 or 3, and words"
        )
        return UnitLimitRow(
            row.line,
            service_code(text["code"], "code"),
            int(matching(_UNITS, text["MUE value"], "MUE value", "a whole number of units")),
            _ADJUDICATIONS[words[0]],
        )
    except Unfit as unfit:
        return unfit.on(row.line)
