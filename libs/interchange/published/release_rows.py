"""Rows of published tables as lines of a ruleset release's CSV, in the order they come."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal

from interchange.published.diagnoses import Diagnosis
from interchange.published.fee_schedule import Fee
from interchange.published.locality_indices import LocalityIndices
from interchange.published.pair_edits import PairEditRow
from interchange.published.reason_codes import ListedCode
from interchange.published.relative_values import RelativeValues
from interchange.published.unit_limits import UnitLimitRow

PAIR_COLUMNS = ("column_1", "column_2", "effective_date", "deletion_date", "modifier_indicator")
LIMIT_COLUMNS = ("code", "mue_value", "mai")
FEE_COLUMNS = ("carrier", "locality", "code", "fee_cents", "reduction_cents", "status", "indicator")
VALUE_COLUMNS = ("code", "work", "practice_expense", "malpractice", "status", "indicator", "conversion_factor")
INDEX_COLUMNS = ("carrier", "locality", "state", "work", "practice_expense", "malpractice")
DIAGNOSIS_COLUMNS = ("code", "billable")
LISTED_COLUMNS = ("code", "start", "stop")

Locality = tuple[str, str]
"""Carrier and number."""


def pair_rows(rows: Iterable[PairEditRow], codes: Collection[str] | None = None) -> Iterator[str]:
    """The header and one line for each row whose both codes are among these (None: every row)."""
    yield _line(PAIR_COLUMNS)
    for row in rows:
        if codes is None or (row.column_1 in codes and row.column_2 in codes):
            dates = _day(row.effective), _day(row.deletion)
            yield _line((row.column_1, row.column_2, *dates, str(row.indicator)))


def limit_rows(rows: Iterable[UnitLimitRow], codes: Collection[str] | None = None) -> Iterator[str]:
    """The header and one line for each row whose code is among these (None: every row)."""
    yield _line(LIMIT_COLUMNS)
    for row in rows:
        if codes is None or row.code in codes:
            yield _line((row.code, str(row.units), str(row.adjudication)))


def fee_rows(
    rows: Iterable[Fee], codes: Collection[str] | None = None, localities: Collection[Locality] | None = None
) -> Iterator[str]:
    """The header and one line for each whole service, as offices are paid it, of these codes in these localities."""
    yield _line(FEE_COLUMNS)
    for row in rows:
        wanted = codes is None or row.code in codes
        if wanted and not row.modifier and (localities is None or (row.carrier, row.locality) in localities):
            cents = str(row.non_facility_cents), str(row.reduction_cents)
            yield _line((row.carrier, row.locality, row.code, *cents, row.status, row.multiple_procedure))


def value_rows(rows: Iterable[RelativeValues], codes: Collection[str] | None = None) -> Iterator[str]:
    """The header and one line for each whole service that offices have a price for, of these codes."""
    yield _line(VALUE_COLUMNS)
    for row in rows:
        expense = row.practice_non_facility
        if (codes is None or row.code in codes) and not row.modifier and expense is not None:
            values = map(_number, (row.work, expense, row.malpractice))
            yield _line((row.code, *values, row.status, row.multiple_procedure, _number(row.conversion_factor)))


def index_rows(rows: Iterable[LocalityIndices], localities: Collection[Locality] | None = None) -> Iterator[str]:
    """The header and one line for each of these localities."""
    yield _line(INDEX_COLUMNS)
    for row in rows:
        if localities is None or (row.carrier, row.locality) in localities:
            values = map(_number, (row.work, row.practice, row.malpractice))
            yield _line((row.carrier, row.locality, row.state, *values))


def diagnosis_rows(rows: Iterable[Diagnosis]) -> Iterator[str]:
    """The header and one line for each code."""
    yield _line(DIAGNOSIS_COLUMNS)
    for row in rows:
        yield _line((row.code, "1" if row.billable else "0"))


def listed_rows(rows: Iterable[ListedCode]) -> Iterator[str]:
    """The header and one line for each reason or remark code."""
    yield _line(LISTED_COLUMNS)
    for row in rows:
        yield _line((row.code, _day(row.start), _day(row.stop)))


def _line(cells: Iterable[str]) -> str:
    return ",".join(cells) + "\n"


def _day(day: date | None) -> str:
    return "*" if day is None else day.strftime("%Y%m%d")


def _number(value: Decimal) -> str:
    return f"{value:f}"
