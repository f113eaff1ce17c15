"""Published files become tables of a release whatever they come in; what cannot be read is told and keeps nothing."""

import gzip
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rule_releases.errors import FilesNotRead, NotTold, PartsMissing, ToldOtherwise
from rule_releases.importing import MOST_FAULTS, ReadTable, read
from rule_releases.layouts import Asked, What
from rule_releases.telling import is_older, through
from support.published import code_list, diagnoses, fees, indices, limits, pair_text, quarter, values
from therapy_domain.errors import DomainError
from therapy_domain.rulesets.codes import known_codes
from therapy_domain.rulesets.publications import Kind
from therapy_domain.rulesets.recorded import unpacked
from therapy_domain.rulesets.release import load

CODES = known_codes(load())
PAIRS = [("97530", "97161", "20200101", "*", 1), ("97530", "00100", "20200101", "*", 0)]
FEE = ("15202", "00", "97112", "31.07", "7.20", "A")


def tables(what: What, *files: Path, **more: Any) -> list[ReadTable]:
    return read(Asked(what, files, CODES, **more))


def rows(table: ReadTable) -> list[str]:
    return unpacked(table.content, "test").text.splitlines()[1:]


def test_a_quarter_in_four_parts_is_one_table_of_the_codes_that_are_known(tmp_path: Path) -> None:
    (made,) = tables("ncci", *quarter(tmp_path, "v260r0", PAIRS))
    assert rows(made) == ["97530,97161,20200101,*,1"]
    assert (made.table.id, made.table.rows, made.table.rows_read) == ("ncci-ptp-practitioner-2020q1", 1, 5)
    assert [file.name for file in made.table.files] == [f"ccipra-v260r0-f{n}.txt" for n in (1, 2, 3, 4)]


def test_parts_come_in_any_order_and_twice(tmp_path: Path) -> None:
    files = quarter(tmp_path, "v260r0", PAIRS)
    (one,), (other,) = tables("ncci", *files), tables("ncci", *files[::-1], files[0])
    assert sorted(rows(one)) == sorted(rows(other))
    assert one.table.rows_read == other.table.rows_read


def packed_each(folder: Path, files: list[Path]) -> list[Path]:
    made = []
    for file in files:
        made.append(folder / f"{file.stem}.zip")
        with zipfile.ZipFile(made[-1], "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(file, file.name)
            archive.writestr(f"{file.stem}.pdf", "no table")
    return made


def packed_together(folder: Path, files: list[Path]) -> list[Path]:
    with zipfile.ZipFile(folder / "quarter.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"folder/{file.name}")
        archive.writestr("readme.txt", "no table")
    return [folder / "quarter.zip"]


def gzipped(folder: Path, files: list[Path]) -> list[Path]:
    made = []
    for file in files:
        made.append(folder / f"{file.name}.gz")
        made[-1].write_bytes(gzip.compress(file.read_bytes()))
    return made


@pytest.mark.parametrize("pack", [packed_each, packed_together, gzipped])
def test_a_quarter_is_read_however_it_is_packed(tmp_path: Path, pack: Callable[[Path, list[Path]], list[Path]]) -> None:
    plain = quarter(tmp_path / "plain", "v260r0", PAIRS)
    (made,), (same,) = tables("ncci", *pack(tmp_path, plain)), tables("ncci", *plain)
    assert made.content.sha256 == same.content.sha256
    assert made.table.version == "v26.0r0"


def test_not_all_parts_is_refused_unless_it_is_meant(tmp_path: Path) -> None:
    files = quarter(tmp_path, "v260r0", PAIRS)
    with pytest.raises(PartsMissing, match="not named are f2, f3") as caught:
        tables("ncci", files[0], files[3])
    assert caught.value.named == (1, 4)
    (made,) = tables("ncci", files[3], incomplete=True)
    assert rows(made) == ["97530,97161,20200101,*,1"]


def test_parts_of_two_versions_are_no_table(tmp_path: Path) -> None:
    old, new = quarter(tmp_path / "0", "v260r0", PAIRS), quarter(tmp_path / "1", "v260r1", PAIRS)
    with pytest.raises(FilesNotRead, match=r"files of one version, such as v26\.0r0"):
        tables("ncci", *old[:3], new[3])


def test_two_quarters_at_once_are_two_tables(tmp_path: Path) -> None:
    made = tables("ncci", *quarter(tmp_path, "v260r0", PAIRS), *quarter(tmp_path, "v261r0", PAIRS))
    assert [each.table.id for each in made] == ["ncci-ptp-practitioner-2020q1", "ncci-ptp-practitioner-2020q2"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "its first date of service"),
        ({"effective": date(2020, 2, 1)}, "its setting"),
    ],
)
def test_what_a_name_does_not_tell_has_to_be_said(tmp_path: Path, more: dict[str, Any], told: str) -> None:
    file = tmp_path / "edits.txt"
    file.write_text(pair_text(PAIRS))
    with pytest.raises(NotTold, match=told):
        tables("ncci", file, **more)


