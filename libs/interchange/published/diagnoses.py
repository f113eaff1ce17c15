"""The year's ICD-10-CM codes: the order file, which has categories too, and the list of billable codes."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from interchange.published.cells import Source, lines_of
from interchange.published.misread import Misread, Unfit, matching
from therapy_domain.strict_json import shown

_CODE = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}", re.ASCII)
_ORDERED = re.compile(r"[0-9]{5} ", re.ASCII)


class Diagnosis(NamedTuple):
    """One row."""

    line: int
    code: str
    """Without the dot."""
    billable: bool
    """False: a category, too short to stand on a claim."""


def read_diagnoses(source: Source) -> Iterator[Diagnosis | Misread]:
    """The rows of `icd10cm_order_YYYY.txt` or `icd10cm_codes_YYYY.txt`, told apart line by line.

    Order file, fixed columns: 1-5 order number, 7-13 code, 15 header flag (0 = category, 1 = valid on a claim), 17-76
    short and 78 on long description. Code list: the code in columns 1-7, then its description. Descriptions are
    passed over.

    Raises:  BrokenFile.
    Source:  CMS/NCHS, ICD-10-CM Order File layout; the same columns in public readers of icd10cm_order_2016.txt to
             icd10cm_order_2026.txt.
    """
    for line in lines_of(source):
        if line.fault:
            yield Misread(line.number, "row", None, line.fault["expected"])
        elif (text := line.raw.decode("utf-8").strip("\r\ufeff\x1a")) and not text.isspace():
            yield _read(line.number, text)


def _read(line: int, text: str) -> Diagnosis | Misread:
    try:
        if not _ORDERED.match(text):
            return Diagnosis(line, _code(text[:8].partition(" ")[0]), billable=True)
        flag = text[14:15]
        if flag not in ("0", "1"):
            return Misread(line, "column 15", shown(flag), "0 for a category, 1 for a code valid on a claim")
        return Diagnosis(line, _code(text[6:14].rstrip()), billable=flag == "1")
    except Unfit as unfit:
        return unfit.on(line)


def _code(text: str) -> str:
    return matching(_CODE, text, "code", "an ICD-10-CM code of 3 to 7 characters, without a dot")
