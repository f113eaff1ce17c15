import json
from pathlib import Path

from support.command import Claimtrail

DAY = {
    "payer": "medicare",
    "discipline": "PT",
    "date_of_service": "2026-03-02",
    "intervals": [{"code": "97112", "minutes": 28, "role": "PT"}, {"code": "97530", "minutes": 16, "role": "PT"}],
}
APPEAL = {"program": "medicare-part-b", "level": 1, "notice_date": "2026-02-03"}


def test_units_answers_with_the_contracts_keys(claimtrail: Claimtrail, tmp_path: Path) -> None:
    file = tmp_path / "day.json"
    file.write_text(json.dumps(DAY))
    told = claimtrail("units", file, "--json")
    assert (told.code, told.json["rule"], told.json["total_units"]) == (0, "cms-8-minute", 3)
    assert told.json["lines"][0] == {"code": "97112", "minutes": 28, "units": 2, "modifiers": ["GP"]}
    read = claimtrail("units", file)
    assert "3 units in 44 timed minutes" in read.out
    assert "44 timed minutes make 3 units (38 to 52)" in read.out


def test_an_element_that_cannot_be_understood_answers_in_its_place(claimtrail: Claimtrail) -> None:
    told = claimtrail("units", "-", "--json", stdin=json.dumps([DAY, {**DAY, "payer": "nobody"}]))
    assert told.code == 1
    assert told.json[0]["total_units"] == 3
    assert told.json[1]["error"].keys() == {"path", "value", "expected"}
    read = claimtrail("units", "-", stdin=json.dumps([{**DAY, "payer": "nobody"}]))
    assert read.code == 1
    assert "$[0].payer" in read.err or "$.payer" in read.err
    assert "nobody" in read.err


def test_deadline_answers_every_kind(claimtrail: Claimtrail) -> None:
    asked = [
        APPEAL,
        {"program": "medicare-part-b", "kind": "timely-filing", "date_of_service": "2026-03-02"},
        {"program": "medicare-part-b", "kind": "amount-in-controversy", "level": 3, "filed_on": "2026-03-02"},
        {"program": "medicare-part-b", "kind": "appeal-rights", "group": "CO", "carc": "50", "rarcs": []},
    ]
    told = claimtrail("deadline", "-", "--json", stdin=json.dumps(asked))
    assert told.code == 0
    assert told.json[0] == {
        "receipt": "2026-02-08",
        "deadline": "2026-06-08",
        "timely": None,
        "source": "42 CFR 405.942",
    }
    assert [sorted(answer) for answer in told.json[1:]] == [
        ["deadline", "source", "timely"],
        ["amount_cents", "source"],
        ["action", "appealable", "source"],
    ]
    assert "2026-06-08" in claimtrail("deadline", "-", stdin=json.dumps(asked)).out


def test_a_file_that_is_not_there_is_a_wrong_call(claimtrail: Claimtrail, tmp_path: Path) -> None:
    for command in ("units", "deadline"):
        told = claimtrail(command, tmp_path / "none.json")
        assert (told.code, told.out) == (2, "")
        assert "none.json" in told.err
    assert claimtrail("units", tmp_path).code == 2
