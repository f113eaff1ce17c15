"""Given what reviewers decide, or do not decide, then the next level, or the end with its reason."""

from datetime import date, timedelta
from typing import Any

import pytest

from appeals.acts import Close, Escalate, File, Vacate
from support.denials import (
    LARGE,
    LATE,
    MODIFIER,
    NECESSITY,
    Told,
    answer,
    appeal,
    decided,
    policy,
    told,
    work,
)
from therapy_domain.events.appeal import AppealConcluded, DenialTriaged, RemedyProposed
from therapy_domain.events.claim import Adjustment

DUPLICATE = Adjustment(group="OA", carc="18", amount_cents=5_000)
FILED = File("A. Biller", date(2026, 5, 4), "portal", "4711")


def lost(levels: int, **last: Any) -> Told:
    """A denial upheld at so many levels."""
    found = told(answer(1, LARGE))
    for level in range(1, levels + 1):
        found.hears(decided(appeal(level), "upheld", 4 + level))
    return found


def ended(found: Told, number: int) -> AppealConcluded:
    return found.state.concluded[appeal(number)].event


# --- Medicare's five levels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "name", "days", "source", "evidence", "asks"),
    [
        (1, "redetermination", None, "405.942", "open", False),
        (2, "reconsideration", 180, "405.962", "last", False),
        (3, "hearing", 60, "405.1002", "good-cause", True),
        (4, "council review", 60, "405.1102", "good-cause", False),
        (5, "judicial review", 60, "405.1130", None, True),
    ],
)
def test_each_level_has_its_limit_its_rule_on_evidence_and_its_amount(
    level: int, name: str, days: int | None, source: str, evidence: str | None, asks: bool
) -> None:
    opened = lost(level - 1).opened(level)
    assert (opened.level, opened.level_name, opened.new_evidence) == (level, name, evidence)
    assert source in opened.source
    if days is not None:
        presumed = date(2026, 6, 1) + timedelta(days=5)
        assert (opened.received_on, opened.file_by) == (presumed, presumed + timedelta(days=days))
    assert bool(opened.required) is asks


@pytest.mark.parametrize(
    ("decided_on", "required"),
    [
        (date(2025, 3, 1), [(2025, 19_000)]),
        (date(2025, 11, 20), [(2025, 19_000), (2026, 20_000)]),
        (date(2026, 11, 20), [(2026, 20_000), (2027, None)]),
    ],
)
def test_the_amount_is_that_of_each_year_in_which_the_hearing_may_be_asked_for(
    decided_on: date, required: list[tuple[int, int | None]]
) -> None:
    found = lost(1).hears(decided(appeal(2), "upheld", 9, decided_on=decided_on))
    assert [(each.year, each.amount_cents) for each in found.opened(3).required] == required


def test_the_controversy_is_what_was_charged_less_paid_less_the_patients_share() -> None:
    """405.1006(d): of line 1, $130 charged: $20 paid, $10 coinsurance, $70 denied, $30 above the fee schedule."""
    line_1 = {"line": 1}
    parts = [
        Adjustment(group="CO", carc="50", amount_cents=7_000, **line_1),
        Adjustment(group="CO", carc="45", amount_cents=3_000, **line_1),
        Adjustment(group="PR", carc="2", amount_cents=1_000, **line_1),
        Adjustment(group="PR", carc="1", amount_cents=9_000, line=2),
    ]
    found = told(answer(1, *parts, outcome="partial", paid_cents=2_000))
    assert (found.opened(1).amount_cents, found.opened(1).controversy_cents) == (7_000, 10_000)
    found.hears(decided(appeal(1), "partly", 5, 4_000))
    assert (found.opened(2).amount_cents, found.opened(2).controversy_cents) == (3_000, 6_000)


