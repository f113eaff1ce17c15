"""Given what payers and reviewers said, when the case is worked on, then these appeals and corrections."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.decider import decide
from appeals.replay import BasisMissing, decide_again
from appeals.state import Appeals
from support.denials import (
    CASE,
    MODIFIER,
    NECESSITY,
    RULES,
    START,
    Facts,
    answer,
    appeal,
    decided,
    in_force,
    known,
)
from therapy_domain import facts
from therapy_domain.canonical import canonical_json
from therapy_domain.events.appeal import (
    AppealConcluded,
    AppealDecided,
    AppealOpened,
    CorrectionRequested,
    DenialSettled,
    DenialTriaged,
)
from therapy_domain.events.base import Fact
from therapy_domain.events.claim import Adjustment, ClaimAdjudicated, ConflictSettled, FactConflicted
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import decision_id, id_bytes, id_text

CONTRACTUAL = Adjustment(group="CO", carc="45", amount_cents=2_500)
DEDUCTIBLE = Adjustment(group="PR", carc="1", amount_cents=1_000)


def when(
    answers: Iterable[tuple[str, ClaimAdjudicated]], *decisions: Fact[Any], given: Appeals | None = None
) -> Appeals:
    """The state after the case was worked on; working on it again makes nothing."""
    whole, said = dict(answers), in_force(known(*decisions))
    _, after = decide(given or Appeals(), whole, said, RULES)
    again, same = decide(after, whole, said, RULES)
    assert again == []
    assert same == after
    return after


def only(state: Appeals) -> AppealOpened:
    ((_, opened),) = state.opened.values()
    return opened


def test_a_denial_for_medical_necessity_opens_an_appeal_at_the_first_level() -> None:
    state = when([answer(1, NECESSITY, CONTRACTUAL)])
    opened = only(state)
    assert (opened.appeal_id, opened.level, opened.level_name) == (appeal(1), 1, "redetermination")
    assert (opened.amount_cents, opened.reasons) == (10_000, ("CO-50",))
    assert "42 CFR 405.942" in opened.source
    assert not state.proposals


def test_the_limit_runs_from_the_day_the_remittance_was_received() -> None:
    """Worked by hand: receipt 2026-02-08, deadline 2026-06-08."""
    opened = only(when([answer(1, NECESSITY, received_on=date(2026, 2, 8))]))
    assert (opened.received_on, opened.file_by) == (date(2026, 2, 8), date(2026, 6, 8))


def test_evidence_of_receipt_goes_before_the_presumption() -> None:
    opened = only(when([answer(1, NECESSITY, notice_date=date(2026, 2, 3), received_on=date(2026, 2, 5))]))
    assert (opened.received_on, opened.file_by) == (date(2026, 2, 5), date(2026, 6, 5))


@pytest.mark.parametrize(("days", "last_day"), [(None, date(2026, 8, 7)), (90, date(2026, 5, 9))])
def test_another_payer_has_its_own_limit_or_180_days(days: int | None, last_day: date) -> None:
    opened = only(when([answer(1, NECESSITY, payer_profile="commercial-cms", appeal_days=days)]))
    assert (opened.program, opened.file_by) == ("other", last_day)


def test_an_unknown_payer_is_appealed_to_as_any_other_payer() -> None:
    assert only(when([answer(1, NECESSITY, payer_profile=None)])).program == "other"


def test_a_missing_modifier_asks_for_a_corrected_claim_and_no_appeal() -> None:
    state = when([answer(1, MODIFIER)])
    ((_, correction),) = state.proposals.values()
    assert (correction.reasons, correction.amount_cents) == (("CO-4",), 4_000)
    assert correction.file_by == date(2026, 6, 8)
    assert not state.opened


def test_an_unprocessable_claim_is_due_by_timely_filing() -> None:
    unprocessable = Adjustment(group="CO", carc="16", rarcs=("MA130",), amount_cents=4_000)
    ((_, correction),) = when([answer(1, unprocessable)]).proposals.values()
    assert correction.file_by == date(2027, 1, 12)
    assert "42 CFR 424.44" in correction.source


def test_lines_are_worked_apart_and_within_a_line_the_first_action_leads() -> None:
    first = NECESSITY.model_copy(update={"line": 1})
    second, third = (each.model_copy(update={"line": 2}) for each in (MODIFIER, NECESSITY))
    state = when([answer(1, first, second, third)])
    ((_, triaged),) = state.denials.values()
    ((_, correction),) = state.proposals.values()
    assert triaged.action == "corrected-claim"
    assert [each.action for each in triaged.adjustments] == ["appeal", "corrected-claim", "appeal"]
    assert (only(state).amount_cents, correction.reasons) == (10_000, ("CO-4",))


@pytest.mark.parametrize(("adjustment", "action"), [(DEDUCTIBLE, "bill-patient"), (CONTRACTUAL, "none")])
def test_what_was_not_refused_is_sorted_and_asks_for_nothing(adjustment: Adjustment, action: str) -> None:
    state = when([answer(1, adjustment, outcome="partial")])
    ((_, triaged),) = state.denials.values()
    assert triaged.action == action
    assert not state.opened
    assert not state.proposals


def test_a_denial_without_any_reason_is_appealed_over_the_whole_charge() -> None:
    opened = only(when([answer(1)]))
    assert (opened.amount_cents, opened.reasons) == (20_000, ())


def test_a_paid_claim_asks_for_nothing() -> None:
    assert when([answer(1, CONTRACTUAL, outcome="paid", paid_cents=9_000)]) == Appeals()


def test_each_denial_of_a_claim_opens_its_own_appeal_numbered_by_time() -> None:
    state = when([answer(2, NECESSITY), answer(1, NECESSITY)])
    assert [(name, each.event.at) for name, each in state.opened.items()] == [
        (appeal(1), START + timedelta(hours=1)),
        (appeal(2), START + timedelta(hours=2)),
    ]


def test_of_two_denials_at_the_same_time_always_the_same_one_is_the_first() -> None:
    (first_id, first), (other_id, other) = answer(1, NECESSITY), answer(2, MODIFIER, NECESSITY, at=answer(1)[1].at)
    other = other.model_copy(update={"adjustments": (NECESSITY,)})
    one = when([(first_id, first), (other_id, other)])
    swapped = when([(other_id, first), (first_id, other)])
    assert [each.event.denial for each in one.opened.values()] == [first_id, other_id]
    assert [each.event.denial for each in swapped.opened.values()] == [other_id, first_id]


def test_an_appeal_id_once_given_never_changes() -> None:
    late, early = answer(2, NECESSITY), answer(1, NECESSITY)
    before = when([late])
    after = when([early, late], given=before)
    assert after.opened[appeal(1)] == before.opened[appeal(1)]
    assert after.opened[appeal(2)].event.at == early[1].at


def test_a_remittance_sent_again_under_another_event_id_is_not_a_second_denial() -> None:
    first, again = answer(1, NECESSITY), answer(2, NECESSITY, remittance_id="R-1")
    assert len(when([first, again]).opened) == 1
    assert len(when([first, again], given=when([again])).opened) == 1


@pytest.mark.parametrize("first", [1, 2])
def test_a_denial_that_is_paid_later_is_settled_whichever_arrives_first(first: int) -> None:
    both = {1: answer(1, NECESSITY, MODIFIER.model_copy(update={"line": 1})), 2: answer(2, outcome="paid")}
    state = when(both.values(), given=when([both[first]]))
    assert state.status(appeal(1)) == "settled"
    assert list(state.settled) == [both[1][0]]
    assert [state.status(item) for item in state.proposals] == ["settled"]


def test_a_denial_after_a_payment_stays_open() -> None:
    state = when([answer(1, outcome="paid"), answer(2, NECESSITY)])
    assert state.status(appeal(1)) == "open"


def test_an_appeal_upheld_opens_the_next_level_with_its_deadline() -> None:
    """Decided 2026-06-01, presumed received 2026-06-06, 180 days to the reconsideration."""
    state = when([answer(1, NECESSITY)], decided(appeal(1), "upheld", 5))
    concluded, following = state.concluded[appeal(1)].event, state.opened[appeal(2)].event
    assert (concluded.next_level, concluded.next_level_by) == (2, date(2026, 12, 3))
    assert (following.level, following.follows, following.file_by) == (2, appeal(1), date(2026, 12, 3))
    assert following.received_on == date(2026, 6, 6)
    assert (state.status(appeal(1)), state.status(appeal(2))) == ("decided", "open")


def test_an_appeal_overturned_leaves_nothing_to_win() -> None:
    state = when([answer(1, NECESSITY)], decided(appeal(1), "overturned", 5, 10_000))
    concluded = state.concluded[appeal(1)].event
    assert (concluded.next_level, concluded.next_level_by, concluded.left_cents) == (None, None, 0)
    assert len(state.opened) == 1


def test_an_appeal_won_in_part_goes_on_over_the_rest() -> None:
    state = when([answer(1, NECESSITY)], decided(appeal(1), "partly", 5, 6_000))
    assert state.opened[appeal(2)].event.amount_cents == 4_000


def test_an_appeal_won_in_part_to_the_last_cent_ends() -> None:
    state = when([answer(1, NECESSITY)], decided(appeal(1), "partly", 5, 10_000))
    assert state.concluded[appeal(1)].event.next_level_by is None


def test_a_dismissal_may_be_reviewed_within_60_days_and_that_review_binds() -> None:
    state = when([answer(1, NECESSITY)], decided(appeal(1), "dismissed", 5), decided(appeal(2), "upheld", 6))
    review = state.opened[appeal(2)].event
    assert (review.against, review.level, review.file_by) == ("dismissal", 2, date(2026, 8, 5))
    assert "405.974" in review.source
    assert state.concluded[appeal(2)].event.next_level_by is None


def test_the_fifth_level_is_the_last() -> None:
    lost = [decided(appeal(level), "upheld", 4 + level) for level in range(1, 6)]
    state = when([answer(1, NECESSITY)], *lost)
    assert [each.event.level for each in state.opened.values()] == [1, 2, 3, 4, 5]
    assert [each.event.next_level for each in state.concluded.values()] == [2, 3, 4, 5, None]


def test_the_councils_dismissal_is_final() -> None:
    said = [decided(appeal(level), "upheld", 4 + level) for level in range(1, 4)]
    state = when([answer(1, NECESSITY)], *said, decided(appeal(4), "dismissed", 9))
    assert state.concluded[appeal(4)].event.next_level_by is None


@pytest.mark.parametrize("outcome", ["upheld", "partly", "dismissed"])
def test_another_payer_has_one_level_only(outcome: str) -> None:
    state = when([answer(1, NECESSITY, payer_profile="workers-comp")], decided(appeal(1), outcome, 5))
    assert state.concluded[appeal(1)].event.next_level_by is None
    assert len(state.opened) == 1


def test_a_decision_on_an_appeal_that_is_not_open_yet_waits_for_it() -> None:
    early = decided(appeal(1), "upheld", 5)
    assert when([], early) == Appeals()
    assert when([answer(1, NECESSITY)], early).status(appeal(1)) == "decided"


def test_a_later_decision_of_the_same_appeal_replaces_the_earlier_one() -> None:
    denial = answer(1, NECESSITY)
    upheld, overturned = decided(appeal(1), "upheld", 5), decided(appeal(1), "overturned", 6, 10_000)
    state = when([denial], upheld, overturned, given=when([denial], upheld))
    assert state.concluded[appeal(1)].event.outcome == "overturned"
    assert state.status(appeal(2)) == "moot"


def test_a_replaced_decision_moves_the_next_level_which_keeps_its_id() -> None:
    denial = answer(1, NECESSITY)
    first, second = decided(appeal(1), "upheld", 5), decided(appeal(1), "upheld", 6, decided_on=date(2026, 6, 11))
    state = when([denial], first, second, given=when([denial], first))
    assert list(state.opened) == [appeal(1), appeal(2)]
    assert state.opened[appeal(2)].event.file_by == date(2026, 12, 13)


def test_where_a_person_chose_the_second_content_of_a_decision_that_one_counts() -> None:
    denial, first = answer(1, NECESSITY), decided(appeal(1), "upheld", 5)
    said = with_choice(first, outcome="overturned")
    _, state = decide(Appeals(), dict([denial]), in_force(said), RULES)
    concluded = state.concluded[appeal(1)].event
    assert concluded.outcome == "overturned"
    assert len(concluded.basis) == 4


def with_choice(first: Fact[Any], **second: str) -> dict[str, SubjectFacts]:
    """A decision that came again with other content, and a person's choice of that."""
    data = {"decided_on": "2026-06-01", **second}
    envelope = canonical_json({"data": data, "type": AppealDecided.type}).decode()
    conflict = FactConflicted(fact=id_text(first.fact_id), envelope=envelope)
    settled = ConflictSettled(conflict=id_text(b"c" * 16), keep="second", by="biller", reason="read", at=START)
    state = known(first)[first.subject]
    state = facts.evolve(state, b"c" * 16, conflict)
    return {first.subject: facts.evolve(state, b"d" * 16, settled)}


