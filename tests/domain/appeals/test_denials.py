"""What a payer's codes mean for us: every row of the table, every group, the remarks, and whole remittances."""

from dataclasses import dataclass, field
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.appeals.denials import ORDER, appeal_rights, sort_denial
from therapy_domain.rulesets.denials import KnownFact, denial_codes
from therapy_domain.rulesets.release import load

RULES = load("2026.1")
CODES = denial_codes(RULES)
GROUPS = ("CO", "PR", "OA", "PI")
carcs = st.sampled_from([*CODES.carcs, "23", "204", "P12"])
rarcs = st.lists(st.sampled_from([*CODES.rarcs, "N777"]), max_size=4)
groups = st.sampled_from(GROUPS)


@dataclass(frozen=True)
class Adj:
    group: str
    carc: str
    rarcs: tuple[str, ...] = ()
    amount_cents: int = 1000
    line: int | None = field(default=None)


def verdict(group: str, carc: str, *remarks: str, known: tuple[KnownFact, ...] = ()) -> tuple[bool, str]:
    found = appeal_rights(group, carc, remarks, RULES, known=known)
    assert found.source
    return found.appealable, found.action


def verdict_source(group: str, carc: str) -> str:
    return appeal_rights(group, carc, (), RULES).source


@pytest.mark.parametrize(
    ("carc", "appealable", "action"),
    [
        ("1", False, "none"),
        ("2", False, "none"),
        ("3", False, "none"),
        ("4", True, "corrected-claim"),
        ("11", True, "corrected-claim"),
        ("16", True, "corrected-claim"),
        ("18", False, "corrected-claim"),
        ("22", True, "corrected-claim"),
        ("26", False, "corrected-claim"),
        ("27", False, "corrected-claim"),
        ("29", False, "write-off-proposal"),
        ("45", False, "none"),
        ("50", True, "appeal"),
        ("59", False, "none"),
        ("96", True, "appeal"),
        ("97", True, "corrected-claim"),
        ("109", True, "corrected-claim"),
        ("112", True, "appeal"),
        ("119", True, "corrected-claim"),
        ("150", True, "appeal"),
        ("151", True, "appeal"),
        ("163", True, "corrected-claim"),
        ("167", True, "corrected-claim"),
        ("170", True, "corrected-claim"),
        ("185", True, "corrected-claim"),
        ("197", True, "appeal"),
        ("198", True, "appeal"),
        ("216", True, "appeal"),
        ("236", True, "corrected-claim"),
        ("252", True, "corrected-claim"),
        ("253", False, "none"),
        ("272", True, "appeal"),
        ("273", True, "appeal"),
        ("B7", True, "corrected-claim"),
        ("B12", True, "appeal"),
        ("204", True, "appeal"),  # not in the table
    ],
)
def test_a_provider_liability_code_leads_to_its_action(carc: str, appealable: bool, action: str) -> None:
    assert verdict("CO", carc) == (appealable, action)


@pytest.mark.parametrize(
    ("carc", "appealable", "action"),
    [
        ("1", False, "bill-patient"),
        ("2", False, "bill-patient"),
        ("3", False, "bill-patient"),
        ("26", False, "bill-patient"),
        ("27", False, "bill-patient"),
        ("96", True, "bill-patient"),
        ("119", True, "bill-patient"),
        ("167", True, "bill-patient"),
        ("50", True, "appeal"),  # a judgement comes before the patient
        ("4", True, "corrected-claim"),  # and so does an error of ours
        ("16", True, "corrected-claim"),
        ("29", False, "write-off-proposal"),  # our lateness is never the patient's
        ("253", False, "none"),  # nor is sequestration
        ("204", True, "bill-patient"),
    ],
)
def test_a_patient_liability_code_goes_to_the_patient_after_correction_and_appeal(
    carc: str, appealable: bool, action: str
) -> None:
    assert verdict("PR", carc) == (appealable, action)


@pytest.mark.parametrize(
    ("group", "carc", "remark", "appealable", "action"),
    [
        ("CO", "16", "MA130", False, "corrected-claim"),
        ("CO", "50", "MA130", False, "corrected-claim"),
        ("PR", "27", "MA130", False, "corrected-claim"),
        ("CO", "29", "MA130", False, "write-off-proposal"),
        ("CO", "45", "MA130", False, "none"),
        ("CO", "50", "MA44", False, "write-off-proposal"),
        ("PR", "50", "MA44", False, "bill-patient"),
        ("CO", "16", "MA44", False, "corrected-claim"),
        ("CO", "50", "MA01", True, "appeal"),
        ("CO", "4", "MA01", True, "corrected-claim"),
        ("PR", "27", "MA01", True, "bill-patient"),
        ("CO", "29", "MA01", False, "write-off-proposal"),
        ("OA", "18", "MA01", False, "corrected-claim"),
        ("PR", "1", "MA01", False, "bill-patient"),
        ("CO", "45", "MA01", False, "none"),
        ("PR", "119", "N822", True, "corrected-claim"),
        ("CO", "96", "M76", True, "corrected-claim"),
        ("CO", "151", "M53", True, "corrected-claim"),
        ("CO", "151", "N362", True, "appeal"),
        ("CO", "96", "N130", True, "appeal"),
        ("PR", "96", "N130", True, "bill-patient"),
        ("CO", "97", "N522", False, "corrected-claim"),
        ("CO", "50", "M127", True, "appeal"),
        ("CO", "50", "N777", True, "appeal"),
    ],
)
def test_a_remark_gives_takes_or_explains(group: str, carc: str, remark: str, appealable: bool, action: str) -> None:
    assert verdict(group, carc, remark) == (appealable, action)


