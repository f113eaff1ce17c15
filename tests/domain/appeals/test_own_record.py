"""What our own record says of a denied line decides what to do, where the row of the code asks for it."""

from datetime import date
from typing import Any

import pytest

from therapy_domain.appeals.own_record import own_record
from therapy_domain.events.claim import Adjustment, ClaimAssessed, ClaimLine, Finding
from therapy_domain.rulesets.edits import pair_edits, unit_limits
from therapy_domain.rulesets.release import load

RULES = load()
DAY = date(2026, 5, 4)
"""A day that the shipped unit limits were published for."""
PAIRS_DAY = date(2024, 8, 1)
"""The same of the shipped pair edits."""


def claim(*codes: tuple[str, int], findings: tuple[Finding, ...] = (), day: date = DAY) -> ClaimAssessed:
    lines = tuple(
        ClaimLine(line=number, code=code, minutes=15 * units, units=units, modifiers=("GP",), charge_cents=5_000)
        for number, (code, units) in enumerate(codes, start=1)
    )
    said: dict[str, Any] = {
        "case_id": "c",
        "claim_id": "C1",
        "org": "o",
        "session_ids": ("s",),
        "patient_id": "p",
        "payer_id": "medicare",
        "discipline": "PT",
        "date_of_service": day,
        "outcome": "ready",
        "lines": lines,
        "findings": findings,
        "today": day,
        "ruleset": RULES.id,
        "ruleset_hash": RULES.hash,
        "rules": "1",
        "basis": (),
    }
    return ClaimAssessed.model_validate(said)


def finding(rule: str, line: int | None, *also: str) -> Finding:
    return Finding(rule=rule, also=also, severity="advice", line=line, message="m", fix="f", source="s")


def known(carc: str, about: ClaimAssessed, line: int | None = None, group: Any = "CO", **more: Any) -> set[str]:
    said = own_record([Adjustment(group=group, carc=carc, amount_cents=1, line=line)], about, RULES, **more)
    return set(said.get(line, ()))


def test_the_published_tables_cover_the_days() -> None:
    assert unit_limits(RULES).covers(DAY)
    assert pair_edits(RULES).covers(PAIRS_DAY)


@pytest.mark.parametrize("carc", ["97", "236"])
def test_a_pair_that_may_never_stand_together_is_written_off_for_the_second_code(carc: str) -> None:
    both = claim(("97161", 1), ("97164", 1), day=PAIRS_DAY)
    assert known(carc, both, 2) == {"indicator-0"}
    assert known(carc, both, 1) == set()
    assert known(carc, claim(("97112", 1), ("97110", 1), day=PAIRS_DAY), 2) == set()


def test_a_pair_edit_that_was_not_published_for_the_day_decides_nothing() -> None:
    assert known("97", claim(("97161", 1), ("97164", 1), day=DAY), 2) == set()


def test_a_pair_that_may_stand_together_is_given_up_only_where_the_times_were_not_separate() -> None:
    codes = (("97530", 1), ("97150", 1))
    pair = claim(*codes, day=PAIRS_DAY)
    separate = claim(*codes, findings=(finding("NCC-002", 1),), day=PAIRS_DAY)
    denied = 1
    assert known("97", pair, denied) == set()
    assert known("97", separate, denied) == {"not-separate"}
    assert known("97", separate, 2) == set()


def test_more_units_than_an_absolute_limit_cannot_be_argued_with() -> None:
    assert known("151", claim(("97161", 2)), 1) == {"mai-2"}
    assert known("151", claim(("97161", 1)), 1) == set()
    assert known("151", claim(("97112", 9)), 1) == set()


@pytest.mark.parametrize("carc", ["11", "167"])
def test_a_diagnosis_that_our_check_found_nothing_against_is_argued_for(carc: str) -> None:
    assert known(carc, claim(("97112", 1)), 1) == {"record-supports-claim"}
    for fault in (finding("DXM-001", 1), finding("MNC-001", None, "DXM-001")):
        assert known(carc, claim(("97112", 1), findings=(fault,)), 1) == set()
    assert known(carc, claim(("97112", 1), ("97530", 1), findings=(finding("DXM-001", 2),)), 1) == {
        "record-supports-claim"
    }


def test_a_denial_of_the_whole_claim_says_what_is_true_of_every_line() -> None:
    assert known("11", claim(("97112", 1), ("97530", 1))) == {"record-supports-claim"}
    assert known("11", claim(("97112", 1), ("97530", 1), findings=(finding("DXM-001", 2),))) == set()


def test_a_claim_that_the_payer_had_in_time_is_not_late() -> None:
    assert known("29", claim(("97112", 1)), filed_in_time=True) == {"filed-in-time"}
    assert known("29", claim(("97112", 1))) == set()


def test_what_the_payer_made_the_patients_is_left_to_the_patient() -> None:
    assert known("167", claim(("97112", 1)), 1, group="PR") == set()


def test_a_line_that_the_claim_does_not_have_says_nothing() -> None:
    assert known("11", claim(("97112", 1)), 7) == set()