# --- any order, any number of deliveries ------------------------------------------------------------------------------

CODES = st.sampled_from([NECESSITY, MODIFIER, CONTRACTUAL, DEDUCTIBLE])
ANSWERS = st.lists(
    st.tuples(st.sampled_from(["denied", "partial", "paid"]), st.lists(CODES, max_size=3)), min_size=1, max_size=4
)
DECISIONS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from(["upheld", "partly", "dismissed", "overturned"]),
        st.one_of(st.none(), st.integers(0, 12_000)),
    ),
    max_size=5,
    unique_by=lambda each: each[0],
)


def history(
    answers: Sequence[tuple[str, list[Adjustment]]], decisions: Sequence[tuple[int, str, int | None]]
) -> list[Any]:
    """Answers and then decisions, at one hour's distance; each appeal is decided at most once."""
    said: list[Any] = [answer(n, *codes, outcome=outcome) for n, (outcome, codes) in enumerate(answers)]
    return said + [
        decided(appeal(number), outcome, len(answers) + at, paid)
        for at, (number, outcome, paid) in enumerate(sorted(decisions))
    ]


def worked(batches: Iterable[Iterable[Any]]) -> Appeals:
    """The state after the events came in these batches, with all that came before them."""
    state, answers, decisions = Appeals(), list[tuple[str, ClaimAdjudicated]](), list[Fact[Any]]()
    for batch in batches:
        for event in batch:
            (decisions if isinstance(event, Fact) else answers).append(event)  # type: ignore[arg-type]  # one of the two
        state = when(answers, *decisions, given=state)
    return state


