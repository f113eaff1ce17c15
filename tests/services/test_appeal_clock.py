"""The clock: what is near, what lapsed, what is late; each said once, whatever the clock does."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.acts import Close, Escalate, File, Send, Vacate, Withdraw
from appeals.clock import next_alarm
from support.denials import LARGE, MODIFIER, RULES, Told, answer, appeal, decided, policy, told, work
from therapy_domain.events.appeal_work import AppealLapsed, DeadlineWarned, DecisionOverdue

LAST = date(2026, 6, 8)
FILED = File("A", date(2026, 5, 4), "portal", "4711")


def days_before(days: int) -> date:
    return LAST - timedelta(days=days)


def warned(found: Told) -> list[tuple[str, int, int]]:
    return [(each.item_id.rpartition("-")[2], each.days, each.days_left) for each in found.of(DeadlineWarned)]


@pytest.mark.parametrize(
    ("left", "threshold"), [(31, None), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (3, 7), (2, 2), (0, 2)]
)
def test_a_last_day_is_warned_of_at_30_14_7_and_2_days(left: int, threshold: int | None) -> None:
    found = told(answer(1, LARGE), days_before(left))
    assert warned(found) == ([] if threshold is None else [("A1", threshold, left)])


def test_each_threshold_is_told_once_day_by_day() -> None:
    found = told(answer(1, LARGE))
    for left in range(40, -5, -1):
        found.hears(days_before(left)).hears(days_before(left))
    assert [days for _, days, _ in warned(found)] == [30, 14, 7, 2]
    assert len(found.of(AppealLapsed)) == 1


def test_a_clock_that_stood_still_tells_the_tightest_threshold_alone() -> None:
    assert warned(told(answer(1, LARGE), days_before(60)).hears(days_before(5))) == [("A1", 7, 5)]


def test_an_appeal_lapses_the_day_after_its_last_and_not_on_it() -> None:
    assert told(answer(1, LARGE), LAST).statuses() == {"A1": "open"}
    found = told(answer(1, LARGE), LAST + timedelta(days=1))
    (lapsed,) = found.of(AppealLapsed)
    assert (lapsed.file_by, lapsed.amount_cents, found.statuses()) == (LAST, 30_000, {"A1": "lapsed"})


def test_what_is_filed_declined_paid_or_decided_neither_warns_nor_lapses() -> None:
    after = LAST + timedelta(days=9)
    assert told(answer(1, LARGE)).does(appeal(1), FILED).hears(days_before(3), after).of(AppealLapsed) == []
    declined = told(answer(1, LARGE)).does(appeal(1), Close("A", "declined", "small"))
    assert declined.hears(days_before(3), after).of(DeadlineWarned) == []
    paid = told(answer(1, LARGE), answer(2, outcome="paid", paid_cents=20_000))
    assert paid.hears(days_before(3), after).said == [*paid.said]
    assert (paid.of(DeadlineWarned), paid.of(AppealLapsed)) == ([], [])


def test_a_filing_on_record_after_the_lapse_brings_the_appeal_back() -> None:
    found = told(answer(1, LARGE), LAST + timedelta(days=9))
    assert found.does(appeal(1), FILED).statuses() == {"A1": "filed"}


def test_a_withdrawn_appeal_says_nothing_more() -> None:
    found = told(answer(1, LARGE)).does(appeal(1), FILED)
    found.does(appeal(1), Withdraw("A", date(2026, 5, 9), "paid")).hears(date(2027, 1, 1))
    assert (found.statuses(), found.of(AppealLapsed), found.of(DecisionOverdue)) == ({"A1": "withdrawn"}, [], [])


def test_corrections_and_dismissals_have_last_days_too_and_do_not_lapse() -> None:
    found = told(answer(1, MODIFIER), days_before(2)).hears(LAST + timedelta(days=1))
    assert (warned(found), found.statuses()) == ([("W1", 2, 2)], {"W1": "open"})
    dismissed = told(answer(1, LARGE), decided(appeal(1), "dismissed", 5)).hears(date(2026, 11, 20))
    vacate = [each for each in dismissed.of(DeadlineWarned) if each.deadline == "vacate"]
    assert [(each.last_day, each.days) for each in vacate] == [(date(2026, 11, 28), 14)]


def test_what_went_out_or_was_asked_for_is_not_warned_of() -> None:
    sent = told(answer(1, MODIFIER)).does(work(1), Send("A", date(2026, 3, 1), "electronic"))
    assert sent.hears(days_before(2)).of(DeadlineWarned) == []
    asked = told(answer(1, LARGE), decided(appeal(1), "dismissed", 5))
    asked.does(appeal(1), Vacate("A", date(2026, 7, 1), "fax", "in time")).hears(date(2026, 11, 27))
    assert [each for each in asked.of(DeadlineWarned) if each.deadline == "vacate"] == []


@pytest.mark.parametrize(
    ("level", "filed", "due", "escalate_to", "source"),
    [
        (1, date(2026, 5, 4), date(2026, 7, 3), None, "405.950"),
        (2, date(2026, 7, 1), date(2026, 8, 30), 3, "405.970"),
        (3, date(2026, 7, 1), date(2026, 9, 29), 4, "405.1016"),
        (4, date(2026, 7, 1), date(2026, 9, 29), 5, "405.1132"),
    ],
)
def test_a_decision_is_late_the_day_after_its_time(
    level: int, filed: date, due: date, escalate_to: int | None, source: str
) -> None:
    found = told(answer(1, LARGE))
    for below in range(1, level):
        found.hears(decided(appeal(below), "upheld", 4 + below))
    found.does(appeal(level), File("A", filed, "mail", "m")).hears(due)
    assert found.of(DecisionOverdue) == []
    (late,) = found.hears(due + timedelta(days=1)).hears(due + timedelta(days=2)).of(DecisionOverdue)
    assert (late.due_on, late.escalate_to) == (due, escalate_to)
    assert source in late.source


def test_an_escalated_hearing_has_180_days() -> None:
    found = told(answer(1, LARGE), decided(appeal(1), "upheld", 5))
    found.does(appeal(2), File("A", date(2026, 7, 1), "mail", "m"))
    found.does(appeal(2), Escalate("A", date(2026, 9, 1), "mail", "m")).hears(date(2027, 6, 1))
    late = {each.appeal_id: each.due_on for each in found.of(DecisionOverdue)}
    assert late[appeal(3)] == date(2026, 9, 1) + timedelta(days=180)


def test_a_court_and_another_payer_have_no_time_to_decide() -> None:
    found = told(answer(1, LARGE, payer_profile="workers-comp")).does(appeal(1), FILED).hears(date(2028, 1, 1))
    assert found.of(DecisionOverdue) == []


def test_a_remanded_appeal_is_to_be_decided_from_the_day_it_was_sent_back() -> None:
    found = told(answer(1, LARGE), decided(appeal(1), "dismissed", 5))
    found.hears(decided(appeal(2), "overturned", 6, decided_on=date(2026, 8, 1)), date(2026, 12, 1))
    assert [(each.appeal_id, each.due_on) for each in found.of(DecisionOverdue)] == [(appeal(1), date(2026, 9, 30))]


def test_an_earlier_day_than_the_last_one_says_nothing() -> None:
    found = told(answer(1, LARGE), days_before(1))
    assert len(found.hears(days_before(20)).of(DeadlineWarned)) == 1


def test_a_deadline_that_a_policy_moves_runs_anew_and_a_lapse_of_the_old_one_is_over() -> None:
    acme = {"payer_id": "acme", "payer_profile": "commercial-cms", "appeal_days": 30}
    found = told(answer(1, LARGE, **acme), date(2026, 3, 20))
    assert found.statuses() == {"A1": "lapsed"}
    found.hears(policy(1, ("appeal", 90)))
    assert found.statuses() == {"A1": "open"}
    found.hears(date(2026, 5, 8))
    assert warned(found)[-1] == ("A1", 2, 1)
    assert found.hears(date(2026, 5, 10)).statuses() == {"A1": "lapsed"}


# --- whatever the clock does ---------------------------------------------------------------------------------------

STEPS: Any = st.one_of(
    st.integers(-40, 400).map(lambda days: date(2026, 2, 8) + timedelta(days=days)),
    st.sampled_from(
        [
            answer(1, LARGE),
            answer(3, MODIFIER, outcome="partial"),
            answer(9, outcome="paid"),
            decided(appeal(1), "upheld", 5),
            decided(appeal(2), "dismissed", 6, decided_on=date(2026, 9, 1)),
            policy(1, extends="medicare", payer="medicare"),
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_nothing_is_said_twice_and_the_next_alarm_is_when_something_is_said(steps: list[Any]) -> None:
    found = Told()
    for step in steps:
        found.hears(step)
    warnings = [(each.item_id, each.deadline, each.last_day, each.days) for each in found.of(DeadlineWarned)]
    assert len(warnings) == len(set(warnings))
    lapses = [(each.appeal_id, each.file_by) for each in found.of(AppealLapsed)]
    assert len(lapses) == len(set(lapses))
    alarm = next_alarm(found.state, RULES, found.today)
    before = len(found.said)
    if alarm is None:
        assert len(found.hears(date(2199, 1, 1)).said) == before
        return
    assert len(found.hears(alarm - timedelta(days=1)).said) == before
    assert len(found.hears(alarm).said) > before
