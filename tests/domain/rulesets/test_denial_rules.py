"""Which of our rules look for what a payer denies: every denial code has a row, every row has sense and a source."""

import re

import pytest

from therapy_domain.rulesets.denial_rules import denial_rules
from therapy_domain.rulesets.denials import denial_codes
from therapy_domain.rulesets.release import load

RULES = load()
TABLE = RULES.toml["denial_rules"]


def test_every_code_that_denies_has_a_row() -> None:
    denying = {code for code, carc in denial_codes(RULES).carcs.items() if carc.denial}
    assert denying == set(TABLE["carc"])


@pytest.mark.parametrize("kind", ["carc", "rarc"])
def test_every_row_names_rules_and_a_source(kind: str) -> None:
    for code, row in TABLE[kind].items():
        assert row["source"].startswith(f"{kind.upper()} {code}: ")
        assert all(re.fullmatch(r"[A-Z]{3}-\d{3}", rule) for rule in row["rules"])
        assert len(set(row["rules"])) == len(row["rules"])


def test_remark_codes_are_those_of_the_table_of_denials() -> None:
    assert set(TABLE["rarc"]) <= set(denial_codes(RULES).rarcs)


def test_what_a_remark_says_comes_first() -> None:
    table = denial_rules(RULES)
    assert table.looking_for("16", ["N822"])[:2] == ("MOD-001", "MOD-003")
    assert table.looking_for("197", []) == ("AUT-001",)
    assert table.looking_for("163", []) == ()
    assert table.looking_for("999", ["N999"]) == ()