@settings(max_examples=150, deadline=None)
@given(ANSWERS, DECISIONS, st.randoms(use_true_random=False))
def test_all_at_once_in_any_order_is_as_one_by_one_in_time(
    answers: list[tuple[str, list[Adjustment]]], decisions: list[tuple[int, str, int | None]], chance: Any
) -> None:
    said = history(answers, decisions)
    in_time = worked([event] for event in said)
    shuffled = [*said, *said[:2]]
    chance.shuffle(shuffled)
    assert worked([shuffled]) == in_time


@settings(max_examples=150, deadline=None)
@given(st.lists(CODES, max_size=3), DECISIONS, st.randoms(use_true_random=False))
def test_the_levels_of_a_denial_are_the_same_however_its_decisions_come(
    codes: list[Adjustment], decisions: list[tuple[int, str, int | None]], chance: Any
) -> None:
    said = history([("denied", codes)], decisions)
    in_time = worked([event] for event in said)
    chance.shuffle(said)
    assert worked([event] for event in said) == in_time


@settings(max_examples=150, deadline=None)
@given(ANSWERS, DECISIONS, st.data())
def test_decisions_come_before_or_after_their_denials_and_end_the_same(
    answers: list[tuple[str, list[Adjustment]]], decisions: list[tuple[int, str, int | None]], data: st.DataObject
) -> None:
    """A payer with one level: the denials alone, by time, give the numbers."""
    said = [
        each if isinstance(each, Fact) else (each[0], each[1].model_copy(update={"payer_profile": "workers-comp"}))
        for each in history(answers, decisions)
    ]
    in_time = worked([event] for event in said)
    mixed: list[Any] = [event for event in said if not isinstance(event, Fact)]
    for event in said:
        if isinstance(event, Fact):
            mixed.insert(data.draw(st.integers(0, len(mixed))), event)
    assert worked([event] for event in mixed) == in_time


