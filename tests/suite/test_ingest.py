import gzip
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from suite.simulator import Simulation, csv_lines
from support.command import Claimtrail

GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "p1",
    "source": "/orgs/north",
    "type": "claimtrail.patient.registered.v1",
    "subject": "P-1",
    "time": "2026-03-02T09:00:00-05:00",
    "data": {
        "family_name": "Quickley",
        "given_name": "Ada",
        "birth_date": "1951-07-04",
        "sex": "F",
        "member_ids": {"medicare": "1EG4TE5MK73"},
    },
}
SIGNED = {
    **GOOD,
    "id": "s1",
    "type": "claimtrail.session.signed.v1",
    "source": "/orgs/north/clinics/a",
    "subject": "S-1",
    "data": {"clinician_npi": "1234567893"},
}


def changed(event: dict[str, Any], **data: Any) -> dict[str, Any]:
    return {**event, "data": {**event["data"], **data}}


def text(*events: object) -> bytes:
    return b"".join((each if isinstance(each, bytes) else orjson.dumps(each)) + b"\n" for each in events)


def test_every_line_ends_in_exactly_one_outcome(claimtrail: Claimtrail, tmp_path: Path) -> None:
    lines = text(GOOD, GOOD, changed(GOOD, sex="M"), SIGNED, changed(GOOD, sex="X"), b"{", b"", {**GOOD, "id": "p2"})
    told = claimtrail("ingest", "-", "--json", "--data", tmp_path / "s", stdin=lines)
    assert told.code == 1
    assert told.json["counts"] == {"accepted": 2, "duplicate": 1, "parked": 1, "conflict": 1, "rejected": 2}
    assert told.json["events"] == 7
    assert [(each["line"], each["outcome"]) for each in told.json["results"]] == [
        (3, "conflict"),
        (5, "rejected"),
        (6, "rejected"),
    ]
    fault = told.json["results"][1]["errors"][0]
    assert fault["path"] == "$.data.sex"
    assert "F, M, U" in fault["expected"]


def test_all_accepted_duplicate_or_parked_is_0(claimtrail: Claimtrail, tmp_path: Path) -> None:
    for _ in range(2):
        assert claimtrail("ingest", "-", "--data", tmp_path / "s", stdin=text(GOOD, SIGNED)).code == 0


def test_a_refused_line_says_where_what_and_what_would_be_right(claimtrail: Claimtrail, tmp_path: Path) -> None:
    file = tmp_path / "visits.jsonl"
    file.write_bytes(text(GOOD, changed(SIGNED, clinician_npi="1234567890")))
    told = claimtrail("ingest", file, "--data", tmp_path / "s")
    assert told.code == 1
    assert f"{file}:2: rejected: $.data.clinician_npi" in told.err
    assert '"1234567890" is not accepted; expected an NPI' in told.err


def test_a_persons_fields_are_never_shown(claimtrail: Claimtrail, tmp_path: Path) -> None:
    wrong = changed(GOOD, family_name=["Quickley"], birth_date="04.07.1951", member_ids={"medicare": 12345})
    for words in ((), ("--json",)):
        told = claimtrail("ingest", "-", *words, "--data", tmp_path / "s", stdin=text(wrong))
        for secret in ("Quickley", "1951", "12345"):
            assert secret not in told.out + told.err


def test_rejects_keeps_the_refused_lines_byte_for_byte(claimtrail: Claimtrail, tmp_path: Path) -> None:
    bad = [b'{ "id" :  1}', b"\xff\xfe not text", b"[]\r", b'{"a": 1e400}']
    kept = tmp_path / "kept.jsonl"
    told = claimtrail("ingest", "-", "--rejects", kept, "--data", tmp_path / "s", stdin=text(bad[0], GOOD, *bad[1:]))
    assert told.code == 1
    assert kept.read_bytes() == text(*bad)


def test_rejects_never_writes_over_what_is_read(claimtrail: Claimtrail, tmp_path: Path) -> None:
    file = tmp_path / "visits.jsonl"
    file.write_bytes(text(GOOD))
    told = claimtrail("ingest", file, "--rejects", file, "--data", tmp_path / "s")
    assert told.code == 2
    assert file.read_bytes() == text(GOOD)