@pytest.mark.parametrize(
    ("outcome", "paid", "left", "closed"),
    [
        ("overturned", 30_000, 0, "won"),
        ("partly", 30_000, 0, "won"),
        ("partly", 10_000, 20_000, None),
        ("upheld", None, 30_000, None),
    ],
)
def test_a_decision_ends_a_case_that_leaves_nothing_in_dispute(
    outcome: str, paid: int | None, left: int, closed: str | None
) -> None:
    end = ended(told(answer(1, LARGE), decided(appeal(1), outcome, 5, paid)), 1)
    assert (end.left_cents, end.closed, end.next_level is None) == (left, closed, closed is not None)


def test_the_last_level_closes_the_case_with_its_reason() -> None:
    assert ended(lost(5), 5).closed == "no-level-left"


# --- dismissals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "vacate", "review", "reviewed_in"),
    [
        (1, "405.952", "405.974(b)", 2),
        (2, "405.972", "405.1004", 3),
        (3, "405.1052", "405.1102", 4),
    ],
)
def test_a_dismissal_may_be_vacated_for_180_days_and_reviewed_within_60(
    level: int, vacate: str, review: str, reviewed_in: int
) -> None:
    found = lost(level - 1).hears(decided(appeal(level), "dismissed", 20))
    end = ended(found, level)
    assert end.vacate_by == date(2026, 6, 1) + timedelta(days=180)
    assert vacate in (end.vacate_source or "")
    above = found.opened(reviewed_in)
    assert (above.against, above.file_by) == ("dismissal", date(2026, 6, 6) + timedelta(days=60))
    assert review in above.source


def test_the_councils_dismissal_binds() -> None:
    end = ended(lost(3).hears(decided(appeal(4), "dismissed", 20)), 4)
    assert (end.next_level, end.closed, end.vacate_by) == (None, "dismissal-binds", None)


def test_a_review_that_leaves_the_dismissal_standing_is_final() -> None:
    found = told(answer(1, LARGE), decided(appeal(1), "dismissed", 5), decided(appeal(2), "upheld", 6))
    assert ended(found, 2).closed == "review-binds"


def test_a_dismissal_that_was_wrong_goes_back_to_the_level_below_which_decides_after_all() -> None:
    found = told(answer(1, LARGE), decided(appeal(1), "dismissed", 5), decided(appeal(2), "overturned", 6))
    end = ended(found, 2)
    assert (end.closed, end.left_cents, end.next_level) == ("remanded", 30_000, None)
    assert found.statuses() == {"A1": "filed", "A2": "decided"}
    found.hears(decided(appeal(1), "upheld", 7, decided_on=date(2026, 9, 1)))
    assert found.statuses() == {"A1": "decided", "A2": "decided", "A3": "open"}
    assert (found.opened(3).level, found.opened(3).against) == (2, "decision")


def test_asking_to_vacate_is_on_record_and_a_later_decision_replaces_the_dismissal() -> None:
    found = told(answer(1, LARGE)).does(appeal(1), FILED).hears(decided(appeal(1), "dismissed", 5))
    found.does(appeal(1), Vacate("A. Biller", date(2026, 7, 1), "fax", "it was in time"))
    assert appeal(1) in found.state.vacating
    found.hears(decided(appeal(1), "overturned", 9, 30_000))
    assert (ended(found, 1).closed, found.state.status(appeal(2))) == ("won", "moot")


# --- escalation ----------------------------------------------------------------------------------------------------


def test_a_late_reconsideration_goes_on_to_a_hearing_by_the_request_itself() -> None:
    found = lost(1).does(appeal(2), File("A", date(2026, 7, 1), "mail", "m"))
    found.does(appeal(2), Escalate("A", date(2026, 9, 1), "mail", "m"))
    above = found.opened(3)
    assert (above.against, above.level, above.file_by) == ("escalation", 3, date(2026, 9, 1))
    assert (found.state.status(appeal(3)), "405.970" in above.source) == ("filed", True)