# --- replay -----------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(ANSWERS, DECISIONS)
def test_every_decision_comes_out_the_same_from_the_events_that_its_basis_names(
    answers: list[tuple[str, list[Adjustment]]], decisions: list[tuple[int, str, int | None]]
) -> None:
    said = history(answers, decisions)
    decided_facts = [event for event in said if isinstance(event, Fact)]
    payer_said = [event for event in said if not isinstance(event, Fact)]
    named = {id_text(event.fact_id): event for event in decided_facts} | dict(payer_said)
    check_replay(payer_said, known(*decided_facts), named)


def check_replay(answers: Sequence[tuple[str, ClaimAdjudicated]], said: Facts, named: dict[str, Any]) -> set[type]:
    made, _ = decide(Appeals(), dict(answers), in_force(said), RULES)
    named = {**named, **{each.event_id: each.event for each in made}}
    for each in made:
        again = decide_again(each.event, [named[event_id] for event_id in each.event.basis], RULES)
        assert again.canonical() == each.event.canonical()
    return {type(each.event) for each in made}


def test_every_kind_of_decision_is_replayed() -> None:
    denial, paid = answer(1, NECESSITY, MODIFIER.model_copy(update={"line": 1})), answer(9, outcome="paid")
    first = decided(appeal(1), "upheld", 5)
    kinds = check_replay([denial, paid], known(first), {**dict([denial, paid]), id_text(first.fact_id): first})
    assert kinds == {DenialTriaged, CorrectionRequested, AppealOpened, AppealConcluded, DenialSettled}


def test_a_choice_between_two_contents_is_replayed() -> None:
    denial, first = answer(1, NECESSITY), decided(appeal(1), "upheld", 5)
    said = with_choice(first, outcome="partly")
    chosen = said[appeal(1)]
    named: dict[str, Any] = {**dict([denial]), **chosen.facts, **chosen.conflicts}
    named |= dict(chosen.settled.values())
    assert AppealConcluded in check_replay([denial], said, named)


def test_a_decision_without_its_basis_is_not_replayed_in_silence() -> None:
    (denial_id, denial), other = answer(1, NECESSITY), answer(2, DEDUCTIBLE)[1]
    ((_, opened),) = when([(denial_id, denial)]).opened.values()
    with pytest.raises(BasisMissing):
        decide_again(opened, [other], RULES)
    with pytest.raises(BasisMissing):
        decide_again(opened, [opened], RULES)


def test_a_decisions_id_is_derived_from_its_case_and_basis() -> None:
    denial_id, denial = answer(1, NECESSITY)
    (triaged, *_), _ = decide(Appeals(), {denial_id: denial}, {}, RULES)
    assert id_bytes(triaged.event_id) == decision_id("DenialTriaged", CASE, (denial_id,))
