"""What people do about denials by command: the worklist, one item, its letter, every act, the clock."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.command import Claimtrail
from support.remittances import answered, denied, reviewed
from support.visits import reference, visit

BY = ("--by", "A. Biller")


@pytest.fixture
def ask(claimtrail: Claimtrail, tmp_path: Path) -> Any:
    """The command over a store of its own, with one denied claim in it."""

    def asked(*words: object, stdin: str | None = None) -> Any:
        return claimtrail(*words, "--data", tmp_path / "store", stdin=stdin)

    asked("ingest", "-", stdin=lines(*reference(), *visit()))
    claim = asked("claims", "--json").json[0]["claim_id"]
    adjustments = denied("50", "MA01", line=1, cents=13_000), denied("4", line=2, cents=7_000)
    asked("ingest", "-", stdin=lines(answered(claim, "denied", "2026-04-11", *adjustments)))
    asked.claim = claim  # type: ignore[attr-defined]  # the tests' own
    return asked


def lines(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in events)


def test_the_worklist_names_what_each_lacks_and_who_has_it(ask: Any) -> None:
    rows = ask("appeals", "--json").json
    assert [(row["item_id"][-2:], row["kind"], row["status"], row["amount_cents"]) for row in rows] == [
        ("A1", "appeal", "open", 13_000),
        ("W1", "corrected-claim", "open", 7_000),
    ]
    item = rows[0]["item_id"]
    assert ask("appeal", item, "take", *BY).code == 0
    assert [row["item_id"] for row in ask("appeals", "--taken-by", "A. Biller", "--json").json] == [item]
    assert [row["item_id"] for row in ask("appeals", "--limit", 1, "--json").json] == [item]
    assert item in ask("appeals").out


def test_one_who_comes_second_is_told_who_was_first(ask: Any) -> None:
    item = f"{ask.claim}-A1"
    seen = ask("appeal", item, "--json").json["version"]
    assert ask("appeal", item, "take", *BY, "--if-version", seen).code == 0
    refused = ask("appeal", item, "take", "--by", "B. Other")
    assert refused.code == 1
    assert "A. Biller" in refused.err
    stale = ask("appeal", item, "file", "--on", "2026-05-04", "--how", "fax", "--by", "B. Other", "--if-version", seen)
    assert stale.code == 1
    assert "A. Biller" in stale.err
    assert ask("appeal", item, "take", "--by", "B. Other", "--from", "A. Biller").code == 0


def test_every_act_is_a_command_and_shows_on_the_item(ask: Any) -> None:
    first, second, proposal = (f"{ask.claim}-{end}" for end in ("A1", "A2", "W1"))
    on = ("--on", "2026-05-04", "--how", "portal", "--proof", "4711")
    assert ask("appeal", first, "note", "called the payer", *BY).code == 0
    assert ask("appeal", first, "give-back", *BY).code == 0
    assert ask("appeal", first, "file", *on, *BY).code == 0
    assert "on record already" in ask("appeal", first, "file", *on, *BY).err
    assert ask("appeal", proposal, "send", "--on", "2026-05-05", "--how", "electronic", *BY).code == 0
    assert ask("appeal", proposal, "close", "contested", "--reason", "it was right", *BY).code == 0
    shown = ask("appeal", first, "--json").json
    assert (shown["status"], shown["filed_on"]) == ("filed", "2026-05-04")
    assert [note["text"] for note in shown["notes"]] == ["called the payer"]
    assert ask("ingest", "-", stdin=lines(reviewed(first, "dismissed", "2026-06-20"))).code == 0
    vacate = ("--on", "2026-07-01", "--how", "fax", "--reason", "it was in time")
    assert ask("appeal", first, "vacate", *vacate, *BY).code == 0
    third = f"{ask.claim}-A3"
    assert ask("appeal", third, "file", "--on", "2026-07-02", "--how", "mail", *BY).code == 0
    assert ask("tick", "--today", "2026-11-01").code == 0
    listed = {row["item_id"]: row for row in ask("appeals", "--json").json}
    assert listed[second]["against"] == "denial"
    assert listed[third]["overdue"]
    refused = ask("appeal", third, "escalate", "--on", "2026-11-01", "--how", "mail", *BY)
    assert (refused.code, third in refused.err) == (1, True)
    assert ask("appeal", third, "withdraw", "--on", "2026-11-02", "--reason", "paid elsewhere", *BY).code == 0
    assert ask("replay", "--all", "--json").json["different"] == 0


def test_a_filing_after_the_last_day_is_refused_with_the_days_unless_cause_is_given(ask: Any) -> None:
    item = f"{ask.claim}-A1"
    late = ("appeal", item, "file", "--on", "2026-08-20", "--how", "fax", *BY)
    refused = ask(*late)
    assert refused.code == 1
    assert "2026-08-20" in refused.err
    assert ask("appeal", item, "--json").json["file_by"] in refused.err
    assert ask(*late, "--good-cause", "the office was flooded").code == 0


def test_the_clock_tells_each_day_once(ask: Any) -> None:
    told = ask("tick", "--today", "2026-08-20", "--json").json
    assert [each["appeal_id"] for each in told["lapsed"]] == [f"{ask.claim}-A1"]
    again = ask("tick", "--today", "2026-08-20", "--json").json
    assert (again["said"], again["lapsed"]) == (False, [])
    back = ask("tick", "--today", "2026-08-01", "--json").json
    assert (back["said"], back["today"]) == (False, "2026-08-20")


def test_this_machines_calendar_is_not_believed_more_than_a_month_after_the_last_day_that_was_told(ask: Any) -> None:
    assert ask("tick", "--today", "2026-05-04").code == 0
    refused = ask("tick")
    today = date.today()  # noqa: DTZ011 -- as the command does
    assert refused.code == 2
    assert f"claimtrail tick --today {today}" in refused.err
    assert ask("tick", "--today", today - timedelta(14)).code == 0
    assert ask("tick", "--json").json["said"]


@pytest.mark.parametrize("form", ["text", "html", "pdf", "zip"])
def test_a_letter_goes_where_it_is_told(ask: Any, tmp_path: Path, form: str) -> None:
    into = tmp_path / f"letter.{form}"
    made = ask("appeal", f"{ask.claim}-A1", "--letter", "--format", form, "-o", into, "--dated", "2026-05-04", *BY)
    assert made.code == 0
    assert "patient data" in made.err
    begins = {"text": b"Northside", "html": b"<!doctype html>", "pdf": b"%PDF-", "zip": b"PK"}
    assert into.read_bytes().lower().startswith(begins[form].lower())


def test_an_item_that_is_not_there_is_told(ask: Any) -> None:
    for words in (("--letter",), (), ("take", *BY)):
        refused = ask("appeal", f"{ask.claim}-A9", *words)
        assert refused.code == 1
        assert f"{ask.claim}-A9" in refused.err
