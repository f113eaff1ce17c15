"""The explanation: steps that a biller can check with a pencil."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from support.golden import Golden
from therapy_domain.rulesets import load
from therapy_domain.rulesets.codes import codes
from therapy_domain.units.model import UnitsResult

Worked = Callable[..., Any]
Count = Callable[..., UnitsResult]


def test_every_step_of_the_pool_is_told(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 28), worked("97530", 16), worked("97112", 5, activity="setup"))
    assert result.explanation == (
        "44 timed minutes make 3 units (38 to 52)",
        "97112: 28 min = 1 x 15 min, 13 min over",
        "97530: 16 min = 1 x 15 min, 1 min over",
        "1 more unit goes to the largest remainder: 97112 (13 min over)",
        "97112: 5 min left out, setting up is no treatment",
        "Source: CMS Pub. 100-04, chapter 5, section 20.2",
    )


def test_a_free_choice_is_told_with_the_order_of_the_default(worked: Worked, count: Count) -> None:
    told = "\n".join(count(worked("97110", 38), worked("97140", 23)).explanation)
    assert "97110 and 97140 have equal remainders of 8 min: a free choice among 2 allocations" in told


def test_where_not_all_allocations_are_listed_it_is_said(worked: Worked, count: Count) -> None:
    timed = [code for code, row in codes(load("2026.1")).items() if row.count == "15-minute"]
    told = count(*[worked(code, 3) for code in timed], payer="medicare").explanation
    assert "Of the other allocations the first 251 are listed" in told
    few = count(worked("97110", 38), worked("97140", 23)).explanation
    assert not any("are listed" in step for step in few)


def test_a_code_that_gets_no_unit_is_named(worked: Worked, count: Count) -> None:
    told = count(worked("97110", 30), worked("97140", 7)).explanation
    assert "No unit is left for 97140" in told
    assert count(worked("97110", 7)).explanation[0] == "7 timed minutes make 0 units (under 8)"


def test_the_midpoint_rule_tells_each_code_alone(worked: Worked, count: Count) -> None:
    told = count(worked("97112", 47), worked("97116", 6), payer="workers-comp").explanation
    assert told[:3] == (
        "53 timed minutes, each code counted alone, make 3 units",
        "97112: 47 min = 3 units (38 to 52)",
        "97116: 6 min = 0 units (under 8)",
    )


def told_of(count: Count, *intervals: Any, **more: Any) -> str:
    return "\n".join(count(*intervals, **more).explanation)


def test_the_assistants_part_is_told_with_its_source(worked: Worked, count: Count) -> None:
    told = told_of(count, worked("97112", 18), worked("97112", 17, "PTA"))
    assert "97112: therapist 18 min = 1 x 15 min, 3 over; assistant apart 17 min = 1 x 15 min, 2 over" in told
    assert "2 in all: 1 without, 1 with CQ" in told
    assert "42 CFR 410.59(a)(4), 410.60(a)(4)" in told


def test_what_decides_the_last_unit_is_told(worked: Worked, count: Count) -> None:
    therapists = told_of(count, worked("97112", 9), worked("97112", 12, "PTA"))
    assert "the therapist has 9 min, 8 or more, of what is left: that unit has no modifier" in therapists
    assistants = told_of(count, worked("97112", 6), worked("97112", 13, "PTA"))
    assert "of what is left the assistant has 13 of 19 min: more than 10% brings it" in assistants
    group = told_of(count, worked("97150", 45), worked("97150", 5, "PTA"))
    assert "the assistant's 5 of 50 min apart from the therapist: no modifier" in group


def test_where_the_payer_asks_for_no_assistants_modifier_nothing_is_told(worked: Worked, count: Count) -> None:
    assert "assistant" not in told_of(count, worked("97112", 20, "PTA"), payer="workers-comp")
    assert "assistant" not in told_of(count, worked("97112", 20, "PTA"), on=date(2019, 1, 1))


def test_who_and_what_the_payer_does_not_pay_is_told(worked: Worked, count: Count) -> None:
    told = "\n".join(count(worked("97112", 18, "DC"), worked("97014", 15), discipline="CHIRO").explanation)
    assert "97112: Medicare Part B does not pay it by DC" in told
    assert "97014: Medicare Part B does not cover it" in told


def test_a_rest_taken_out_of_a_treatment_is_told(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 40, at=0), worked("97112", 5, at=20, activity="rest"))
    assert "97112: 5 min left out, a rest is no treatment; taken out of 97112" in result.explanation


Day = tuple[list[tuple[Any, ...]], dict[str, Any]]
DAYS: dict[str, Day] = {
    "a code alone": ([("97112", 15)], {}),
    "one minute of a unit": ([("97112", 16)], {}),
    "two codes, one more unit": ([("97112", 28), ("97530", 16)], {}),
    "three codes, two more units": ([("97112", 13), ("97530", 12), ("97110", 12)], {}),
    "equal remainders": ([("97110", 38), ("97140", 23)], {}),
    "three equal remainders": ([("97110", 8), ("97140", 8), ("97530", 8)], {}),
    "nothing billable": ([("97110", 7)], {}),
    "a code without a unit": ([("97110", 30), ("97140", 7)], {}),
    "a base code and its further units": ([("97129", 15), ("97130", 20)], {"discipline": "SLP"}),
    "training of caregivers": ([("97550", 30), ("97551", 15)], {}),
    "training of caregivers, short": ([("97550", 15)], {}),
    "untimed": ([("97161", 40)], {}),
    "untimed and never paid apart": ([("97010", 15), ("97110", 15)], {}),
    "each code alone": ([("97112", 47), ("97116", 6), ("97110", 8)], {"payer": "workers-comp"}),
    "each code alone, one unit": ([("97112", 15)], {"payer": "commercial-midpoint"}),
    "a payer that nobody knows": ([("97112", 15)], {"payer": None}),
    "an assistant beside the therapist": ([("97112", 18), ("97112", 17, "PTA")], {}),
    "an assistant alone": ([("97112", 20, "PTA")], {}),
    "an occupational therapy assistant": ([("97530", 18, "OT"), ("97530", 17, "OTA")], {"discipline": "OT"}),
    "an occupational therapy assistant alone": ([("97530", 20, "OTA")], {"discipline": "OT"}),
    "the therapist's last unit": ([("97112", 9), ("97112", 12, "PTA")], {}),
    "the last unit where the therapist has eight": ([("97112", 8), ("97112", 14, "PTA")], {}),
    "the last unit where the therapist has seven": ([("97112", 7), ("97112", 13, "PTA")], {}),
    "the last unit before the midpoint rule": ([("97112", 9), ("97112", 12, "PTA")], {"on": date(2021, 6, 1)}),
    "an assistant in a group, little": ([("97150", 45), ("97150", 5, "PTA")], {}),
    "an assistant in a group, enough": ([("97150", 44), ("97150", 6, "PTA")], {}),
    "an assistant in two codes": (
        [("97112", 15), ("97112", 15, "PTA"), ("97530", 15), ("97530", 16, "PTA")],
        {},
    ),
    "who and what is not paid": ([("97112", 18, "DC"), ("97014", 15)], {"discipline": "CHIRO"}),
    "unknown code": ([("12345", 18), ("97112", 15)], {}),
    "everything left out": (
        [
            ("97112", 20),
            *(("97112", 5, "PT", {"activity": each}) for each in ("setup", "rest", "conversation", "documentation")),
            ("97112", 5, "PT", {"activity": "passive_modality"}),
            *(("97112", 5, "PT", {"contact": each}) for each in ("observed", "unattended", "group")),
            ("97112", 5, "PT", {"skilled": False}),
            ("97112", 5, "AIDE"),
            ("97112", 5, "STUDENT"),
        ],
        {},
    ),
    "a rest in a treatment": ([("97112", 40, "PT", {"at": 0}), ("97112", 5, "PT", {"at": 20, "activity": "rest"})], {}),
    "two clashes of one code with others": (
        [("97112", 40, "PT", {"at": 0}), ("97110", 5, "PT", {"at": 5}), ("97530", 6, "PT", {"at": 20})],
        {},
    ),
    "a clash of three codes": (
        [("97112", 20, "PT", {"at": 0}), ("97110", 20, "PT", {"at": 5}), ("97530", 20, "PT", {"at": 10})],
        {},
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_an_explanation_says_what_was_written_down(
    name: str, worked: Worked, count: Count, explanations_told: Golden
) -> None:
    intervals, more = DAYS[name]
    made = [
        worked(code, minutes, *role[:1], **(role[1] if len(role) > 1 else {})) for code, minutes, *role in intervals
    ]
    result = count(*made, **more)
    overlaps = [f"overlap {each.kind}: {', '.join(each.codes)}, {each.minutes} min" for each in result.overlaps]
    lines = [f"{each.code} x {each.units} {' '.join(each.modifiers)}".rstrip() for each in result.lines]
    explanations_told.holds(name, [*lines, *result.explanation, *overlaps])
