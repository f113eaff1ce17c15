"""What people do about an item: done once, refused with facts where it cannot be, and told where somebody was first."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from appeals import errors
from appeals.acts import Act, Close, Escalate, File, GiveBack, Note, Send, Take, Vacate, Withdraw
from appeals.desk import possible
from appeals.filing import file_together
from support.denials import CLAIM, LARGE, LATE, MODIFIER, NECESSITY, Told, answer, appeal, decided, told, work
from therapy_domain.appeals.deadlines import AmountNotPublished
from therapy_domain.events.appeal_work import AppealFiled, NoteAdded, WorkTaken
from therapy_domain.identity import appeal_id

DAY = date(2026, 5, 4)
FILED = File("A", DAY, "portal", "4711")
OTHER = "C0000000000000000"


def open_appeal() -> Told:
    return told(answer(1, LARGE))


def filed() -> Told:
    return open_appeal().does(appeal(1), FILED)


def dismissed() -> Told:
    return filed().hears(decided(appeal(1), "dismissed", 5))


def proposal() -> Told:
    return told(answer(1, MODIFIER))


ALWAYS = {"take", "give back", "note"}


@pytest.mark.parametrize(
    ("given", "item", "acts"),
    [
        (open_appeal, appeal(1), {"file", "close"}),
        (lambda: open_appeal().hears(date(2026, 7, 1)), appeal(1), {"file", "close"}),
        (filed, appeal(1), {"file", "withdraw", "escalate"}),
        (lambda: filed().does(appeal(1), Withdraw("A", DAY, "r")), appeal(1), {"file"}),
        (lambda: open_appeal().does(appeal(1), Close("A", "declined", "r")), appeal(1), {"file"}),
        (lambda: filed().hears(decided(appeal(1), "upheld", 5)), appeal(1), set()),
        (dismissed, appeal(1), {"vacate"}),
        (lambda: filed().hears(answer(9, outcome="paid", paid_cents=1)), appeal(1), set()),
        (proposal, work(1), {"send", "close"}),
        (lambda: proposal().does(work(1), Close("A", "done", "r")), work(1), set()),
        (lambda: proposal().does(work(1), Close("A", "declined", "r")), work(1), {"send", "close"}),
    ],
)
def test_what_can_be_done_follows_from_where_the_item_stands(
    given: Callable[[], Told], item: str, acts: set[str]
) -> None:
    assert set(possible(given().state, item)) == acts | ALWAYS


@pytest.mark.parametrize(
    ("given", "item", "act"),
    [
        (filed, appeal(1), Close("A", "declined", "r")),
        (open_appeal, appeal(1), Withdraw("A", DAY, "r")),
        (open_appeal, appeal(1), Escalate("A", DAY, "fax")),
        (open_appeal, appeal(1), Vacate("A", DAY, "fax", "r")),
        (open_appeal, appeal(1), Send("A", DAY, "fax")),
        (open_appeal, appeal(1), Close("A", "done", "r")),
        (open_appeal, appeal(1), Close("A", "contested", "r")),
        (proposal, work(1), FILED),
        (lambda: filed().hears(decided(appeal(1), "upheld", 5)), appeal(1), FILED),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(given: Callable[[], Told], item: str, act: Act) -> None:
    with pytest.raises(errors.ActNotPossible) as caught:
        given().does(item, act)
    assert caught.value.possible
    assert caught.value.status in str(caught.value)


def test_an_item_that_is_not_there_is_named() -> None:
    with pytest.raises(errors.UnknownItem, match="A9"):
        open_appeal().does(appeal(9), Take("A"))


# --- taken by ------------------------------------------------------------------------------------------------------


def test_an_item_is_taken_by_one_person_and_handed_over_by_naming_who_has_it() -> None:
    found = open_appeal().does(appeal(1), Take("A"))
    with pytest.raises(errors.AlreadyTaken) as caught:
        found.does(appeal(1), Take("B"))
    assert (caught.value.taken_by, caught.value.wanted_by) == ("A", "B")
    with pytest.raises(errors.AlreadyTaken):
        found.does(appeal(1), Take("B", taken_from="C"))
    assert found.does(appeal(1), Take("B", taken_from="A")).state.taken_by(appeal(1)) == "B"
    assert found.does(appeal(1), GiveBack("B")).state.taken_by(appeal(1)) is None


def test_taking_what_one_has_and_giving_back_what_nobody_has_says_nothing() -> None:
    found = open_appeal().does(appeal(1), GiveBack("A")).does(appeal(1), Take("A")).does(appeal(1), Take("A"))
    assert len(found.of(WorkTaken)) == 1


def test_the_same_person_may_take_it_again_later() -> None:
    found = open_appeal()
    for _ in range(3):
        found.does(appeal(1), Take("A")).does(appeal(1), GiveBack("A"))
    assert len(found.of(WorkTaken)) == 6


def test_who_looked_before_somebody_else_acted_is_told_who_it_was() -> None:
    found = open_appeal()
    seen = found.state.versions[appeal(1)]
    found.does(appeal(1), Take("A"), expected=seen)
    with pytest.raises(errors.ChangedMeanwhile) as caught:
        found.does(appeal(1), FILED, expected=seen)
    assert (caught.value.expected, caught.value.actual) == (seen, seen + 1)
    assert "A" in caught.value.last


def test_notes_add_up_and_change_nobodys_version() -> None:
    found = open_appeal()
    seen = found.state.versions[appeal(1)]
    found.does(appeal(1), Note("A", "called"), on=date(2026, 5, 1)).does(appeal(1), Note("B", "called"), on=DAY)
    assert [note.event.text for note in found.state.notes[appeal(1)]] == ["called", "called"]
    assert len(found.of(NoteAdded)) == 2
    assert found.state.versions[appeal(1)] == seen


# --- filed on ------------------------------------------------------------------------------------------------------


def test_an_appeal_on_the_last_day_is_filed_and_a_day_later_is_refused() -> None:
    last = date(2026, 6, 8)
    assert open_appeal().does(appeal(1), File("A", last, "fax")).statuses() == {"A1": "filed"}
    with pytest.raises(errors.AppealTooLate) as caught:
        open_appeal().does(appeal(1), File("A", date(2026, 6, 9), "fax"))
    assert (caught.value.filed_on, caught.value.last_day) == (date(2026, 6, 9), last)


def test_a_late_filing_with_good_cause_is_on_record_with_it() -> None:
    found = open_appeal().hears(date(2026, 7, 1))
    found.does(appeal(1), File("A", date(2026, 7, 2), "fax", good_cause="the office was flooded"))
    assert found.statuses() == {"A1": "filed"}
    assert found.of(AppealFiled)[0].good_cause == "the office was flooded"


def test_the_same_filing_again_changes_nothing_and_its_proof_may_follow() -> None:
    found = open_appeal().does(appeal(1), File("A", DAY, "mail")).does(appeal(1), File("B", DAY, "mail"))
    assert len(found.of(AppealFiled)) == 1
    found.does(appeal(1), File("A", DAY, "mail", "tracking 9400"))
    assert [each.proof for each in found.of(AppealFiled)] == [None, "tracking 9400"]


@pytest.mark.parametrize("day", [date(2026, 2, 2), date(2026, 5, 21)])
def test_an_appeal_is_filed_between_the_notice_and_today(day: date) -> None:
    with pytest.raises(errors.DayNotPossible) as caught:
        open_appeal().does(appeal(1), File("A", day, "fax"), on=date(2026, 5, 20))
    assert (caught.value.earliest, caught.value.latest) == (date(2026, 2, 3), date(2026, 5, 20))


def at_the_hearing(amount: Any = NECESSITY, claim: str = CLAIM) -> Told:
    upheld = [decided(appeal_id(claim, level), "upheld", 4 + level) for level in (1, 2)]
    return told(answer(1, amount, claim_id=claim), *upheld)


def test_a_hearing_needs_its_amount_in_controversy() -> None:
    with pytest.raises(errors.AmountTooSmall) as caught:
        at_the_hearing().does(appeal(3), File("A", date(2026, 7, 1), "mail"))
    assert (caught.value.cents, caught.value.required_cents, caught.value.year) == (10_000, 20_000, 2026)
    assert at_the_hearing(LARGE).does(appeal(3), File("A", date(2026, 7, 1), "mail")).statuses()["A3"] == "filed"


def test_a_year_without_a_published_amount_is_told_not_guessed() -> None:
    late = at_the_hearing(LARGE).hears(decided(appeal(2), "upheld", 9, decided_on=date(2026, 12, 20)))
    with pytest.raises(AmountNotPublished) as caught:
        late.does(appeal(3), File("A", date(2027, 1, 5), "mail"))
    assert caught.value.year == 2027


def test_like_appeals_are_filed_together_over_their_whole_amount() -> None:
    one, two = at_the_hearing(), at_the_hearing(NECESSITY.model_copy(update={"amount_cents": 11_000}), OTHER)
    act = File("A", date(2026, 7, 1), "mail", "m")
    made = file_together([one.desk(appeal(3)), two.desk(appeal_id(OTHER, 3))], act)
    assert [known.event.together_cents for known in made] == [21_000, 21_000]
    assert [known.event.together_with for known in made] == [(appeal_id(OTHER, 3),), (appeal(3),)]


def test_appeals_that_are_too_small_together_or_not_alike_are_refused() -> None:
    act = File("A", date(2026, 7, 1), "mail", "m")
    small = NECESSITY.model_copy(update={"amount_cents": 5_000})
    with pytest.raises(errors.AmountTooSmall):
        file_together([at_the_hearing().desk(appeal(3)), at_the_hearing(small).desk(appeal(3))], act)
    others = at_the_hearing(NECESSITY.model_copy(update={"carc": "151"}))
    with pytest.raises(errors.NotAlike, match="reasons"):
        file_together([at_the_hearing().desk(appeal(3)), others.desk(appeal(3))], act)
    with pytest.raises(errors.NotAlike, match="level"):
        file_together([at_the_hearing().desk(appeal(3)), open_appeal().desk(appeal(1))], act)


# --- escalated, vacated, closed --------------------------------------------------------------------------------------


def test_escalation_waits_for_the_reviewers_time_and_for_a_right_to_it() -> None:
    found = told(answer(1, LARGE), decided(appeal(1), "upheld", 5))
    found.does(appeal(2), File("A", date(2026, 7, 1), "mail", "m"))
    with pytest.raises(errors.NotLate) as caught:
        found.does(appeal(2), Escalate("A", date(2026, 8, 30), "mail"))
    assert caught.value.due_on == date(2026, 8, 30)
    with pytest.raises(errors.NotLate, match="no right"):
        filed().does(appeal(1), Escalate("A", date(2026, 12, 1), "mail"))


def test_escalation_to_a_hearing_needs_the_amount_in_controversy_too() -> None:
    found = told(answer(1, NECESSITY), decided(appeal(1), "upheld", 5))
    found.does(appeal(2), File("A", date(2026, 7, 1), "mail", "m"))
    with pytest.raises(errors.AmountTooSmall):
        found.does(appeal(2), Escalate("A", date(2026, 9, 1), "mail"))


@pytest.mark.parametrize(("day", "possible_then"), [(date(2026, 11, 28), True), (date(2026, 11, 29), False)])
def test_a_dismissal_may_be_asked_to_be_vacated_for_180_days(day: date, *, possible_then: bool) -> None:
    if possible_then:
        assert appeal(1) in dismissed().does(appeal(1), Vacate("A", day, "fax", "in time")).state.vacating
        return
    with pytest.raises(errors.TooLateToVacate) as caught:
        dismissed().does(appeal(1), Vacate("A", day, "fax", "in time"))
    assert caught.value.last_day == date(2026, 11, 28)


def test_a_denial_without_a_right_to_appeal_cannot_be_contested() -> None:
    with pytest.raises(errors.NoRightToAppeal) as caught:
        told(answer(1, LATE)).does(work(1), Close("A", "contested", "we were in time"))
    assert "424.44" in caught.value.source


def test_what_a_proposal_asks_for_goes_out_and_is_done() -> None:
    found = proposal().does(work(1), Send("A", DAY, "electronic", "999 accepted"))
    assert found.statuses() == {"W1": "sent"}
    assert found.does(work(1), Close("A", "done", "paid")).statuses() == {"W1": "done"}
