"""What a file says wrong is told by line, column, value and what is expected; nothing makes a reader raise."""

import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.lines import BrokenFile
from interchange.published import (
    Misread,
    read_diagnoses,
    read_fees,
    read_locality_indices,
    read_pair_edits,
    read_reason_codes,
    read_relative_values,
    read_unit_limits,
)

Reader = Callable[[io.BytesIO], Iterator[Any]]
PAIRS = "Column 1\tColumn 2\t*\tEffective Date\tDeletion Date\tModifier\tRationale\n"
PAIR = "97150\t97110\t\t20200101\t*\t1\twords\n"
LIMITS = '"a notice\nof lines",,,\n"HCPCS/\nCPT Code",Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
LIMIT = "97110,6,3 Date of Service Edit: Clinical,words\n"
CODES = "Code,Description,Start Date,Stop Date\n"
FEE = (
    '"2026","01112","05","97110","  ","0000031.07","0000030.98"," ","7","A","5","0000007.20","0000007.10","9",'
    '"0000000.00","0000000.00"\n'
)
VALUES = (
    "HCPCS,MOD,DESCRIPTION,STATUS CODE,NOT USED,WORK RVU,NON-FAC PE RVU,NA INDICATOR,FACILITY PE RVU,NA INDICATOR,"
    "MP RVU,MULT PROC,CONV FACTOR\n97110,,words,A,,0.44,0.46,,0.40,,0.01,5,33.4009\n"
)
INDICES = "Contractor,State,Locality Number,Name,PW GPCI,PE GPCI,MP GPCI\n10112,AL,00,ALABAMA,1.000,0.869,0.575\n"
DIAGNOSES = "00001 R26     0 short words long words\n00002 R2681   1 short words long words\n"
WHOLE: list[tuple[Reader, str]] = [
    (read_pair_edits, PAIRS + PAIR * 3),
    (read_unit_limits, LIMITS + LIMIT * 3),
    (read_fees, FEE * 3 + '"TRL - words"\n'),
    (read_relative_values, VALUES),
    (read_locality_indices, INDICES),
    (read_diagnoses, DIAGNOSES),
    (read_reason_codes, CODES + "50,words,01/01/1995,\n"),
]


@pytest.mark.parametrize(
    ("read", "text", "line", "column", "value", "expected"),
    [
        (
            read_pair_edits,
            PAIRS + PAIR + PAIR.replace("20200101", "20200231"),
            3,
            "effective date",
            "20200231",
            "calendar",
        ),
        (read_pair_edits, PAIRS + PAIR + PAIR.replace("*", "soon"), 3, "deletion date", "soon", "a date YYYYMMDD"),
        (read_pair_edits, PAIRS + PAIR + PAIR.replace("\t1\t", "\t2\t"), 3, "modifier indicator", "2", "0, 1 or 9"),
        (read_pair_edits, PAIRS + PAIR + PAIR.replace("97110", "9711"), 3, "column 2", "9711", "a service code"),
        (read_pair_edits, PAIRS + PAIR + "97150\t97110\n", 3, "effective date", "", "a date YYYYMMDD"),
        (read_unit_limits, LIMITS + LIMIT + "97112,four,3 words,\n", 6, "MUE value", "four", "whole number of units"),
        (
            read_unit_limits,
            LIMITS + LIMIT + "97112,4,4 words,\n",
            6,
            "MUE adjudication indicator",
            "4 words",
            "1, 2 or 3",
        ),
        (read_unit_limits, LIMITS + LIMIT + "97112,4,33,\n", 6, "MUE adjudication indicator", "33", "1, 2 or 3"),
        (read_fees, FEE + FEE.replace("31.07", "31.075"), 2, "non-facility fee", "0000031.075", "two decimals"),
        (read_fees, FEE + FEE.replace('"05"', '"5"'), 2, "locality", "5", "two digits"),
        (read_fees, FEE + FEE.replace('"7",', ""), 2, "row", "15 fields", "16 fields"),
        (read_relative_values, VALUES.replace("0.44", "high"), 2, "work RVU", "high", "a decimal number"),
        (read_locality_indices, INDICES.replace(",00,", ",north,"), 2, "locality", "north", "two digits"),
        (read_diagnoses, DIAGNOSES.replace("R2681   1", "R2681   2"), 2, "column 15", "2", "0 for a category"),
        (read_diagnoses, "R26.81 words\n", 1, "code", "R26.81", "without a dot"),
        (read_reason_codes, CODES + "50,words,1995,\n", 2, "start", "1995", "MM/DD/YYYY"),
        (read_reason_codes, CODES + "50,w,01/01/1995,\nfifty,w,01/01/1995,\n", 3, "code", "fifty", "four digits"),
    ],
)
def test_a_wrong_cell_is_told(read: Reader, text: str, line: int, column: str, value: str, expected: str) -> None:
    (told,) = [row for row in read(io.BytesIO(text.encode())) if isinstance(row, Misread)]
    assert told[:3] == (line, column, value)
    assert expected in told.expected
    assert told.fault() == {"path": f"line {line}, {column}", "value": value, "expected": told.expected}


