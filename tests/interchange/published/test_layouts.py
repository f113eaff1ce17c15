"""Every published layout: a file written as its publisher writes it comes back as the rows it was made of."""

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

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

NOTICE = "CPT codes only are copyright of their owner \xae. All rights reserved."
PAIRS = [
    ("97150", "97110", date(2020, 1, 1), None, 1),
    ("97150", "97110", date(2013, 4, 1), date(2019, 12, 31), 1),
    ("97161", "97140", date(2020, 10, 1), date(2020, 10, 1), 9),
    ("0001A", "G0283", date(1996, 1, 1), None, 0),
]


def packed(text: str, encoding: str = "cp1252") -> io.BytesIO:
    return io.BytesIO(text.encode(encoding))


def digits(day: date | None) -> str:
    return "*" if day is None else day.strftime("%Y%m%d")


def pair_cells() -> list[list[str]]:
    rows = [
        [one, other, "*" if began.year == 1996 else "", digits(began), digits(ended), str(indicator), "Some, reason"]
        for one, other, began, ended, indicator in PAIRS
    ]
    wrapped = [
        ["Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "PTP Edit Rationale"],
        ["", "", "prior to 1996", "Date", "Date", "0=not allowed", ""],
        ["", "", "", "", "*=no data", "1=allowed", ""],
        ["", "", "", "", "", "9=not applicable", ""],
    ]
    return [[NOTICE], ["Column 1/Column 2 Edits"], *wrapped, *rows]


def told(rows: Any) -> list[tuple[Any, ...]]:
    return [tuple(row)[1:] for row in rows]


def test_pair_edits_in_tab_separated_text_with_a_wrapped_header() -> None:
    text = "\r\n".join("\t".join(row) for row in pair_cells()) + "\r\n"
    assert told(read_pair_edits(packed(text))) == PAIRS


def test_pair_edits_with_the_header_on_one_line() -> None:
    names = "Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\t"
    names += "Modifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale"
    rows = ["\t".join(row) for row in pair_cells()[6:]]
    assert told(read_pair_edits(packed("\n".join([f'"{NOTICE}"', "", "", names, *rows])))) == PAIRS


def test_pair_edits_as_csv() -> None:
    quoted = [",".join(f'"{cell}"' if "," in cell or "\n" in cell else cell for cell in row) for row in pair_cells()]
    assert told(read_pair_edits(packed("\n".join(quoted)))) == PAIRS


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zipped({"ccipra-v322r0-f1.TXT": raw, "ccipra.pdf": b"%"})])
def test_pair_edits_packed(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    file = tmp_path / "ccipra-v322r0-f1.packed"
    file.write_bytes(pack("\n".join("\t".join(row) for row in pair_cells()).encode("cp1252")))
    assert told(read_pair_edits(file)) == PAIRS


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def spreadsheet(rows: list[list[str]]) -> bytes:
    """An .xlsx as Excel saves one: texts shared, numbers as numbers, empty cells left out."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    texts = sorted({cell for row in rows for cell in row if cell and not plain(cell)})
    place = {text: number for number, text in enumerate(texts)}
    escaped = (text.replace("&", "&amp;").replace("<", "&lt;") for text in texts)
    shared = "".join(f"<si><t>{text[:3]}</t><rPh><t>!</t></rPh><r><t>{text[3:]}</t></r></si>" for text in escaped)
    lines = []
    for number, row in enumerate(rows, 1):
        cells = ""
        for letter, cell in zip("ABCDEFGHIJ", row, strict=False):
            if plain(cell):
                cells += f'<c r="{letter}{number}"><v>{cell}</v></c>'
            elif cell:
                cells += f'<c r="{letter}{number}" s="1" t="s"><v>{place[cell]}</v></c>'
        lines.append(f'<row r="{number}">{cells}</row>')
    sheet = f"<worksheet {space}><sheetData>{''.join(lines)}</sheetData></worksheet>"
    return zipped(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/sharedStrings.xml": f"<sst {space}>{shared}</sst>".encode(),
            "xl/worksheets/sheet2.xml": b"<worksheet/>",
            "xl/worksheets/sheet1.xml": sheet.encode(),
        }
    )


def plain(cell: str) -> bool:
    return cell.isdigit() and not cell.startswith("0")


def test_pair_edits_in_a_spreadsheet() -> None:
    assert told(read_pair_edits(io.BytesIO(spreadsheet(pair_cells())))) == PAIRS


def test_rows_keep_the_number_of_their_line() -> None:
    text = "\n".join("\t".join(row) for row in pair_cells())
    assert [row.line for row in read_pair_edits(packed(text))] == [7, 8, 9, 10]
    assert [row.line for row in read_pair_edits(io.BytesIO(spreadsheet(pair_cells())))] == [7, 8, 9, 10]


def test_an_extract_without_effective_dates_is_read() -> None:
    text = "column_1,column_2,deletion_date,modifier_indicator\n97140,97530,20191231,1\n"
    assert told(read_pair_edits(packed(text))) == [("97140", "97530", None, date(2019, 12, 31), 1)]


LIMITS = [("97110", 6, 3), ("97161", 1, 2), ("J1100", 20, 1), ("97010", 0, 3)]
WORDS = {1: "1 Line Edit", 2: "2 Date of Service Edit: Policy", 3: "3 Date of Service Edit: Clinical"}


@pytest.mark.parametrize("who", ["Practitioner", "Outpatient Hospital", "DME Supplier"])
def test_unit_limits_behind_a_notice_of_several_lines(who: str) -> None:
    notice = f'"{NOTICE}\r\nFee schedules, ""relative"" values,\r\n\r\nand related components",,,\r\n'
    header = f'"HCPCS/\r\nCPT Code",{who} Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n'
    rows = "".join(f'{code},{units},{WORDS[mai]},"Clinical: Data"\r\n' for code, units, mai in LIMITS)
    assert told(read_unit_limits(packed(notice + header + rows))) == LIMITS


def test_unit_limits_as_a_short_extract() -> None:
    rows = "".join(f"{code},{units},{mai}\n" for code, units, mai in LIMITS)
    assert told(read_unit_limits(packed("code,mue_value,mai\n" + rows))) == LIMITS


def test_fees_to_their_trailer() -> None:
    fields = ["2026", "01112", "05", "97110", "  ", "0000031.07", "0000030.98", " ", "7", "A", "5"]
    fields += ["0000007.20", "0000007.10", "9", "0000000.00", "0000000.00"]
    line = ",".join(f'"{field}"' for field in fields)
    trailer = '"TRL - notice of four lines"\r\n'
    assert told(read_fees(packed(f"{line}\r\n{trailer}{trailer}"))) == [
        (2026, "01112", "05", "97110", "", 3107, 3098, "A", "5", 720, 710)
    ]


RVU_HEADER = [
    ",,2026 National Physician Fee Schedule Relative Value File,,,,,,,,,,,,,,,,,,,,,,,,,,,,,",
    f',,"{NOTICE}",,,,,,,,,,,,,,,,,,,,,,,,,,,,,',
    ",,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,"
    "ASST,CO-,TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT",
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT",
]


@pytest.mark.parametrize("pricing", [True, False], ids=["2026", "2019"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_relative_values_by_the_words_of_a_split_header(pricing: bool, end: str) -> None:
    cells = '97110,,"Their, words",A,,0.44,0.46,,0.40,NA,0.01,0.91,0.85,7,XXX,0,0,0,5,0,0,0,0,9,,33.4009,99,0,99,0,0,0'
    lines = [*RVU_HEADER, cells, "NOTE: what a footnote says"]
    if not pricing:
        lines[2], lines[3] = lines[2].replace("TEAM,PRIC", "TEAM"), lines[3].replace("SURG,IND,BASE", "SURG,BASE")
        lines[4] = cells.replace("0,9,,33", "0,,33")
    assert told(read_relative_values(packed(end.join(lines)))) == [
        ("97110", "", "A", *map(Decimal, ("0.44", "0.46", "0.40", "0.01")), "5", Decimal("33.4009"))
    ]


@pytest.mark.parametrize("mark", [",", "\t"])
def test_locality_indices_by_the_words_of_the_header(mark: str) -> None:
    rows = [
        ["ADDENDUM E. GEOGRAPHIC PRACTICE COST INDICES"],
        [],
        ["Medicare Administrative Contractor (MAC)", "State", "Locality Number", "Locality Name"],
        ["10112", "AL", "00", "ALABAMA", "0.986", "1.000", "0.869", "0.575"],
        ["* a footnote on floors"],
    ]
    rows[2] += ["2026 PW GPCI (without 1.0 Floor)", "2026 PW GPCI (with 1.0 Floor)", "2026 PE GPCI", "2026 MP GPCI"]
    expected = ("10112", "AL", "00", *map(Decimal, ("1.000", "0.986", "0.869", "0.575")))
    assert told(read_locality_indices(packed("\n".join(mark.join(row) for row in rows)))) == [expected]


def test_locality_indices_before_2020_have_no_state() -> None:
    header = "Medicare Administrative Contractor (MAC),Locality Number,Locality Name,PW GPCI,PE GPCI,MP GPCI\n"
    rows = list(read_locality_indices(packed(f"Addendum E,,,,,\n\n{header}10112,0,ALABAMA,0.976,0.889,0.492\n")))
    assert told(rows) == [("10112", "", "00", Decimal("0.976"), None, Decimal("0.889"), Decimal("0.492"))]


def test_diagnoses_of_the_order_file_by_their_columns() -> None:
    lines = [
        f"{number:05} {code:<7} {flag} {'short words':<60} long words"
        for number, (code, flag) in enumerate([("R26", 0), ("R2681", 1), ("S06A0XA", 1), ("C4A", 0)], 1)
    ]
    assert told(read_diagnoses(packed("\r\n".join(lines)))) == [
        ("R26", False),
        ("R2681", True),
        ("S06A0XA", True),
        ("C4A", False),
    ]


def test_diagnoses_of_the_code_list_are_billable() -> None:
    text = "R2681   Words of theirs\nS06A0XA Words of theirs\n"
    assert told(read_diagnoses(packed(text))) == [("R2681", True), ("S06A0XA", True)]
    archive = zipped({"Code Descriptions/icd10cm_codes_2026.txt": text.encode()})
    assert told(read_diagnoses(io.BytesIO(archive))) == [("R2681", True), ("S06A0XA", True)]


@pytest.mark.parametrize("name", ["Code", "CARC", "rarc_code"])
def test_reason_codes_keep_dates_and_no_text(name: str) -> None:
    text = f"{name},Description,Start Date,Last Modified,Stop Date,Notes\n"
    text += '50,"Their, text",01/01/1995,07/01/2023,,\nMA130,Their text,1997-01-01,,20051231,x\n'
    rows = list(read_reason_codes(packed(text)))
    assert told(rows) == [
        ("50", date(1995, 1, 1), date(2023, 7, 1), None),
        ("MA130", date(1997, 1, 1), None, date(2005, 12, 31)),
    ]
    assert "text" not in repr(rows)


@pytest.mark.parametrize(
    "read",
    [read_pair_edits, read_unit_limits, read_relative_values, read_locality_indices, read_reason_codes],
)
@pytest.mark.parametrize(
    "text", ["", "\n\n", "some words\nother words\n", "a,b,c,d\n1,2,3,4\n", "97110,97112,*,1\n" * 300]
)
def test_another_file_is_told_to_lack_the_header(read: Callable[..., Any], text: str) -> None:
    rows = list(read(packed(text)))
    assert [(row.column, type(row)) for row in rows] == [("header", Misread)]
    assert rows[0].expected.startswith("a header row with the columns ")