def test_a_late_hearing_goes_on_to_the_council() -> None:
    found = lost(2).does(appeal(3), File("A", date(2026, 7, 1), "mail", "m"))
    found.does(appeal(3), Escalate("A", date(2026, 10, 15), "mail", "m"))
    assert (found.opened(4).level, found.state.status(appeal(4))) == (4, "filed")


def test_a_late_council_leads_to_court_where_a_complaint_is_still_to_be_filed() -> None:
    large = Adjustment(group="CO", carc="50", amount_cents=300_000)
    found = told(answer(1, large, charge_cents=300_000))
    for level in (1, 2, 3):
        found.hears(decided(appeal(level), "upheld", 4 + level))
    found.does(appeal(4), File("A", date(2026, 7, 1), "mail", "m"))
    found.does(appeal(4), Escalate("A", date(2026, 10, 15), "mail", "m"))
    assert found.state.status(appeal(5)) == "open"
    assert found.opened(5).file_by == date(2026, 10, 15) + timedelta(days=60)


def test_a_decision_that_comes_after_all_is_what_the_next_level_goes_against() -> None:
    found = lost(1).does(appeal(2), File("A", date(2026, 7, 1), "mail", "m"))
    found.does(appeal(2), Escalate("A", date(2026, 9, 1), "mail", "m"))
    found.hears(decided(appeal(2), "upheld", 9, decided_on=date(2026, 9, 4)))
    assert (found.opened(3).against, found.state.status(appeal(3))) == ("decision", "open")
    assert found.opened(3).file_by == date(2026, 9, 9) + timedelta(days=60)


def test_a_win_that_comes_after_all_leaves_the_escalated_appeal_without_object() -> None:
    found = lost(1).does(appeal(2), File("A", date(2026, 7, 1), "mail", "m"))
    found.does(appeal(2), Escalate("A", date(2026, 9, 1), "mail", "m"))
    found.hears(decided(appeal(2), "overturned", 9, 30_000))
    assert found.statuses() == {"A1": "decided", "A2": "decided", "A3": "moot"}


# --- other payers --------------------------------------------------------------------------------------------------

ACME = {"payer_id": "acme", "payer_profile": "commercial-cms"}
TWO = (("appeal", 90), ("second review", 45))


def test_a_payer_with_levels_of_its_own_has_those_levels_and_limits() -> None:
    found = told(policy(1, *TWO), answer(1, LARGE, **ACME))
    assert (found.opened(1).level_name, found.opened(1).file_by) == ("appeal", date(2026, 5, 9))
    found.hears(decided(appeal(1), "upheld", 5))
    above = found.opened(2)
    assert (above.level, above.level_name, above.file_by) == (2, "second review", date(2026, 7, 16))
    assert above.source == "payer policy (45 days)"
    found.hears(decided(appeal(2), "upheld", 6))
    assert ended(found, 2).closed == "no-level-left"


def test_a_policy_that_comes_after_the_denial_moves_the_deadline_and_keeps_the_id() -> None:
    found = told(answer(1, LARGE, **ACME, appeal_days=180))
    assert found.opened(1).file_by == date(2026, 8, 7)
    found.hears(policy(1, *TWO))
    assert list(found.state.opened) == [appeal(1)]
    assert found.opened(1).file_by == date(2026, 5, 9)


def test_a_policy_that_comes_after_the_decision_opens_the_level_that_it_has() -> None:
    found = told(answer(1, LARGE, **ACME), decided(appeal(1), "upheld", 5))
    assert ended(found, 1).closed == "no-level-left"
    found.hears(policy(1, *TWO))
    assert found.statuses() == {"A1": "decided", "A2": "open"}


def test_a_policy_for_later_dates_of_service_changes_nothing() -> None:
    found = told(answer(1, LARGE, **ACME, appeal_days=180), policy(1, *TWO, effective_from=date(2026, 2, 1)))
    assert found.opened(1).file_by == date(2026, 8, 7)


