"""Readers of published rule files: bytes in; typed rows, or where and why a row cannot be read, out.

Each reader streams, holds one row at a time and never raises for what a file says; a damaged or unreadable file
raises `BrokenFile` after every row before the damage. Official descriptions are passed over, never kept.
"""

from interchange.published.diagnoses import Diagnosis, read_diagnoses
from interchange.published.fee_schedule import Fee, read_fees
from interchange.published.locality_indices import LocalityIndices, read_locality_indices
from interchange.published.misread import Misread
from interchange.published.names import About, about
from interchange.published.pair_edits import PairEditRow, read_pair_edits
from interchange.published.reason_codes import ListedCode, read_reason_codes
from interchange.published.relative_values import RelativeValues, read_relative_values
from interchange.published.release_rows import (
    diagnosis_rows,
    fee_rows,
    index_rows,
    limit_rows,
    listed_rows,
    pair_rows,
    value_rows,
)
from interchange.published.unit_limits import UnitLimitRow, read_unit_limits

__all__ = [
    "About",
    "Diagnosis",
    "Fee",
    "ListedCode",
    "LocalityIndices",
    "Misread",
    "PairEditRow",
    "RelativeValues",
    "UnitLimitRow",
    "about",
    "diagnosis_rows",
    "fee_rows",
    "index_rows",
    "limit_rows",
    "listed_rows",
    "pair_rows",
    "read_diagnoses",
    "read_fees",
    "read_locality_indices",
    "read_pair_edits",
    "read_reason_codes",
    "read_relative_values",
    "read_unit_limits",
    "value_rows",
]
