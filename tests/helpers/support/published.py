"""SYNTHETIC files in the layouts in which their publishers write them: invented rows, for tests alone."""

from collections.abc import Iterable
from pathlib import Path

NOTICE = "SYNTHETIC for tests; no published row"
PAIR_HEAD = (
    f'"{NOTICE}"\n'
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n\t\t\t\t*=no data\t1=allowed\t\n\t\t\t\t\t9=not applicable\t\n"
)
LIMIT_HEAD = (
    f'"{NOTICE}\nof several lines",,,\n"HCPCS/\nCPT Code",Practitioner Services MUE Values,'
    "MUE Adjudication Indicator,MUE Rationale\n"
)
VALUE_HEAD = (
    f"{NOTICE}\n,,,,,WORK,NON-FAC,,FACILITY,,MP,MULT,CONV\n"
    "HCPCS,MOD,DESCRIPTION,STATUS CODE,NOT USED,RVU,PE RVU,NA INDICATOR,PE RVU,NA INDICATOR,RVU,PROC,FACTOR\n"
)
INDEX_HEAD = f"{NOTICE}\nContractor,State,Locality Number,Locality Name,PW GPCI,PE GPCI,MP GPCI\n"
LIST_HEAD = "Code,Description,Start Date,Last Modified,Stop Date,Notes\n"

Pair = tuple[str, str, str, str, int]
"""Column 1, column 2, effective, deletion (`*` = none), indicator."""


def pair_text(pairs: Iterable[Pair]) -> str:
    """A quarter's pair edits, one part."""
    rows = ("\t".join((one, two, "", first, last, str(mark), "words")) for one, two, first, last, mark in pairs)
    return PAIR_HEAD + "".join(f"{row}\n" for row in rows)


def quarter(folder: Path, version: str, pairs: Iterable[Pair]) -> list[Path]:
    """A quarter in its four parts: `v260r0`. The first three hold other codes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"ccipra-{version}-f{number}.txt" for number in (1, 2, 3, 4)]
    for number, file in enumerate(files, start=1):
        others = [(f"{number}0021", f"{number}0022", "20130101", "*", 1)]
        file.write_text(pair_text(pairs if number == 4 else others))
    return files


def limits(folder: Path, rows: dict[str, tuple[int, int]], day: str = "07-01-2026") -> Path:
    """A table of unit limits by code: value and indicator."""
    file = folder / f"MCR_MUE_PractitionerServices_Eff_{day}.csv"
    words = {1: "1 Line Edit", 2: "2 Date of Service Edit: Policy", 3: "3 Date of Service Edit: Clinical"}
    file.write_text(LIMIT_HEAD + "".join(f"{code},{units},{words[mai]},words\n" for code, (units, mai) in rows.items()))
    return file


Fee = tuple[str, str, str, str, str, str]
"""Carrier, locality, code, fee, therapy reduction [dollars], status."""


def fees(folder: Path, rows: Iterable[Fee], year: int = 2026) -> Path:
    """A payment amount file."""
    file = folder / f"PFALL{year % 100}A.txt"
    lines = [
        ",".join(
            f'"{cell}"'
            for cell in (
                *(str(year), carrier, locality, code, "  ", fee.rjust(10, "0"), fee.rjust(10, "0"), " ", "7", status),
                *("5", cut.rjust(10, "0"), cut.rjust(10, "0"), "9", "0000000.00", "0000000.00"),
            )
        )
        for carrier, locality, code, fee, cut, status in rows
    ]
    file.write_text("\n".join([*lines, '"TRL - SYNTHETIC"', ""]))
    return file


def values(folder: Path, rows: Iterable[tuple[str, str, str, str]], factor: str = "33.4009") -> Path:
    """A relative value file: code, work, practice expense, malpractice."""
    file = folder / "PPRRVU2026_Jan_nonQPP.csv"
    lines = [f"{code},,words,A,,{work},{expense},,{expense},,{risk},5,{factor}" for code, work, expense, risk in rows]
    file.write_text(VALUE_HEAD + "\n".join(lines) + "\n")
    return file


def indices(folder: Path, rows: Iterable[tuple[str, str, str, str, str, str]], year: int = 2026) -> Path:
    """A file of localities: carrier, state, number, work, practice expense, malpractice."""
    file = folder / f"GPCI{year}.csv"
    lines = [f"{carrier},{state},{number},PLACE,{w},{pe},{mp}" for carrier, state, number, w, pe, mp in rows]
    file.write_text(INDEX_HEAD + "\n".join(lines) + "\n")
    return file


def diagnoses(folder: Path, codes: dict[str, bool], year: int = 2026) -> Path:
    """An ICD-10-CM order file: by code, whether it is billable."""
    file = folder / f"icd10cm_order_{year}.txt"
    rows = [
        f"{n:05} {code:<7} {int(valid)} {'short words':<60} words" for n, (code, valid) in enumerate(codes.items(), 1)
    ]
    file.write_text("\n".join(rows) + "\n")
    return file


def code_list(file: Path, rows: dict[str, tuple[str, str]]) -> Path:
    """A list of reason or remark codes: by code, start and stop as MM/DD/YYYY or nothing."""
    file.write_text(
        LIST_HEAD + "".join(f'{code},"words, words",{start},,{stop},\n' for code, (start, stop) in rows.items())
    )
    return file
