"""Quarterly files of NCCI procedure-to-procedure edits: pairs of codes that are not paid together."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from interchange.published.cells import Row, Source, rows_of
from interchange.published.header import Asked, Header, cell, find_header
from interchange.published.misread import Misread, Unfit, day, one_of, service_code

_ASKED = {
    "column 1": Asked((("column 1",),)),
    "column 2": Asked((("column 2",),)),
    "effective date": Asked((("effective",),), needed=False),
    "deletion date": Asked((("deletion",),)),
    "modifier indicator": Asked((("modifier",),)),
}
_INDICATORS: dict[str, Literal[0, 1, 9]] = {"0": 0, "1": 1, "9": 9}
_CODE = re.compile(r"[0-9A-Z]{5}", re.ASCII)


class PairEditRow(NamedTuple):
    """One row of the file. Whether it holds on a day: `therapy_domain.rulesets.edits`."""

    line: int
    column_1: str
    column_2: str
    effective: date | None
    """None in an extract that has no such column."""
    deletion: date | None
    """The last day it holds; None = live."""
    indicator: Literal[0, 1, 9]


def read_pair_edits(source: Source) -> Iterator[PairEditRow | Misread]:
    """The rows of one part (f1 to f4) of a practitioner (`ccipra-`) or hospital (`ccioph-`) file.

    Tab separated text, CSV, .xlsx, or the zip archive with one text; behind the copyright notice and a header that
    is wrapped over several lines: column 1, column 2, `*` for edits from before 1996, effective date, deletion date
    (`*` = none), modifier indicator, rationale. The rationale is passed over.

    Raises:  BrokenFile.
    Source:  CMS, Medicare NCCI Procedure-to-Procedure Edits; the layout as public importers and their tests of the
             files of 2024 to 2026 have it (andrewallenbruce/northstar `data-raw`, and the readers of ccipra-v301r0
             to ccipra-v322r0 found by searching for "existence prior to 1996").
    """
    header = find_header(rows_of(source), _ASKED, _is_data)
    if isinstance(header, Misread):
        yield header
        return
    for row in header.rows:
        yield row if isinstance(row, Misread) else _read(row, header)


def _is_data(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and bool(_CODE.fullmatch(cells[0]) and _CODE.fullmatch(cells[1]))


def _read(row: Row, header: Header) -> PairEditRow | Misread:
    text = {name: cell(row.cells, header.places.get(name)) for name in _ASKED}
    try:
        effective = day(text["effective date"], "effective date") if "effective date" in header.places else None
        deleted = text["deletion date"]
        return PairEditRow(
            row.line,
            service_code(text["column 1"], "column 1"),
            service_code(text["column 2"], "column 2"),
            effective,
            None if deleted in ("*", "") else day(deleted, "deletion date"),
            one_of(_INDICATORS, text["modifier indicator"], "modifier indicator", "0, 1 or 9"),
        )
    except Unfit as unfit:
        return unfit.on(row.line)