def test_a_payer_that_turns_out_to_follow_medicare_is_sorted_anew() -> None:
    found = told(answer(1, DUPLICATE, payer_id="acme", payer_profile=None))
    assert found.of(DenialTriaged)[-1].action == "corrected-claim"
    found.hears(policy(1, extends="medicare"))
    assert found.of(DenialTriaged)[-1].action == "reopening"
    assert list(found.state.proposals) == [work(1)]
    assert isinstance(found.state.proposals[work(1)].event, RemedyProposed)


def test_what_a_denial_does_not_ask_for_any_more_under_the_policy_is_moot() -> None:
    late = told(answer(1, LATE, payer_id="acme", payer_profile="commercial-cms"))
    assert late.statuses() == {"W1": "open"}
    both = told(answer(1, DUPLICATE.model_copy(update={"line": 1}), LARGE, payer_id="acme", payer_profile=None))
    assert both.statuses() == {"A1": "open", "W1": "open"}
    both.hears(policy(1, extends="medicare"))
    assert both.statuses() == {"A1": "open", "W1": "open"}


# --- what people want instead --------------------------------------------------------------------------------------


def test_a_proposal_that_a_person_contests_becomes_an_appeal_where_the_law_gives_the_right() -> None:
    found = told(answer(1, MODIFIER)).does(work(1), Close("A", "contested", "the record supports the modifier"))
    assert found.statuses() == {"A1": "open", "W1": "done"}
    assert (found.opened(1).instead_of, found.opened(1).amount_cents) == (work(1), 4_000)
    assert found.opened(1).file_by == date(2026, 6, 8)


def test_a_contested_appeal_keeps_its_id_when_the_policy_comes() -> None:
    found = told(answer(1, MODIFIER, NECESSITY.model_copy(update={"line": 2}), **ACME))
    found.does(work(1), Close("A", "contested", "the record supports the modifier"))
    assert found.statuses() == {"A1": "open", "A2": "open", "W1": "done"}
    found.hears(policy(1, *TWO))
    assert found.statuses() == {"A1": "open", "A2": "open", "W1": "done"}
    assert {found.opened(1).file_by, found.opened(2).file_by} == {date(2026, 5, 9)}
    assert (found.opened(1).instead_of, found.opened(2).instead_of) == (None, work(1))


def test_a_write_off_is_proposed_and_never_more_than_that() -> None:
    found = told(answer(1, LATE))
    (proposal,) = found.of(RemedyProposed)
    assert (proposal.remedy, proposal.amount_cents, proposal.file_by) == ("write-off-proposal", 10_000, None)
    assert found.statuses() == {"W1": "open"}


@pytest.mark.parametrize(
    ("adjustment", "remedy", "last_day", "ground"),
    [
        (DUPLICATE, "reopening", date(2027, 2, 8), "clerical-error"),
        (Adjustment(group="CO", carc="252", amount_cents=1), "reopening", date(2026, 6, 8), "records-not-sent"),
        (Adjustment(group="PR", carc="96", amount_cents=1), "bill-patient", date(2026, 6, 8), None),
        (Adjustment(group="PR", carc="26", amount_cents=1), "bill-patient", None, None),
    ],
)
def test_a_proposal_has_the_last_day_that_leaves_no_right_behind(
    adjustment: Adjustment, remedy: str, last_day: date | None, ground: str | None
) -> None:
    (proposal,) = told(answer(1, adjustment)).of(RemedyProposed)
    assert (proposal.remedy, proposal.file_by, proposal.ground) == (remedy, last_day, ground)


def test_proposals_of_several_denials_are_numbered_by_time() -> None:
    found = told(answer(2, LATE), answer(1, MODIFIER, DUPLICATE.model_copy(update={"line": 3})))
    kinds = [type(each.event).__name__ for each in found.state.proposals.values()]
    assert list(found.state.proposals) == [work(1), work(2), work(3)]
    assert kinds == ["CorrectionRequested", "RemedyProposed", "RemedyProposed"]
