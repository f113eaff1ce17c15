from dataclasses import replace
from pathlib import Path

import orjson
import pytest

import suite.rulebook
from suite.commands.rules import show_difference, show_explained
from suite.commands.terminal import out
from suite.rule_words import EXAMPLES, FAMILIES, GAPS, PARTLY
from suite.rules_compared import NothingToCompare, compare, differences, shown, tables
from support.command import Claimtrail
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.registry import Registry, Rule
from therapy_domain.rulesets.release import load

DOCS = Path(__file__).parents[2] / "docs"
KNOWN = [
    *(f"DOC-{number:03}" for number in range(1, 18)),
    *(f"TIM-{number:03}" for number in range(1, 7)),
    *(f"MOD-{number:03}" for number in range(1, 10)),
    *("GRP-001", "GRP-002", "SKL-001", "SKL-002", "SKL-003", "MNC-001", "PAT-001", "SIG-001", "POC-001", "POC-002"),
    *("COD-004", "ELG-001", "ELG-002", "AOC-001", "CRT-001", "TEL-001", "RTM-001", "ABN-001", "COV-001", "AUT-001"),
    *("AUT-002", "CRD-001", "DXM-001", "DXM-002", "NCC-001", "NCC-002", "MUE-001", "REC-001", "COM-001", "DUP-001"),
    *("TFL-001", "ETH-001"),
]
"""Every check of the documentation list, the list of mistakes and the payers' tips."""


def two_versions() -> Registry:
    """SIG-001 in a version 1 that edition 2 no longer runs, and a version 2."""
    found, first = Registry(), REGISTRY.row("SIG-001", 1)
    found.add(replace(first, editions=(1, 2)))
    found.add(replace(first, version=2, severity="deny", editions=(2, None)))
    return found


def test_docs_rules_is_what_the_generator_prints() -> None:
    assert (DOCS / "rules.md").read_text() == suite.rulebook.page(), "python -m suite.rulebook > docs/rules.md"


def test_every_known_check_runs_or_stands_with_the_reason_why_not() -> None:
    page = suite.rulebook.page()
    assert [rule_id for rule_id in KNOWN if f"| {rule_id}" not in page] == []
    own = {row.id for row in REGISTRY.all()}
    assert own | suite.rulebook.beside().keys() | suite.rulebook.gaps().keys() >= set(KNOWN)
    assert all(gap.reason for gap in GAPS.values())


def test_what_runs_is_no_gap() -> None:
    own = {row.id for row in REGISTRY.all()}
    assert own.isdisjoint(suite.rulebook.gaps())
    assert own.isdisjoint(suite.rulebook.beside())
    assert own.issuperset(PARTLY)


def test_examples_are_of_rules_that_are_known() -> None:
    assert set(KNOWN).issuperset(EXAMPLES)
    assert {suite.rulebook.family_of(rule_id) for rule_id in KNOWN} <= FAMILIES.keys()


def test_a_family_is_listed_with_source_dates_and_edition(claimtrail: Claimtrail) -> None:
    rows = claimtrail("rules", "list", "--family", "mod", "--json").json
    assert rows
    keys = {"id", "version", "family", "title", "severity", "also", "source", "since", "until", "editions"}
    assert all(row.keys() == keys and row["family"] == "MOD" for row in rows)
    every = claimtrail("rules", "list", "--json").json
    assert [row["id"] for row in every] == sorted({row.id for row in REGISTRY.all()})
    assert "MOD-003" in claimtrail("rules", "list").out


def test_an_unknown_family_names_the_known(claimtrail: Claimtrail) -> None:
    told = claimtrail("rules", "list", "--family", "XYZ")
    assert told.code == 1
    assert "DOC" in told.err


def test_a_rule_is_shown_with_fix_place_source_history_and_example(claimtrail: Claimtrail) -> None:
    rule = claimtrail("rules", "show", "sig-001", "--json").json
    row = REGISTRY.row("SIG-001", 1)
    assert (rule["title"], rule["fix"], rule["source"]) == (row.title, row.fix, row.source)
    assert (rule["x12"], rule["cms1500"]) == ("2300 CLM06", "31")
    assert rule["example"] == EXAMPLES["SIG-001"]._asdict()
    assert [each["version"] for each in rule["history"]] == [1]
    text = claimtrail("rules", "show", "SIG-001").out
    assert all(
        word in text for word in ("reject", "box 31 of the CMS-1500", "passes", "fails", "every date of service")
    )


