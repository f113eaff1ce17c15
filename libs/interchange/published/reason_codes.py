"""Lists of claim adjustment reason codes (CARC), remittance remark codes (RARC) and other X12 code lists."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from interchange.published.cells import Row, Source, rows_of
from interchange.published.header import Asked, Header, cell, find_header
from interchange.published.misread import Misread, Unfit, day, matching

_NAMES = ("code", "carc", "rarc", "reason code", "remark code", "carc code", "rarc code")
_ASKED = {
    "code": Asked(tuple((name,) for name in _NAMES), whole=True),
    "start": Asked((("start",), ("effective",))),
    "last modified": Asked((("modified",),), needed=False),
    "stop": Asked((("stop",), ("deactiv",), ("end date",), ("terminat",)), without=("start",)),
}
_CODE = re.compile(r"[A-Z]{0,2}[0-9]{1,4}", re.ASCII)


class ListedCode(NamedTuple):
    """One code; its text is X12's and is not kept."""

    line: int
    code: str
    start: date | None
    last_modified: date | None
    stop: date | None
    """The day that X12 stopped it, as the list tells it; None = in use."""


def read_reason_codes(source: Source) -> Iterator[ListedCode | Misread]:
    """The rows of a list as CSV, tab separated text or .xlsx, with a column for the code, its start and its stop.

    X12 publishes the lists on its site, with start, last modified and stop dates; tables of them differ in their
    headers, so columns are found by name. Dates as MM/DD/YYYY (X12's), YYYY-MM-DD or YYYYMMDD.

    Raises:  BrokenFile.
    Source:  X12, external code lists 139 (CARC) and 411 (RARC); the CSV columns Code, Description, Start Date, Last
             Modified, Stop Date, Notes as a public loader of them has it.
    """
    header = find_header(rows_of(source), _ASKED, _is_data)
    if isinstance(header, Misread):
        yield header
        return
    for row in header.rows:
        yield row if isinstance(row, Misread) else _read(row, header)


def _is_data(cells: Sequence[str]) -> bool:
    return len(cells) > 2 and any(_CODE.fullmatch(text) for text in cells[:2])


def _read(row: Row, header: Header) -> ListedCode | Misread:
    text = {name: cell(row.cells, header.places.get(name)) for name in _ASKED}
    try:
        code = matching(_CODE, text["code"], "code", "a code of at most two letters and four digits")
        start, modified, stop = (
            day(text[name], name) if text[name] else None for name in ("start", "last modified", "stop")
        )
        return ListedCode(row.line, code, start, modified, stop)
    except Unfit as unfit:
        return unfit.on(row.line)
