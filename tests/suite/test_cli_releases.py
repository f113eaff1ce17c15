"""`rules import`, `rules releases`, and what `rules show` and `rules diff` know of releases."""

from pathlib import Path

import pytest

from support.command import Claimtrail
from support.published import code_list, fees, limits, quarter
from therapy_domain.rulesets.release import load

PAIRS = [("97530", "97161", "20260101", "*", 1), ("97150", "97110", "20130401", "*", 0)]
FEES = [("15202", "00", "97112", "31.07", "7.20", "A"), ("01112", "05", "97112", "41.07", "7.20", "A")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_an_import_makes_a_release_in_a_new_store_too(claimtrail: Claimtrail, data: Path, tmp_path: Path) -> None:
    files = quarter(tmp_path / "q", "v320r0", PAIRS)
    told = claimtrail("rules", "import", "ncci", *files, "--by", "A. Auditor", "--data", data)
    assert told.code == 0
    for words in ("2026.1+1", "in force", "extends 2026.1", "A. Auditor", "2 rows of 5", "2026-01-01 to 2026-03-31"):
        assert words in told.out
    assert "ccipra-v320r0-f1.txt" in " ".join(told.out.split())
    assert claimtrail("status", "--data", data, "--json").json["ruleset"]["id"] == "2026.1+1"


def test_the_same_import_again_says_that_nothing_is_new(claimtrail: Claimtrail, data: Path, tmp_path: Path) -> None:
    file = limits(tmp_path, {"97112": (4, 3)})
    first = claimtrail("rules", "import", "mue", file, "--data", data, "--json").json
    again = claimtrail("rules", "import", "mue", file, "--data", data, "--json").json
    assert first["released"]["id"] == first["in_force"] == again["in_force"] == "2026.1+1"
    assert (again["released"], again["held"]) == (None, ["mue-practitioner-2026q3"])
    words = claimtrail("rules", "import", "mue", file, "--data", data)
    assert "nothing new: 2026.1+1 stays in force" in words.out
    assert "is held with the same content already" in words.err


def test_a_file_that_cannot_be_read_is_told_and_changes_nothing(
    claimtrail: Claimtrail, data: Path, tmp_path: Path
) -> None:
    file = limits(tmp_path, {"97110": (6, 3), "97112": (4, 3)})
    file.write_text(file.read_text().replace("97112,4", "97112,four"))
    told = claimtrail("rules", "import", "mue", file, "--data", data)
    assert told.code == 1
    assert f'{file}, row 6, MUE value: "four" is not accepted; expected a whole number of units' in told.err
    assert not data.exists()
    (fault,) = claimtrail("rules", "import", "mue", file, "--data", data, "--json").json["faults"]
    assert fault == {
        "path": str(file),
        "row": 6,
        "column": "MUE value",
        "value": "four",
        "expected": "a whole number of units",
    }


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nonsense",), 2, "nonsense"),
        (("ncci", "FILE", "--effective", "soon"), 2, "soon"),
        (("ncci", "FILE", "--setting", "nowhere"), 2, "nowhere"),
        (("fees", "FILE", "--locality", "here"), 2, "15202-00"),
        (("carc", "FILE"), 1, "--effective"),
        (("mue", "FILE", "--effective", "2026-01-01"), 1, "--setting"),
    ],
)
def test_a_call_that_does_not_say_enough_is_told(
    claimtrail: Claimtrail, data: Path, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    file = limits(tmp_path, {"97112": (4, 3)}).rename(tmp_path / "table.csv")
    ended = claimtrail("rules", "import", *(file if word == "FILE" else word for word in words), "--data", data)
    assert ended.code == code
    assert told in ended.err


def test_a_file_that_is_not_there_is_told(claimtrail: Claimtrail, data: Path) -> None:
    told = claimtrail("rules", "import", "mue", "missing.csv", "--data", data)
    assert told.code == 2
    assert "missing.csv" in told.err


def test_localities_are_chosen_on_import(claimtrail: Claimtrail, data: Path, tmp_path: Path) -> None:
    words = ("rules", "import", "fees", fees(tmp_path, FEES), "--locality", "15202-00", "--data", data, "--json")
    (table,) = claimtrail(*words).json["released"]["tables"]
    assert (table["rows"], table["rows_read"]) == (1, 2)


def test_releases_are_listed_with_who_when_what_and_from_where(
    claimtrail: Claimtrail, data: Path, tmp_path: Path
) -> None:
    claimtrail("rules", "import", "ncci", *quarter(tmp_path / "q", "v320r0", PAIRS), "--by", "A", "--data", data)
    listed = code_list(tmp_path / "carc.csv", {"50": ("01/01/1995", "")})
    claimtrail("rules", "import", "carc", listed, "--effective", "2026-07-01", "--by", "B", "--data", data)
    shipped, first, second = claimtrail("rules", "releases", "--data", data, "--json").json
    assert [each["id"] for each in (shipped, first, second)] == ["2026.1", "2026.1+1", "2026.1+2"]
    assert [each["in_force"] for each in (shipped, first, second)] == [False, False, True]
    assert (first["by"], second["by"], second["extends"], second["extends_hash"]) == (
        "A",
        "B",
        "2026.1+1",
        first["hash"],
    )
    (table,) = first["tables"]
    assert (table["id"], table["rows"], table["rows_read"]) == ("ncci-ptp-practitioner-2026q1", 2, 5)
    assert len(table["files"]) == 4
    assert all(len(file["sha256"]) == 64 for file in table["files"])
    text = claimtrail("rules", "releases", "--data", data).out
    assert all(word in text for word in ("2026.1+2*", "carc-2026-07-01", "shipped"))


def test_without_a_store_the_shipped_release_is_listed(claimtrail: Claimtrail, data: Path) -> None:
    (shipped,) = claimtrail("rules", "releases", "--data", data, "--json").json
    assert (shipped["id"], shipped["hash"], shipped["in_force"]) == ("2026.1", load().hash, True)
    assert [table["id"] for table in shipped["tables"]][-1] == "mue-practitioner-2026q2"
    assert not data.exists()


def test_a_release_is_shown_with_every_table_in_it(claimtrail: Claimtrail, data: Path, tmp_path: Path) -> None:
    claimtrail("rules", "import", "mue", limits(tmp_path, {"97112": (4, 3)}), "--data", data)
    shown = claimtrail("rules", "show", "2026.1+1", "--data", data, "--json").json
    assert [table["id"] for table in shown["tables"]] == ["mue-practitioner-2026q3"]
    assert {table["id"] for table in shown["in_it"]} == {
        *("mue-practitioner-2026q3", "mue-practitioner-2026q2"),
        *("ncci-ptp-practitioner-2024q3", "ncci-ptp-hospital-2024q3"),
    }
    assert "mue-practitioner-2026q2" in claimtrail("rules", "show", "2026.1+1", "--data", data).out
    unknown = claimtrail("rules", "show", "2026.1+2", "--data", data)
    assert unknown.code == 1
    assert "known are 2026.1, 2026.1+1" in unknown.err


def test_two_releases_differ_in_pairs_limits_and_codes(claimtrail: Claimtrail, data: Path, tmp_path: Path) -> None:
    claimtrail("rules", "import", "mue", limits(tmp_path, {"97112": (5, 3), "97110": (6, 3)}), "--data", data)
    claimtrail("rules", "import", "ncci", *quarter(tmp_path / "0", "v320r0", PAIRS), "--data", data)
    changed = [("97530", "97161", "20260101", "20260101", 9), PAIRS[1]]
    claimtrail("rules", "import", "ncci", *quarter(tmp_path / "1", "v320r1", changed), "--data", data)

    def differing(a: str, b: str) -> dict[str, dict[str, object]]:
        found = claimtrail("rules", "diff", a, b, "--data", data, "--json").json
        return {each["table"]: each for each in found["tables"]}

    limits_ = differing("2026.1", "2026.1+1")["mue-practitioner-2026q3 beside mue-practitioner-2026q2"]
    assert limits_["changed"] == [{"row": {"code": "97112"}, "fields": {"mue_value": ["4", "5"]}}]
    (pair,) = differing("2026.1+2", "2026.1+3")["ncci-ptp-practitioner-2026q1"]["changed"]  # type: ignore[misc]  # JSON
    assert pair["row"] == {"column_1": "97530"}
    assert pair["fields"] == {"deletion_date": ["*", "20260101"], "modifier_indicator": ["1", "9"]}
    assert differing("2026.1+3", "2026.1+3") == {}
    back = differing("2026.1+1", "2026.1")["mue-practitioner-2026q3 beside mue-practitioner-2026q2"]
    assert back["changed"] == [{"row": {"code": "97112"}, "fields": {"mue_value": ["5", "4"]}}]


def test_claims_ingested_after_an_import_say_its_release(
    claimtrail: Claimtrail, data: Path, tmp_path: Path, simulated: bytes
) -> None:
    claimtrail("rules", "import", "mue", limits(tmp_path, {"97112": (4, 3)}), "--data", data)
    assert claimtrail("ingest", "-", "--data", data, stdin=simulated).code == 0
    claims = claimtrail("claims", "--data", data, "--json").json
    assert {claim["ruleset"] for claim in claims} == {"2026.1+1"}
    assert claimtrail("replay", "--all", "--data", data, "--json").json["different"] == 0