def test_what_is_said_stands_for_what_a_name_does_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "edits.txt"
    file.write_text(pair_text(PAIRS))
    (made,) = tables("ncci", file, effective=date(2020, 2, 1), setting="hospital")
    assert (made.table.id, made.table.setting) == ("ncci-ptp-hospital-2020-02-01", "hospital")
    assert (made.table.from_, made.table.to) == (date(2020, 2, 1), date(2020, 3, 31))


@pytest.mark.parametrize(("more"), [{"effective": date(2026, 4, 1)}, {"setting": "hospital"}])
def test_a_name_is_not_talked_out_of_what_it_tells(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(ToldOtherwise, match="by its name"):
        tables("mue", limits(tmp_path, {"97112": (4, 3)}), **more)


def test_a_table_of_another_kind_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(FilesNotRead, match="a table of NCCI pair edits"):
        tables("ncci", limits(tmp_path, {"97112": (4, 3)}))


def test_a_table_for_suppliers_is_refused(tmp_path: Path) -> None:
    file = limits(tmp_path, {"97112": (4, 3)})
    with pytest.raises(FilesNotRead, match="not suppliers"):
        tables("mue", file.rename(tmp_path / "MCR_MUE_DMESupplierServices_Eff_07-01-2026.csv"))


def test_fee_files_of_three_kinds_are_told_apart_also_without_their_names(tmp_path: Path) -> None:
    known = [
        fees(tmp_path, [FEE]),
        values(tmp_path, [("97112", "0.65", "0.40", "0.03")]),
        indices(tmp_path, [("15202", "OH", "00", "1.000", "0.920", "0.950")]),
    ]
    ids = ["pfs-fees-2026-01-01", "pfs-gpci-2026-01-01", "pfs-rvu-2026-01-01"]
    assert [each.table.id for each in tables("fees", *known)] == ids
    nameless = [file.rename(tmp_path / f"{number}.csv") for number, file in enumerate(known)]
    assert [each.table.id for each in tables("fees", *nameless, effective=date(2026, 1, 1))] == ids


def test_an_archive_of_the_fee_schedule_gives_all_its_tables_and_not_the_twin(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mine = values(folder, [("97112", "0.65", "0.40", "0.03")])
    twin = folder / "PPRRVU2026_Jan_QPP.csv"
    twin.write_text(mine.read_text().replace("33.4009", "33.5675"))
    other = indices(folder, [("15202", "OH", "00", "1.000", "0.920", "0.950")])
    with zipfile.ZipFile(tmp_path / "RVU26A.zip", "w") as archive:
        for file in (mine, twin, other):
            archive.write(file, file.name)
        archive.writestr("OPPSCAP_JAN.csv", "other,table\n")
    made = tables("fees", tmp_path / "RVU26A.zip")
    assert [each.table.id for each in made] == ["pfs-gpci-2026-01-01", "pfs-rvu-2026-01-01"]
    assert rows(made[1]) == ["97112,0.65,0.40,0.03,A,5,33.4009"]


def test_fees_of_the_localities_asked_for_are_kept(tmp_path: Path) -> None:
    file = fees(tmp_path, [FEE, ("01112", "05", *FEE[2:])])
    assert len(rows(tables("fees", file)[0])) == 2
    assert rows(tables("fees", file, localities=frozenset({("15202", "00")}))[0]) == ["15202,00,97112,3107,720,A,5"]


def test_diagnoses_are_kept_whole(tmp_path: Path) -> None:
    (made,) = tables("icd10", diagnoses(tmp_path, {"R26": False, "R2681": True}))
    assert rows(made) == ["R26,0", "R2681,1"]
    assert (made.table.from_, made.table.to) == (date(2025, 10, 1), date(2026, 9, 30))


@pytest.mark.parametrize(("what", "table_id"), [("carc", "carc-2026-07-01"), ("rarc", "rarc-2026-07-01")])
def test_lists_of_codes_keep_their_days_and_no_text(tmp_path: Path, what: What, table_id: str) -> None:
    file = code_list(tmp_path / "list.csv", {"50": ("01/01/1995", ""), "B9": ("01/01/1995", "06/30/2007")})
    (made,) = tables(what, file, effective=date(2026, 7, 1))
    assert rows(made) == ["50,19950101,*", "B9,19950101,20070630"]
    assert (made.table.id, made.table.to) == (table_id, None)


def test_a_cell_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    files = quarter(tmp_path, "v260r0", [PAIRS[0], ("97530", "97161", "20200231", "*", 1)])
    with pytest.raises(FilesNotRead, match="nothing was imported") as caught:
        tables("ncci", *files)
    (fault,) = caught.value.faults
    assert (fault.path, fault.row, fault.column) == (str(files[3]), 7, "effective date")
    assert (fault.value, fault.expected) == ("20200231", "a date of the calendar")


def test_of_many_faults_the_first_are_told(tmp_path: Path) -> None:
    files = quarter(tmp_path, "v260r0", [("97530", "97161", "soon", "*", 1)] * 500)
    with pytest.raises(FilesNotRead) as caught:
        tables("ncci", *files)
    assert len(caught.value.faults) == MOST_FAULTS


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        (("2026", "2025"), "year", "2026, in which the table takes effect"),
        (("00007.20", "00070.20"), "therapy reduction, non-institutional", "no more than the fee"),
    ],
)
def test_fees_that_do_not_fit_are_told(tmp_path: Path, change: tuple[str, str], column: str, expected: str) -> None:
    file = fees(tmp_path, [FEE])
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(FilesNotRead, match=expected) as caught:
        tables("fees", file)
    assert caught.value.faults[0].column == column