def test_of_several_remarks_the_one_that_takes_the_right_is_the_last_word() -> None:
    for remarks in (("MA01", "MA130"), ("MA130", "MA01"), ("MA130", "MA44", "MA01", "MA130")):
        assert verdict("CO", "50", *remarks) == (False, "corrected-claim")


def test_the_source_names_the_remark_that_decided_and_no_other() -> None:
    found = appeal_rights("CO", "16", ["MA01", "MA130"], RULES)
    assert "CARC 16" in found.source
    assert "RARC MA130" in found.source
    assert "MA01" not in found.source


@pytest.mark.parametrize(
    ("carc", "known", "action"),
    [
        ("97", "indicator-0", "write-off-proposal"),
        ("236", "not-separate", "write-off-proposal"),
        ("151", "mai-2", "write-off-proposal"),
        ("29", "filed-in-time", "corrected-claim"),
        ("11", "record-supports-claim", "appeal"),
        ("4", "record-supports-claim", "appeal"),
        ("50", "indicator-0", "appeal"),
    ],
)
def test_what_our_record_says_settles_the_open_question(carc: str, known: KnownFact, action: str) -> None:
    assert verdict("CO", carc, known=(known,))[1] == action


def test_late_filing_with_another_payer_may_be_appealed() -> None:
    assert appeal_rights("CO", "29", [], RULES, program="other").appealable
    assert not appeal_rights("CO", "29", [], RULES).appealable


@given(groups, carcs, rarcs, st.sets(st.sampled_from(get_args(KnownFact))))
def test_only_the_patients_group_ever_bills_the_patient(
    group: str, carc: str, remarks: list[str], known: set[KnownFact]
) -> None:
    found = appeal_rights(group, carc, remarks, RULES, known=known)
    assert group == "PR" or found.action != "bill-patient"
    assert found.action != "appeal" or found.appealable
    assert not {"MA130", "MA44"} & set(remarks) or not found.appealable
    assert found.denial or not found.appealable


@given(groups, carcs, rarcs)
def test_order_and_repetition_of_remarks_change_nothing(group: str, carc: str, remarks: list[str]) -> None:
    one = appeal_rights(group, carc, remarks, RULES)
    other = appeal_rights(group, carc, [*reversed(remarks), *remarks], RULES)
    assert (one.appealable, one.action) == (other.appealable, other.action)


def test_every_row_says_what_it_means_and_where_it_comes_from() -> None:
    assert len(CODES.carcs) == 35
    for row in CODES.carcs.values():
        assert f"CARC {row.code};" in row.source
        assert row.meaning
    for remark in CODES.rarcs.values():
        assert f"RARC {remark.code};" in remark.source
    for group, row in product(GROUPS, CODES.carcs.values()):
        assert row.action_for(group) in ORDER


def test_contractual_adjustments_alone_are_no_denial() -> None:
    found = sort_denial([Adj("CO", "45"), Adj("CO", "253"), Adj("CO", "59")], RULES)
    assert (found.action, found.appealable, found.denied_cents) == ("none", False, 0)


def test_a_paid_claim_with_coinsurance_bills_the_patient_and_refuses_nothing() -> None:
    found = sort_denial([Adj("CO", "45"), Adj("PR", "2")], RULES)
    assert (found.action, found.denied_cents) == ("bill-patient", 0)


def test_a_claim_follows_the_strategy_order_over_its_lines() -> None:
    lines = [Adj("PR", "2", line=1), Adj("CO", "29", line=2), Adj("CO", "50", line=3), Adj("CO", "4", line=4)]
    found = [sort_denial(lines[: n + 1], RULES).action for n in range(4)]
    assert found == ["bill-patient", "write-off-proposal", "appeal", "corrected-claim"]
    strategy = sort_denial(lines, RULES)
    assert [adjustment.line for adjustment in strategy.of("appeal")] == [3]
    assert strategy.appealable
    assert strategy.denied_cents == 3000


def test_what_is_known_of_a_line_counts_for_that_line_only() -> None:
    lines = [Adj("CO", "97", line=1), Adj("CO", "236", line=2)]
    found = sort_denial(lines, RULES, known={1: ["indicator-0"]})
    assert [one.rights.action for one in found.adjustments] == ["write-off-proposal", "corrected-claim"]
    whole = sort_denial(lines, RULES, known={None: ["indicator-0"]})
    assert whole.action == "write-off-proposal"


def test_an_adjustment_taken_back_asks_for_nothing_and_a_free_line_still_does() -> None:
    taken_back = sort_denial([Adj("CO", "50", amount_cents=-500)], RULES)
    assert taken_back.action == "none"
    (rights,) = [each.rights for each in taken_back.adjustments]
    assert (rights.category, rights.appealable, rights.denial, rights.action) == ("reversal", False, False, "none")
    assert rights.source == verdict_source("CO", "50")
    assert sort_denial([Adj("CO", "50", amount_cents=0)], RULES).action == "appeal"


def test_no_adjustment_no_action() -> None:
    assert sort_denial([], RULES).action == "none"


@given(st.lists(st.builds(Adj, groups, carcs, rarcs.map(tuple), st.integers(-999, 9999)), max_size=6))
def test_the_order_of_adjustments_does_not_change_the_strategy(adjustments: list[Adj]) -> None:
    here, there = sort_denial(adjustments, RULES), sort_denial(adjustments[::-1], RULES)
    assert here.action == there.action
    assert here.denied_cents == there.denied_cents