def test_a_wrong_row_takes_no_other_with_it() -> None:
    rows = list(read_unit_limits(io.BytesIO((LIMITS + LIMIT + '97112,4,"3 open\n' + LIMIT * 60).encode())))
    assert [row.line for row in rows if isinstance(row, Misread)] == [6]
    assert len(rows) == 62


def test_a_header_without_rows_is_told() -> None:
    (told,) = read_pair_edits(io.BytesIO(PAIRS.encode()))
    assert told == (1, "row", None, "a row of data behind the header")


@pytest.mark.parametrize(("read", "text"), WHOLE)
def test_damaged_files_are_read_or_told(read: Reader, text: str) -> None:
    chance = random.Random(f"damage {text}")
    for _ in range(300):
        raw = bytearray(text.encode())
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(raw))
            what = chance.randrange(3)
            if what == 0:
                raw[place] = chance.randrange(256)
            elif what == 1:
                del raw[place : place + chance.randint(1, 40)]
            else:
                raw[place:place] = chance.choice(
                    [b'"', b"\t", b",", b"\n", b"\r", b"\0", b"\xff", b"\xd9\xa3", b"9" * 400]
                )
            raw = raw or bytearray(b"x")
        check(read(io.BytesIO(bytes(raw))))


@given(st.sampled_from([read for read, _ in WHOLE]), st.binary(max_size=300))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_bytes_are_read_or_told(read: Reader, raw: bytes) -> None:
    try:
        check(read(io.BytesIO(raw)))
    except BrokenFile:
        assert raw.startswith((b"PK\x03\x04", b"\x1f\x8b"))


def check(rows: Iterator[Any]) -> None:
    for row in rows:
        assert row.line >= 1
        if isinstance(row, Misread):
            assert row.expected
            assert len(repr(row.value)) < 500


def archive(**members: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return held.getvalue()


SHEET = "<worksheet><sheetData>{}</sheetData></worksheet>"
CELL = '<c r="A1" t="inlineStr"><is><t>Column 1</t></is></c>'


def test_damaged_archives_are_read_or_told() -> None:
    chance = random.Random("archives")
    row = f'<row r="1">{CELL}</row>' * 40
    good = [
        archive(f1_dot_txt=PAIRS + PAIR * 200),
        archive(
            xl__worksheets__sheet1_dot_xml=SHEET.format(row), xl__sharedStrings_dot_xml="<sst><si><t>a</t></si></sst>"
        ),
    ]
    for _ in range(600):
        raw = bytearray(chance.choice(good))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(4, len(raw))
            if chance.random() < 0.3:
                del raw[place : place + chance.randint(1, 60)]
            else:
                raw[place] = chance.randrange(256)
        try:
            check(read_pair_edits(io.BytesIO(bytes(raw))))
        except BrokenFile:
            continue


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (archive(a_dot_txt="x", b_dot_csv="y"), "it holds a.txt, b.csv"),
        (archive(a_dot_pdf="x"), "it holds none"),
        (archive(xl__worksheets__sheet1_dot_xml="<worksheet>"), "no element found"),
        (
            archive(xl__worksheets__sheet1_dot_xml='<!DOCTYPE a [<!ENTITY b "cc">]><worksheet>&b;</worksheet>'),
            "document type",
        ),
        (archive(f1_dot_txt=PAIRS + PAIR * 500)[:200], "zip"),
    ],
)
def test_an_archive_that_holds_no_one_table_is_told(raw: bytes, reason: str) -> None:
    with pytest.raises(BrokenFile, match=reason):
        list(read_pair_edits(io.BytesIO(raw)))


def test_a_spreadsheet_is_read_whatever_its_cells_claim() -> None:
    cells = (
        '<c r="XFD1"><v>1</v></c><c r="A1" t="s"><v>99999999999999999999</v></c><c><v>7.0</v></c><c t="s"><v>-1</v></c>'
    )
    raw = archive(xl__worksheets__sheet1_dot_xml=SHEET.format(f'<row r="99999999999">{cells}</row>'))
    (told,) = read_pair_edits(io.BytesIO(raw))
    assert told.column == "header"


def test_a_big_file_is_read_in_little_memory() -> None:
    class Endless(io.RawIOBase):
        """Twenty thousand rows that are made as they are asked for."""

        left = 20_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            if not self.left:
                return 0
            text = PAIRS.encode() if self.left == 20_000 else PAIR.encode() * min(100, self.left)
            self.left -= 1 if text.startswith(b"Col") else len(text) // len(PAIR)
            buffer[: len(text)] = text
            return len(text)

    tracemalloc.start()
    try:
        count = sum(not isinstance(row, Misread) for row in read_pair_edits(Endless()))  # type: ignore[arg-type]  # a file without end
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 19_999
    assert peak < 1_000_000