def test_numbers_with_more_decimals_than_are_published_are_told(tmp_path: Path) -> None:
    with pytest.raises(FilesNotRead, match=r"work RVU.*at most 2 decimals"):
        tables("fees", values(tmp_path, [("97112", "0.655", "0.40", "0.03")]))


def test_a_file_without_a_row_about_our_codes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FilesNotRead, match="a row about codes that are known"):
        tables("mue", limits(tmp_path, {"00100": (1, 2)}))


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.98])
def test_a_truncated_archive_is_told(tmp_path: Path, cut: float) -> None:
    (whole,) = packed_together(tmp_path, quarter(tmp_path / "q", "v260r0", PAIRS))
    raw = whole.read_bytes()
    whole.write_bytes(raw[: int(len(raw) * cut)])
    with pytest.raises(DomainError):
        tables("ncci", whole, effective=date(2020, 1, 1), setting="practitioner")


def test_a_truncated_gzip_is_told_with_the_rows_before(tmp_path: Path) -> None:
    files = gzipped(tmp_path, quarter(tmp_path / "q", "v260r0", PAIRS * 5_000))
    files[3].write_bytes(files[3].read_bytes()[:-400])
    with pytest.raises(FilesNotRead, match="a file that is whole") as caught:
        tables("ncci", *files)
    assert (caught.value.faults[0].row or 0) > 5


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """The bytes with something in them changed, cut out, put in, or in another encoding."""
    made = bytearray(raw)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(made))
        match chance.randrange(5):
            case 0:
                made[place] = chance.randrange(256)
            case 1:
                del made[place : place + chance.randint(1, 200)]
            case 2:
                made[place:place] = chance.choice([b'"', b"\t", b",", b"\n", b"\0", b"\xff\xfe", b"9" * 300])
            case 3:
                made = made[:place]
            case _:
                made = bytearray(bytes(made).decode("latin-1").encode("utf-16"))
        if not made:
            return b"\n"
    return bytes(made)


