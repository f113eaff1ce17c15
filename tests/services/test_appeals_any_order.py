"""Denials, decisions, filings and policies come in any order, the clock ticking between: the case ends the same."""

from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.state import BY_A_PERSON
from support.denials import (
    CASE,
    CLAIM,
    LARGE,
    MODIFIER,
    Told,
    act_id,
    answer,
    appeal,
    decided,
    essence,
    policy,
    work,
)
from therapy_domain.events.appeal_work import AppealFiled, EscalationRequested, RemedySent, WorkTaken
from therapy_domain.events.base import Event
from therapy_domain.events.claim import Adjustment

DUPLICATE = Adjustment(group="OA", carc="18", amount_cents=5_000, line=3)
LAST_DAY = date(2027, 6, 1)


def said(item: str, kind: Any, day: date, **fields: Any) -> tuple[str, Event]:
    """What a person did about an item, on a day."""
    common = {"item_id": item, "case_id": CASE, "claim_id": CLAIM, "org": "org-1", "by": "A"}
    at = datetime.combine(day, time(9)).astimezone()
    return act_id(kind.model_validate({**common, "at": at, **fields}))


DECISIONS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from(["upheld", "partly", "dismissed"]),
        st.one_of(st.none(), st.integers(0, 32_000)),
    ),
    max_size=4,
    unique_by=lambda each: each[0],
)
ACTS = st.lists(
    st.sampled_from(
        [
            said(appeal(1), AppealFiled, date(2026, 3, 1), filed_on=date(2026, 3, 1), how="fax"),
            said(appeal(2), AppealFiled, date(2026, 7, 1), filed_on=date(2026, 7, 1), how="mail", proof="m"),
            said(work(1), RemedySent, date(2026, 3, 2), sent_on=date(2026, 3, 2), how="electronic"),
            said(appeal(1), WorkTaken, date(2026, 2, 20), taken_by="A"),
        ]
    ),
    unique_by=lambda each: each[0],
)
POLICIES = st.lists(
    st.sampled_from(
        [
            policy(1, ("appeal", 90), ("second", 45)),
            policy(2, ("appeal", 60), ("second", 30), ("third", 30)),
            policy(3, ("appeal", 90), effective_from=date(2026, 1, 10)),
        ]
    ),
    unique_by=lambda each: each.id,
)
DAYS = st.lists(st.integers(0, 480).map(lambda days: date(2026, 2, 8) + timedelta(days=days)), max_size=6)


def ends(steps: list[Any]) -> dict[str, Any]:
    """What it all comes to on one and the same last day."""
    found = Told()
    for step in steps:
        found.hears(step)
    return essence(found.hears(LAST_DAY).state)


def denial(profile: str) -> Any:
    payer = {"payer_id": "acme", "payer_profile": "commercial-cms"} if profile == "acme" else {}
    first = LARGE.model_copy(update={"line": 1})
    return answer(1, first, MODIFIER.model_copy(update={"line": 2}), DUPLICATE, **payer)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["medicare", "acme"]), DECISIONS, ACTS, POLICIES, DAYS, st.randoms(use_true_random=False))
def test_any_order_of_arrival_ends_in_the_same_state(
    profile: str, decisions: list[Any], acts: list[Any], policies: list[Any], days: list[date], chance: Any
) -> None:
    facts = [decided(appeal(number), outcome, 4 + number, paid) for number, outcome, paid in decisions]
    steps = [denial(profile), *facts, *acts, *policies]
    in_time = ends(sorted(steps, key=moment))
    shuffled = [*steps, *days]
    chance.shuffle(shuffled)
    assert ends(shuffled) == in_time


def moment(step: Any) -> tuple[float, str]:
    """When it happened."""
    if isinstance(step, tuple):
        event_id, event = step
        return event.at.timestamp(), event_id
    return step.time.timestamp(), step.id


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), DAYS)
def test_an_escalation_ends_the_same_whenever_it_is_entered(chance: Any, days: list[date]) -> None:
    filed = said(appeal(2), AppealFiled, date(2026, 7, 1), filed_on=date(2026, 7, 1), how="mail")
    asked = said(appeal(2), EscalationRequested, date(2026, 9, 1), requested_on=date(2026, 9, 1), how="mail")
    steps = [denial("medicare"), decided(appeal(1), "upheld", 5), filed, asked]
    shuffled = [*steps, *days]
    chance.shuffle(shuffled)
    assert ends(shuffled) == ends(steps)
    assert all(isinstance(event, BY_A_PERSON) for _, event in (filed, asked))
