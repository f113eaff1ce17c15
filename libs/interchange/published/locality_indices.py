"""Geographic practice cost indices: what the parts of a fee are multiplied by in a locality."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from interchange.published.cells import Row, Source, rows_of
from interchange.published.header import Asked, Header, cell, find_header
from interchange.published.misread import Misread, Unfit, matching, number

_ASKED = {
    "contractor": Asked((("contractor",), ("mac",))),
    "state": Asked((("state",),), needed=False, whole=True),
    "locality": Asked((("locality", "number"),)),
    "work index": Asked((("pw", "gpci", "with 1.0"), ("work", "gpci"), ("pw", "gpci")), without=("without",)),
    "work index without floor": Asked((("pw", "gpci", "without"),), needed=False),
    "practice expense index": Asked((("pe", "gpci"),)),
    "malpractice index": Asked((("mp", "gpci"),)),
}
_CONTRACTOR = re.compile(r"\d{5}", re.ASCII)
_LOCALITY = re.compile(r"\d{2}", re.ASCII)


class LocalityIndices(NamedTuple):
    """One row. Localities are numbered within a contractor: `00` stands for several states."""

    line: int
    carrier: str
    """Five digits."""
    state: str
    """Two letters; empty in files before 2020, which have no such column."""
    locality: str
    """Two digits."""
    work: Decimal
    """With the floor of 1.0 where the file tells both."""
    work_without_floor: Decimal | None
    practice: Decimal
    malpractice: Decimal


def read_locality_indices(source: Source) -> Iterator[LocalityIndices | Misread]:
    """The rows of a GPCI file (Addendum E) as tab or comma separated text or .xlsx.

    A title, then the header: Medicare Administrative Contractor (MAC), State, Locality Number, Locality Name,
    `YYYY PW GPCI (with 1.0 Floor)`, `YYYY PE GPCI`, `YYYY MP GPCI`; columns are found by their words. Rows that name
    no contractor and no locality are notes and passed over.

    Raises:  BrokenFile.
    Source:  CMS, Addendum E, Geographic Practice Cost Indices by State and Medicare Locality, 2026; header as quoted
             by public readers of GPCI2026.csv and GPCI2026.txt.
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
    return len(cells) > 5 and bool(_CONTRACTOR.fullmatch(cells[0].zfill(5)))


def _read(row: Row, header: Header) -> LocalityIndices | Misread:
    text = {name: cell(row.cells, header.places.get(name)) for name in _ASKED}
    try:
        bare = text["work index without floor"]
        return LocalityIndices(
            row.line,
            matching(_CONTRACTOR, text["contractor"].zfill(5), "contractor", "five digits"),
            text["state"][:2],
            matching(_LOCALITY, text["locality"].zfill(2), "locality", "two digits"),
            number(text["work index"], "work index"),
            number(bare, "work index without floor") if bare else None,
            number(text["practice expense index"], "practice expense index"),
            number(text["malpractice index"], "malpractice index"),
        )
    except Unfit as unfit:
        return unfit.on(row.line)