def test_damaged_files_are_read_or_told_never_more(tmp_path: Path) -> None:
    """Whatever a file holds: a table that its release can read, or an error with its facts."""
    good: list[tuple[What, Path, Kind]] = [
        ("ncci", quarter(tmp_path / "q", "v260r0", PAIRS * 3)[3], "pair_edits"),
        ("mue", limits(tmp_path, {"97112": (4, 3), "97110": (6, 3)}), "unit_limits"),
        ("fees", fees(tmp_path, [FEE, FEE]), "fees"),
        ("fees", values(tmp_path, [("97112", "0.65", "0.40", "0.03")]), "relative_values"),
        ("fees", indices(tmp_path, [("15202", "OH", "00", "1.000", "0.920", "0.950")]), "locality_indices"),
        ("icd10", diagnoses(tmp_path, {"R26": False, "R2681": True}), "diagnoses"),
    ]
    chance, told, taken = random.Random("published"), 0, 0
    for _ in range(60):
        for what, file, kind in good:
            target = tmp_path / "damaged" / file.name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(damaged(file.read_bytes(), chance))
            try:
                (made,) = tables(what, target, incomplete=True)
            except FilesNotRead as error:
                told += len(error.faults) > 0
            else:
                assert made.table.kind == kind
                assert made.table.rows == len(rows(made)) > 0
                taken += 1
    assert told > 50
    assert taken > 10


@pytest.mark.parametrize(
    ("kind", "effective", "last"),
    [
        ("pair_edits", date(2026, 1, 1), date(2026, 3, 31)),
        ("unit_limits", date(2026, 10, 1), date(2026, 12, 31)),
        ("fees", date(2026, 7, 1), date(2026, 12, 31)),
        ("diagnoses", date(2025, 10, 1), date(2026, 9, 30)),
        ("diagnoses", date(2026, 4, 1), date(2026, 9, 30)),
        ("reason_codes", date(2026, 7, 1), None),
    ],
)
def test_a_table_holds_to_the_end_of_its_quarter_year_or_fiscal_year(
    kind: Kind, effective: date, last: date | None
) -> None:
    assert through(kind, effective) == last


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        ("v26.0r0", "v26.0r1", True),
        ("v26.0r9", "v26.0r10", True),
        ("v26.0r1", "v26.0r1", False),
        ("v26.0r1", "v26.0r0", False),
        ("2026A", "2026B", True),
        (None, "v26.0r1", False),
        ("v26.0r0", None, False),
    ],
)
def test_versions_are_counted_as_their_publisher_counts_them(one: str | None, other: str | None, older: bool) -> None:
    assert is_older(one, other) is older


def test_progress_is_told_in_bytes_and_rows(tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    files = quarter(tmp_path, "v260r0", PAIRS * 15_000)
    read(Asked("ncci", files, CODES), lambda *each: told.append(each))
    total = sum(file.stat().st_size for file in files)
    assert told[-1] == (total, total, 30_003)
    assert len(told) > 5
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
