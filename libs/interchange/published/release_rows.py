"""Rows of published edits as lines of a ruleset release's CSV, in the order they come."""

from collections.abc import Iterable, Iterator
from datetime import date

from interchange.published.pair_edits import PairEditRow
from interchange.published.unit_limits import UnitLimitRow

PAIR_COLUMNS = ("column_1", "column_2", "effective_date", "deletion_date", "modifier_indicator")
LIMIT_COLUMNS = ("code", "mue_value", "mai")


def pair_rows(rows: Iterable[PairEditRow], codes: frozenset[str] | None = None) -> Iterator[str]:
    """The header and one line for each row whose both codes are among these (None: every row)."""
    yield _line(PAIR_COLUMNS)
    for row in rows:
        if codes is None or (row.column_1 in codes and row.column_2 in codes):
            dates = _day(row.effective), _day(row.deletion)
            yield _line((row.column_1, row.column_2, *dates, str(row.indicator)))


def limit_rows(rows: Iterable[UnitLimitRow], codes: frozenset[str] | None = None) -> Iterator[str]:
    """The header and one line for each row whose code is among these (None: every row)."""
    yield _line(LIMIT_COLUMNS)
    for row in rows:
        if codes is None or row.code in codes:
            yield _line((row.code, str(row.units), str(row.adjudication)))


def _line(cells: Iterable[str]) -> str:
    return ",".join(cells) + "\n"


def _day(day: date | None) -> str:
    return "*" if day is None else day.strftime("%Y%m%d")
