"""How each kind of published table is read from its file and written into a release."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from interchange import published
from interchange.published.release_rows import Locality
from therapy_domain.rulesets.publications import Kind, Setting

What = Literal["ncci", "mue", "fees", "icd10", "carc", "rarc"]
KINDS: Mapping[What, tuple[Kind, ...]] = {
    "ncci": ("pair_edits",),
    "mue": ("unit_limits",),
    "fees": ("fees", "relative_values", "locality_indices"),
    "icd10": ("diagnoses",),
    "carc": ("reason_codes",),
    "rarc": ("remark_codes",),
}
"""What each import brings."""


@dataclass(frozen=True)
class Asked:
    """One import as it was asked for."""

    what: What
    files: Sequence[Path]
    codes: frozenset[str]
    """The service codes whose rows are kept."""
    effective: date | None = None
    """First date of service, where a file's name does not tell."""
    setting: Setting | None = None
    """Of edits, where a file's name does not tell."""
    localities: frozenset[Locality] | None = None
    """Of fees; None = every one."""
    incomplete: bool = False
    """Not all parts of a table are named, and that is meant."""


Unfit = tuple[str, Any, str]
"""Column, value, and what is expected."""


def _fits(_row: Any, _effective: date) -> Unfit | None:
    return None


class Layout(NamedTuple):
    """One kind of table."""

    stem: str
    """Its ids begin with it."""
    name: str
    """What a finding calls it."""
    publisher: str
    read: Callable[[BinaryIO], Iterator[Any]]
    """Its rows, and what cannot be read."""
    lines: Callable[[Iterable[Any], Asked], Iterator[str]]
    """Of its rows those that are kept, as CSV behind a header."""
    check: Callable[[Any, date], Unfit | None] = _fits
    """What of a row that was understood does not fit a table of that effective date."""


def _check_fee(row: published.Fee, effective: date) -> Unfit | None:
    if row.year != effective.year:
        return "year", row.year, f"{effective.year}, in which the table takes effect"
    if row.reduction_cents > row.non_facility_cents:
        return "therapy reduction, non-institutional", row.reduction_cents, "no more than the fee [cents]"
    return None


def _check_values(row: published.RelativeValues, _effective: date) -> Unfit | None:
    values = {"work RVU": row.work, "non-facility PE RVU": row.practice_non_facility, "MP RVU": row.malpractice}
    return _wrong_places(values, 2) or _wrong_places({"conversion factor": row.conversion_factor}, 4)


def _check_indices(row: published.LocalityIndices, _effective: date) -> Unfit | None:
    values = {"work": row.work, "practice expense": row.practice, "malpractice": row.malpractice}
    return _wrong_places({f"{name} index": value for name, value in values.items()}, 3)


def _wrong_places(values: Mapping[str, Decimal | None], places: int) -> Unfit | None:
    for column, value in values.items():
        if value is not None and (value < 0 or value != round(value, places)):
            return column, str(value), f"a number of at most {places} decimals, 0 or more"
    return None


LAYOUTS: Mapping[Kind, Layout] = {
    "pair_edits": Layout(
        "ncci-ptp",
        "NCCI pair edits",
        "CMS NCCI procedure-to-procedure edits",
        published.read_pair_edits,
        lambda rows, asked: published.pair_rows(rows, asked.codes),
    ),
    "unit_limits": Layout(
        "mue",
        "Medically Unlikely Edits",
        "CMS Medically Unlikely Edits",
        published.read_unit_limits,
        lambda rows, asked: published.limit_rows(rows, asked.codes),
    ),
    "fees": Layout(
        "pfs-fees",
        "physician fee schedule amounts",
        "CMS physician fee schedule payment amount file",
        published.read_fees,
        lambda rows, asked: published.fee_rows(rows, asked.codes, asked.localities),
        _check_fee,
    ),
    "relative_values": Layout(
        "pfs-rvu",
        "relative values",
        "CMS national physician fee schedule relative value file",
        published.read_relative_values,
        lambda rows, asked: published.value_rows(rows, asked.codes),
        _check_values,
    ),
    "locality_indices": Layout(
        "pfs-gpci",
        "geographic practice cost indices",
        "CMS geographic practice cost indices by locality",
        published.read_locality_indices,
        lambda rows, asked: published.index_rows(rows, asked.localities),
        _check_indices,
    ),
    "diagnoses": Layout(
        "icd10cm",
        "ICD-10-CM codes",
        "CMS/NCHS ICD-10-CM code file",
        published.read_diagnoses,
        lambda rows, _asked: published.diagnosis_rows(rows),
    ),
    "reason_codes": Layout(
        "carc",
        "claim adjustment reason codes",
        "X12 external code list 139",
        published.read_reason_codes,
        lambda rows, _asked: published.listed_rows(rows),
    ),
    "remark_codes": Layout(
        "rarc",
        "remittance advice remark codes",
        "X12 external code list 411",
        published.read_reason_codes,
        lambda rows, _asked: published.listed_rows(rows),
    ),
}
