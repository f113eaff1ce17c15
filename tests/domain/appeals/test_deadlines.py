"""By when: the five Medicare levels, other payers, claims, decisions, and what must be in dispute."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.appeals import deadlines
from therapy_domain.appeals.deadlines import AmountNotPublished, NoSuchLevel, appeal_deadline
from therapy_domain.rulesets.deadline_tables import AppealLevel, in_force
from therapy_domain.rulesets.release import load

RULES = load("2026.1")
LIMITS = {1: 120, 2: 180, 3: 60, 4: 60, 5: 60}
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
levels = st.sampled_from(sorted(LIMITS))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("level", "notice", "receipt", "last", "source"),
    [
        (1, "2026-02-03", "2026-02-08", "2026-06-08", "405.942"),
        (2, "2026-02-03", "2026-02-08", "2026-08-07", "405.962"),
        (3, "2026-02-03", "2026-02-08", "2026-04-09", "405.1002"),
        (4, "2026-02-03", "2026-02-08", "2026-04-09", "405.1102"),
        (5, "2026-02-03", "2026-02-08", "2026-04-09", "405.1130"),
        (1, "2023-12-28", "2024-01-02", "2024-05-01", "405.942"),  # over 29 February
        (3, "2024-02-26", "2024-03-02", "2024-05-01", "405.1002"),
        (1, "2025-12-31", "2026-01-05", "2026-05-05", "405.942"),
        (3, "2026-03-05", "2026-03-10", "2026-05-09", "405.1002"),  # a Saturday, and it stays one
        (3, "2026-04-30", "2026-05-05", "2026-07-04", "405.1002"),  # a holiday, and it stays one
    ],
)
def test_medicare_presumes_receipt_after_five_days_and_counts_the_levels_limit(
    level: int, notice: str, receipt: str, last: str, source: str
) -> None:
    found = appeal_deadline(level, RULES, notice_date=day(notice))
    assert (found.receipt, found.last_day) == (day(receipt), day(last))
    assert found.source.startswith(f"42 CFR {source}")


@pytest.mark.parametrize("received", ["2026-02-03", "2026-02-05", "2026-02-08", "2026-03-20"])
def test_evidence_of_receipt_beats_the_presumption_earlier_or_later(received: str) -> None:
    found = appeal_deadline(1, RULES, notice_date=day("2026-02-03"), received_on=day(received))
    assert found.receipt == day(received)
    assert found.last_day == day(received) + timedelta(days=120)


def test_a_remittance_without_a_notice_date_runs_from_its_receipt() -> None:
    assert appeal_deadline(1, RULES, received_on=day("2026-01-01")).last_day == day("2026-05-01")
    assert deadlines.last_day(1, day("2026-01-01"), RULES) == day("2026-05-01")


def test_without_any_date_there_is_no_deadline() -> None:
    with pytest.raises(ValueError, match="date of the notice"):
        appeal_deadline(1, RULES)


def test_an_appeal_on_the_last_day_is_in_time_and_one_day_later_is_not() -> None:
    last = appeal_deadline(1, RULES, notice_date=day("2026-02-03")).last_day
    assert deadlines.timely(last, last)
    assert not deadlines.timely(last + timedelta(days=1), last)


def test_a_weekend_moves_only_what_is_shown_as_tolerated() -> None:
    found = appeal_deadline(3, RULES, notice_date=day("2026-03-05"))
    assert (found.last_day, found.last_tolerated) == (day("2026-05-09"), day("2026-05-11"))


@given(levels, days, st.integers(0, 60))
def test_the_last_day_is_receipt_plus_the_limit(level: int, notice: date, later: int) -> None:
    presumed = appeal_deadline(level, RULES, notice_date=notice)
    assert presumed.receipt - notice == timedelta(days=5)
    shown = appeal_deadline(level, RULES, notice_date=notice, received_on=notice + timedelta(days=later))
    for found in (presumed, shown):
        assert (found.last_day - found.receipt).days == LIMITS[level]
    assert (shown.last_day - presumed.last_day).days == later - 5


@given(levels, days, st.integers(0, 400), st.integers(0, 400))
def test_filing_earlier_is_never_worse(level: int, notice: date, one: int, other: int) -> None:
    last = appeal_deadline(level, RULES, notice_date=notice).last_day
    early, late = sorted((notice + timedelta(days=one), notice + timedelta(days=other)))
    assert deadlines.timely(early, last) or not deadlines.timely(late, last)


@pytest.mark.parametrize("number", [0, 6, -1])
def test_there_are_five_levels(number: int) -> None:
    with pytest.raises(NoSuchLevel) as caught:
        appeal_deadline(number, RULES, notice_date=day("2026-02-03"))
    assert caught.value.known == (1, 2, 3, 4, 5)


def test_another_payer_has_one_level_of_180_days_unless_its_policy_says_otherwise() -> None:
    received = day("2026-01-01")
    found = appeal_deadline(1, RULES, received_on=received, program="other")
    assert found.last_day == received + timedelta(days=180)
    own = appeal_deadline(1, RULES, received_on=received, program="other", limit_days=90)
    assert (own.last_day, own.source) == (received + timedelta(days=90), "payer policy (90 days)")
    with pytest.raises(NoSuchLevel):
        appeal_deadline(2, RULES, received_on=received, program="other")


def test_another_payer_without_evidence_of_receipt_runs_from_the_notice_itself() -> None:
    assert appeal_deadline(1, RULES, notice_date=day("2026-01-01"), program="other").receipt == day("2026-01-01")


@pytest.mark.parametrize(
    ("level", "escalated", "aim"),
    [(1, False, 60), (2, False, 60), (3, False, 90), (4, False, 90), (4, True, 180), (3, True, 180), (1, True, 60)],
)
def test_each_level_aims_to_decide_in_its_own_time(level: int, escalated: bool, aim: int) -> None:
    filed = day("2026-02-01")
    due = deadlines.decision_due(level, filed, RULES, escalated=escalated)
    assert due == filed + timedelta(days=aim)


def test_a_court_has_no_time_to_decide() -> None:
    assert deadlines.decision_due(5, day("2026-02-01"), RULES) is None


@pytest.mark.parametrize(
    ("service", "last"),
    [
        ("2025-03-03", "2026-03-03"),
        ("2024-02-29", "2025-02-28"),
        ("2023-02-28", "2024-02-28"),
        ("2024-03-01", "2025-03-03"),  # Saturday
        ("2025-03-01", "2026-03-02"),  # Sunday
        ("2023-02-25", "2024-02-26"),  # Sunday
        ("2024-12-25", "2025-12-26"),  # Christmas on a Thursday
        ("2025-07-03", "2026-07-06"),  # the day off before Saturday 4 July
        ("2025-07-04", "2026-07-06"),
        ("2025-07-05", "2026-07-06"),
        ("2020-06-19", "2021-06-21"),  # Juneteenth, the first one, on a Saturday
        ("2020-06-18", "2021-06-21"),  # and its day off
        ("2019-06-19", "2020-06-19"),  # a year before it was a holiday
        ("2020-12-31", "2022-01-03"),  # New Year's day off, in the old year
        ("2021-01-01", "2022-01-03"),
        ("2025-01-18", "2026-01-20"),  # a Sunday before King's birthday
        ("2023-11-11", "2024-11-12"),
        ("2027-02-28", "2028-02-28"),
    ],
)
def test_a_medicare_claim_has_a_calendar_year_to_the_next_workday(service: str, last: str) -> None:
    assert deadlines.filing_deadline(day(service)) == day(last)


@given(days)
def test_a_later_service_never_has_an_earlier_last_day(service: date) -> None:
    here = deadlines.filing_deadline(service)
    assert here <= deadlines.filing_deadline(service + timedelta(days=1))
    assert 365 <= (here - service).days <= 366 + 4


@pytest.mark.parametrize("end", [date.max, date(9999, 12, 1), date(9998, 12, 31), date.min])
def test_the_ends_of_the_calendar_are_dates_too(end: date) -> None:
    found = appeal_deadline(1, RULES, notice_date=end)
    assert found.receipt <= found.last_day <= found.last_tolerated
    assert deadlines.filing_deadline(end) >= end
    assert deadlines.payer_filing_deadline(end, 10**9) == date.max


def test_another_payer_counts_days_and_moves_nothing() -> None:
    assert deadlines.payer_filing_deadline(day("2026-01-01"), 180) == day("2026-06-30")
    assert deadlines.payer_filing_deadline(day("2026-01-01"), 2) == day("2026-01-03")


@pytest.mark.parametrize(
    ("year", "hearing", "court"),
    [
        (2018, 160, 1600),
        (2019, 160, 1630),
        (2020, 170, 1670),
        (2021, 180, 1760),
        (2022, 180, 1760),
        (2023, 180, 1850),
        (2024, 180, 1840),
        (2025, 190, 1900),
        (2026, 200, 1960),
    ],
)
def test_the_amount_in_controversy_is_that_of_the_year_of_filing(year: int, hearing: int, court: int) -> None:
    for filed in (date(year, 1, 1), date(year, 12, 31)):
        found = [deadlines.amount_in_controversy(level, filed, RULES).amount_cents for level in range(1, 6)]
        assert found == [None, None, hearing * 100, None, court * 100]


@pytest.mark.parametrize("year", [2017, 2027])
def test_a_year_without_a_published_amount_is_an_error_never_the_year_before(year: int) -> None:
    with pytest.raises(AmountNotPublished) as caught:
        deadlines.amount_in_controversy(3, date(year, 6, 1), RULES)
    assert caught.value.known == tuple(range(2018, 2027))
    assert deadlines.amount_in_controversy(1, date(year, 6, 1), RULES).amount_cents is None


def test_a_row_holds_from_its_date_and_the_oldest_also_before() -> None:
    def row(start: str, limit: int) -> AppealLevel:
        return AppealLevel.model_validate(
            {
                "program": "other",
                "number": 1,
                "name": "appeal",
                "reviewer": "payer",
                "from": day(start),
                "presumed_receipt_days": 0,
                "limit_days": limit,
                "source": "invented",
            }
        )

    rows = [row("2026-07-01", 30), row("2020-01-01", 180)]
    found = [in_force(rows, day(on)).limit_days for on in ("1999-01-01", "2020-01-01", "2026-06-30", "2026-07-01")]
    assert found == [180, 180, 180, 30]


@pytest.mark.parametrize(
    ("level", "last"), [(1, "2026-07-30"), (2, "2026-07-30"), (3, "2026-07-30"), (4, None), (5, None)]
)
def test_a_dismissal_may_be_asked_to_be_vacated_within_180_days(level: int, last: str | None) -> None:
    found = deadlines.vacate_deadline(level, day("2026-01-31"), RULES)
    assert found == (None if last is None else day(last))


def test_a_year_without_an_amount_is_told_with_those_that_have_one() -> None:
    error = AmountNotPublished(2027, known=(2018, 2019, 2026))
    assert str(error) == "no amount in controversy is known for 2027; known are 2018 to 2026"
