"""A year's ICD-10-CM codes decide for its dates of service; lists of reason codes tell what is in use."""

from datetime import date
from typing import Any

import pytest

from support.made_release import with_table
from therapy_domain.appeals.denials import appeal_rights
from therapy_domain.rulesets.code_lists import code_list
from therapy_domain.rulesets.diagnoses import diagnosis_codes
from therapy_domain.rulesets.release import load

YEAR = date(2025, 10, 1), date(2026, 9, 30)
CODES = "code,billable\nR26,0\nR2681,1\nG20,0\nG20A1,1\n"
FISCAL_2026 = with_table("diagnoses", CODES, *YEAR)
CARCS = with_table("reason_codes", "code,start,stop\n50,19950101,*\n999,20200101,20260401\n", date(2026, 7, 1))


@pytest.mark.parametrize("day", YEAR)
def test_a_fiscal_years_codes_answer_for_its_days(day: date) -> None:
    found = diagnosis_codes(FISCAL_2026, day)
    assert found is not None
    assert ("R2681" in found.billable, "R26" in found.billable, "R26" in found.categories) == (True, False, True)


@pytest.mark.parametrize("day", [date(2025, 9, 30), date(2026, 10, 1)])
def test_another_years_codes_never_answer(day: date) -> None:
    assert diagnosis_codes(FISCAL_2026, day) is None
    assert diagnosis_codes(load(), YEAR[0]) is None


@pytest.mark.parametrize(
    ("code", "day", "in_use"),
    [
        ("50", date(2026, 3, 2), True),
        ("999", date(2026, 3, 31), True),
        ("999", date(2026, 4, 1), False),
        ("999", date(2019, 12, 31), False),
        ("998", date(2026, 3, 2), False),
    ],
)
def test_a_reason_code_is_in_use_from_its_start_until_it_is_stopped(code: str, day: date, in_use: bool) -> None:
    found = code_list(CARCS, "reason_codes", day)
    assert found is not None
    assert found.in_use(code, day) is in_use


def test_no_list_no_answer() -> None:
    assert code_list(load(), "reason_codes", date(2026, 3, 2)) is None
    assert code_list(CARCS, "remark_codes", date(2026, 3, 2)) is None


@pytest.mark.parametrize(
    ("day", "told"),
    [(date(2026, 3, 2), "; in use on 2026-03-02"), (date(2026, 5, 2), "; not in use on 2026-05-02")],
)
def test_a_code_that_our_table_does_not_have_is_looked_up_in_the_list(day: date, told: str) -> None:
    found: Any = appeal_rights("CO", "999", (), CARCS, on=day)
    assert told in found.meaning
    assert "in use" not in appeal_rights("CO", "999", (), load(), on=day).meaning
    assert "in use" not in appeal_rights("CO", "50", (), CARCS, on=day).meaning