def test_compressed_files_and_several_of_them_are_read(claimtrail: Claimtrail, tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl.gz"
    one.write_bytes(text(GOOD))
    two.write_bytes(gzip.compress(text(SIGNED)))
    told = claimtrail("ingest", one, two, "--json", "--data", tmp_path / "s").json
    assert [(each["file"], each["counts"]["accepted"] + each["counts"]["parked"]) for each in told["files"]] == [
        (str(one), 1),
        (str(two), 1),
    ]


def test_of_a_damaged_file_the_lines_before_the_damage_go_in(claimtrail: Claimtrail, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    many = text(*[{**GOOD, "id": f"p{number}", "subject": f"P-{number}"} for number in range(3000)])
    cut.write_bytes(gzip.compress(many)[:-200])
    told = claimtrail("ingest", cut, "--json", "--data", tmp_path / "s")
    assert told.code == 1
    (damage,) = told.json["damaged"]
    assert damage["after_line"] == told.json["counts"]["accepted"] > 0
    assert f"{cut} is damaged after line" in told.err


@pytest.mark.parametrize("name", ["none.jsonl", "."])
def test_a_file_that_cannot_be_read_is_a_wrong_call_before_anything_is_taken_in(
    claimtrail: Claimtrail, tmp_path: Path, name: str
) -> None:
    good = tmp_path / "good.jsonl"
    good.write_bytes(text(GOOD))
    told = claimtrail("ingest", good, tmp_path / name, "--data", tmp_path / "s")
    assert (told.code, told.out) == (2, "")
    assert not (tmp_path / "s").exists()


def test_many_refused_lines_are_counted_not_all_shown(claimtrail: Claimtrail, tmp_path: Path) -> None:
    told = claimtrail("ingest", "-", "--data", tmp_path / "s", stdin=b"{}\n" * 50)
    shown = {line.split(": ")[0] for line in told.err.splitlines() if line.startswith("standard input:")}
    assert len(shown) == 20
    assert "30 more lines" in told.err
    listed = claimtrail("ingest", "-", "--json", "--data", tmp_path / "s", stdin=b"{}\n" * 50).json
    assert len(listed["results"]) == 50


def test_what_a_line_says_cannot_move_the_cursor(claimtrail: Claimtrail, tmp_path: Path) -> None:
    told = claimtrail("ingest", "-", "--data", tmp_path / "s", stdin=text({**GOOD, "source": "\x1b[2J\x9b31m"}))
    assert "\x1b" not in told.err
    assert "\x9b" not in told.err


def test_a_timesheet_makes_claims_and_twice_is_a_duplicate(claimtrail: Claimtrail, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("".join(csv_lines(Simulation(clinics=1, days=2, seed=3))), encoding="utf-8")
    first = claimtrail("ingest", "--csv", sheet, "--json", "--data", tmp_path / "s")
    assert first.code == 0
    assert claimtrail("claims", "--json", "--data", tmp_path / "s").json
    again = claimtrail("ingest", "--csv", sheet, "--json", "--data", tmp_path / "s").json
    assert again["counts"]["duplicate"] == again["events"] == first.json["events"]


def test_a_timesheets_refused_row_names_its_column(claimtrail: Claimtrail, tmp_path: Path) -> None:
    header, row, *_ = csv_lines(Simulation(clinics=1, days=2, seed=3))
    wrong = row.replace(row.split(",")[header.split(",").index("date_of_service")], "03/02/2026")
    kept = tmp_path / "kept.csv"
    told = claimtrail("ingest", "--csv", "-", "--rejects", kept, "--data", tmp_path / "s", stdin=header + wrong)
    assert told.code == 1
    assert "standard input:2: rejected: date_of_service" in told.err
    assert kept.read_text() == wrong


def test_the_summary_is_for_people_and_json_for_programs(claimtrail: Claimtrail, tmp_path: Path) -> None:
    told = claimtrail("ingest", "-", "--data", tmp_path / "s", stdin=text(GOOD, SIGNED))
    assert "2 events" in told.out
    assert "parked" in told.out
    assert not told.err
    json.loads(claimtrail("ingest", "-", "--json", "--data", tmp_path / "s", stdin=b"").out)