@pytest.mark.parametrize("row", REGISTRY.all(), ids=lambda row: f"{row.id}-{row.version}")
def test_every_rule_can_be_shown(claimtrail: Claimtrail, row: Rule) -> None:
    assert claimtrail("rules", "show", row.id).out.startswith(row.id)


def test_superseded_versions_stay_in_the_history(capsys: pytest.CaptureFixture[str]) -> None:
    rule = suite.rulebook.explained("SIG-001", two_versions())
    assert (rule["version"], rule["severity"]) == (2, "deny")
    assert [each["editions"] for each in rule["history"]] == [{"first": 1, "gone": 2}, {"first": 2, "gone": None}]
    show_explained(out(), rule)
    assert "1 in editions 1 to 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rule_id", "why"),
    [("TIM-002", "DOC-002 names it"), ("REC-001", "never raised"), ("NOPE-1", "`claimtrail rules list`")],
)
def test_what_cannot_be_shown_says_why(claimtrail: Claimtrail, rule_id: str, why: str) -> None:
    told = claimtrail("rules", "show", rule_id)
    assert told.code == 1
    assert why in told.err


def test_a_release_has_no_difference_from_itself(claimtrail: Claimtrail) -> None:
    assert "no difference" in claimtrail("rules", "diff", "2026.1", "2026.1").out
    found = claimtrail("rules", "diff", "1", "1", "--json").json
    assert (found["kind"], found["same"], found["tables"]) == ("editions", True, [])


@pytest.mark.parametrize(("a", "b"), [("2026.1", "1999.9"), ("1", "99"), ("2026.1", "1")])
def test_a_difference_from_what_is_not_there_names_what_is(claimtrail: Claimtrail, a: str, b: str) -> None:
    told = claimtrail("rules", "diff", a, b)
    assert told.code == 1
    assert "2026.1" in told.err
    with pytest.raises(NothingToCompare, match=b):
        compare(a, b)


def test_rows_added_removed_and_changed_are_told_by_table() -> None:
    was = {
        "limits": [{"code": "97110", "most": "6"}, {"code": "97112", "most": "4"}],
        "pairs": [{"one": "97150", "two": "97110", "until": "*"}],
        "rates.new": [{"rate": 1}],
    }
    now = {
        "limits": [{"code": "97112", "most": "5"}, {"code": "97113", "most": "6"}],
        "pairs": [
            {"one": "97150", "two": "97110", "until": "*"},
            {"one": "97150", "two": "97110", "until": "20200101"},
        ],
        "rates.new": [{"rate": 2}],
    }
    limits, pairs, rates = differences(was, now)
    assert limits.added == [{"code": "97113", "most": "6"}]
    assert limits.removed == [{"code": "97110", "most": "6"}]
    assert [each._asdict() for each in limits.changed] == [{"row": {"code": "97112"}, "fields": {"most": ("4", "5")}}]
    assert (pairs.added, pairs.removed, pairs.changed) == ([now["pairs"][1]], [], [])
    assert rates.changed[0].fields == {"rate": (1, 2)}


def test_every_table_of_a_release_can_be_compared_with_nothing() -> None:
    whole = tables(load("2026.1"))
    assert whole["mue-practitioner-2026q2"]
    assert {each.table for each in differences({}, whole)} == {name for name, rows in whole.items() if rows}
    assert all(len(each.added) == len(whole[each.table]) for each in differences({}, whole))
    assert differences(whole, whole) == []


def test_a_difference_is_printed_with_its_first_rows(capsys: pytest.CaptureFixture[str]) -> None:
    whole = tables(load("2026.1"))["mue-practitioner-2026q2"]
    found = shown(differences({"limits": whole}, {"limits": whole[:9]}))
    show_difference(out(), {"a": "2026.1", "b": "2026.2", **found})
    told = capsys.readouterr().out
    assert f"limits  {len(whole) - 9} removed" in told
    assert f"- and {len(whole) - 9 - 20} more (--json has them all)" in told
    assert orjson.loads(orjson.dumps(found))["tables"][0]["removed"] == whole[9:]
